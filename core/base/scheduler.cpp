#include <capstan/core/base/scheduler.hpp>

namespace capstan {

Woke Scheduler::Sleep(Duration delay, const Context& context) {
  Mutex mutex;
  Event never;
  const Instant until = After(Now(), delay);
  MutexLock lock(mutex);
  for (;;) {
    const Woke woke = Wait(never, lock, until, context);
    if (woke != Woke::kNotified) return woke;
  }
}

}  // namespace capstan
