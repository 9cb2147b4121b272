#include <capstan/core/base/files.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include <capstan/core/base/mutex.hpp>

namespace capstan {
namespace {

Failure FromErrno(const std::string& path, const char* doing, int error) {
  Code code = Code::kUnavailable;
  if (error == ENOENT || error == ENOTDIR) code = Code::kNotFound;
  if (error == EACCES || error == EPERM || error == EROFS) code = Code::kPermissionDenied;
  if (error == EISDIR) code = Code::kInvalidArgument;
  return Fail(code, std::string("cannot ") + doing + " " + path + ": " + std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

FileStatus StatusFrom(const struct stat& seen, std::string real_path) {
  FileStatus status;
  status.kind = S_ISREG(seen.st_mode)   ? FileStatus::Kind::kFile
                : S_ISDIR(seen.st_mode) ? FileStatus::Kind::kFolder
                                        : FileStatus::Kind::kOther;
  status.owner = seen.st_uid;
  status.group = seen.st_gid;
  status.mode = seen.st_mode & 07777;
  status.owner_is_trusted = seen.st_uid == 0 || seen.st_uid == ::geteuid();
  status.real_path = std::move(real_path);
  return status;
}

// A rename is durable only after its folder was synced: otherwise the old content may reappear
// after a power failure.
Status SyncFolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  Descriptor open(::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (open.get() < 0) return FromErrno(path, "write", errno);
  // Some file systems cannot sync a folder (EINVAL), and there is no alternative.
  if (::fsync(open.get()) != 0 && errno != EINVAL) return FromErrno(path, "write", errno);
  return {};
}

// People write /dev/null for "no file": read it as an empty one.
bool IsNull(const struct stat& what) { return S_ISCHR(what.st_mode) && what.st_rdev == makedev(1, 3); }

class SystemFiles final : public Files {
 public:
  Result<std::string> Read(const std::string& path, std::size_t limit) override {
    // O_NONBLOCK: opening a FIFO without a writer must not block.
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) return FromErrno(path, "read", errno);
    struct stat what {};
    if (::fstat(file.get(), &what) != 0) return FromErrno(path, "read", errno);
    if (IsNull(what)) return std::string();
    if (!S_ISREG(what.st_mode) && !S_ISDIR(what.st_mode))
      return Fail(Code::kInvalidArgument, "cannot read " + path + ": it is not a file");
    std::string content;
    char buffer[65536];
    for (;;) {
      const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return FromErrno(path, "read", errno);
      if (got == 0) return content;
      if (content.size() + static_cast<std::size_t>(got) > limit) {
        return Fail(Code::kTooLarge, path + " is larger than " + std::to_string(limit) + " bytes");
      }
      content.append(buffer, static_cast<std::size_t>(got));
    }
  }

  Status WriteAtomically(const std::string& path, const std::string& content, unsigned mode) override {
    std::string beside = path + ".XXXXXX";
    Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
    if (file.get() < 0) return FromErrno(path, "write", errno);
    const auto give_up = [&](int error) {
      ::unlink(beside.c_str());
      return FromErrno(path, "write", error);
    };
    std::size_t written = 0;
    while (written < content.size()) {
      const ssize_t put = ::write(file.get(), content.data() + written, content.size() - written);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return give_up(errno);
      written += static_cast<std::size_t>(put);
    }
    if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0) return give_up(errno);
    if (::rename(beside.c_str(), path.c_str()) != 0) return give_up(errno);
    return SyncFolderOf(path);
  }

  Result<std::vector<std::string>> List(const std::string& directory) override {
    DIR* open = ::opendir(directory.c_str());
    if (open == nullptr) return FromErrno(directory, "list", errno);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(open)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    ::closedir(open);
    std::sort(names.begin(), names.end());
    return names;
  }

  bool Exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<FileStatus> Examine(const std::string& path) override {
    struct stat seen {};
    if (::stat(path.c_str(), &seen) != 0) return FromErrno(path, "look at", errno);
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return StatusFrom(seen, error ? path : real.string());
  }

  Status MakeDirectories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return FromErrno(path, "make directory", error.value());
    return {};
  }

  Status Remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FromErrno(path, "remove", errno);
    return {};
  }
};

class MemoryFiles final : public Files {
 public:
  explicit MemoryFiles(std::map<std::string, std::string> content) : content_(std::move(content)) {}

  Result<std::string> Read(const std::string& path, std::size_t limit) override {
    MutexLock lock(mutex_);
    const auto found = content_.find(path);
    if (found == content_.end()) return FromErrno(path, "read", ENOENT);
    if (found->second.size() > limit) {
      return Fail(Code::kTooLarge, path + " is larger than " + std::to_string(limit) + " bytes");
    }
    return found->second;
  }
  Status WriteAtomically(const std::string& path, const std::string& content, unsigned) override {
    MutexLock lock(mutex_);
    content_[path] = content;
    return {};
  }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    MutexLock lock(mutex_);
    const std::string prefix = directory.empty() || directory.back() == '/' ? directory : directory + "/";
    std::set<std::string> names;
    for (const auto& [path, content] : content_) {
      if (path.rfind(prefix, 0) == 0)
        names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
    }
    if (names.empty() && directories_.count(directory) == 0) return FromErrno(directory, "list", ENOENT);
    return std::vector<std::string>(names.begin(), names.end());
  }
  bool Exists(const std::string& path) override {
    MutexLock lock(mutex_);
    return content_.count(path) != 0 || directories_.count(path) != 0;
  }
  Status MakeDirectories(const std::string& path) override {
    MutexLock lock(mutex_);
    directories_.insert(path);
    return {};
  }
  Status Remove(const std::string& path) override {
    MutexLock lock(mutex_);
    content_.erase(path);
    return {};
  }

 private:
  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, std::string> content_ CAPSTAN_GUARDED_BY(mutex_);
  std::set<std::string> directories_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace

Result<FileStatus> Files::Examine(const std::string& path) {
  FileStatus status;
  status.real_path = path;
  return status;
}

std::unique_ptr<Files> MakeSystemFiles() { return std::make_unique<SystemFiles>(); }
std::unique_ptr<Files> MakeMemoryFiles(std::map<std::string, std::string> content) {
  return std::make_unique<MemoryFiles>(std::move(content));
}

}  // namespace capstan
