// Carries Log to glog: one line per event (core/program/log_line.hpp). glog keeps no files and no
// global state of ours; the sink it is given lives as long as the Logging object, and hands each
// line to a LogOutlet: logging never waits for who reads. The same event of an object is written at
// most once a minute (core/program/folding_log.hpp).
#pragma once

#include <cstdint>
#include <memory>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/scheduler.hpp>

namespace capstan::app {

// The flags --log-format, --log-level and --log-levels, for CommandInfo::flags.
extern const char kLoggingFlags[];

// Sets glog up by those flags and takes it down again. One per process.
class Logging {
 public:
  virtual ~Logging() = default;
  virtual Log& log() = 0;
  // Lines that were dropped because nobody read them in time.
  virtual std::uint64_t dropped_lines() const = 0;
};
// `scheduler` must outlive it, and its tasks be threads. Errors: kInvalidArgument, naming the flag.
Result<std::unique_ptr<Logging>> StartLogging(const char* name, Scheduler& scheduler);

}  // namespace capstan::app
