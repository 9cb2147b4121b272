#include <capstan/core/http/quota_budget.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/method.hpp>
#include <capstan/core/http/retry_after.hpp>

namespace capstan::http {
namespace {

using std::chrono::seconds;

constexpr Duration kMinute = std::chrono::minutes(1);
// a part of zero would give a rate of zero, and waits without end
constexpr double kLeastPart = 0.001;
constexpr double kRecovery = 0.1;  // of the limit, per second after a refusal
constexpr int kBelieved = 3;       // refusals below a learned limit that lower it
// The window's decrease during a time without responses may be long past: at most this many seconds
// of that time count.
constexpr double kGapCounted = 5;
// After a hold, until the rate has recovered or a guess has grown.
constexpr Duration kSlowest = seconds(15);

std::optional<std::int64_t> Number(const Headers& headers, const std::string& name) {
  const auto field = headers.Get(name);
  if (!field) return std::nullopt;
  const std::string_view text = Trim(*field);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::int64_t SecondOf(Instant time) {
  return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count();
}

}  // namespace

QuotaClass QuotaClassOf(std::string_view method, Urgency urgency) {
  QuotaClass own = QuotaClass::kChange;
  if (method == "DELETE") own = QuotaClass::kRemove;
  if (method == "POST") own = QuotaClass::kCreate;
  if (IsSafe(method)) own = QuotaClass::kRead;
  constexpr std::array<QuotaClass, 4> kOnBehalfOf = {QuotaClass::kRead, QuotaClass::kChange,
                                                     QuotaClass::kCreate, QuotaClass::kRemove};
  return std::min(own, kOnBehalfOf[static_cast<std::size_t>(urgency)]);
}

QuotaBudget::QuotaBudget(const QuotaBudgetOptions& options, double per_minute, Instant now)
    : options_(options), configured_(std::max(0.0, per_minute)), refilled_(now) {
  seconds_.fill(-1);
  others_seconds_.fill(-1);
  tokens_ = capacity(now);
}

void QuotaBudget::SetPart(double part, Instant now) {
  Refill(now);
  part_ = std::clamp(part, kLeastPart, 1.0);
  tokens_ = std::min(tokens_, capacity(now));
}

std::string_view QuotaBudget::Words(Cause cause) {
  switch (cause) {
    case Cause::kRetryAfter:
      return "the host asked to wait (Retry-After)";
    case Cause::kOneAtATime:
      return "requests leave one at a time until the host accepts one";
    case Cause::kInFlight:
      return "too many requests are waiting for their answers";
    case Cause::kWindow:
      return "what remains of the quota is kept for what matters more";
    case Cause::kRate:
      return "requests are spread over the minute";
  }
  return "";
}

double QuotaBudget::burst_limit(Instant now) const {
  if (configured_ > 0 || learned_ <= 0) return configured_ * part_;
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - slowed_until_).count());
  // A guess expires within seconds. A limit learned from a whole minute applies for one more
  // minute, then the rate grows ever faster to find out whether there is room above it (like
  // CUBIC), until there is no limit any more.
  if (!learned_from_a_minute_) return seconds < 60 ? learned_ + options_.least_learned * seconds : 0;
  const double late = std::max(0.0, seconds - 60) / 60;
  return late < 9 ? learned_ * (1 + late * late * late / 2) : 0;
}

double QuotaBudget::factor(Instant now) const {
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - slowed_until_).count());
  return std::min(1.0, factor_ + kRecovery * seconds);
}

double QuotaBudget::others_per_minute(Instant now) const {
  const std::int64_t second = SecondOf(now), span = static_cast<std::int64_t>(others_seconds_.size());
  double sum = 0;
  for (std::size_t i = 0; i < others_seconds_.size(); ++i)
    if (others_seconds_[i] > second - span) sum += others_counts_[i];
  return sum * 60 / static_cast<double>(span);
}

double QuotaBudget::steady(Instant now) const {
  const double limit = burst_limit(now);
  // The permitted use by our other processes does not count as use by strangers; all our processes
  // together make room for strangers.
  const double strangers = std::max(0.0, others_per_minute(now) - limit * (1 - part_) / part_);
  return std::max(limit * options_.least_share, limit - strangers * part_);
}

double QuotaBudget::per_minute(Instant now) const {
  return std::max(burst_limit(now) * options_.least_share, steady(now) * factor(now));
}

double QuotaBudget::capacity(Instant now) const {
  return std::max(2.0, per_minute(now) * options_.burst_share);
}

double QuotaBudget::per_second(double per_minute) const {
  return per_minute * (1 - options_.burst_share - options_.unused_share) / 60;
}

double QuotaBudget::needed(QuotaClass asked, Instant now) const {
  const double full = capacity(now);
  return std::min(full, 1 + options_.kept[static_cast<std::size_t>(asked)] * full);
}

void QuotaBudget::Refill(Instant now) {
  if (now <= refilled_) return;
  const double more = std::chrono::duration<double>(now - refilled_).count() * per_second(per_minute(now));
  tokens_ = std::max(tokens_, std::min(tokens_ + more, capacity(now)));
  refilled_ = now;
}

std::optional<std::int64_t> QuotaBudget::remaining() const {
  if (!remaining_) return std::nullopt;
  return std::max<std::int64_t>(0, *remaining_ - static_cast<std::int64_t>(in_flight_));
}

Duration QuotaBudget::held(Instant now) const { return std::max(Duration::zero(), hold_ - now); }

bool QuotaBudget::WindowAllows(QuotaClass asked) const {
  if (!remaining_) return true;
  const double left = static_cast<double>(*remaining_) - static_cast<double>(in_flight_);
  const double kept =
      options_.kept[static_cast<std::size_t>(asked)] * static_cast<double>(limit_.value_or(0));
  return left >= 1 + std::floor(kept);
}

std::optional<QuotaBudget::Obstacle> QuotaBudget::Check(QuotaClass asked, Instant now) {
  if (now < hold_) return Obstacle{hold_, Cause::kRetryAfter};
  if (one_at_a_time_ && in_flight_ > 0) return Obstacle{kForever, Cause::kOneAtATime};
  std::size_t at_once = options_.in_flight > 0 ? options_.in_flight : SIZE_MAX;
  // While it is unknown whether the host has room again, few requests can be refused together.
  if (factor(now) < 1) at_once = std::min(at_once, options_.in_flight_slowed);
  if (in_flight_ >= at_once) return Obstacle{kForever, Cause::kInFlight};
  if (!WindowAllows(asked)) {
    if (now < reset_) return Obstacle{reset_, Cause::kWindow};
    // The oldest requests no longer count, but the host does not report how many: a probe finds
    // out.
    if (probing_) return Obstacle{kForever, Cause::kWindow};
  }
  if (per_minute(now) <= 0) return std::nullopt;
  Refill(now);
  const double missing = needed(asked, now) - tokens_;
  if (missing <= 1e-9) return std::nullopt;
  const auto wait =
      Duration(static_cast<std::int64_t>(std::ceil(missing / per_second(per_minute(now)) * 1e9)) + 1);
  return Obstacle{After(now, wait), Cause::kRate};
}

Instant QuotaBudget::TurnOf(QuotaClass asked, std::size_t ahead, Instant now) {
  const Instant start = std::max(now, hold_);
  // The present refusal is forgotten before most of the queue has been sent.
  const double rate = per_second(steady(After(start, kSlowest)));
  if (rate <= 0) return start;
  Refill(now);
  const double missing = static_cast<double>(ahead) + needed(asked, now) - tokens_;
  if (missing <= 0) return start;
  return After(start, std::chrono::duration_cast<Duration>(std::chrono::duration<double>(missing / rate)));
}

QuotaBudget::Departure QuotaBudget::BeginRequest(QuotaClass asked, Instant now) {
  Departure departure{++departed_, SecondOf(now), !WindowAllows(asked)};
  if (departure.probe) probing_ = true;
  Refill(now);
  if (per_minute(now) > 0) tokens_ -= 1;
  if (!first_departure_) first_departure_ = now;
  ++in_flight_;
  Count(departure.second, 1);
  return departure;
}

void QuotaBudget::Land(const Departure& departure) {
  --in_flight_;
  if (departure.probe) probing_ = false;
}

void QuotaBudget::CancelUnsent(const Departure& departure, Instant now) {
  Land(departure);
  Count(departure.second, -1);
  tokens_ = std::min(tokens_ + 1, capacity(now));
}

void QuotaBudget::EndWithoutResponse(const Departure& departure, Instant now) {
  Land(departure);
  // The host may have counted it.
  if (remaining_ && *remaining_ > 0) --*remaining_;
  // A lost probe has no result: the next one waits a moment, so that a dead host is not flooded.
  if (departure.probe) reset_ = std::max(reset_, After(now, options_.first_hold));
}

void QuotaBudget::Count(std::int64_t second, int by) {
  const auto slot = static_cast<std::size_t>(second % 60);
  if (by > 0 && seconds_[slot] != second) {
    seconds_[slot] = second;
    counts_[slot] = 0;
  }
  if (seconds_[slot] == second) counts_[slot] = std::max(0, counts_[slot] + by);
}

double QuotaBudget::accepted_last_minute(Instant now) const {
  const std::int64_t second = SecondOf(now);
  int sum = 0;
  for (std::size_t i = 0; i < seconds_.size(); ++i) {
    if (seconds_[i] > second - 60) sum += counts_[i];
  }
  return std::max(0.0, static_cast<double>(sum) - static_cast<double>(in_flight_));
}

void QuotaBudget::Learn(Instant now) {
  if (configured_ > 0) return;
  const double seen = std::max(options_.least_learned, accepted_last_minute(now));
  const bool from_a_minute = first_departure_ && now - *first_departure_ >= kMinute;
  // Fewer than were accepted before: other clients used the rest, unless this happens repeatedly.
  const bool below = from_a_minute && learned_from_a_minute_ && burst_limit(now) > 0 && seen < learned_;
  below_learned_ = below ? below_learned_ + 1 : 0;
  if (below && below_learned_ < kBelieved) return;
  below_learned_ = 0;
  learned_ = seen;
  learned_from_a_minute_ = from_a_minute;
}

// Called after a refusal, once its hold is known.
void QuotaBudget::Slow(Instant now) {
  factor_ = std::max(options_.least_share, factor(now) / 2);
  slowed_until_ = std::max(hold_, now);
  refilled_ = std::max(refilled_, hold_);
  // If most of the minute was used by others, our requests did not cause the refusal, and the
  // minute has room for a burst as usual; otherwise no burst follows.
  const bool ours = configured_ <= 0 || accepted_last_minute(now) > configured_ * part_ / 2;
  tokens_ = ours ? needed(QuotaClass::kRead, now) : steady(now) * options_.burst_share;
}

void QuotaBudget::CountOthers(std::int64_t lost, Instant now) {
  const double gap = std::chrono::duration<double>(now - reported_at_).count();
  const std::int64_t second = SecondOf(now);
  const auto slot = static_cast<std::size_t>(second) % others_seconds_.size();
  if (others_seconds_[slot] != second) {
    others_seconds_[slot] = second;
    others_counts_[slot] = 0;
  }
  others_counts_[slot] += static_cast<double>(lost) * std::min(1.0, kGapCounted / std::max(gap, 1.0));
}

void QuotaBudget::HoldUntil(Instant until, Instant now) {
  hold_ = std::max(hold_, std::min(until, After(now, options_.longest_hold)));
}

void QuotaBudget::ReadWindow(const Departure& departure, const Headers& headers, Instant now,
                             WallTime server_time) {
  const auto told = Number(headers, options_.remaining_header);
  if (!told) {
    if (remaining_ && *remaining_ > 0) --*remaining_;
    // its purpose was to find out, and the host no longer reports the window
    if (departure.probe) remaining_.reset();
    return;
  }
  if (departure.number < reported_by_) return;  // overtaken by a newer response
  // All departures between the previous report and this one are ours, answered or not:
  // overestimating our share makes other clients appear fewer, never more.
  const auto ours = static_cast<std::int64_t>(departed_ - departed_then_);
  if (remaining_ && *remaining_ - *told > ours) CountOthers(*remaining_ - *told - ours, now);
  departed_then_ = departed_ - in_flight_;
  reported_at_ = now;
  reported_by_ = departure.number;
  remaining_ = *told;
  limit_ = Number(headers, options_.limit_header).value_or(std::max(limit_.value_or(0), *told));
  // Without a reset header, the window is checked again after a minute.
  Duration left = kMinute;
  if (const auto reset = Number(headers, options_.reset_header)) {
    // values below are not a time in this century
    constexpr std::int64_t kOldestTime = 1'000'000'000;
    const std::int64_t most = std::chrono::duration_cast<seconds>(options_.longest_hold).count();
    const std::int64_t server = std::chrono::duration_cast<seconds>(server_time.time_since_epoch()).count();
    const std::int64_t ahead = *reset < kOldestTime ? *reset : *reset - server;
    // At least a second, because both clocks have a resolution of whole seconds.
    left = seconds(std::clamp<std::int64_t>(ahead, 1, std::max<std::int64_t>(1, most)));
  }
  reset_ = After(now, left);
}

void QuotaBudget::Answer(const Departure& departure, int status, const Headers& headers, Instant now,
                         WallTime wall) {
  Land(departure);
  // Prefer the host's clock, because ours may be wrong or have just been set.
  const WallTime server_time = ServerTime(headers).value_or(wall);
  auto requested_wait = RetryAfter(headers, options_.retry_after_header, server_time);
  if (requested_wait) requested_wait = std::min<Duration>(*requested_wait, options_.longest_hold);
  if (status != 429) {
    ReadWindow(departure, headers, now, server_time);
    if (status == 503 && requested_wait) HoldUntil(After(now, *requested_wait), now);
    if (departure.number > refused_after_) {
      one_at_a_time_ = false;
      consecutive_refusals_ = 0;
    }
    return;
  }
  Count(departure.second, -1);
  const bool fresh = departure.number > refused_after_;
  // With a Retry-After, the 429 and its "remaining: 0" refer to the minute, not to the window.
  if (!requested_wait) ReadWindow(departure, headers, now, server_time);
  const bool window_used_up = !requested_wait && remaining_ && *remaining_ == 0 && reset_ > now;
  if (requested_wait) {
    // Only the first refusal shows the capacity of a minute; after it we send less.
    if (!one_at_a_time_ && *requested_wait <= kMinute) Learn(now);
    HoldUntil(After(now, std::max<Duration>(*requested_wait, seconds(1))), now);
  } else if (window_used_up) {
    HoldUntil(reset_, now);
  } else if (fresh) {
    consecutive_refusals_ = std::min(consecutive_refusals_ + 1, 16);
    HoldUntil(
        After(now, std::min<Duration>(kMinute, options_.first_hold * (1 << (consecutive_refusals_ - 1)))),
        now);
  }
  // Requests refused together count as one refusal.
  if (!one_at_a_time_ && !window_used_up) {
    Slow(now);
  } else {
    slowed_until_ = std::max(slowed_until_, hold_);
    refilled_ = std::max(refilled_, hold_);
    tokens_ = std::max(tokens_, 1.0);
  }
  one_at_a_time_ = true;
  refused_after_ = departed_;
}

}  // namespace capstan::http
