// Memory of the process as a whole: the allocator keeps for each thread, and for ever, what a burst of work
// needed once. An operator is busy for seconds and waits for hours, so it gives that back.
//
// Both set or use what is global to the process: for main() and who owns it, never for a library.
#pragma once

#include <capstan/core/base/scheduler.hpp>

namespace capstan::program {

// Few arenas for all threads, and fixed thresholds instead of those that grow with use. Once, before
// threads are started; does nothing where the C library is not glibc.
void LimitAllocator();

// A task that gives free memory back to the kernel once a minute, while it lives. The scheduler must
// outlive it.
[[nodiscard]] Task ReturnFreeMemory(Scheduler& scheduler);

}  // namespace capstan::program
