// --plugin_dir and --allow_writable_plugins, shared by the commands that load plugins.
#pragma once

#include <string>

namespace capstan::app {

// The flags defined here, for CommandInfo::flags.
extern const char kPluginFlags[];

// --plugin_dir, or the folder next to the program: PREFIX/lib/capstan/plugins for
// PREFIX/bin/capstan.
std::string PluginDirectory();
// --allow_writable_plugins.
bool WritablePluginsAreAllowed();

}  // namespace capstan::app
