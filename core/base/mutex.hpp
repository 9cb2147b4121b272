// Mutex with Clang's thread-safety annotations. It enforces the rule that no thread blocks on the
// outside world while it holds a lock.
//
// A Mutex protects memory for short sections. Requests, plugin calls and other operations that can
// take long call AssertNoLocksHeld() first, so that the first test that executes such a call under
// a lock fails.
#pragma once

#include <mutex>

#if defined(__clang__)
#define CAPSTAN_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define CAPSTAN_THREAD_ANNOTATION(x)
#endif
#define CAPSTAN_CAPABILITY(x) CAPSTAN_THREAD_ANNOTATION(capability(x))
#define CAPSTAN_SCOPED_CAPABILITY CAPSTAN_THREAD_ANNOTATION(scoped_lockable)
#define CAPSTAN_GUARDED_BY(x) CAPSTAN_THREAD_ANNOTATION(guarded_by(x))
#define CAPSTAN_PT_GUARDED_BY(x) CAPSTAN_THREAD_ANNOTATION(pt_guarded_by(x))
#define CAPSTAN_REQUIRES(...) CAPSTAN_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define CAPSTAN_EXCLUDES(...) CAPSTAN_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define CAPSTAN_ACQUIRE(...) CAPSTAN_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define CAPSTAN_RELEASE(...) CAPSTAN_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define CAPSTAN_NO_THREAD_SAFETY_ANALYSIS CAPSTAN_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace capstan {

class CAPSTAN_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  // Lower case because std::condition_variable_any calls them; our code uses MutexLock.
  void lock() CAPSTAN_ACQUIRE();
  void unlock() CAPSTAN_RELEASE();

 private:
  std::mutex mutex_;
};

// Holds the mutex for its own lifetime. Scheduler::Wait releases it during the wait.
class CAPSTAN_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) CAPSTAN_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() CAPSTAN_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  Mutex& mutex() { return mutex_; }

 private:
  Mutex& mutex_;
};

// The number of Mutexes that this thread holds.
int LocksHeldByThisThread();
// Ends the process with a message that names `what` if this thread holds a Mutex: always a bug in
// this code base, never caused by input.
void AssertNoLocksHeld(const char* what);

}  // namespace capstan
