// Whether the dynamic linker can load a library without harm to this process. The linker trusts the
// file: a damaged one makes it read, write and jump anywhere. This check covers what the bytes
// reveal; for the rest, trial.hpp loads the file in an expendable process.
#pragma once

#include <capstan/core/base/result.hpp>
#include <capstan/plugins/loader/file/elf.hpp>

namespace capstan::loader {

// Checks that segments are in order, disjoint, aligned, with sane permissions, and contain what
// they claim; that the dynamic section, its strings, symbols, hash tables, versions, relocations
// and initialisers are inside them; and that sections, if any, agree with the segments. REQUIRES:
// elf.ReadSegments() succeeded. Errors: kInvalidArgument, one sentence. Pure.
Status CheckLoadable(const ElfFile& elf);

}  // namespace capstan::loader
