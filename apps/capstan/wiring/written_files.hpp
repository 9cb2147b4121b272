// The output of a command that wrote files. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/apps/capstan/wiring/output_flag.hpp>

namespace capstan::app {

// As text one line for each file; otherwise {"files": [...]}.
std::string WrittenFiles(const std::vector<std::string>& paths, OutputFormat format);

}  // namespace capstan::app
