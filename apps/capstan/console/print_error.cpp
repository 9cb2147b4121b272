#include <capstan/apps/capstan/console/print_error.hpp>

#include <iostream>

#include <capstan/core/program/log_line.hpp>

namespace capstan::app {

int PrintError(const std::string& message, int status) {
  std::cerr << "capstan: " << program::OnOneLine(message) << std::endl;
  return status;
}

}  // namespace capstan::app
