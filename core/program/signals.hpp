// Turns SIGINT and SIGTERM into a stop request that the program waits for, so that no code runs in
// a signal handler. For main's thread.
#pragma once

#include <functional>

#include <capstan/core/base/scheduler.hpp>

namespace capstan::program {

// Create it in main's thread before any other thread, since threads inherit the blocked signals.
// One per process.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Runs `work` as a task until it returns, or asks it to stop at the first signal and waits for
  // it. A second signal ends the process immediately. Returns the result of `work`.
  int RunUntilSignal(Scheduler& scheduler, const std::function<int(const Context&)>& work);
};

}  // namespace capstan::program
