// Fiber is a piece of code with a stack of its own that can be left in the middle and entered again
// later: what SimulatedScheduler makes its tasks of. Entering and leaving costs well below a
// microsecond, where handing the turn from thread to thread costs ten.
//
// Not thread-safe: a fiber is entered from one thread at a time, and not from two in its life while
// it has frames. Each switch is announced to AddressSanitizer and ThreadSanitizer.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace capstan {

class Fiber {
 public:
  // Memory for the stacks of fibers that follow each other. Must outlive its fibers. Not
  // thread-safe.
  class Stacks;

  // `run` begins with the first Enter. The stack has 8 MiB, as a thread's, of which only what is
  // touched takes memory; a page below it ends the process when it is too small.
  Fiber(Stacks& stacks, std::function<void()> run);
  // REQUIRES: finished, or never entered.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs it until it leaves or its function returns. REQUIRES: not finished, not running.
  void Enter();
  // Back to where Enter was called. REQUIRES: called by the code that runs in this fiber.
  void Leave();
  bool finished() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Fiber::Stacks {
 public:
  Stacks();
  ~Stacks();  // REQUIRES: no fiber has one any more
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;

 private:
  friend class Fiber;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace capstan
