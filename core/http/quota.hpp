// QuotaTransport keeps one budget per credential and host, so that a host says "429" once at most:
// what must wait, waits here or is turned away before anything is sent.
//
// A credential is the digest of the Authorization header; the header itself is not kept. Requests
// of one credential leave by class (QuotaClass: by method, and by what they are for). Within a
// class what makes something leaves before what asks on its behalf, so that a create follows its
// question before other questions are asked; then in the order they came. Two credentials never
// wait for each other. What a budget knows is in quota_budget.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/http/quota_budget.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::http {

// What is known of a host before it is asked.
struct QuotaHost {
  double per_minute = 0;  // the burst limit of each credential, which is believed; 0: to be learned
  // Where they are not those of QuotaOptions::budget.
  std::string limit_header, remaining_header, reset_header;
};

struct QuotaOptions {
  QuotaBudgetOptions budget;
  std::map<std::string, QuotaHost> hosts;  // by "api.example.com", or "host:port"
  // How long a request may wait here, and what must then be left of its deadline for the exchange
  // itself. A create waits least: the core promises that it leaves soon after its intent was
  // written.
  Duration longest_wait = std::chrono::seconds(10);
  Duration longest_wait_creating = std::chrono::seconds(2);
  Duration time_to_answer = std::chrono::seconds(5);
  // Those turned away get different times to come back, at most this far apart.
  Duration longest_spread = std::chrono::minutes(5);
  // Credentials remembered; beyond it the one unused for longest is forgotten, unless a request of
  // it is here.
  std::size_t credentials = 256;
};

// What is known of one credential, for metrics.
struct QuotaState {
  std::string host;        // with its port, where that is not the usual one
  std::string credential;  // "sha256:1f2e3d4c", or "none"
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> remaining;
  std::size_t waiting = 0;   // requests here that have not left
  std::size_t deferred = 0;  // requests that were turned away, and whose time to come back is ahead
  // Why requests wait or are turned away just now; nothing: none does.
  std::optional<QuotaBudget::Cause> why;
  std::array<std::uint64_t, QuotaBudget::kCauses> turned_away{};  // ever, by cause
  std::size_t in_flight = 0;                                      // requests that wait for their answers
  Duration held = Duration::zero();                               // how long nothing will leave
  double declared_per_minute = 0;    // the burst limit as it was declared; 0: it was not
  double per_minute = 0;             // what is kept to just now; 0: not known
  double others_per_minute = 0;      // what others use of it, as far as the window tells
  Duration idle = Duration::zero();  // since a request of it was last here
};

// Thread-safe. `next` and `scheduler` must outlive it. Errors besides those of `next`:
// kResourceExhausted with Sent::kNo and retry_after when the request would have to wait too long;
// kCancelled when stopped meanwhile; kInvalidArgument (the URL). Every answer is passed on, a 429
// too: nothing is repeated here.
class QuotaTransport final : public Transport {
 public:
  QuotaTransport(Transport& next, Scheduler& scheduler, QuotaOptions options = {});
  Result<Response> Send(const Request& request, const Context& context) override;
  Result<StreamResponse> Open(const Request& request, const Context& context) override;
  std::vector<QuotaState> States() const CAPSTAN_EXCLUDES(mutex_);
  // Makes a host known later than by options. Credentials that have been seen there already keep
  // what they began with. Of two words about one host the lower limit counts, and the headers named
  // first.
  void Know(const std::string& host, const QuotaHost& known) CAPSTAN_EXCLUDES(mutex_);
  // Which part of every credential's quota is ours, in (0, 1]: processes that share the work share
  // it too (QuotaBudget::SetPart).
  void SetPart(double part) CAPSTAN_EXCLUDES(mutex_);

 private:
  struct Waiter {
    Event first;  // notified when it becomes the first in line, or the first may look again
  };
  using Place = std::tuple<QuotaClass, bool, std::uint64_t>;  // class, asks on behalf of it, arrival
  struct Account {
    Account(QuotaBudgetOptions with, double per_minute, Instant now)
        : options(std::move(with)), budget(options, per_minute, now) {}
    const QuotaBudgetOptions options;
    QuotaBudget budget;  // refers to them
    std::string host, credential;
    std::map<Place, Waiter*> line;
    std::set<Instant> promised;             // when those that were turned away come back
    std::optional<QuotaBudget::Cause> why;  // what the first in line met last
    std::array<std::uint64_t, QuotaBudget::kCauses> turned_away{};
    std::size_t guests = 0;  // requests here or on their way
    Instant last_guest{};
    std::uint64_t used = 0;
  };
  struct Pass {
    Account* account = nullptr;  // kept alive by `guests`
    QuotaBudget::Departure departure;
  };

  Result<Pass> Admit(const Request& request, const Context& context) CAPSTAN_EXCLUDES(mutex_);
  Result<QuotaBudget::Departure> StandInLine(Account& account, const Request& request, const Context& context,
                                             MutexLock& lock) CAPSTAN_REQUIRES(mutex_);
  template <class Answer>
  void Report(const Pass& pass, const Result<Answer>& answer) CAPSTAN_EXCLUDES(mutex_);
  Account& AccountOf(const std::string& host, const Secret& credential) CAPSTAN_REQUIRES(mutex_);
  void Forget() CAPSTAN_REQUIRES(mutex_);
  void WakeFirst(Account& account) CAPSTAN_REQUIRES(mutex_);
  Instant LatestDeparture(QuotaClass asked, const Context& context) const;
  Failure TurnAway(Account& account, const Request& request, Instant until, QuotaBudget::Cause cause,
                   std::string_view why) CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  Transport& next_;
  Scheduler& scheduler_;
  const QuotaOptions options_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::map<std::string, QuotaHost> hosts_ CAPSTAN_GUARDED_BY(mutex_);
  // By host and digest.
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Account>> accounts_
      CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t counter_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  double part_ CAPSTAN_GUARDED_BY(mutex_) = 1;
};

}  // namespace capstan::http
