#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/verify/plugin_verifier.hpp>
#include <capstan/apps/capstan/wiring/installed_plugins.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/plugins/loader/inspect.hpp>
#include <capstan/plugins/loader/load.hpp>

namespace capstan::app {
namespace {

Json TextsToJson(const std::vector<std::string>& texts) {
  Json list = Json::EmptyArray();
  for (const std::string& text : texts) list.Append(text);
  return list;
}

int List() {
  const auto installed = InstalledPlugins::Load();
  if (!installed) return PrintError("plugins list: " + installed.error().message);
  const loader::Directory& directory = (*installed)->directory();
  if (WantedFormat() != OutputFormat::kText) {
    Json items = Json::EmptyArray();
    for (const auto& plugin : directory.plugins) {
      const auto& manifest = plugin->manifest();
      Json kinds = Json::EmptyArray();
      for (const auto& kind : manifest.kinds) {
        kinds.Append(Json::EmptyObject()
                         .Set("kind", kind.kind)
                         .Set("group", kind.group)
                         .Set("version", kind.version)
                         .Set("catalogs", TextsToJson(kind.catalogs)));
      }
      items.Append(Json::EmptyObject()
                       .Set("name", manifest.name)
                       .Set("version", manifest.version)
                       .Set("path", plugin->path())
                       .Set("kinds", std::move(kinds)));
    }
    std::cout << Printed(Json::EmptyObject().Set("items", std::move(items)).ToText(), WantedFormat());
    return directory.plugins.empty() ? 1 : 0;
  }
  for (const auto& plugin : directory.plugins) {
    const auto& manifest = plugin->manifest();
    std::cout << manifest.name << " " << manifest.version << "  " << plugin->path() << "\n";
    for (const auto& kind : manifest.kinds)
      std::cout << "  " << kind.kind << " (" << kind.group << "/" << kind.version << ")"
                << (kind.catalogs.empty() ? "" : "; lists " + Join(kind.catalogs, ", ")) << "\n";
  }
  return directory.plugins.empty() ? 1 : 0;
}

int InspectFile(const std::string& path) {
  const auto files = MakeSystemFiles();
  // The plugin is not executed, so any owner and mode are accepted.
  const auto content = loader::ReadPlugin(*files, path, {.allow_writable = true});
  if (!content) return PrintError(content.error().message);
  const auto inspection = loader::Inspect(*content, path);
  if (!inspection) return PrintError(inspection.error().message);
  if (WantedFormat() != OutputFormat::kText) {
    std::cout << Printed(Json::EmptyObject()
                             .Set("name", inspection->name)
                             .Set("version", inspection->version)
                             .Set("abi", StrCat(inspection->abi_major, ".", inspection->abi_minor))
                             .Set("kinds", TextsToJson(inspection->kinds))
                             .Set("catalogs", TextsToJson(inspection->catalogs))
                             .Set("needs", TextsToJson(inspection->needed))
                             .ToText(),
                         WantedFormat());
    return 0;
  }
  std::cout << "name     " << inspection->name << "\nversion  " << inspection->version << "\nABI      "
            << inspection->abi_major << "." << inspection->abi_minor << "\nkinds    "
            << Join(inspection->kinds, ", ") << "\nlists    "
            << (inspection->catalogs.empty() ? "nothing" : Join(inspection->catalogs, ", ")) << "\nneeds    "
            << Join(inspection->needed, ", ") << "\n";
  return 0;
}

int RunPluginsCommand(const std::vector<std::string>& operands) {
  if (auto understood = CheckOutputFlag(); !understood)
    return PrintError("plugins: " + understood.error().message, 2);
  if (operands.size() == 1 && operands[0] == "list") return List();
  if (operands.size() == 2 && operands[0] == "inspect") return InspectFile(operands[1]);
  if (operands.size() == 2 && operands[0] == "verify") return VerifyPlugin(operands[1]);
  return PrintError("plugins takes list, inspect FILE or verify FILE; see `capstan plugins --help`", 2);
}

}  // namespace

const CommandInfo kPluginsCommand = {
    "plugins",
    "List the installed plugins, inspect a plugin without running it, or verify one.",
    "plugins list [--plugin-dir=DIR] [-o text|json|yaml] | plugins inspect FILE [-o text|json|yaml] | "
    "plugins verify FILE --object=FILE [--changed=FILE] [--dry] [--yes] [-o text|json|yaml]",
    {__FILE__, kPluginFlags, kVerifierFlags, kOutputFlag},
    RunPluginsCommand};

}  // namespace capstan::app
