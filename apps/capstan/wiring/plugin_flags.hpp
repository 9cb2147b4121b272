// --plugin_dir, shared by the commands that look at plugins.
#pragma once

#include <string>

namespace capstan::app {

// --plugin_dir, or the folder beside the program: PREFIX/lib/capstan/plugins for
// PREFIX/bin/capstan.
std::string PluginDirectory();

}  // namespace capstan::app
