// Fiber runs code on its own stack; the code can be suspended in the middle and resumed later.
// SimulatedScheduler runs each task as a fiber. A switch costs well below a microsecond; handing
// control from one thread to another costs about ten.
//
// Not thread-safe: one thread at a time enters a fiber, and while the fiber has frames on its stack
// it must always be the same thread. Each switch is announced to AddressSanitizer and
// ThreadSanitizer.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace capstan {

class Fiber {
 public:
  // A pool of stacks that fibers reuse one after another. Must outlive its fibers. Not thread-safe.
  class Stacks;

  // `run` starts at the first Enter. The stack has 8 MiB, like a thread's; only the pages that are
  // touched use memory. A guard page below it ends the process on overflow.
  Fiber(Stacks& stacks, std::function<void()> run);
  // REQUIRES: finished, or never entered.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs the fiber until it calls Leave or its function returns. REQUIRES: not finished, not
  // running.
  void Enter();
  // Returns to the caller of Enter. REQUIRES: called by the code that runs in this fiber.
  void Leave();
  bool finished() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Fiber::Stacks {
 public:
  Stacks();
  ~Stacks();  // REQUIRES: no fiber uses one of its stacks
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;

 private:
  friend class Fiber;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace capstan
