#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/explore/plugin_explorer.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>

namespace capstan::app {
namespace {

int RunExploreCommand(const std::vector<std::string>& operands) {
  if (!operands.empty())
    return PrintError("explore takes no operands, only flags; see `capstan explore --help`", 2);
  if (auto understood = CheckOutputFlag(); !understood)
    return PrintError("explore: " + understood.error().message, 2);
  return ExplorePlugin();
}

}  // namespace

const CommandInfo kExploreCommand = {
    "explore",
    "Try a plugin under the operator with a crash, a failure or a stale view at every effect.",
    "explore --plugin=FILE --object=FILE [--changed=FILE] [--schedule=SCHEDULE] [--html=FILE] [-o "
    "text|json|yaml]",
    {__FILE__, kPluginFlags, kExplorerFlags, kOutputFlag},
    RunExploreCommand};

}  // namespace capstan::app
