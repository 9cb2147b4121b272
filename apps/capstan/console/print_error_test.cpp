#include <capstan/apps/capstan/console/print_error.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <sstream>

namespace capstan::app {
namespace {

// Bytes of a damaged plugin file, a name or an answer must not control the terminal.
TEST(PrintError, PrintsOneLineOfTextWhateverTheMessageContains) {
  std::ostringstream said;
  std::streambuf* const terminal = std::cerr.rdbuf(said.rdbuf());
  const int status = PrintError(
      "undefined symbol \x1b[2J_ZN\x9b"
      "a\nnext\r\xe2\x80\xae",
      3);
  std::cerr.rdbuf(terminal);
  EXPECT_EQ(status, 3);
  EXPECT_EQ(said.str(),
            "capstan: undefined symbol \\u001b[2J_ZN\xEF\xBF\xBD"
            "a next\\r\\u202e\n");
}

}  // namespace
}  // namespace capstan::app
