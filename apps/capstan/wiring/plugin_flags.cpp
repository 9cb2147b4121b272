#include <capstan/apps/capstan/wiring/plugin_flags.hpp>

#include <gflags/gflags.h>

#include <filesystem>

DEFINE_string(plugin_dir, "",
              "folder with the plugins (*.so) (default: lib/capstan/plugins next to the program's bin)");

namespace capstan::app {

const char kPluginFlags[] = __FILE__;

std::string PluginDirectory() {
  if (!FLAGS_plugin_dir.empty()) return FLAGS_plugin_dir;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return (program.parent_path().parent_path() / "lib" / "capstan" / "plugins").string();
}

}  // namespace capstan::app
