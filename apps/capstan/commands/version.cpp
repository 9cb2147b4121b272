#include <iostream>

#include <capstan/sdk/include/capstan/plugin.h>
#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

int RunVersionCommand(const std::vector<std::string>& operands) {
  if (!operands.empty()) return PrintError("version takes no arguments", 2);
  if (auto understood = CheckOutputFlag(); !understood)
    return PrintError("version: " + understood.error().message, 2);
  if (WantedFormat() != OutputFormat::kText) {
    std::cout << Printed(Json::EmptyObject()
                             .Set("version", CAPSTAN_VERSION)
                             .Set("abi", StrCat(CAPSTAN_ABI_MAJOR, ".", CAPSTAN_ABI_MINOR))
                             .ToText(),
                         WantedFormat());
    return 0;
  }
  std::cout << "capstan " << CAPSTAN_VERSION << "\n"
            << "plugin ABI " << CAPSTAN_ABI_MAJOR << "." << CAPSTAN_ABI_MINOR << "\n"
            << "built with "
            <<
#if defined(__clang__)
      "clang " __clang_version__
#else
      "g++ " __VERSION__
#endif
            << "\n";
  return 0;
}

}  // namespace

const CommandInfo kVersionCommand = {"version",
                                     "Print the versions of the program and of its plugin ABI.",
                                     "version [-o text|json|yaml]",
                                     {kOutputFlag},
                                     RunVersionCommand};

}  // namespace capstan::app
