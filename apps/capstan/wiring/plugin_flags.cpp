#include <capstan/apps/capstan/wiring/plugin_flags.hpp>

#include <gflags/gflags.h>

#include <filesystem>

DEFINE_string(plugin_dir, "",
              "folder with the plugins (*.so) (default: lib/capstan/plugins next to the program's bin)");

DEFINE_bool(allow_writable_plugins, false,
            "also load plugins from files and folders that users other than root and this one may write");

namespace capstan::app {

const char kPluginFlags[] = __FILE__;

std::string PluginDirectory() {
  if (!FLAGS_plugin_dir.empty()) return FLAGS_plugin_dir;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return (program.parent_path().parent_path() / "lib" / "capstan" / "plugins").string();
}

bool WritablePluginsAreAllowed() { return FLAGS_allow_writable_plugins; }

}  // namespace capstan::app
