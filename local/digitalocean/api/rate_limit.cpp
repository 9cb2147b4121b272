#include <algorithm>
#include <capstan/local/digitalocean/api/rate_limit.hpp>

namespace capstan::simulated_digitalocean {

RateLimiter::Verdict RateLimiter::Count(const std::string& token, const RateLimitOptions& options,
                                        Instant now) {
  static constexpr Duration kHour = std::chrono::hours(1), kMinute = std::chrono::minutes(1);
  std::deque<Instant>& times = counted_[token];
  while (!times.empty() && times.front() + kHour <= now) times.pop_front();
  Verdict verdict;
  verdict.limit = options.per_hour;
  const auto minute_begin = std::upper_bound(times.begin(), times.end(), now - kMinute);
  const bool minute_full = options.per_minute > 0 && times.end() - minute_begin >= options.per_minute;
  const bool hour_full = options.per_hour > 0 && times.size() >= static_cast<std::size_t>(options.per_hour);
  verdict.allowed = !minute_full && !hour_full;
  if (minute_full) verdict.retry_after = *minute_begin + kMinute - now;
  if (verdict.allowed) times.push_back(now);
  // Without an hourly limit only the last minute matters, and without any limit nothing does.
  if (options.per_hour <= 0) {
    const std::size_t kept = static_cast<std::size_t>(std::max(options.per_minute, 0));
    while (times.size() > kept) times.pop_front();
  }
  // When the minute is full, `remaining` is 0 although the hour has room.
  if (!minute_full)
    verdict.remaining = std::max<std::int64_t>(0, options.per_hour - static_cast<std::int64_t>(times.size()));
  verdict.until_reset = times.empty() ? kHour : times.front() + kHour - now;
  return verdict;
}

}  // namespace capstan::simulated_digitalocean
