// CommandLine turns the arguments of one subcommand into gflags' values: the flags of that
// command's file and the logging flags are known, everything else is an error of one line. gflags'
// own parser ends the process in three lines instead.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <capstan/apps/capstan/reference/reference.hpp>
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/program/arguments.hpp>

namespace capstan::app {

// The files whose flags a command has: constants that are the __FILE__ of a file with DEFINE_...,
// exported by its header (kClusterFlags, kPluginFlags). gflags remembers that name with each flag.
// Unused places are null.
using FlagFiles = std::array<const char*, 6>;

using program::ParsedArguments;

// The flags defined in `files` and those of logging, sorted, as --help shows them: with dashes.
std::string FlagsHelp(const FlagFiles& files);
// The same as values.
std::vector<FlagReference> FlagsReference(const FlagFiles& files);

// As program::ParseArguments; gflags itself would ignore a misspelt line of a flag file.
Result<ParsedArguments> ParseArguments(const std::vector<std::string>& arguments, const FlagFiles& flags,
                                       Files& files);

}  // namespace capstan::app
