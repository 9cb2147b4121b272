#include <capstan/core/base/thread_scheduler.hpp>

#include <pthread.h>
#include <time.h>

#include <atomic>
#include <thread>

namespace capstan {
namespace {

class ThreadTask final : public Task::Handle {
 public:
  ThreadTask(std::string name, std::function<void(const Context&)> run) {
    thread_ = std::jthread([this, name = std::move(name), run = std::move(run)](std::stop_token stop) {
      // The kernel keeps 15 characters; the end of a name is more specific than its beginning.
      pthread_setname_np(pthread_self(), name.size() > 15 ? name.c_str() + (name.size() - 15) : name.c_str());
      run(Context{std::move(stop), kForever});
      finished_ = true;
    });
  }
  ~ThreadTask() override {
    RequestStop();
    Join();
  }
  void RequestStop() override { thread_.request_stop(); }
  void Join() override {
    if (thread_.joinable()) thread_.join();
  }
  bool finished() const override { return finished_; }

 private:
  std::atomic<bool> finished_{false};
  std::jthread thread_;
};

}  // namespace

Instant ThreadScheduler::Now() const {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Instant(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

WallTime ThreadScheduler::WallNow() const {
  return WallTime(std::chrono::system_clock::now().time_since_epoch());
}

Task ThreadScheduler::Spawn(std::string name, std::function<void(const Context&)> run) {
  return Task(std::make_unique<ThreadTask>(std::move(name), std::move(run)));
}

Woke ThreadScheduler::Wait(Event& event, MutexLock& lock, Instant until, const Context& context) {
  if (context.stopped()) return Woke::kStopped;
  const std::uint64_t before = event.notified_.load();
  const auto notified = [&event, before] { return event.notified_.load() != before; };
  const Instant limit = std::min(until, context.deadline);
  if (limit == kForever) {
    if (event.waiters_.wait(lock.mutex(), context.stop, notified)) return Woke::kNotified;
    return Woke::kStopped;
  }
  const Duration left = limit - Now();
  if (left <= Duration::zero()) return Woke::kTime;
  // At most a day at a time: wait_for adds to a clock, which must not overflow.
  const Duration slice = std::min<Duration>(left, std::chrono::hours(24));
  if (event.waiters_.wait_for(lock.mutex(), context.stop, slice, notified)) return Woke::kNotified;
  if (context.stopped()) return Woke::kStopped;
  return slice < left ? Woke::kNotified : Woke::kTime;
}

void ThreadScheduler::Notify(Event& event) {
  event.notified_.fetch_add(1);
  event.waiters_.notify_all();
}

}  // namespace capstan
