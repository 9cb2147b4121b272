#include <capstan/apps/capstan/console/complain.hpp>

#include <algorithm>
#include <iostream>

namespace capstan::app {

int Complain(const std::string& message, int status) {
  std::string line = message;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::cerr << "capstan: " << line << std::endl;
  return status;
}

}  // namespace capstan::app
