#include <capstan/apps/capstan/wiring/installed_plugins.hpp>

#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/core/program/cluster_connection.hpp>

namespace capstan::app {

Result<std::unique_ptr<InstalledPlugins>> InstalledPlugins::Load() {
  std::unique_ptr<InstalledPlugins> plugins(new InstalledPlugins);
  CAPSTAN_TRY(plugins->clouds_, program::ConnectToClouds(*plugins->process_));
  plugins->directory_ =
      loader::LoadDirectory(*plugins->files_, PluginDirectory(),
                            {plugins->scheduler_, *plugins->clouds_, *plugins->random_, plugins->log_},
                            {.allow_writable = WritablePluginsAreAllowed()});
  for (const auto& refusal : plugins->directory_.refusals) PrintError(refusal.error.message);
  return plugins;
}

}  // namespace capstan::app
