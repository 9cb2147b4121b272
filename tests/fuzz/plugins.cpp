// A file that claims to be a plugin, before any of its code runs; and its manifest.
#include <capstan/plugins/loader/file/manifest.hpp>
#include <capstan/plugins/loader/inspect.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {

void FuzzPlugins(std::string_view bytes) {
  if (!bytes.empty() && bytes.front() == '{') {
    (void)loader::ParseManifest(bytes);
    return;
  }
  std::string file(bytes);
  file.shrink_to_fit();
  if (const auto inspection = loader::Inspect(file, "p"))
    (void)loader::CheckNeeded(*inspection, {"/lib/libPocoJSON.so.80", "libc.so.6", ""}, "p");
}

}  // namespace capstan::fuzz
