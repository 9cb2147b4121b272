#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/reference/reference.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

ProgramReference Program() {
  ProgramReference program{CAPSTAN_VERSION, {}};
  for (const CommandInfo* command : AllCommands())
    program.commands.push_back(
        {command->name, command->summary, command->usage, FlagsReference(command->flags)});
  return program;
}

int PrintManPage(const std::string& name) {
  const ProgramReference program = Program();
  for (const CommandReference& command : program.commands) {
    if (command.name != name) continue;
    std::cout << ManPage(program, command);
    return 0;
  }
  return PrintError("complete: there is no command \"" + Shorten(name, 60) + "\"");
}

int RunCompleteCommand(const std::vector<std::string>& operands) {
  if (operands == std::vector<std::string>{"bash"}) {
    std::cout << BashCompletion(Program());
  } else if (operands == std::vector<std::string>{"zsh"}) {
    std::cout << ZshCompletion(Program());
  } else if (operands == std::vector<std::string>{"man"}) {
    std::cout << ManPage(Program());
  } else if (operands == std::vector<std::string>{"commands"}) {
    for (const CommandInfo* command : AllCommands()) std::cout << command->name << "\n";
  } else if (operands.size() == 2 && operands[0] == "man") {
    return PrintManPage(operands[1]);
  } else {
    return PrintError("complete takes bash, zsh, commands, or man [COMMAND]", 2);
  }
  return 0;
}

}  // namespace

const CommandInfo kCompleteCommand = {"complete",
                                      "Print completion for a shell, or a man page; for packages.",
                                      "complete bash|zsh|commands|man [COMMAND]",
                                      {},
                                      RunCompleteCommand,
                                      "what it prints is for shells and man"};

}  // namespace capstan::app
