// --output, shared by all commands with output for programs, and how to print a document in that
// format. Thread-safe once the arguments are parsed.
#pragma once

#include <string>

#include <capstan/core/base/result.hpp>

namespace capstan::app {

// The flag defined here, for CommandInfo::flags.
extern const char kOutputFlag[];

enum class OutputFormat { kText, kJson, kYaml };

// The format in --output. REQUIRES: CheckOutputFlag succeeded.
OutputFormat WantedFormat();
// Errors: kInvalidArgument, naming the flag.
Status CheckOutputFlag();

// Converts JSON text to the format, with a line end. kText: as JSON.
std::string Printed(const std::string& json, OutputFormat format);

}  // namespace capstan::app
