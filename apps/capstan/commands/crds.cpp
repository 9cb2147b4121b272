#include <gflags/gflags.h>

#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/wiring/crd_documents.hpp>
#include <capstan/apps/capstan/wiring/installed_plugins.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/core/base/text.hpp>

DEFINE_bool(cel, true,
            "include CEL rules; --no-cel leaves them out for servers and kubectl before Kubernetes 1.25, "
            "which refuse or drop them");

namespace capstan::app {
namespace {

int RunCrdsCommand(const std::vector<std::string>& operands) {
  if (operands.size() > 1)
    return PrintError("crds takes at most one plugin's name; see `capstan crds --help`", 2);
  if (auto understood = CheckOutputFlag(); !understood)
    return PrintError("crds: " + understood.error().message, 2);
  const bool as_json = WantedFormat() == OutputFormat::kJson;
  const auto installed = InstalledPlugins::Load();
  if (!installed) return PrintError("crds: " + installed.error().message);
  std::string names;
  std::vector<std::string> documents;
  bool found = false;
  for (const auto& plugin : (*installed)->directory().plugins) {
    const auto& manifest = plugin->manifest();
    names += (names.empty() ? "" : ", ") + manifest.name;
    if (!operands.empty() && operands[0] != manifest.name) continue;
    found = true;
    for (const std::string& crd : manifest.crds) {
      auto text = as_json ? CrdAsJson(crd, manifest, FLAGS_cel) : CrdAsYaml(crd, manifest, FLAGS_cel);
      if (!text) return PrintError("plugin " + manifest.name + ": " + text.error().message);
      if (!as_json) std::cout << "---\n" << *text;
      documents.push_back(*std::move(text));
    }
  }
  // kubectl accepts either.
  if (found && as_json)
    std::cout << R"({"apiVersion":"v1","kind":"List","items":[)" << Join(documents, ",") << "]}\n";
  if (found) return 0;
  if (operands.empty() || names.empty()) return PrintError("no plugin is loaded from " + PluginDirectory());
  return PrintError("no plugin is called \"" + operands[0] + "\"; there are: " + names);
}

}  // namespace

const CommandInfo kCrdsCommand = {"crds",
                                  "Print the plugins' CustomResourceDefinitions for kubectl apply -f -.",
                                  "crds [PLUGIN] [--no-cel] [-o yaml|json]",
                                  {__FILE__, kOutputFlag, kPluginFlags},
                                  RunCrdsCommand};

}  // namespace capstan::app
