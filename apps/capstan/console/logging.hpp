// Carries Log to glog: one line per event, `key=value` text or JSON, secrets masked. glog keeps no
// files and no global state of ours; the sink it is given lives as long as the Logging object, and
// hands each line to a LogOutlet: logging never waits for who reads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::app {

// The flags --log_format and --log_level, for CommandInfo::flags.
extern const char kLoggingFlags[];

// Sets glog up by the flags --log_format and --log_level and takes it down again. One per process.
class Logging {
 public:
  virtual ~Logging() = default;
  virtual Log& log() = 0;
  // Lines that were dropped because nobody read them in time.
  virtual std::uint64_t dropped_lines() const = 0;
};
// `scheduler` must outlive it, and its tasks be threads. Errors: kInvalidArgument, naming the flag.
Result<std::unique_ptr<Logging>> StartLogging(const char* program, Scheduler& scheduler);

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

}  // namespace capstan::app
