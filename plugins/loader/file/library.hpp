// A plugin's library in this process: a sealed copy of its bytes in memory, and the entry point in
// it. Private to the loader; the only part that knows Boost.DLL.
//
// Functions are thread-safe; a SealedCopy is for one thread at a time.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include <capstan/plugin.h>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/plugins/loader/inspect.hpp>

namespace capstan::loader {

// A copy that nobody can write to any more. The dynamic linker identifies libraries by their paths,
// so a path must not be reused while a library is loaded: the copy of a loaded library is kept for
// the lifetime of this process.
class SealedCopy {
 public:
  // Errors: kUnavailable, naming `path`.
  static Result<SealedCopy> Of(std::string_view bytes, const Inspection& inspection, const std::string& path);
  SealedCopy(SealedCopy&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  ~SealedCopy() {
    if (file_ >= 0) ::close(file_);
  }
  std::string path() const { return StrCat("/proc/self/fd/", file_); }
  // Returns its path, which is valid for ever.
  std::string Keep() && { return StrCat("/proc/self/fd/", std::exchange(file_, -1)); }

 private:
  explicit SealedCopy(int file) : file_(file) {}
  int file_;
};

// Loads the library at `copy`, the path of a SealedCopy, and returns its entry point; with `keep`
// it is never unloaded. `path` is for messages. Errors: kFailedPrecondition (dlopen failed, no
// symbol), one sentence that says what to do.
Result<capstan_plugin_v1_t> OpenLibrary(const std::string& copy, const std::string& path, bool keep = true);

}  // namespace capstan::loader
