// QuotaBudget is a state machine that tracks how many requests one credential can still send to one
// host. It is fed each request and each response, and decides whether the next request can be sent
// now or when to check again.
//
// What it tracks:
// - The window (ratelimit-remaining of ratelimit-limit, until ratelimit-reset) comes from the
//   host's headers.
// - A declared burst limit (requests a minute) is trusted: no refusal changes it. An undeclared one
//   is learned from refusals with a short Retry-After, and forgotten within minutes without a
//   refusal.
// - A hold is the time that Retry-After demands. Nothing is sent before its end, and then one
//   request at a time until one is accepted; a new credential starts in the same way.
// - A refusal halves the rate, which recovers by a tenth of the limit each second after the hold,
//   as in TCP congestion control: a 429 costs its Retry-After and some seconds.
// - Other clients of the credential are visible only through the window: the part of its decrease
//   that our requests do not explain.
// - If several of our processes divide the credential (SetPart), the declared limit is divided as
//   well, and the other processes' share is not counted as use by strangers. A host that sends none
//   of these headers is not limited.
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

// Priority of a request when not all can be sent, highest first. Deletions cost nobody money, and
// reads can be repeated.
enum class QuotaClass : std::size_t { kRemove, kCreate, kChange, kRead };
// The class of a method: DELETE, POST, or GET, HEAD and OPTIONS; all others are changes. A request
// on behalf of a more urgent operation has the class of that operation.
QuotaClass QuotaClassOf(std::string_view method, Urgency urgency = Urgency::kLook);

struct QuotaBudgetOptions {
  // Names of response headers, case-insensitive. Reset is a Unix time or, below 10^9, seconds from
  // now.
  std::string limit_header = "ratelimit-limit";
  std::string remaining_header = "ratelimit-remaining";
  std::string reset_header = "ratelimit-reset";
  std::string retry_after_header = "retry-after";
  // By class: the share of the window and of a burst that the class leaves to higher classes. In
  // [0, 1).
  std::array<double, 4> kept = {0.0, 0.04, 0.1, 0.2};
  // Maximum number of requests in flight; 0: unlimited. It bounds how many requests a host with
  // unknown limits can refuse at once.
  std::size_t in_flight = 64;
  std::size_t in_flight_slowed = 4;  // the same, during the seconds after a refusal
  // Shares of the burst limit: how much can be sent immediately, and how much is never used because
  // requests bunch up on the network. The rest is spread over the minute, so that no minute exceeds
  // the limit.
  double burst_share = 0.2;
  double unused_share = 0.05;
  // Share of the burst limit that we always use, whatever other clients use; also the lower bound
  // of the rate.
  double least_share = 0.2;
  // Lower bound of a learned limit, in requests a minute. A limit learned from less than a minute
  // of traffic also grows by this much each second, because other clients may have used up the
  // minute.
  double least_learned = 30;
  // after a 429 without Retry-After; doubles up to a minute
  Duration first_hold = std::chrono::seconds(1);
  Duration longest_hold = std::chrono::hours(1);  // headers that ask for more are capped
};

class QuotaBudget {
 public:
  // per_minute: the burst limit if known; 0: learn it.
  QuotaBudget(const QuotaBudgetOptions& options, double per_minute, Instant now);

  // Sets our share of the credential's quota, in (0, 1]. The hourly window is not divided, because
  // its headers tell every client what remains. Default: 1.
  void SetPart(double part, Instant now);

  // Why a request cannot be sent.
  enum class Cause : std::size_t {
    kRetryAfter,  // the host asked clients to wait
    kOneAtATime,  // until the host accepts a request
    kInFlight,    // too many requests are in flight
    kWindow,      // the rest of the window is reserved for higher classes
    kRate,        // the burst limit: requests are spread over the minute
  };
  static constexpr std::size_t kCauses = 5;
  struct Obstacle {
    Instant until;  // when to check again; kForever: after the next response
    Cause cause;
  };
  static std::string_view Words(Cause cause);  // "the host asked to wait (Retry-After)"
  // Nothing: can be sent now. Requests of a lower class never block a higher one.
  std::optional<Obstacle> Check(QuotaClass asked, Instant now);

  // The earliest time at which a request with `ahead` others before it can be sent, according to
  // the hold and the burst limit.
  Instant TurnOf(QuotaClass asked, std::size_t ahead, Instant now);

  // One request in flight. Exactly one of CancelUnsent, EndWithoutResponse and Answer follows.
  struct Departure {
    std::uint64_t number = 0;
    std::int64_t second = 0;
    bool probe = false;
  };
  // REQUIRES: Check found no obstacle for this class at this time.
  Departure BeginRequest(QuotaClass asked, Instant now);
  void CancelUnsent(const Departure& departure, Instant now);        // it was certainly never sent
  void EndWithoutResponse(const Departure& departure, Instant now);  // no complete response arrived
  void Answer(const Departure& departure, int status, const Headers& headers, Instant now, WallTime wall);

  std::optional<std::int64_t> limit() const { return limit_; }  // of the window
  std::optional<std::int64_t> remaining() const;                // minus requests in flight
  std::size_t in_flight() const { return in_flight_; }
  Duration held(Instant now) const;                // zero: not held
  double declared() const { return configured_; }  // for the whole credential; 0: not declared
  double per_minute(Instant now) const;            // the rate limit in force; 0: unknown
  double others_per_minute(Instant now) const;     // estimated rate of others, from the window

 private:
  bool WindowAllows(QuotaClass asked) const;
  // our share of the declared limit, else the learned one; 0: unknown
  double burst_limit(Instant now) const;
  double factor(Instant now) const;  // in (0, 1]: below 1 for some seconds after a refusal
  double steady(Instant now) const;  // a minute, once the refusal is forgotten; 0: unknown
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

  std::optional<std::int64_t> limit_;  // from headers, else the largest remaining_ seen
  // from the response to departure reported_by_, minus lost requests since
  std::optional<std::int64_t> remaining_;
  std::uint64_t reported_by_ = 0;
  Instant reset_{};
  bool probing_ = false;  // one request is in flight to find out whether the window has room again

  Instant hold_{};
  bool one_at_a_time_ = true;  // no request accepted yet, or none since a refusal
  // departures up to this one carry no new information about the refusal
  std::uint64_t refused_after_ = 0;
  int consecutive_refusals_ = 0;  // without Retry-After

  double tokens_ = 0;
  Instant refilled_{};
  double factor_ = 1;       // at slowed_until_; grows after that
  Instant slowed_until_{};  // the end of the hold of the latest refusal
  double learned_ = 0;
  bool learned_from_a_minute_ = false;  // else a guess that other clients may have distorted
  int below_learned_ = 0;               // consecutive refusals before it was reached
  std::optional<Instant> first_departure_;
  Instant reported_at_{};            // when a response last reported the window
  std::uint64_t departed_then_ = 0;  // departures until then, minus those in flight
  std::array<std::int64_t, 15> others_seconds_{};
  std::array<double, 15> others_counts_{};  // what other clients used in each
  std::array<std::int64_t, 60> seconds_{};  // the second that each slot counts
  std::array<int, 60> counts_{};            // departures in it that were not refused
};

}  // namespace capstan::http
