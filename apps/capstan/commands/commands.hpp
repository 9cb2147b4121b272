// The subcommands: each receives the arguments after its name and returns the exit status: 0
// success, 1 failure or not found, 2 wrong usage, 3 a plan that is not empty (--detailed-exitcode),
// 4 timeout (wait). For the main thread.
#pragma once

#include <string>
#include <vector>

#include <capstan/apps/capstan/console/command_line.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::app {

struct CommandInfo {
  const char* name;
  const char* summary;  // one line
  const char* usage;    // the line after "usage: capstan "
  FlagFiles flags;      // in addition to those of logging
  int (*run)(const std::vector<std::string>& operands);
  const char* no_document = nullptr;  // of a command without kOutputFlag: the alternative to -o json
};

extern const CommandInfo kLocalCommand;
extern const CommandInfo kApiserverCommand;
extern const CommandInfo kRunCommand;
extern const CommandInfo kPlanCommand;
extern const CommandInfo kGetCommand;
extern const CommandInfo kExplainCommand;
extern const CommandInfo kWaitCommand;
extern const CommandInfo kOrphansCommand;
extern const CommandInfo kVersionsCommand;
extern const CommandInfo kSizesCommand;
extern const CommandInfo kRegionsCommand;
extern const CommandInfo kQuickstartCommand;
extern const CommandInfo kPluginsCommand;
extern const CommandInfo kExploreCommand;
extern const CommandInfo kCrdsCommand;
extern const CommandInfo kNewCommand;
extern const CommandInfo kGenerateCommand;
extern const CommandInfo kVersionCommand;

// All commands, in the order of the overview.
std::vector<const CommandInfo*> AllCommands();
// `capstan complete bash|zsh|man [COMMAND]`: not in the overview; see reference.hpp.
extern const CommandInfo kCompleteCommand;

// Dispatches and returns the exit status of the process. Never throws.
int Main(const std::vector<std::string>& arguments);

}  // namespace capstan::app
