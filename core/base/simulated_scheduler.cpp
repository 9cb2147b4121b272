#include <capstan/core/base/simulated_scheduler.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace capstan {
namespace {

// One task, and where it stands. Guarded by State::mutex but for the thread's own locals.
struct Fiber {
  std::string name;
  std::uint64_t id = 0;
  std::thread thread;
  std::condition_variable resume;
  bool allowed = false;   // this one may run
  bool runnable = false;  // waits only for its turn
  bool done = false;
  bool reaped = false;
  std::stop_source stop;
  Event* waiting_for = nullptr;
  Instant until = kForever;
  std::uint64_t runnable_since = 0;
  Woke woke = Woke::kNotified;
};

// Set while a task's own code runs on this thread; tells a task from the driver.
thread_local Fiber* current_fiber = nullptr;

}  // namespace

SchedulePolicy FirstInFirstOut() {
  return [](std::size_t) { return std::size_t{0}; };
}

SchedulePolicy SeededSchedule(std::uint64_t seed) {
  return [state = seed + 0x9E3779B97F4A7C15ULL](std::size_t count) mutable {
    // SplitMix64: small, and the same everywhere.
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return static_cast<std::size_t>((z ^ (z >> 31)) % count);
  };
}

struct SimulatedScheduler::State {
  std::mutex mutex;
  std::condition_variable driver;
  SchedulePolicy policy;
  std::list<std::shared_ptr<Fiber>> fibers;
  std::vector<Fiber*> ready;  // only for Choose
  Fiber* running = nullptr;
  Instant now{std::chrono::hours(1)};
  WallTime wall{std::chrono::seconds(1767225600)};  // 2026-01-01T00:00:00Z
  std::uint64_t next_id = 1;
  std::uint64_t ticks = 0;
  std::uint64_t steps = 0;
  // While the driver lets time pass until then, tasks hand the turn to each other; else each gives
  // it back to the driver. A turn that goes by way of the driver costs two switches of threads
  // instead of one, or none.
  std::optional<Instant> unattended;

  void MakeRunnable(Fiber& fiber, Woke woke) {
    if (fiber.runnable || fiber.done) return;
    fiber.runnable = true;
    fiber.runnable_since = ++ticks;
    fiber.woke = woke;
    fiber.waiting_for = nullptr;
  }

  // Gives the turn to one runnable task, whose thread is not told yet. Null when there is none.
  Fiber* Choose() {
    ready.clear();
    for (const auto& fiber : fibers) {
      if (fiber->runnable) ready.push_back(fiber.get());
    }
    if (ready.empty()) return nullptr;
    std::sort(ready.begin(), ready.end(),
              [](const Fiber* a, const Fiber* b) { return a->runnable_since < b->runnable_since; });
    Fiber* next = ready[ready.size() == 1 ? 0 : policy(ready.size()) % ready.size()];
    next->runnable = false;
    next->allowed = true;
    running = next;
    ++steps;
    return next;
  }

  // Lets one runnable task run, and those it hands the turn to. False when there is none.
  bool Step(std::unique_lock<std::mutex>& lock) {
    Fiber* next = Choose();
    if (next == nullptr) return false;
    next->resume.notify_one();
    driver.wait(lock, [this] { return running == nullptr; });
    return true;
  }

  // The task that had the turn waits or ends.
  void PassOn(const Fiber& from) {
    running = nullptr;
    if (unattended) {
      Fiber* next = Choose();
      if (next == nullptr && Advance(*unattended)) next = Choose();
      if (next == &from) return;
      if (next != nullptr) return next->resume.notify_one();
    }
    driver.notify_one();
  }

  // Moves the clock to the earliest timer not after `limit`. False when there is none.
  bool Advance(Instant limit) {
    Instant earliest = kForever;
    for (const auto& fiber : fibers) {
      if (!fiber->done && !fiber->runnable) earliest = std::min(earliest, fiber->until);
    }
    if (earliest == kForever || earliest > limit) return false;
    MoveTo(earliest);
    for (const auto& fiber : fibers) {
      if (!fiber->done && !fiber->runnable && fiber->until <= now) MakeRunnable(*fiber, Woke::kTime);
    }
    return true;
  }

  void MoveTo(Instant instant) {
    if (instant <= now) return;
    wall += instant - now;
    now = instant;
  }

  // A task gives the turn back and waits for the next. Called with mutex held, on the task's
  // thread.
  void Yield(Fiber& fiber, std::unique_lock<std::mutex>& lock) {
    fiber.allowed = false;
    PassOn(fiber);
    fiber.resume.wait(lock, [&fiber] { return fiber.allowed; });
  }

  void Stop(Fiber& fiber) {
    fiber.stop.request_stop();  // callbacks may notify events; they take the mutex themselves
  }
};

namespace {

[[noreturn]] void Deadlock(const char* what) {
  std::fprintf(stderr, "capstan simulation: %s, but no task can ever run again\n", what);
  std::abort();
}

}  // namespace

SimulatedScheduler::SimulatedScheduler(SchedulePolicy policy) : state_(std::make_unique<State>()) {
  state_->policy = std::move(policy);
}

SimulatedScheduler::~SimulatedScheduler() = default;

Instant SimulatedScheduler::Now() const {
  std::lock_guard lock(state_->mutex);
  return state_->now;
}

WallTime SimulatedScheduler::WallNow() const {
  std::lock_guard lock(state_->mutex);
  return state_->wall;
}

std::uint64_t SimulatedScheduler::steps() const {
  std::lock_guard lock(state_->mutex);
  return state_->steps;
}

void SimulatedScheduler::StepWallClock(Duration by) {
  std::lock_guard lock(state_->mutex);
  state_->wall += by;
}

namespace {

class SimulatedTask final : public Task::Handle {
 public:
  SimulatedTask(SimulatedScheduler::State& state, std::shared_ptr<Fiber> fiber)
      : state_(state), fiber_(std::move(fiber)) {}
  ~SimulatedTask() override {
    RequestStop();
    Join();
  }
  void RequestStop() override { state_.Stop(*fiber_); }

  void Join() override {
    std::unique_lock lock(state_.mutex);
    if (fiber_->reaped) return;
    if (current_fiber != nullptr) {
      // Joining is waiting for an end, which wakes everyone who waits for no event and no time.
      while (!fiber_->done) {
        current_fiber->waiting_for = nullptr;
        current_fiber->until = kForever;
        state_.Yield(*current_fiber, lock);
      }
    } else {
      while (!fiber_->done) {
        if (!state_.Step(lock) && !state_.Advance(kForever))
          Deadlock(("a task was joined: " + fiber_->name).c_str());
      }
    }
    fiber_->reaped = true;
    lock.unlock();
    fiber_->thread.join();
    lock.lock();
    state_.fibers.remove(fiber_);
  }
  bool finished() const override {
    std::lock_guard lock(state_.mutex);
    return fiber_->done;
  }

 private:
  SimulatedScheduler::State& state_;
  std::shared_ptr<Fiber> fiber_;
};

}  // namespace

Task SimulatedScheduler::Spawn(std::string name, std::function<void(const Context&)> run) {
  auto fiber = std::make_shared<Fiber>();
  fiber->name = std::move(name);
  State* state = state_.get();
  std::lock_guard lock(state->mutex);
  fiber->id = state->next_id++;
  state->fibers.push_back(fiber);
  state->MakeRunnable(*fiber, Woke::kNotified);
  fiber->thread = std::thread([state, fiber, run = std::move(run)]() mutable {
    {
      std::unique_lock turn(state->mutex);
      fiber->resume.wait(turn, [&fiber] { return fiber->allowed; });
    }
    current_fiber = fiber.get();
    run(Context{fiber->stop.get_token(), kForever});
    run = nullptr;  // what the function captured goes while the simulation is still in this task
    current_fiber = nullptr;
    std::lock_guard end(state->mutex);
    fiber->done = true;
    fiber->allowed = false;
    // Whoever joins this one waits without event or time: let them look.
    for (const auto& other : state->fibers) {
      if (!other->done && other->waiting_for == nullptr && other->until == kForever) {
        state->MakeRunnable(*other, Woke::kNotified);
      }
    }
    state->PassOn(*fiber);
  });
  return Task(std::make_unique<SimulatedTask>(*state, fiber));
}

// The lock is given up and taken again by hand, which the annotations cannot express.
Woke SimulatedScheduler::Wait(Event& event, MutexLock& lock, Instant until,
                              const Context& context) CAPSTAN_NO_THREAD_SAFETY_ANALYSIS {
  State& state = *state_;
  if (context.stopped()) return Woke::kStopped;
  const Instant limit = std::min(until, context.deadline);
  if (current_fiber == nullptr) {
    // The driver waits: the world runs until there is a reason to go on.
    const std::uint64_t before = event.notified_.load();
    lock.mutex().unlock();
    Woke woke = Woke::kTime;
    {
      std::unique_lock turn(state.mutex);
      for (;;) {
        if (event.notified_.load() != before) {
          woke = Woke::kNotified;
          break;
        }
        if (context.stopped()) {
          woke = Woke::kStopped;
          break;
        }
        if (state.now >= limit) break;
        if (state.Step(turn) || state.Advance(limit)) continue;
        if (limit == kForever) Deadlock("the driver waits for an event");
        state.MoveTo(limit);
      }
    }
    lock.mutex().lock();
    return woke;
  }
  Fiber& fiber = *current_fiber;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  {
    std::unique_lock turn(state.mutex);
    fiber.waiting_for = &event;
    fiber.until = limit;
    if (limit <= state.now) state.MakeRunnable(fiber, Woke::kTime);
  }
  // A stop may come from the driver or another task while this one waits; they hold no turn of
  // ours, only the mutex.
  on_stop.emplace(context.stop, [&state, &fiber] {
    std::lock_guard turn(state.mutex);
    state.MakeRunnable(fiber, Woke::kStopped);
  });
  lock.mutex().unlock();
  Woke woke;
  {
    std::unique_lock turn(state.mutex);
    state.Yield(fiber, turn);
    fiber.waiting_for = nullptr;
    fiber.until = kForever;
    woke = fiber.woke;
  }
  on_stop.reset();
  lock.mutex().lock();
  return context.stopped() ? Woke::kStopped : woke;
}

void SimulatedScheduler::Notify(Event& event) {
  event.notified_.fetch_add(1);
  std::lock_guard lock(state_->mutex);
  for (const auto& fiber : state_->fibers) {
    if (!fiber->done && fiber->waiting_for == &event) state_->MakeRunnable(*fiber, Woke::kNotified);
  }
}

void SimulatedScheduler::RunFor(Duration limit) {
  std::unique_lock lock(state_->mutex);
  const Instant end = After(state_->now, limit);
  state_->unattended = end;
  while (state_->Step(lock) || state_->Advance(end)) {
  }
  state_->unattended.reset();
  state_->MoveTo(end);
}

bool SimulatedScheduler::RunUntil(const std::function<bool()>& done, Duration limit) {
  const Instant end = After(Now(), limit);
  for (;;) {
    if (done()) return true;
    std::unique_lock lock(state_->mutex);
    if (state_->Step(lock) || state_->Advance(end)) continue;
    state_->MoveTo(end);
    lock.unlock();
    return done();
  }
}

void SimulatedScheduler::RunReady() {
  std::unique_lock lock(state_->mutex);
  while (state_->Step(lock)) {
  }
}

}  // namespace capstan
