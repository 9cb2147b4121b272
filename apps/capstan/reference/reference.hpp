// Man pages and shell completion, generated from the table of commands and their flags. Pure
// functions; thread-safe.
#pragma once

#include <string>
#include <vector>

namespace capstan::app {

struct FlagReference {
  std::string name;  // with dashes, without the leading two
  std::string help, default_value;
  bool is_switch = false;
};
struct CommandReference {
  std::string name, summary, usage;  // usage without "capstan "
  std::vector<FlagReference> flags;  // sorted
};
struct ProgramReference {
  std::string version;  // "0.1.0"
  std::vector<CommandReference> commands;
};

// For bash-completion: completes commands and the flags of each, and files after flags that take a
// value.
std::string BashCompletion(const ProgramReference& program);
// Likewise for zsh, as a file _capstan, with a description of each command and flag.
std::string ZshCompletion(const ProgramReference& program);
// capstan.1: overview, environment, exit status.
std::string ManPage(const ProgramReference& program);
// capstan-COMMAND.1.
std::string ManPage(const ProgramReference& program, const CommandReference& command);

}  // namespace capstan::app
