// LoadDirectory loads every plugin in a folder. An unsuitable one is refused with a one-sentence
// error; the others run. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/plugins/loader/load.hpp>

namespace capstan::loader {

struct Refusal {
  std::string path;
  Error error;  // its message names the path
};

struct Directory {
  std::vector<std::shared_ptr<const Plugin>> plugins;  // by file name
  std::vector<Refusal> refusals;
};

// Loads files that end in ".so", by name. If two plugins have the same name or serve the same kind,
// the second is refused. A folder that is missing or contains no such file is also reported as a
// refusal. Never fails, never throws.
Directory LoadDirectory(Files& files, const std::string& directory, const Seams& seams,
                        const LoadOptions& options = {});

}  // namespace capstan::loader
