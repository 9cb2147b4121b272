// Files is the interface to the file system, so that a test can replace it and a simulated crash
// can interrupt a write. Errors: kNotFound, kPermissionDenied, kTooLarge, kInvalidArgument (not a
// file), kUnavailable (an I/O error); every message names the path. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan {

// What a path refers to, after symbolic links are followed.
struct FileStatus {
  enum class Kind { kFile, kFolder, kOther };  // kOther: a FIFO, a socket, a device
  Kind kind = Kind::kFile;
  std::uint32_t owner = 0, group = 0;
  unsigned mode = 0644;  // permission bits, as for chmod
  // The owner is root or the effective user of this process, so the content is trusted.
  bool owner_is_trusted = true;
  std::string real_path;
};

class Files {
 public:
  virtual ~Files() = default;
  // The whole file; kTooLarge above `limit` bytes.
  virtual Result<std::string> Read(const std::string& path, std::size_t limit = std::size_t{16} << 20) = 0;
  // Writes a temporary file in the same directory, syncs it and renames it: a reader sees the old
  // content or the new content, never a part of it. `mode` as for chmod.
  virtual Status WriteAtomically(const std::string& path, const std::string& content,
                                 unsigned mode = 0600) = 0;
  // Names (not paths) of the entries, sorted.
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;
  // Whether the path refers to a file or a directory. False also when it cannot be examined.
  virtual bool Exists(const std::string& path) = 0;
  // Describes what the path refers to, without opening it. The default reports a regular file owned
  // by this process for any path.
  virtual Result<FileStatus> Examine(const std::string& path);
  // Also creates missing parents; an existing directory is success.
  virtual Status MakeDirectories(const std::string& path) = 0;
  virtual Status Remove(const std::string& path) = 0;  // a missing file is success
};

std::unique_ptr<Files> MakeSystemFiles();
// A file system in memory that starts with `content` (path to bytes).
std::unique_ptr<Files> MakeMemoryFiles(std::map<std::string, std::string> content = {});

}  // namespace capstan
