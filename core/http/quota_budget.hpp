// QuotaBudget is what one credential may still ask of one host: a step machine that takes each
// request and each answer, and says whether the next may leave now or when to look again.
//
// What it knows:
// - The window (ratelimit-remaining of ratelimit-limit, until ratelimit-reset) is what the host
//   says.
// - The burst limit, requests a minute, is believed where it is declared: no refusal changes it.
//   Where it is not, it is learned from refusals that carry a short Retry-After, and forgotten
//   within minutes without one.
// - A hold is what Retry-After asks for. Nothing leaves before its end, and then one request at a
//   time until one is accepted; a credential that is new here starts like that too.
// - A refusal halves the rate, which comes back by a tenth of the limit each second after the hold,
//   as TCP does: a 429 costs its Retry-After and some seconds.
// - Others who use the credential are known from the window alone: what it loses beyond our
//   requests.
// - Where the credential is shared out among processes of ours (SetPart), the declared limit is
//   shared too, and what the others of us may use is not counted as used by strangers. A host that
//   says nothing of all this is not limited.
//
// Pure: no clock, no scheduler. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::http {

// What a request is worth when not all can leave; the first is worth most. Deleting costs nobody
// money, and reads can be repeated.
enum class QuotaClass : std::size_t { kRemove, kCreate, kChange, kRead };
// DELETE, POST, GET and HEAD and OPTIONS; anything else changes something. What is asked on behalf
// of something more urgent counts as that.
QuotaClass QuotaClassOf(std::string_view method, Urgency urgency = Urgency::kLook);

struct QuotaBudgetOptions {
  // Names of response headers; case does not matter. Reset may be a Unix time or, below 10^9,
  // seconds from now.
  std::string limit_header = "ratelimit-limit";
  std::string remaining_header = "ratelimit-remaining";
  std::string reset_header = "ratelimit-reset";
  std::string retry_after_header = "retry-after";
  // By class: the share of the window and of a burst that it leaves to the classes above it. In [0,
  // 1).
  std::array<double, 4> kept = {0.0, 0.04, 0.1, 0.2};
  // How many requests may wait for an answer at once; 0: any number. It bounds how many a host
  // without known limits can refuse in one moment.
  std::size_t in_flight = 64;
  std::size_t in_flight_slowed = 4;  // the same in the seconds after a refusal
  // Of the burst limit: what may leave at once, and what is never used because requests bunch on
  // the way. The rest is spread over the minute, so no minute sees more than the limit.
  double burst_share = 0.2;
  double unused_share = 0.05;
  // Of the burst limit, a minute: what is left to us whatever others use, and what the rate is
  // never lowered below.
  double least_share = 0.2;
  // A learned limit is never below this many a minute, and grows by as much each second while less
  // than a minute was seen before its refusal: others may have used up the minute for us.
  double least_learned = 30;
  Duration first_hold = std::chrono::seconds(1);  // after a 429 that says nothing; doubles up to a minute
  Duration longest_hold = std::chrono::hours(1);  // no header is believed beyond it
};

class QuotaBudget {
 public:
  // per_minute: the burst limit, where it is known; 0: to be learned.
  QuotaBudget(const QuotaBudgetOptions& options, double per_minute, Instant now);

  // Which part of what the credential may ask is ours, in (0, 1]. The hourly window is nobody's
  // part: its headers tell all what is left. 1 until it is said otherwise.
  void SetPart(double part, Instant now);

  // Why a request cannot leave.
  enum class Cause : std::size_t {
    kRetryAfter,  // the host asked to wait
    kOneAtATime,  // until the host accepts one
    kInFlight,    // too many wait for their answers
    kWindow,      // what is left of it is kept for what matters more
    kRate,        // the burst limit: requests are spread over the minute
  };
  static constexpr std::size_t kCauses = 5;
  struct Obstacle {
    Instant until;  // when to look again; kForever: after the next answer
    Cause cause;
  };
  static std::string_view Words(Cause cause);  // "the host asked to wait (Retry-After)"
  // Nothing: may leave now. A higher class is never stopped by what a lower one passes.
  std::optional<Obstacle> Check(QuotaClass asked, Instant now);

  // When a request with `ahead` others before it can leave at the earliest, as far as the hold and
  // the burst limit tell.
  Instant TurnOf(QuotaClass asked, std::size_t ahead, Instant now);

  // One request on its way. Exactly one of Return, Lose and Answer follows.
  struct Departure {
    std::uint64_t number = 0;
    std::int64_t second = 0;
    bool probe = false;
  };
  // REQUIRES: Check found no obstacle for this class at this time.
  Departure Leave(QuotaClass asked, Instant now);
  void Return(const Departure& departure, Instant now);  // it certainly never left
  void Lose(const Departure& departure, Instant now);    // no complete answer came
  void Answer(const Departure& departure, int status, const Headers& headers, Instant now, WallTime wall);

  std::optional<std::int64_t> limit() const { return limit_; }  // of the window
  std::optional<std::int64_t> remaining() const;                // less what is on its way
  std::size_t in_flight() const { return in_flight_; }
  Duration held(Instant now) const;                // zero: not held
  double declared() const { return configured_; }  // of the whole credential; 0: not declared
  double per_minute(Instant now) const;            // what is kept to just now; 0: not known
  double others_per_minute(Instant now) const;     // what others use, as far as the window tells

 private:
  bool WindowAllows(QuotaClass asked) const;
  double burst_limit(Instant now) const;  // our part of the declared one, else learned; 0: not known
  double factor(Instant now) const;       // in (0, 1]: below 1 for some seconds after a refusal
  double steady(Instant now) const;       // a minute, once the refusal is forgotten; 0: not known
  double capacity(Instant now) const;
  double per_second(double per_minute) const;
  double needed(QuotaClass asked, Instant now) const;
  void Refill(Instant now);
  void Land(const Departure& departure);
  void Count(std::int64_t second, int by);
  double accepted_last_minute(Instant now) const;
  void Learn(Instant now);
  void Slow(Instant now);
  void CountOthers(std::int64_t lost, Instant now);
  void HoldUntil(Instant until, Instant now);
  void ReadWindow(const Departure& departure, const Headers& headers, Instant now, WallTime wall);

  const QuotaBudgetOptions& options_;  // must outlive this
  const double configured_;
  double part_ = 1;

  std::uint64_t departed_ = 0;
  std::size_t in_flight_ = 0;

  std::optional<std::int64_t> limit_;      // as told, else the largest remaining_ seen
  std::optional<std::int64_t> remaining_;  // as told by departure told_by_, less what was lost since
  std::uint64_t told_by_ = 0;
  Instant reset_{};
  bool probing_ = false;  // one request is out to see whether the window has room again

  Instant hold_{};
  bool wary_ = true;                 // nothing accepted yet, or since a refusal: one at a time
  std::uint64_t refused_after_ = 0;  // departures up to this one say nothing new about the refusal
  int strikes_ = 0;                  // refusals in a row that said nothing about when

  double tokens_ = 0;
  Instant refilled_{};
  double factor_ = 1;       // at slowed_until_; grows from then on
  Instant slowed_until_{};  // the end of the hold that the latest refusal brought
  double learned_ = 0;
  bool learned_from_a_minute_ = false;  // else it is a guess that others may have spoilt
  int below_learned_ = 0;               // refusals in a row that came before it was reached
  std::optional<Instant> first_departure_;
  Instant told_at_{};                // when an answer last named the window
  std::uint64_t departed_then_ = 0;  // departures up to then, less those on their way
  std::array<std::int64_t, 15> others_seconds_{};
  std::array<double, 15> others_counts_{};  // what others used in each
  std::array<std::int64_t, 60> seconds_{};  // which second each slot counts
  std::array<int, 60> counts_{};            // departures in it that were not refused
};

}  // namespace capstan::http
