// One log event as one line: `key=value` text or JSON, credentials masked. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
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
  // Of modules (ModuleLog) that have a level of their own.
  std::map<std::string, LogLevel, std::less<>> modules = {};

  LogLevel LeastOf(std::string_view module) const {
    const auto found = modules.find(module);
    return found == modules.end() ? least : found->second;
  }
};

// The modules whose lines can have a level of their own: what clouds are asked and what plugins say
// (cloud), reconciles (controller), Events, connections to the Kubernetes API (kubernetes), leader
// election (lease), the servers of `capstan local` (local), and caches (watch).
inline constexpr std::array<std::string_view, 7> kLogModules = {"cloud", "controller", "events", "kubernetes",
                                                                "lease", "local",      "watch"};

// What --log-format, --log-level and --log-levels ("cloud=debug,watch=error") say. Errors:
// kInvalidArgument, naming the flag.
Result<LogSettings> ParseLogSettings(const std::string& format, const std::string& level,
                                     const std::string& levels = "");

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
