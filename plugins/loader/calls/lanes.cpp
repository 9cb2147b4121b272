#include <capstan/plugins/loader/calls/lanes.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define CAPSTAN_LEFT_ON_PURPOSE(object) __lsan_ignore_object(object)
#endif
#endif
#if !defined(CAPSTAN_LEFT_ON_PURPOSE)
#define CAPSTAN_LEFT_ON_PURPOSE(object) static_cast<void>(object)
#endif

namespace capstan::loader {

Lanes::Lanes(Scheduler& scheduler, std::string name, LanesOptions options)
    : scheduler_(scheduler), name_(std::move(name)), options_(options) {}

Lanes::~Lanes() {
  std::vector<Lane> lanes;
  std::vector<bool> stuck;
  {
    MutexLock lock(shared_->mutex);
    shared_->closed = true;
    scheduler_.Notify(shared_->changed);
    const Instant until = After(scheduler_.Now(), options_.grace);
    while (shared_->running > 0 &&
           scheduler_.Wait(shared_->changed, lock, until, Context{}) == Woke::kNotified) {
    }
    shared_->left = true;
    lanes = std::move(tasks_);
    for (const Lane& lane : lanes) stuck.push_back(*lane.busy);
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    // A thread inside a plugin cannot be joined; its handle is leaked deliberately.
    if (stuck[i]) CAPSTAN_LEFT_ON_PURPOSE(std::make_unique<Task>(std::move(lanes[i].task)).release());
  }
}

void Lanes::RunLane(Scheduler& scheduler, Shared& shared, bool& busy, const Context& context) {
  while (true) {
    std::shared_ptr<Job> job;
    {
      MutexLock lock(shared.mutex);
      ++shared.idle;
      while (shared.queue.empty() && !shared.closed && !context.stopped()) {
        scheduler.Wait(shared.changed, lock, kForever, context);
      }
      --shared.idle;
      if (shared.queue.empty()) return;
      job = shared.queue.front();
      shared.queue.pop_front();
      job->phase = Phase::kRunning;
      busy = true;
      ++shared.running;
    }
    job->run();
    job->run = nullptr;
    MutexLock lock(shared.mutex);
    job->phase = Phase::kDone;
    busy = false;
    --shared.running;
    if (shared.left) return;
    scheduler.Notify(shared.changed);
  }
}

void Lanes::AddLane() {
  auto busy = std::make_shared<bool>(false);
  // Started without the lock, because a scheduler may run other tasks before it returns.
  Task task = scheduler_.Spawn("plugin " + name_,
                               [&scheduler = scheduler_, shared = shared_, busy](const Context& context) {
                                 RunLane(scheduler, *shared, *busy, context);
                               });
  MutexLock lock(shared_->mutex);
  tasks_.push_back(Lane{std::move(task), std::move(busy)});
}

Lanes::Ran Lanes::Run(std::function<void()> run, const Context& context) {
  AssertNoLocksHeld("a call of a plugin");
  // Otherwise a free lane could win the race against the stop of the context.
  if (context.stopped() || scheduler_.Now() >= context.deadline) return Ran::kNotStarted;
  auto job = std::make_shared<Job>();
  job->run = std::move(run);
  bool add = false;
  {
    MutexLock lock(shared_->mutex);
    shared_->queue.push_back(job);
    add = shared_->idle < static_cast<int>(shared_->queue.size()) && lanes_ < options_.count;
    if (add) ++lanes_;
    scheduler_.Notify(shared_->changed);
  }
  if (add) AddLane();

  MutexLock lock(shared_->mutex);
  while (job->phase != Phase::kDone && !context.stopped() && scheduler_.Now() < context.deadline) {
    scheduler_.Wait(shared_->changed, lock, kForever, context);
  }
  if (job->phase == Phase::kQueued) {
    std::erase(shared_->queue, job);
    return Ran::kNotStarted;
  }
  const Instant until = After(scheduler_.Now(), options_.grace);
  while (job->phase != Phase::kDone && scheduler_.Now() < until) {
    scheduler_.Wait(shared_->changed, lock, until, Context{});
  }
  return job->phase == Phase::kDone ? Ran::kDone : Ran::kLeftBehind;
}

int Lanes::busy() const {
  MutexLock lock(shared_->mutex);
  return shared_->running;
}

}  // namespace capstan::loader
