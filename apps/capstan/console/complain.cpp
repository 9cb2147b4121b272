#include <capstan/apps/capstan/console/complain.hpp>

#include <iostream>

#include <capstan/core/program/log_line.hpp>

namespace capstan::app {

int Complain(const std::string& message, int status) {
  std::cerr << "capstan: " << program::OnOneLine(message) << std::endl;
  return status;
}

}  // namespace capstan::app
