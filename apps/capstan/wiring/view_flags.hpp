// --namespace, shared by the commands that show objects, next to --output.
#pragma once

#include <string>

#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::app {

// The flag defined here, for CommandInfo::flags; --output is kOutputFlag.
extern const char kViewFlags[];

// What --namespace says; empty: not given.
std::string WantedNamespace();
// Both flags. Errors: kInvalidArgument, naming the flag.
Status CheckViewFlags();

}  // namespace capstan::app
