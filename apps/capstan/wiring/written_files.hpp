// What a command says that wrote files.
#pragma once

#include <string>
#include <vector>

#include <capstan/apps/capstan/wiring/output_flag.hpp>

namespace capstan::app {

// As text a line each; else {"files": [...]}.
std::string WrittenFiles(const std::vector<std::string>& paths, OutputFormat format);

}  // namespace capstan::app
