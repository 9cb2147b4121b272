#include <capstan/core/runtime/queue/workqueue.hpp>

#include <algorithm>

namespace capstan::runtime {
namespace {

// How many of these workers wake up by themselves when a key is due then.
template <class Workers>
auto Watching(const Workers& idle, Instant due) {
  return std::count_if(idle.begin(), idle.end(), [due](const auto* worker) { return worker->until <= due; });
}

}  // namespace

Workqueue::Workqueue(Scheduler& scheduler, Random& random, WorkqueueOptions options)
    : scheduler_(scheduler), core_(options, random) {}

void Workqueue::WakeForNextDue() {
  if (idle_.empty() || paused_) return;
  const Instant due = core_.NextWake();
  if (due == kForever) return;
  for (const Idle* idle : idle_) {
    if (idle->until <= due) return;
  }
  // The most recent sleeper: its CPU cache is the warmest, and the others can sleep on.
  Idle* idle = idle_.back();
  idle_.pop_back();
  scheduler_.Notify(idle->event);
}

// One worker waits for the next timer, and a second one for the timer after it, or until polls have
// waited long enough for the first: when the first takes its key, it need not wake another to watch
// the clock, and sleeps again before the second wakes. More of them would wake up only to find the
// key taken.
Instant Workqueue::NextUnwatched() const {
  const Instant next = core_.NextDue();
  if (Watching(idle_, next) == 0) return next;
  const Instant second = std::max(core_.DueAfterNext(), After(next, kPollPatience));
  return Watching(idle_, second) < 2 ? second : kForever;
}

void Workqueue::WakeAll() {
  for (Idle* idle : idle_) scheduler_.Notify(idle->event);
  idle_.clear();
}

void Workqueue::Add(const kube::ObjectKey& key, Priority priority, Duration delay, bool fresh) {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  if (shut_down_) return;
  core_.Add(key, priority, now, delay, fresh);
  WakeForNextDue();
}

Duration Workqueue::Retry(const kube::ObjectKey& key, Duration at_least) {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  return shut_down_ ? Duration::zero() : core_.Retry(key, now, at_least);
}

void Workqueue::Forget(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  core_.Forget(key);
}

int Workqueue::failures(const kube::ObjectKey& key) const {
  MutexLock lock(mutex_);
  return core_.failures(key);
}

void Workqueue::Hold(const kube::ObjectKey& key, std::uint64_t version, Duration limit) {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  if (!shut_down_) core_.Hold(key, version, After(now, limit));
}

bool Workqueue::Seen(const kube::ObjectKey& key, std::uint64_t version) {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  const bool own_write = core_.Seen(key, version, now);
  WakeForNextDue();
  return own_write;
}

void Workqueue::SeenAll(std::uint64_t version) {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  core_.SeenAll(version, now);
  WakeForNextDue();  // a worker that takes one of several keys wakes the next worker
}

std::optional<TakenKey> Workqueue::Take(const Context& context) {
  Idle self;
  MutexLock lock(mutex_);
  for (;;) {
    const Instant now = scheduler_.Now();
    if (shut_down_ || context.stopped() || now >= context.deadline) {
      WakeForNextDue();  // the wake-up may have been meant for this worker
      return std::nullopt;
    }
    self.until = kForever;
    if (!paused_) {
      if (auto taken = core_.Take(now)) {
        WakeForNextDue();
        return taken;
      }
      self.until = NextUnwatched();
    }
    idle_.push_back(&self);
    scheduler_.Wait(self.event, lock, self.until, context);
    // Already removed if another thread woke us; still in the list after a timeout or a stop.
    if (const auto found = std::find(idle_.begin(), idle_.end(), &self); found != idle_.end())
      idle_.erase(found);
  }
}

void Workqueue::Done(const kube::ObjectKey& key) {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  core_.Done(key, now);
  WakeForNextDue();
}

void Workqueue::Pause() {
  MutexLock lock(mutex_);
  paused_ = true;
}

void Workqueue::Resume() {
  MutexLock lock(mutex_);
  paused_ = false;
  WakeAll();
}

bool Workqueue::paused() const {
  MutexLock lock(mutex_);
  return paused_;
}

void Workqueue::Shutdown() {
  MutexLock lock(mutex_);
  shut_down_ = true;
  WakeAll();
}

WorkqueueStats Workqueue::stats() const {
  MutexLock lock(mutex_);
  return core_.stats();
}

std::optional<std::pair<kube::ObjectKey, Duration>> Workqueue::LongestRunning() const {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  return core_.LongestRunning(now);
}

Duration Workqueue::UnfinishedWork() const {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  return core_.UnfinishedWork(now);
}

}  // namespace capstan::runtime
