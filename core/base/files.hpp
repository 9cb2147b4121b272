// Files is the file system as the code sees it, so that a test can hand in another and a crash can
// cut it. Errors: kNotFound, kPermissionDenied, kTooLarge, kInvalidArgument (not a file),
// kUnavailable (an I/O error); every message names the path. Thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan {

class Files {
 public:
  virtual ~Files() = default;
  // The whole file; kTooLarge above `limit` bytes.
  virtual Result<std::string> Read(const std::string& path, std::size_t limit = std::size_t{16} << 20) = 0;
  // Written beside, synced and renamed: a reader sees the old content or the new, never a part.
  // `mode` as for chmod.
  virtual Status WriteAtomically(const std::string& path, const std::string& content,
                                 unsigned mode = 0600) = 0;
  // Names (not paths) of the entries, sorted.
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;
  virtual bool Exists(const std::string& path) = 0;
  virtual Status MakeDirectories(const std::string& path) = 0;
  virtual Status Remove(const std::string& path) = 0;  // a missing file is success
};

std::unique_ptr<Files> MakeSystemFiles();
// A file system in memory that starts with `content` (path to bytes).
std::unique_ptr<Files> MakeMemoryFiles(std::map<std::string, std::string> content = {});

}  // namespace capstan
