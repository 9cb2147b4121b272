// When to come back, as a server wishes it: the one reading of Retry-After. Pure.
#pragma once

#include <optional>
#include <string_view>

#include <capstan/core/base/time.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::http {

// A number of seconds, or a date (RFC 9110 10.2.3), which is measured from `server_time`; a day at
// most, which is more than any server means. Nothing when the field is absent or neither, or a date
// without a time to measure it from.
std::optional<Duration> RetryAfter(const Headers& headers, std::string_view field,
                                   std::optional<WallTime> server_time);
// The Date of the answer: the server's own clock, where it tells it.
std::optional<WallTime> ServerTime(const Headers& headers);

}  // namespace capstan::http
