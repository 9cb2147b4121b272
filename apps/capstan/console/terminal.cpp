#include <capstan/apps/capstan/console/terminal.hpp>

#include <unistd.h>

#include <capstan/core/base/text.hpp>

namespace capstan::app {

Terminal TerminalBy(bool is_terminal, Process& process) {
  const bool dumb = process.Environment("TERM").value_or("") == "dumb";
  const bool plain = !process.Environment("NO_COLOR").value_or("").empty();
  return {is_terminal && !dumb, is_terminal && !dumb && !plain};
}

Terminal StandardOutput(Process& process) { return TerminalBy(::isatty(STDOUT_FILENO) != 0, process); }

std::string Coloured(std::string_view text, Colour colour, bool colours) {
  if (!colours || text.empty()) return std::string(text);
  static constexpr const char* kCodes[] = {"\033[32m", "\033[33m", "\033[31m", "\033[2m", "\033[1m"};
  return StrCat(kCodes[static_cast<int>(colour)], text, "\033[0m");
}

}  // namespace capstan::app
