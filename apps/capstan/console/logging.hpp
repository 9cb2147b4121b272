// Carries Log to glog: one line per event, `key=value` text or JSON, written by one write(2) each,
// secrets masked. glog keeps no files and no global state of ours; the sink it is given lives as
// long as the Logging object.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::app {

// The flags --log_format and --log_level, for CommandInfo::flags.
extern const char kLoggingFlags[];

// Sets glog up by the flags --log_format and --log_level and takes it down again. One per process.
// `clock` must outlive it.
class Logging {
 public:
  virtual ~Logging() = default;
  virtual Log& log() = 0;
};
// Errors: kInvalidArgument, naming the flag.
Result<std::unique_ptr<Logging>> StartLogging(const char* program, const Clock& clock);

// One event as text: `2026-11-22T07:00:00.000000Z INFO message key=value key="two words"`.
std::string FormatLogLine(bool json, LogLevel level, WallTime time, std::string_view message,
                          const std::vector<LogField>& fields);
// Masks what looks like a credential: "Bearer x", "token=x", "password=x", DigitalOcean's
// dop_v1_... prefixes.
std::string MaskCredentials(std::string text);

}  // namespace capstan::app
