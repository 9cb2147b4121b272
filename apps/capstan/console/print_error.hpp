// How a command reports that it failed. Thread-safe.
#pragma once

#include <string>

namespace capstan::app {

// Writes "capstan: message" to standard error as one line and returns `status`, the exit status of
// the process.
int PrintError(const std::string& message, int status = 1);

}  // namespace capstan::app
