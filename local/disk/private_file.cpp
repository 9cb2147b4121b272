#include <capstan/local/disk/private_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace capstan::disk {
namespace {

Failure FromErrno(const std::string& path, const char* doing, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return Fail(denied ? Code::kPermissionDenied : Code::kUnavailable,
              std::string("cannot ") + doing + " " + path + ": " + std::strerror(error));
}

// Removes the rights of group and others. A mode without such rights is left alone, so that a
// private file of another user causes no error.
Status Narrow(int fd, const struct stat& now, mode_t mode, const std::string& path) {
  if ((now.st_mode & 0077) == 0) return {};
  if (::fchmod(fd, mode) != 0) return FromErrno(path, "make private", errno);
  return {};
}

// Opens `path` with `flags`, checks that it is a file, and narrows its mode. `missing_is_fine`: a
// missing file is not an error.
Status NarrowFile(const std::string& path, int flags, bool missing_is_fine) {
  // O_NONBLOCK: a FIFO is refused without waiting for its other end.
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | flags, 0600);
  if (fd < 0 && errno == ENOENT && missing_is_fine) return {};
  if (fd < 0) return FromErrno(path, "make private", errno);
  struct stat now {};
  Status status;
  if (::fstat(fd, &now) != 0) {
    status = FromErrno(path, "read the attributes of", errno);
  } else if (!S_ISREG(now.st_mode)) {
    status = Fail(Code::kInvalidArgument, path + " is not a file");
  } else {
    status = Narrow(fd, now, 0600, path);
  }
  ::close(fd);
  return status;
}

}  // namespace

Status MakePrivateFolder(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return FromErrno(path, "create folder", error.value());
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return FromErrno(path, "create folder", errno);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (fd < 0 && errno == ENOTDIR) return Fail(Code::kInvalidArgument, path + " is not a folder");
  if (fd < 0) return FromErrno(path, "make private", errno);
  struct stat now {};
  Status status;
  if (::fstat(fd, &now) != 0) {
    status = FromErrno(path, "read the attributes of", errno);
  } else if ((now.st_mode & S_ISVTX) != 0) {
    status =
        Fail(Code::kInvalidArgument,
             path + " is a folder that others share: choose a separate one, such as " + path + "/capstan");
  } else {
    status = Narrow(fd, now, 0700, path);
  }
  ::close(fd);
  return status;
}

Status MakePrivateFile(const std::string& path) { return NarrowFile(path, O_CREAT, false); }

Status MakePrivateDatabase(const std::string& path) {
  CAPSTAN_RETURN_IF_ERROR(MakePrivateFile(path));
  for (const char* beside : {"-wal", "-shm", "-journal"}) {
    CAPSTAN_RETURN_IF_ERROR(NarrowFile(path + beside, 0, true));
  }
  return {};
}

}  // namespace capstan::disk
