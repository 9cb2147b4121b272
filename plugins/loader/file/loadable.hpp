// Whether the dynamic linker can load a library without harm to this process. It believes what a
// file says of itself: a damaged one makes it read, write and jump anywhere. What the bytes
// show is checked here; for the rest trial.hpp loads it in a process that may die.
#pragma once

#include <capstan/core/base/result.hpp>
#include <capstan/plugins/loader/file/elf.hpp>

namespace capstan::loader {

// Segments in order, apart, aligned and with sane rights; what lies in them where it says; the
// dynamic section, its strings, symbols, hash tables, versions, relocations and initialisers
// inside of them; sections, where there are any, as the segments have them. REQUIRES:
// elf.ReadSegments() succeeded. Errors: kInvalidArgument, one sentence. Pure.
Status CheckLoadable(const ElfFile& elf);

}  // namespace capstan::loader
