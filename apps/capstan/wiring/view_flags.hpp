// --namespace, shared by the commands that show objects; they have --output as well. Thread-safe
// once the arguments are parsed.
#pragma once

#include <string>

#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::app {

// The flag defined here, for CommandInfo::flags; --output is kOutputFlag.
extern const char kViewFlags[];

// The value of --namespace; empty: not given.
std::string WantedNamespace();
// Checks both flags. Errors: kInvalidArgument, naming the flag.
Status CheckViewFlags();

}  // namespace capstan::app
