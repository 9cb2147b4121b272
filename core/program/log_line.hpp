// One log event as one line: `key=value` text or JSON, credentials masked. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::program {

struct LogSettings {
  bool json = false;
  LogLevel least = LogLevel::kInfo;  // the least important lines shown
};
// What --log_format and --log_level say. Errors: kInvalidArgument, naming the flag.
Result<LogSettings> ParseLogSettings(const std::string& format, const std::string& level);

// The most bytes a line has. (glog cuts messages at 30,000.)
inline constexpr std::size_t kLogLineLimit = 29'000;

// One event as text: `2026-11-22T07:00:00.000000Z INFO message key=value key="two words"`, or as
// JSON. Always one line, whole in its format: where it would be longer than kLogLineLimit, its
// longest texts are shortened. Controls, and what moves a terminal's cursor or turns the direction
// of writing, are escaped.
std::string FormatLogLine(bool json, LogLevel level, WallTime time, std::string_view message,
                          const std::vector<LogField>& fields);
// Masks what looks like a credential: "Bearer x", "token=x", "password=x", DigitalOcean's
// dop_v1_... prefixes.
std::string MaskCredentials(std::string text);

// What a program says to a terminal, with words of others in it: line breaks become blanks, other
// controls and what turns the direction of writing are escaped, bytes that are no UTF-8 become
// U+FFFD.
std::string OnOneLine(std::string_view text);

}  // namespace capstan::program
