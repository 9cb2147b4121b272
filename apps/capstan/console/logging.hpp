// Adapts Log to glog: one line for each event (core/program/log_line.hpp). glog keeps no files and
// no global state of ours; its sink lives as long as the Logging object and passes each line to a
// LogOutlet, so logging never blocks on the reader. The same event of an object is written at most
// once a minute (core/program/folding_log.hpp).
#pragma once

#include <cstdint>
#include <memory>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/scheduler.hpp>

namespace capstan::app {

// The flags --log-format, --log-level and --log-levels, for CommandInfo::flags.
extern const char kLoggingFlags[];

// Sets up glog according to those flags, and shuts it down at destruction. One per process.
class Logging {
 public:
  virtual ~Logging() = default;
  virtual Log& log() = 0;
  // Lines dropped because the reader was too slow.
  virtual std::uint64_t dropped_lines() const = 0;
};
// `scheduler` must outlive the result, and run its tasks on threads. Errors: kInvalidArgument,
// naming the flag.
Result<std::unique_ptr<Logging>> StartLogging(const char* name, Scheduler& scheduler);

}  // namespace capstan::app
