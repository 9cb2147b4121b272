// Formats one log event as one line: `key=value` text or JSON, with credentials masked. Pure
// functions.
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
  LogLevel least = LogLevel::kInfo;  // lowest level shown
  // Levels of individual modules (ModuleLog).
  std::map<std::string, LogLevel, std::less<>> modules = {};

  LogLevel LeastOf(std::string_view module) const {
    const auto found = modules.find(module);
    return found == modules.end() ? least : found->second;
  }
};

// The modules whose level can be set individually: requests to clouds and messages of plugins
// (cloud), reconciles (controller), Events, connections to the Kubernetes API (kubernetes), leader
// election (lease), the servers of `capstan local` (local), and caches (watch).
inline constexpr std::array<std::string_view, 7> kLogModules = {"cloud", "controller", "events", "kubernetes",
                                                                "lease", "local",      "watch"};

// Parses --log-format, --log-level and --log-levels ("cloud=debug,watch=error"). Errors:
// kInvalidArgument; the message names the flag.
Result<LogSettings> ParseLogSettings(const std::string& format, const std::string& level,
                                     const std::string& levels = "");

// Maximum length of a line in bytes. (glog cuts messages at 30,000.)
inline constexpr std::size_t kLogLineLimit = 29'000;

// One event as text: `2026-11-22T07:00:00.000000Z INFO message key=value key="two words"`, or as
// JSON. Always a single, syntactically complete line: if it would exceed kLogLineLimit, its longest
// texts are shortened. Control characters, and characters that move a terminal's cursor or change
// the text direction, are escaped.
std::string FormatLogLine(bool json, LogLevel level, WallTime time, std::string_view message,
                          const std::vector<LogField>& fields);
// Masks text that looks like a credential: "Bearer x", "token=x", "password=x", DigitalOcean's
// dop_v1_... prefixes.
std::string MaskCredentials(std::string text);

// Makes a message for the terminal that contains foreign text safe: line breaks become blanks,
// other control characters and those that change the text direction are escaped, bytes that are not
// UTF-8 become U+FFFD.
std::string OnOneLine(std::string_view text);

}  // namespace capstan::program
