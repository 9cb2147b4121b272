// Memory of the whole process: the allocator keeps forever, per thread, what a burst of work needed
// once. An operator is busy for seconds and waits for hours, so it returns that memory.
//
// These functions change state that is global to the process: for main(), never for a library.
#pragma once

#include <capstan/core/base/scheduler.hpp>

namespace capstan::program {

// Uses few arenas for all threads, and fixed thresholds instead of those that grow with use. Call
// once, before threads are started; does nothing if the C library is not glibc.
void LimitAllocator();

// A task that returns free memory to the kernel two seconds after the start and then once a minute,
// during its lifetime; the first two times and every ten minutes it calls ReleaseStartupCode. The
// scheduler must outlive it.
[[nodiscard]] Task ReturnFreeMemory(Scheduler& scheduler);

// Returns free memory, and drops all pages of code that are mapped from files: code that only the
// start needed (the dynamic linker, TLS handshakes, first lists) counts as memory of the process
// until the kernel needs it. Pages that are needed again come from the page cache, several per
// cheap page fault. Breakpoints set by a debugger are lost. Thread-safe; never fails: at worst
// nothing is dropped.
void ReleaseStartupCode();

}  // namespace capstan::program
