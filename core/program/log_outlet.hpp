// LogOutlet carries finished log lines to a file descriptor, so that a thread that logs never waits
// for the reader.
//
// Lines queue up to a limit in bytes; what comes beyond is dropped and counted, and a line that
// says how many follows as soon as there is room. A task of its own writes. Thread-safe; Put may be
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
  std::size_t limit = std::size_t{1} << 20;  // bytes that may queue
  // At the end, and after a crash, for what is queued to be taken.
  Duration flush = std::chrono::seconds(2);
  Duration crash_flush = std::chrono::milliseconds(500);
  // The line that says that so many were dropped.
  std::function<std::string(std::uint64_t)> dropped;
};

class LogOutlet {
 public:
  // The scheduler's tasks must be threads, and outlive this. While it lives, a signal that ends the
  // process (SIGSEGV, SIGABRT and their like) first lets the queue be written, for crash_flush.
  LogOutlet(Scheduler& scheduler, LogOutletOptions options);
  // Writes what is queued, for at most `flush`.
  ~LogOutlet();
  LogOutlet(const LogOutlet&) = delete;
  LogOutlet& operator=(const LogOutlet&) = delete;

  // `line` without its end. Never waits.
  void Put(std::string line) CAPSTAN_EXCLUDES(mutex_);
  // Lines that were dropped since the start.
  std::uint64_t dropped() const { return dropped_.load(); }

 private:
  void Write(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // False: nobody takes it, and it is over.
  bool WriteLine(const std::string& line, const Context& context);
  bool WaitUntilTaken(const Context& context);
  void Queue(std::string line) CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;
  const LogOutletOptions options_;

  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::size_t> pending_{0};  // bytes that are not written yet; read by the crash handler

  // Guarded by mutex_.
  Mutex mutex_;
  Event queued_;
  std::deque<std::string> lines_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t untold_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // dropped since a line said how many

  Instant give_up_ = kForever;  // the writer's own
  Task writer_;                 // last: it uses all of the above
};

}  // namespace capstan::program
