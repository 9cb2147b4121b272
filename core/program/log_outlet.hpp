// LogOutlet writes finished log lines to a file descriptor, so that a thread that logs never waits
// for the reader.
//
// Lines are queued up to a limit in bytes; further lines are dropped and counted, and a line with
// their number follows as soon as there is room. A separate task writes. Thread-safe; Put may be
// called under any Mutex. One per process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>

namespace capstan::program {

struct LogOutletOptions {
  int descriptor = 2;
  std::size_t limit = std::size_t{1} << 20;  // bytes in the queue
  // How long the destructor, and a crash, wait for the queue to be written.
  Duration flush = std::chrono::seconds(2);
  Duration crash_flush = std::chrono::milliseconds(500);
  // Formats the line that reports this number of dropped lines.
  std::function<std::string(std::uint64_t)> dropped;
};

class LogOutlet {
 public:
  // The scheduler's tasks must be threads, and the scheduler must outlive this. During its lifetime
  // a fatal signal (SIGSEGV, SIGABRT and the like) first lets the queue be written, for
  // crash_flush.
  LogOutlet(Scheduler& scheduler, LogOutletOptions options);
  // Writes the queue, for at most `flush`.
  ~LogOutlet();
  LogOutlet(const LogOutlet&) = delete;
  LogOutlet& operator=(const LogOutlet&) = delete;

  // `line` without a line break at its end. Never blocks.
  void Put(std::string line) CAPSTAN_EXCLUDES(mutex_);
  // Number of lines dropped so far.
  std::uint64_t dropped() const { return dropped_.load(); }

 private:
  void Write(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // False: no reader takes it, and the time is over.
  bool WriteLine(const std::string& line, const Context& context);
  bool WaitUntilTaken(const Context& context);
  void Queue(std::string line) CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;
  const LogOutletOptions options_;

  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::size_t> pending_{0};  // bytes not written yet; read by the crash handler

  // Guarded by mutex_.
  Mutex mutex_;
  Event queued_;
  std::deque<std::string> lines_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t unreported_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // dropped, and not reported yet

  Instant give_up_ = kForever;  // used only by the writer
  Task writer_;                 // last member: it uses everything above
};

}  // namespace capstan::program
