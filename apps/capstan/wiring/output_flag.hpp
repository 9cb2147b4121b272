// --output, shared by all commands that print something for programs too, and how a document is
// printed as it wants.
#pragma once

#include <string>

#include <capstan/core/base/result.hpp>

namespace capstan::app {

// The flag defined here, for CommandInfo::flags.
extern const char kOutputFlag[];

enum class OutputFormat { kText, kJson, kYaml };

// What --output says. REQUIRES: CheckOutputFlag succeeded.
OutputFormat WantedFormat();
// Errors: kInvalidArgument, naming the flag.
Status CheckOutputFlag();

// JSON text as --output wants it, with its line end. Of kText: as JSON.
std::string Printed(const std::string& json, OutputFormat format);

}  // namespace capstan::app
