#include <iostream>

#include <capstan/sdk/include/capstan/plugin.h>
#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/complain.hpp>

namespace capstan::app {
namespace {

int Run(const std::vector<std::string>& operands) {
  if (!operands.empty()) return Complain("version takes no arguments", 2);
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

const CommandInfo kVersionCommand = {
    "version", "Print the versions of the program and of its plugin ABI.", "version", {}, Run};

}  // namespace capstan::app
