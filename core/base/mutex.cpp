#include <capstan/core/base/mutex.hpp>

#include <cstdio>
#include <cstdlib>

namespace capstan {
namespace {
// Thread-local: the only way to know what a caller holds.
thread_local int locks_held = 0;
}  // namespace

void Mutex::lock() CAPSTAN_NO_THREAD_SAFETY_ANALYSIS {
  mutex_.lock();
  ++locks_held;
}

void Mutex::unlock() CAPSTAN_NO_THREAD_SAFETY_ANALYSIS {
  --locks_held;
  mutex_.unlock();
}

int LocksHeldByThisThread() { return locks_held; }

void AssertNoLocksHeld(const char* what) {
  if (locks_held == 0) return;
  std::fprintf(stderr, "capstan: a bug: %s was called with %d lock(s) held, which may block everyone\n", what,
               locks_held);
  std::abort();
}

}  // namespace capstan
