// LoadDirectory loads every plugin of a folder. One that does not fit is refused with one sentence;
// the others run.
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

// Files that end in ".so", by name. Two plugins of one name, or two that serve one kind: the second
// is refused. A folder that is missing or holds no such file is a refusal too. Never fails, never
// throws.
Directory LoadDirectory(Files& files, const std::string& directory, const Seams& seams,
                        const LoadOptions& options = {});

}  // namespace capstan::loader
