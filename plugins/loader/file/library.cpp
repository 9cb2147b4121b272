#include <capstan/plugins/loader/file/library.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

namespace capstan::loader {
namespace {

// The message of dlopen without the copy's path, which is meaningless to users.
std::string PlainReason(std::string_view what, const std::string& copy) {
  std::string reason(what);
  for (std::size_t at = reason.find(copy); at != std::string::npos; at = reason.find(copy, at)) {
    std::size_t length = copy.size();
    while (at + length < reason.size() && (reason[at + length] == ':' || reason[at + length] == ' '))
      ++length;
    reason.erase(at, length);
  }
  constexpr std::string_view kMark = "dlerror system message: ";
  if (const std::size_t mark = reason.find(kMark); mark != std::string::npos)
    reason = reason.substr(mark + kMark.size());
  // Boost puts the linker's message in brackets and appends a meaningless error number.
  if (const std::size_t end = reason.rfind("): "); end != std::string::npos) reason.resize(end);
  return std::string(Trim(reason));
}

}  // namespace

Result<SealedCopy> SealedCopy::Of(std::string_view bytes, const Inspection& inspection,
                                  const std::string& path) {
  const std::string name = "capstan_" + inspection.name;
  SealedCopy copy(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (copy.file_ < 0) {
    return Fail(Code::kUnavailable, StrCat(path, " could not be copied into memory: ", std::strerror(errno),
                                           "; allow memfd_create for this process"));
  }
  while (!bytes.empty()) {
    const ssize_t written = ::write(copy.file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      return Fail(Code::kUnavailable,
                  StrCat(path, " could not be copied into memory: ", std::strerror(errno)));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  ::fcntl(copy.file_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  return copy;
}

Result<capstan_plugin_v1_t> OpenLibrary(const std::string& copy, const std::string& path, bool keep) {
  try {
    // Never unloaded, even after this object is destroyed: code of the library may still run, and
    // its registrations remain.
    const auto mode =
        static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | (keep ? RTLD_NODELETE : 0));
    boost::dll::shared_library library(std::filesystem::path(copy), mode);
    if (!library.has(CAPSTAN_PLUGIN_SYMBOL)) {
      return Fail(Code::kFailedPrecondition, StrCat(path, " does not export ", CAPSTAN_PLUGIN_SYMBOL,
                                                    "; define it with CAPSTAN_EXPORT and link it in"));
    }
    return &library.get<const capstan_plugin_t*(std::uint32_t)>(CAPSTAN_PLUGIN_SYMBOL);
  } catch (const std::exception& exception) {
    return Fail(Code::kFailedPrecondition,
                StrCat(path, " cannot be loaded: ", PlainReason(exception.what(), copy),
                       "; install what it needs, or build it again for this system"));
  }
}

}  // namespace capstan::loader
