#include <capstan/core/program/process_memory.hpp>

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace capstan::program {

void LimitAllocator() {
#ifdef __GLIBC__
  // Two, so that the watch and the workers do not contend for every allocation.
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 10);
#endif
}

Task ReturnFreeMemory(Scheduler& scheduler) {
  return scheduler.Spawn("memory", [&scheduler](const Context& context) {
    // The first lists are over after seconds; large ones, and the work they cause, after minutes.
    constexpr int kMinutesOfCode = 10;
    Duration rest = std::chrono::seconds(2);
    for (int turn = 0; scheduler.Sleep(rest, context) == Woke::kTime; ++turn) {
      rest = std::chrono::minutes(1);
      if (turn < 2 || turn % kMinutesOfCode == 0) {
        ReleaseStartupCode();
        continue;
      }
#ifdef __GLIBC__
      ::malloc_trim(0);
#endif
    }
  });
}

void ReleaseStartupCode() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[4352];  // a path of PATH_MAX, and the columns before it
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long long begin = 0, end = 0;
    char rights[5] = "";
    if (std::sscanf(line, "%llx-%llx %4s", &begin, &end, rights) != 3) continue;
    // Code of a file: clean pages, so that nothing is lost. Constants are not clean, the linker has
    // written to them.
    if (std::strcmp(rights, "r-xp") != 0 || std::strchr(line, '/') == nullptr) continue;
    (void)::madvise(reinterpret_cast<void*>(static_cast<std::uintptr_t>(begin)),  // NOLINT
                    static_cast<std::size_t>(end - begin), MADV_DONTNEED);
  }
  (void)std::fclose(maps);
}

}  // namespace capstan::program
