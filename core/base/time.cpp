#include <capstan/core/base/time.hpp>

#include <array>
#include <charconv>
#include <cstdio>

namespace capstan {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

struct Civil {
  int year;
  unsigned month, day;
  int hour, minute, second;
  std::int64_t fraction;  // nanoseconds
  unsigned weekday;       // 0 = Sunday
};

Civil ToCivil(WallTime time) {
  // In seconds: the first day in the range of nanoseconds begins before that range.
  const std::int64_t count = time.time_since_epoch().count();
  const std::int64_t fraction = (count % 1'000'000'000 + 1'000'000'000) % 1'000'000'000;
  const std::chrono::sys_seconds second(seconds(count / 1'000'000'000 - (count % 1'000'000'000 < 0 ? 1 : 0)));
  const auto day = floor<days>(second);
  const std::chrono::year_month_day date(day);
  const std::int64_t rest = (second - day).count();
  Civil civil{};
  civil.year = static_cast<int>(date.year());
  civil.month = static_cast<unsigned>(date.month());
  civil.day = static_cast<unsigned>(date.day());
  civil.hour = static_cast<int>(rest / 3600);
  civil.minute = static_cast<int>(rest / 60 % 60);
  civil.second = static_cast<int>(rest % 60);
  civil.fraction = fraction;
  civil.weekday = std::chrono::weekday(day).c_encoding();
  return civil;
}

// A quarter of the range of 64-bit nanoseconds, on both sides of 1970: no difference of two such
// times, and no sum with a duration in that range, overflows.
constexpr std::int64_t kFarthestSecond = (std::int64_t{1} << 62) / 1'000'000'000;

// `offset`: how far ahead of UTC. Clamps to kFarthestSecond: "never", written as the year 9999,
// stays in the far future, and 0001 in the far past.
std::optional<WallTime> FromCivil(int year, int month, int day, int hour, int minute, int second,
                                  nanoseconds fraction, seconds offset = {}) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // 60 is a leap second, which RFC 3339 allows; it counts as the next second.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const seconds since = std::chrono::sys_days(date).time_since_epoch() + hours(hour) + minutes(minute) +
                        seconds(second) - offset;
  if (since.count() >= kFarthestSecond) return WallTime(seconds(kFarthestSecond));
  if (since.count() <= -kFarthestSecond) return WallTime(seconds(-kFarthestSecond));
  return WallTime(since) + fraction;
}

// Reads `width` digits and advances `position`; nothing if there are other characters.
std::optional<int> Digits(std::string_view text, std::size_t& position, std::size_t width) {
  if (text.size() - position < width || position > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const char c = text[position + i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  position += width;
  return value;
}

bool Take(std::string_view text, std::size_t& position, char wanted) {
  if (position >= text.size() || text[position] != wanted) return false;
  ++position;
  return true;
}

nanoseconds Fraction(std::string_view text, std::size_t& position) {
  std::int64_t value = 0, unit = 100'000'000;
  for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position) {
    value += (text[position] - '0') * unit;
    unit /= 10;
  }
  return nanoseconds(value);
}

constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string FormatRfc3339(WallTime time) {
  const Civil c = ToCivil(time);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute,
                c.second);
  return text;
}

std::string FormatRfc3339Micro(WallTime time) {
  const Civil c = ToCivil(time);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day, c.hour,
                c.minute, c.second, static_cast<int>(c.fraction / 1000));
  return text;
}

std::optional<WallTime> ParseRfc3339(std::string_view text) {
  std::size_t at = 0;
  const auto year = Digits(text, at, 4);
  if (!year || !Take(text, at, '-')) return std::nullopt;
  const auto month = Digits(text, at, 2);
  if (!month || !Take(text, at, '-')) return std::nullopt;
  const auto day = Digits(text, at, 2);
  if (!day || !(Take(text, at, 'T') || Take(text, at, 't') || Take(text, at, ' '))) return std::nullopt;
  const auto hour = Digits(text, at, 2);
  if (!hour || !Take(text, at, ':')) return std::nullopt;
  const auto minute = Digits(text, at, 2);
  if (!minute || !Take(text, at, ':')) return std::nullopt;
  const auto second = Digits(text, at, 2);
  if (!second) return std::nullopt;
  nanoseconds fraction{0};
  if (Take(text, at, '.')) {
    const std::size_t start = at;
    fraction = Fraction(text, at);
    if (at == start) return std::nullopt;
  }
  seconds offset{0};
  if (!Take(text, at, 'Z') && !Take(text, at, 'z')) {
    const bool minus = at < text.size() && text[at] == '-';
    if (!Take(text, at, '+') && !Take(text, at, '-')) return std::nullopt;
    const auto h = Digits(text, at, 2);
    if (!h || !Take(text, at, ':')) return std::nullopt;
    const auto m = Digits(text, at, 2);
    if (!m || *h > 23 || *m > 59) return std::nullopt;
    offset = hours(*h) + minutes(*m);
    if (minus) offset = -offset;
  }
  if (at != text.size()) return std::nullopt;
  return FromCivil(*year, *month, *day, *hour, *minute, *second, fraction, offset);
}

std::string FormatHttpDate(WallTime time) {
  const Civil c = ToCivil(time);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", kDays[c.weekday], c.day,
                kMonths[c.month - 1], c.year, c.hour, c.minute, c.second);
  return text;
}

std::optional<WallTime> ParseHttpDate(std::string_view text) {
  std::size_t at = text.find(", ");
  if (at == std::string_view::npos) return std::nullopt;
  at += 2;
  const auto day = Digits(text, at, 2);
  if (!day || !Take(text, at, ' ')) return std::nullopt;
  int month = 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (text.substr(at, 3) == kMonths[i]) month = static_cast<int>(i) + 1;
  }
  if (month == 0) return std::nullopt;
  at += 3;
  if (!Take(text, at, ' ')) return std::nullopt;
  const auto year = Digits(text, at, 4);
  if (!year || !Take(text, at, ' ')) return std::nullopt;
  const auto hour = Digits(text, at, 2);
  if (!hour || !Take(text, at, ':')) return std::nullopt;
  const auto minute = Digits(text, at, 2);
  if (!minute || !Take(text, at, ':')) return std::nullopt;
  const auto second = Digits(text, at, 2);
  if (!second || text.substr(at) != " GMT") return std::nullopt;
  return FromCivil(*year, month, *day, *hour, *minute, *second, nanoseconds(0));
}

std::string FormatDuration(Duration duration) {
  if (duration < Duration::zero()) return "-" + FormatDuration(-duration);
  char text[64];
  const auto count = duration.count();
  if (count == 0) return "0s";
  // Three digits after the point; further digits are truncated.
  const auto thousandths = [](std::int64_t whole) { return static_cast<double>(whole) / 1e3; };
  if (count < 1'000'000) {
    std::snprintf(text, sizeof text, "%gus", thousandths(count));
  } else if (count < 1'000'000'000) {
    std::snprintf(text, sizeof text, "%gms", thousandths(count / 1000));
  } else if (count < 60'000'000'000) {
    std::snprintf(text, sizeof text, "%gs", thousandths(count / 1'000'000));
  } else if (count < 3'600'000'000'000) {
    std::snprintf(text, sizeof text, "%lldm%llds", static_cast<long long>(count / 60'000'000'000),
                  static_cast<long long>(count / 1'000'000'000 % 60));
  } else {
    std::snprintf(text, sizeof text, "%lldh%lldm", static_cast<long long>(count / 3'600'000'000'000),
                  static_cast<long long>(count / 60'000'000'000 % 60));
  }
  return text;
}

std::optional<Duration> ParseDuration(std::string_view text) {
  double total = 0;
  bool any = false;
  while (!text.empty()) {
    double amount = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
    if (error != std::errc() || amount < 0 || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    double unit = 1;
    if (text.substr(0, 2) == "ms") {
      unit = 1e-3;
      text.remove_prefix(2);
    } else if (!text.empty()) {
      if (text.front() != 'h' && text.front() != 'm' && text.front() != 's') return std::nullopt;
      unit = text.front() == 'h' ? 3600 : text.front() == 'm' ? 60 : 1;
      text.remove_prefix(1);
    } else if (any) {
      return std::nullopt;  // "1m30": the unit of 30 is missing
    }
    total += amount * unit;
    any = true;
  }
  if (!any || !(total <= 3.2e9)) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(total));
}

}  // namespace capstan
