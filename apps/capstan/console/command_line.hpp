// CommandLine turns the arguments of one subcommand into gflags' values: the flags of that
// command's file and the logging flags are known, everything else is an error of one line. gflags'
// own parser ends the process in three lines instead.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::app {

// The files whose flags a command has: constants that are the __FILE__ of a file with DEFINE_..., exported by its header
// (kClusterFlags, kPluginFlags). gflags remembers that name with each flag. Unused places are null.
using FlagFiles = std::array<const char*, 4>;

struct ParsedArguments {
  bool help = false;
  std::vector<std::string> operands;  // what is not a flag
};

// The flags defined in `files` and those of logging, sorted, as --help shows them.
std::string FlagsHelp(const FlagFiles& files);

// Understands --name=value, --name value, --bool, --nobool, dashes for underscores, --, -n and -o
// for --namespace and --output where a command has these, a lone - (an operand), and
// --flagfile=FILE (one flag a line; every line is checked, gflags would ignore a misspelt one).
// Errors: kInvalidArgument, one line for the terminal.
Result<ParsedArguments> ParseArguments(const std::vector<std::string>& arguments, const FlagFiles& flags,
                                       Files& files);

}  // namespace capstan::app
