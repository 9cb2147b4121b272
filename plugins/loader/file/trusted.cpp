#include <capstan/plugins/loader/file/trusted.hpp>

#include <cstddef>

#include <capstan/core/base/text.hpp>

namespace capstan::loader {
namespace {

constexpr std::size_t kFileLimit = std::size_t{512} << 20;
constexpr unsigned kSticky = 01000, kGroupWrites = 0020, kOthersWrite = 0002;

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status CheckTrusted(const FileStatus& status, const std::string& what, const std::string& path) {
  const auto refuse = [&](std::string_view why, std::string_view remedy) {
    return Fail(Code::kPermissionDenied, StrCat(path, " was refused: ", what, " ", why, "; ", remedy,
                                                ", or allow it with --allow-writable-plugins"));
  };
  if (!status.owner_is_trusted) {
    return refuse(
        StrCat("belongs to user ", status.owner, ", who is neither root nor the user of this process"),
        "give it to root");
  }
  const bool private_group = status.group == 0 || status.group == status.owner;
  const unsigned writers = status.mode & (private_group ? kOthersWrite : kOthersWrite | kGroupWrites);
  const bool sticky = status.kind == FileStatus::Kind::kFolder && (status.mode & kSticky) != 0;
  if (writers != 0 && !sticky) return refuse("can be written by others", "remove that right (chmod go-w)");
  return {};
}

}  // namespace

Result<std::string> ReadPluginFile(Files& files, const std::string& path, bool allow_writable) {
  CAPSTAN_TRY(const FileStatus status, files.Examine(path));
  if (status.kind != FileStatus::Kind::kFile) {
    return Fail(
        Code::kInvalidArgument,
        StrCat(path, " is ", status.kind == FileStatus::Kind::kFolder ? "a folder" : "no regular file",
               ", not a plugin; put only built plugins into this folder"));
  }
  if (!allow_writable) {
    CAPSTAN_RETURN_IF_ERROR(CheckTrusted(status, "the file", path));
    for (const std::string& folder : {FolderOf(path), FolderOf(status.real_path)}) {
      CAPSTAN_TRY(const FileStatus around, files.Examine(folder));
      CAPSTAN_RETURN_IF_ERROR(CheckTrusted(around, StrCat("the folder ", folder), path));
    }
  }
  return files.Read(path, kFileLimit);
}

}  // namespace capstan::loader
