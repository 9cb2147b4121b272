#include <capstan/core/program/process_memory.hpp>

#include <malloc.h>

namespace capstan::program {

void LimitAllocator() {
#ifdef __GLIBC__
  // Two, so that the watch and the workers do not meet at each allocation.
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 10);
#endif
}

Task ReturnFreeMemory(Scheduler& scheduler) {
  return scheduler.Spawn("memory", [&scheduler](const Context& context) {
    while (scheduler.Sleep(std::chrono::minutes(1), context) == Woke::kTime) {
#ifdef __GLIBC__
      ::malloc_trim(0);
#endif
    }
  });
}

}  // namespace capstan::program
