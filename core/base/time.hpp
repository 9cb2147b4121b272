// Time types and their text forms. Only a Clock reads the time, so that a simulation can replace
// it.
//
// Instant counts from a fixed point on the boot-time clock: it never steps, and it advances while
// the machine is suspended, so a lease or a deadline also expires during a suspend. WallTime is
// calendar time, as other machines see it. Values and pure functions; thread-safe.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace capstan {

using Duration = std::chrono::nanoseconds;

// A tag: there is deliberately no BootClock::now().
struct BootClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock, Duration>;
  static constexpr bool is_steady = true;
};
using Instant = BootClock::time_point;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

inline constexpr Instant kForever = Instant::max();

// `start + delay` without overflow: kForever stays kForever.
constexpr Instant After(Instant start, Duration delay) {
  return delay > Duration::zero() && start > kForever - delay ? kForever : start + delay;
}

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() const = 0;
  virtual WallTime WallNow() const = 0;
};

// "2026-11-22T07:00:00Z", as Kubernetes' metav1.Time prints it; with micros
// "2026-11-22T07:00:00.000000Z" (MicroTime).
std::string FormatRfc3339(WallTime time);
std::string FormatRfc3339Micro(WallTime time);
// Any RFC 3339 time, or nothing. A time outside 1823-11-12..2116-02-20 is clamped to that range.
std::optional<WallTime> ParseRfc3339(std::string_view text);
// The Date header of HTTP (RFC 9110 5.6.7, IMF-fixdate): "Sun, 22 Nov 2026 07:00:00 GMT".
std::string FormatHttpDate(WallTime time);
std::optional<WallTime> ParseHttpDate(std::string_view text);

// "1.5s", "250ms", "2m0s": for logs and messages.
std::string FormatDuration(Duration duration);
// One or more amounts of h, m, s and ms, whole or fractional ("1m30s", "0.5s"); a bare number is in
// seconds. Nothing if the text is malformed, negative, or longer than a hundred years.
std::optional<Duration> ParseDuration(std::string_view text);

}  // namespace capstan
