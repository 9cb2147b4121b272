// CommandLine parses the arguments of one subcommand into gflags' values: the flags in the
// command's files and the logging flags are known, anything else is a one-line error. gflags' own
// parser would end the process with three lines. Not thread-safe, because gflags' values are
// global: parse before any other thread starts.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <capstan/apps/capstan/reference/reference.hpp>
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/program/arguments.hpp>

namespace capstan::app {

// The files that define the flags of a command: constants with the __FILE__ of a file with
// DEFINE_..., exported by its header (kClusterFlags, kPluginFlags). gflags stores that name with
// each flag. Unused entries are null.
using FlagFiles = std::array<const char*, 6>;

using program::ParsedArguments;

// The flags defined in `files` and those of logging, sorted, as --help prints them: with dashes.
std::string FlagsHelp(const FlagFiles& files);
// The same flags as values.
std::vector<FlagReference> FlagsReference(const FlagFiles& files);

// Like program::ParseArguments, because gflags itself would ignore a misspelt line of a flag file.
Result<ParsedArguments> ParseArguments(const std::vector<std::string>& arguments, const FlagFiles& flags,
                                       Files& files);

}  // namespace capstan::app
