#include <capstan/core/base/simulated_scheduler.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include <capstan/core/base/fiber/fiber.hpp>
#include <capstan/core/base/mutex.hpp>

namespace capstan {
namespace {

// The state of one task. Guarded by State::mutex except for the fiber itself.
struct Strand {
  std::string name;
  std::uint64_t id = 0;
  std::unique_ptr<Fiber> fiber;
  bool runnable = false;  // waits only for its turn
  bool done = false;
  bool reaped = false;
  std::stop_source stop;
  Event* waiting_for = nullptr;
  Instant until = kForever;
  std::uint64_t runnable_since = 0;
  Woke woke = Woke::kNotified;
};

// Set while this thread runs a task's own code; distinguishes a task from the driver.
thread_local Strand* current_strand = nullptr;

}  // namespace

SchedulePolicy FirstInFirstOut() {
  return [](std::size_t) { return std::size_t{0}; };
}

SchedulePolicy SeededSchedule(std::uint64_t seed) {
  return [state = seed + 0x9E3779B97F4A7C15ULL](std::size_t count) mutable {
    // SplitMix64: small, and identical everywhere.
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return static_cast<std::size_t>((z ^ (z >> 31)) % count);
  };
}

struct SimulatedScheduler::State {
  // Guarded by mutex.
  Mutex mutex;  // never held while another task's code runs
  SchedulePolicy policy CAPSTAN_GUARDED_BY(mutex);
  Fiber::Stacks stacks;
  std::list<std::shared_ptr<Strand>> strands CAPSTAN_GUARDED_BY(mutex);
  std::vector<Strand*> ready CAPSTAN_GUARDED_BY(mutex);  // only for Choose
  Instant now CAPSTAN_GUARDED_BY(mutex){std::chrono::hours(1)};
  WallTime wall CAPSTAN_GUARDED_BY(mutex){std::chrono::seconds(1767225600)};  // 2026-01-01T00:00:00Z
  std::uint64_t next_id CAPSTAN_GUARDED_BY(mutex) = 1;
  std::uint64_t ticks CAPSTAN_GUARDED_BY(mutex) = 0;
  std::uint64_t steps CAPSTAN_GUARDED_BY(mutex) = 0;

  void MakeRunnable(Strand& strand, Woke woke) CAPSTAN_REQUIRES(mutex) {
    if (strand.runnable || strand.done) return;
    strand.runnable = true;
    strand.runnable_since = ++ticks;
    strand.woke = woke;
    strand.waiting_for = nullptr;
  }

  // Picks the next runnable task. Null if there is none.
  Strand* Choose() CAPSTAN_REQUIRES(mutex) {
    ready.clear();
    for (const auto& strand : strands) {
      if (strand->runnable) ready.push_back(strand.get());
    }
    if (ready.empty()) return nullptr;
    std::sort(ready.begin(), ready.end(),
              [](const Strand* a, const Strand* b) { return a->runnable_since < b->runnable_since; });
    Strand* next = ready[ready.size() == 1 ? 0 : policy(ready.size()) % ready.size()];
    next->runnable = false;
    ++steps;
    return next;
  }

  // Runs one runnable task until it waits or ends. False if there is none. Called by the driver;
  // releases and reacquires its `lock` manually, which the annotations cannot express.
  bool Step(MutexLock& lock) CAPSTAN_REQUIRES(mutex) CAPSTAN_NO_THREAD_SAFETY_ANALYSIS {
    Strand* next = Choose();
    if (next == nullptr) return false;
    lock.mutex().unlock();
    Strand* const before = std::exchange(current_strand, next);
    next->fiber->Enter();
    current_strand = before;
    lock.mutex().lock();
    return true;
  }

  // Advances the clock to the earliest timer not after `limit`. False if there is none.
  bool Advance(Instant limit) CAPSTAN_REQUIRES(mutex) {
    Instant earliest = kForever;
    for (const auto& strand : strands) {
      if (!strand->done && !strand->runnable) earliest = std::min(earliest, strand->until);
    }
    if (earliest == kForever || earliest > limit) return false;
    MoveTo(earliest);
    for (const auto& strand : strands) {
      if (!strand->done && !strand->runnable && strand->until <= now) MakeRunnable(*strand, Woke::kTime);
    }
    return true;
  }

  void MoveTo(Instant instant) CAPSTAN_REQUIRES(mutex) {
    if (instant <= now) return;
    wall += instant - now;
    now = instant;
  }

  // A task yields and waits for its next turn. Called by the task, with its `lock` as in Step.
  void Yield(Strand& strand, MutexLock& lock) CAPSTAN_REQUIRES(mutex) CAPSTAN_NO_THREAD_SAFETY_ANALYSIS {
    lock.mutex().unlock();
    strand.fiber->Leave();
    lock.mutex().lock();
  }

  void Stop(Strand& strand) {
    strand.stop.request_stop();  // callbacks may notify events; they lock the mutex themselves
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
  MutexLock lock(state_->mutex);
  return state_->now;
}

WallTime SimulatedScheduler::WallNow() const {
  MutexLock lock(state_->mutex);
  return state_->wall;
}

std::uint64_t SimulatedScheduler::steps() const {
  MutexLock lock(state_->mutex);
  return state_->steps;
}

void SimulatedScheduler::StepWallClock(Duration by) {
  MutexLock lock(state_->mutex);
  state_->wall += by;
}

namespace {

class SimulatedTask final : public Task::Handle {
 public:
  SimulatedTask(SimulatedScheduler::State& state, std::shared_ptr<Strand> strand)
      : state_(state), strand_(std::move(strand)) {}
  ~SimulatedTask() override {
    RequestStop();
    Join();
  }
  void RequestStop() override { state_.Stop(*strand_); }

  void Join() override {
    MutexLock lock(state_.mutex);
    if (strand_->reaped) return;
    if (current_strand != nullptr) {
      // Join waits for the end of a task; each end wakes every task that waits without event or
      // time.
      while (!strand_->done) {
        current_strand->waiting_for = nullptr;
        current_strand->until = kForever;
        state_.Yield(*current_strand, lock);
      }
    } else {
      while (!strand_->done) {
        if (!state_.Step(lock) && !state_.Advance(kForever))
          Deadlock(("a task was joined: " + strand_->name).c_str());
      }
    }
    strand_->reaped = true;
    strand_->fiber.reset();
    state_.strands.remove(strand_);
  }
  bool finished() const override {
    MutexLock lock(state_.mutex);
    return strand_->done;
  }

 private:
  SimulatedScheduler::State& state_;
  std::shared_ptr<Strand> strand_;
};

}  // namespace

Task SimulatedScheduler::Spawn(std::string name, std::function<void(const Context&)> run) {
  auto strand = std::make_shared<Strand>();
  strand->name = std::move(name);
  State* state = state_.get();
  MutexLock lock(state->mutex);
  strand->id = state->next_id++;
  state->strands.push_back(strand);
  state->MakeRunnable(*strand, Woke::kNotified);
  // The strand owns the fiber, so the fiber's function must not own the strand.
  Strand* const self = strand.get();
  strand->fiber = std::make_unique<Fiber>(state->stacks, [state, self, run = std::move(run)]() mutable {
    run(Context{self->stop.get_token(), kForever});
    run = nullptr;  // destroys the function's captures while still inside this task
    MutexLock end(state->mutex);
    self->done = true;
    // Joiners of this task wait without event or time: make them runnable.
    for (const auto& other : state->strands) {
      if (!other->done && other->waiting_for == nullptr && other->until == kForever) {
        state->MakeRunnable(*other, Woke::kNotified);
      }
    }
  });
  return Task(std::make_unique<SimulatedTask>(*state, strand));
}

// The lock is released and reacquired manually, which the annotations cannot express.
Woke SimulatedScheduler::Wait(Event& event, MutexLock& lock, Instant until,
                              const Context& context) CAPSTAN_NO_THREAD_SAFETY_ANALYSIS {
  State& state = *state_;
  if (context.stopped()) return Woke::kStopped;
  const Instant limit = std::min(until, context.deadline);
  if (current_strand == nullptr) {
    // The driver waits: run the simulation until there is a reason to continue.
    const std::uint64_t before = event.notified_.load();
    lock.mutex().unlock();
    Woke woke = Woke::kTime;
    {
      MutexLock turn(state.mutex);
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
  Strand& strand = *current_strand;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  {
    MutexLock turn(state.mutex);
    strand.waiting_for = &event;
    strand.until = limit;
    if (limit <= state.now) state.MakeRunnable(strand, Woke::kTime);
  }
  // The stop may come from the driver or another task during this wait; they hold only the mutex,
  // not this task's turn.
  on_stop.emplace(context.stop, [&state, &strand] {
    MutexLock turn(state.mutex);
    state.MakeRunnable(strand, Woke::kStopped);
  });
  lock.mutex().unlock();
  Woke woke;
  {
    MutexLock turn(state.mutex);
    state.Yield(strand, turn);
    strand.waiting_for = nullptr;
    strand.until = kForever;
    woke = strand.woke;
  }
  on_stop.reset();
  lock.mutex().lock();
  return context.stopped() ? Woke::kStopped : woke;
}

void SimulatedScheduler::Notify(Event& event) {
  event.notified_.fetch_add(1);
  MutexLock lock(state_->mutex);
  for (const auto& strand : state_->strands) {
    if (!strand->done && strand->waiting_for == &event) state_->MakeRunnable(*strand, Woke::kNotified);
  }
}

void SimulatedScheduler::RunFor(Duration limit) {
  MutexLock lock(state_->mutex);
  const Instant end = After(state_->now, limit);
  while (state_->Step(lock) || state_->Advance(end)) {
  }
  state_->MoveTo(end);
}

bool SimulatedScheduler::RunUntil(const std::function<bool()>& done, Duration limit) {
  const Instant end = After(Now(), limit);
  for (;;) {
    if (done()) return true;
    MutexLock lock(state_->mutex);
    if (state_->Step(lock) || state_->Advance(end)) continue;
    state_->MoveTo(end);
    break;
  }
  return done();
}

void SimulatedScheduler::RunReady() {
  MutexLock lock(state_->mutex);
  while (state_->Step(lock)) {
  }
}

}  // namespace capstan
