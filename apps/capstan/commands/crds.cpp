#include <gflags/gflags.h>

#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/complain.hpp>
#include <capstan/apps/capstan/wiring/crd_documents.hpp>
#include <capstan/apps/capstan/wiring/installed_plugins.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>

DEFINE_bool(cel, true,
            "include CEL rules; --no-cel leaves them out for servers and kubectl before Kubernetes 1.25, "
            "which refuse or drop them");

namespace capstan::app {
namespace {

int Run(const std::vector<std::string>& operands) {
  if (operands.size() > 1)
    return Complain("crds takes at most one plugin's name; see `capstan crds --help`", 2);
  const auto installed = InstalledPlugins::Load();
  if (!installed) return Complain("crds: " + installed.error().message);
  std::string names;
  bool found = false;
  for (const auto& plugin : (*installed)->directory().plugins) {
    const auto& manifest = plugin->manifest();
    names += (names.empty() ? "" : ", ") + manifest.name;
    if (!operands.empty() && operands[0] != manifest.name) continue;
    found = true;
    for (const std::string& crd : manifest.crds) {
      const auto yaml = CrdAsYaml(crd, manifest, FLAGS_cel);
      if (!yaml) return Complain("plugin " + manifest.name + ": " + yaml.error().message);
      std::cout << "---\n" << *yaml;
    }
  }
  if (found) return 0;
  if (operands.empty() || names.empty()) return Complain("no plugin is loaded from " + PluginDirectory());
  return Complain("no plugin is called \"" + operands[0] + "\"; there are: " + names);
}

}  // namespace

const CommandInfo kCrdsCommand = {"crds",
                                  "Print the plugins' CustomResourceDefinitions for kubectl apply -f -.",
                                  "crds [PLUGIN] [--no-cel]",
                                  {__FILE__, kPluginFlags},
                                  Run};

}  // namespace capstan::app
