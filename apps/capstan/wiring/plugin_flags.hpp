// --plugin-dir and --allow-writable-plugins, shared by the commands that load plugins. Thread-safe
// once the arguments are parsed.
#pragma once

#include <string>

namespace capstan::app {

// The flags defined here, for CommandInfo::flags.
extern const char kPluginFlags[];

// --plugin-dir, or the folder next to the program: PREFIX/lib/capstan/plugins for
// PREFIX/bin/capstan.
std::string PluginDirectory();
// --allow-writable-plugins.
bool WritablePluginsAreAllowed();

}  // namespace capstan::app
