#include <capstan/tests/fuzz/target.hpp>

#include <cstdio>
#include <cstdlib>

namespace capstan::fuzz {

void Broken(const char* file, int line, const char* statement, const std::string& detail) {
  std::fprintf(stderr, "%s:%d: false: %s\n%s\n", file, line, statement, detail.c_str());
  std::abort();
}

}  // namespace capstan::fuzz
