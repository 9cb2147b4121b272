// QuotaTransport keeps one budget per credential and host, so that a host answers 429 at most once:
// a request that exceeds the budget waits here, or is deferred before anything is sent.
//
// A credential is identified by the digest of its Authorization header; the header itself is not
// stored. Requests of one credential are sent in the order of their class (QuotaClass: derived from
// the method and the purpose). Within a class, a write is sent before reads on behalf of other
// writes, so that a create follows its own read before other creates' reads are sent; then first
// come, first served. Credentials never wait for each other. quota_budget.hpp describes the budget.
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

// What is known about a host before the first request.
struct QuotaHost {
  double per_minute = 0;  // burst limit per credential, trusted; 0: learned from refusals
  // Set if they differ from those of QuotaOptions::budget.
  std::string limit_header, remaining_header, reset_header;
};

struct QuotaOptions {
  QuotaBudgetOptions budget;
  std::map<std::string, QuotaHost> hosts;  // keyed by "api.example.com" or "host:port"
  // How long a request can wait here, and how much of its deadline must remain for the exchange
  // itself. A create waits least: the core guarantees that it is sent soon after its intent was
  // recorded.
  Duration longest_wait = std::chrono::seconds(10);
  Duration longest_wait_creating = std::chrono::seconds(2);
  Duration time_to_answer = std::chrono::seconds(5);
  // Deferred requests get different retry times, spread over at most this duration.
  Duration longest_spread = std::chrono::minutes(5);
  // Maximum number of credentials in memory; beyond it the least recently used one is dropped,
  // unless it has requests waiting or in flight.
  std::size_t credentials = 256;
};

// The state of one credential, for metrics.
struct QuotaState {
  std::string host;        // with its port, unless that is the default
  std::string credential;  // "sha256:1f2e3d4c", or "none"
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> remaining;
  std::size_t waiting = 0;   // requests that have not been sent yet
  std::size_t deferred = 0;  // deferred requests whose retry time has not come yet
  // Why requests wait or are deferred at the moment; nothing: none does.
  std::optional<QuotaBudget::Cause> why;
  std::array<std::uint64_t, QuotaBudget::kCauses> rejected{};  // total by cause
  std::size_t in_flight = 0;                                   // requests waiting for a response
  Duration held = Duration::zero();                            // for how long nothing will be sent
  double declared_per_minute = 0;                              // the declared burst limit; 0: not declared
  double per_minute = 0;                                       // the rate limit in force; 0: unknown
  double others_per_minute = 0;      // estimated rate of other clients, derived from the window
  Duration idle = Duration::zero();  // since its last request
};

// Thread-safe. `next` and `scheduler` must outlive it. Errors besides those of `next`:
// kResourceExhausted with Sent::kNo and retry_after when the request would have to wait too long;
// kCancelled when stopped while waiting; kInvalidArgument (the URL). Every response is passed on,
// including a 429: no request is repeated here.
class QuotaTransport final : public Transport {
 public:
  QuotaTransport(Transport& next, Scheduler& scheduler, QuotaOptions options = {});
  Result<Response> Send(const Request& request, const Context& context) override;
  Result<StreamResponse> Open(const Request& request, const Context& context) override;
  std::vector<QuotaState> States() const CAPSTAN_EXCLUDES(mutex_);
  // Declares a host after construction. Credentials already seen there keep their initial settings.
  // If a host is declared twice, the lower limit and the first headers win.
  void DeclareHost(const std::string& host, const QuotaHost& known) CAPSTAN_EXCLUDES(mutex_);
  // Sets our share of every credential's quota, in (0, 1]: processes that divide the work also
  // divide the quota (QuotaBudget::SetPart).
  void SetPart(double part) CAPSTAN_EXCLUDES(mutex_);

 private:
  struct Waiter {
    Event first;  // notified when the request becomes first in line, or the first may check again
  };
  using Place = std::tuple<QuotaClass, bool, std::uint64_t>;  // class, asks on behalf of it, arrival
  struct Account {
    Account(QuotaBudgetOptions with, double per_minute, Instant now)
        : options(std::move(with)), budget(options, per_minute, now) {}
    const QuotaBudgetOptions options;
    QuotaBudget budget;  // holds a reference to `options`
    std::string host, credential;
    std::map<Place, Waiter*> line;
    std::set<Instant> promised;             // retry times given to deferred requests
    std::optional<QuotaBudget::Cause> why;  // the latest obstacle of the first in line
    std::array<std::uint64_t, QuotaBudget::kCauses> rejected{};
    std::size_t guests = 0;  // requests waiting or in flight
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
