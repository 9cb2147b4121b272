#include <capstan/apps/capstan/commands/commands.hpp>

#include <algorithm>
#include <exception>
#include <iostream>

#include <capstan/apps/capstan/console/command_line.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::app {

std::vector<const CommandInfo*> AllCommands() {
  return {&kLocalCommand,   &kApiserverCommand,  &kRunCommand,     &kPlanCommand,     &kGetCommand,
          &kExplainCommand, &kWaitCommand,       &kOrphansCommand, &kVersionsCommand, &kSizesCommand,
          &kRegionsCommand, &kQuickstartCommand, &kPluginsCommand, &kExploreCommand,  &kCrdsCommand,
          &kNewCommand,     &kGenerateCommand,   &kVersionCommand};
}

namespace {

void PrintOverview(std::ostream& out) {
  out << "Capstan runs cloud resources from Kubernetes, with providers as plugins.\n\nusage: capstan COMMAND "
         "[FLAGS]\n\n";
  for (const CommandInfo* command : AllCommands()) {
    std::string name = command->name;
    name.resize(12, ' ');
    out << "  " << name << command->summary << "\n";
  }
  out << "\n`capstan COMMAND --help` lists the flags of a command.\n";
}

// Whether the arguments ask for a document (JSON or YAML), which other commands would print.
bool WantsDocument(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), std::find(arguments.begin(), arguments.end(), "--"),
                     [](const std::string& argument) {
                       const std::string flag = argument.substr(0, argument.find('='));
                       return flag == "-o" || flag == "-output" || flag == "--output";
                     });
}

int RunCommand(const CommandInfo& command, const std::vector<std::string>& arguments) {
  if (command.no_document != nullptr && WantsDocument(arguments))
    return PrintError(StrCat(command.name, " has no -o: ", command.no_document), 2);
  const auto files = MakeSystemFiles();
  auto parsed = ParseArguments(arguments, command.flags, *files);
  if (!parsed) return PrintError(std::string(command.name) + ": " + parsed.error().message, 2);
  if (parsed->help) {
    std::cout << command.summary << "\n\nusage: capstan " << command.usage << "\n\n"
              << FlagsHelp(command.flags);
    return 0;
  }
  return command.run(parsed->operands);
}

}  // namespace

int Main(const std::vector<std::string>& arguments) try {
  if (arguments.empty()) {
    PrintOverview(std::cerr);
    return 2;
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    PrintOverview(std::cout);
    return 0;
  }
  if (name == "--version") return RunCommand(kVersionCommand, {});
  for (const CommandInfo* command : AllCommands()) {
    if (name == command->name) return RunCommand(*command, {arguments.begin() + 1, arguments.end()});
  }
  if (name == kCompleteCommand.name)
    return RunCommand(kCompleteCommand, {arguments.begin() + 1, arguments.end()});
  return PrintError("unknown command \"" + Shorten(name, 60) + "\"; `capstan --help` lists the commands", 2);
} catch (const std::exception& error) {
  return PrintError(std::string("a bug: ") + error.what());
}

}  // namespace capstan::app
