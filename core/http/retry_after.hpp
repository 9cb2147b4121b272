// Parses Retry-After; the only place that does. Pure; thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include <capstan/core/base/time.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::http {

// The wait as a number of seconds, or as a date (RFC 9110 10.2.3) relative to `server_time`; capped
// at a day, which is more than any server means. Nothing if the field is absent or malformed, or a
// date without a `server_time`.
std::optional<Duration> RetryAfter(const Headers& headers, std::string_view field,
                                   std::optional<WallTime> server_time);
// The Date header of the response: the server's clock, if it sent one.
std::optional<WallTime> ServerTime(const Headers& headers);

}  // namespace capstan::http
