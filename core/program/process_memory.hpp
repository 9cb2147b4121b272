// Memory of the process as a whole: the allocator keeps for each thread, and for ever, what a burst
// of work needed once. An operator is busy for seconds and waits for hours, so it gives that back.
//
// Both set or use what is global to the process: for main() and who owns it, never for a library.
#pragma once

#include <capstan/core/base/scheduler.hpp>

namespace capstan::program {

// Few arenas for all threads, and fixed thresholds instead of those that grow with use. Once,
// before threads are started; does nothing where the C library is not glibc.
void LimitAllocator();

// A task that gives free memory back to the kernel two seconds after the start and then once a
// minute, while it lives; the first two times and every ten minutes it lets go of startup code as
// well. The scheduler must outlive it.
[[nodiscard]] Task ReturnFreeMemory(Scheduler& scheduler);

// Gives free memory back, and lets go of all pages of code that are mapped from files: what only
// the start needed (the dynamic linker, TLS handshakes, first lists) counts for the process for as
// long as nobody else wants the memory. What is needed again comes back from the page cache, one
// cheap fault for several pages. Breakpoints that a debugger has set are lost. Thread-safe; never
// fails: at worst nothing is let go.
void LetGoOfStartupCode();

}  // namespace capstan::program
