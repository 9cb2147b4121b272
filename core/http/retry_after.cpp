#include <capstan/core/http/retry_after.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::http {
namespace {

constexpr Duration kLongest = std::chrono::hours(24);

}  // namespace

std::optional<Duration> RetryAfter(const Headers& headers, std::string_view field,
                                   std::optional<WallTime> server_time) {
  const auto found = headers.Get(field);
  if (!found) return std::nullopt;
  const std::string_view text = Trim(*found);
  if (const auto date = ParseHttpDate(text)) {
    if (!server_time) return std::nullopt;
    return std::clamp<Duration>(*date - *server_time, Duration::zero(), kLongest);
  }
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  std::int64_t seconds = 0;
  for (const char c : text) seconds = std::min<std::int64_t>(seconds * 10 + (c - '0'), 1'000'000);
  return std::min<Duration>(std::chrono::seconds(seconds), kLongest);
}

std::optional<WallTime> ServerTime(const Headers& headers) {
  const auto date = headers.Get("date");
  return date ? ParseHttpDate(*date) : std::nullopt;
}

}  // namespace capstan::http
