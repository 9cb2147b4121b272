// Inspect reads what a plugin says about itself out of the file, before any of its code can run. It
// is also the check that the file can be loaded at all: a truncated library would kill this process
// inside dlopen. Pure functions over bytes; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::loader {

struct Inspection {
  std::uint32_t abi_major = 0;
  std::uint32_t abi_minor = 0;
  std::string name;                   // "digitalocean"
  std::string version;                // "0.1.0"
  std::vector<std::string> kinds;     // "group/Kind"
  std::vector<std::string> catalogs;  // what it offers lists of: "versions"; since ABI 1.2
  std::vector<std::string> needed;    // sonames of the libraries it wants loaded with it, in its order
};

// `path` is only for the messages. Errors, each one sentence that says what to do: kInvalidArgument
// (no ELF file, truncated, another machine or word size, no shared library, no note or a malformed
// one), kFailedPrecondition (a note of another ABI major).
Result<Inspection> Inspect(std::string_view file, const std::string& path);

// Refuses a library that needs a soname of which another version is loaded already: it would
// silently get ours. `loaded` are the paths or sonames of what is loaded. Errors:
// kFailedPrecondition.
Status CheckNeeded(const Inspection& inspection, const std::vector<std::string>& loaded,
                   const std::string& path);

// What is loaded in this process now, as the dynamic linker tells it.
std::vector<std::string> LoadedLibraries();

}  // namespace capstan::loader
