// Inspect reads a plugin's description of itself from its file before any of its code can run. It
// also checks that the file can be loaded at all: a truncated library would crash this process
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
  std::vector<std::string> catalogs;  // lists that it offers: "versions"; since ABI 1.2
  std::vector<std::string> needed;    // sonames of the libraries it depends on, in order
};

// `path` is only used in messages. Errors, each one sentence that says what to do: kInvalidArgument
// (not an ELF file, truncated, another machine or word size, not a shared library, no note or a
// malformed one), kFailedPrecondition (a note of another ABI major).
Result<Inspection> Inspect(std::string_view file, const std::string& path);

// Refuses a library that depends on a soname of which another version is already loaded, because it
// would silently be linked to that one. `loaded` are the paths or sonames of the loaded libraries.
// Errors: kFailedPrecondition.
Status CheckNeeded(const Inspection& inspection, const std::vector<std::string>& loaded,
                   const std::string& path);

// The libraries currently loaded in this process, according to the dynamic linker.
std::vector<std::string> LoadedLibraries();

}  // namespace capstan::loader
