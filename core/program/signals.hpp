// Turns SIGINT and SIGTERM into a stop that is waited for, so that no code runs in a signal
// handler.
#pragma once

#include <functional>

#include <capstan/core/base/scheduler.hpp>

namespace capstan::program {

// Make it in main's thread before any other thread: they inherit the blocked signals. One per
// process.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Runs `work` as a task until it returns, or asks it to stop at the first signal and waits for
  // it. A second signal ends the process at once. Returns what `work` returned.
  int RunUntilSignal(Scheduler& scheduler, const std::function<int(const Context&)>& work);
};

}  // namespace capstan::program
