// Files is the file system as the code sees it, so that a test can replace it and a simulated crash
// can cut a write. Errors: kNotFound, kPermissionDenied, kTooLarge, kInvalidArgument (not a file),
// kUnavailable (an I/O error); every message names the path. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan {

// What a path leads to, symbolic links followed.
struct FileStatus {
  enum class Kind { kFile, kFolder, kOther };  // kOther: a FIFO, a socket, a device
  Kind kind = Kind::kFile;
  std::uint32_t owner = 0, group = 0;
  unsigned mode = 0644;  // permission bits, as for chmod
  // The owner is root or the user that this process acts as, so its content is trusted.
  bool owner_is_trusted = true;
  std::string real_path;
};

class Files {
 public:
  virtual ~Files() = default;
  // The whole file; kTooLarge above `limit` bytes.
  virtual Result<std::string> Read(const std::string& path, std::size_t limit = std::size_t{16} << 20) = 0;
  // Writes a temporary file in the same directory, syncs and renames it: a reader sees the old
  // content or the new, never a part. `mode` as for chmod.
  virtual Status WriteAtomically(const std::string& path, const std::string& content,
                                 unsigned mode = 0600) = 0;
  // Names (not paths) of the entries, sorted.
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;
  // Whether the path leads to a file or a directory. False also when it cannot be examined.
  virtual bool Exists(const std::string& path) = 0;
  // What the path leads to, without opening it. The default reports a file of our own for any path.
  virtual Result<FileStatus> Examine(const std::string& path);
  // Also makes missing parents; a directory that exists is success.
  virtual Status MakeDirectories(const std::string& path) = 0;
  virtual Status Remove(const std::string& path) = 0;  // a missing file is success
};

std::unique_ptr<Files> MakeSystemFiles();
// A file system in memory that starts with `content` (path to bytes).
std::unique_ptr<Files> MakeMemoryFiles(std::map<std::string, std::string> content = {});

}  // namespace capstan
