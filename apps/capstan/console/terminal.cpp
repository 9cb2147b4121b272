#include <capstan/apps/capstan/console/terminal.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::app {

std::size_t ColumnsOf(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      i = std::min(text.find('m', i), text.size());
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++columns;
    }
  }
  return columns;
}

Terminal TerminalBy(bool is_terminal, Process& process) {
  const bool dumb = process.Environment("TERM").value_or("") == "dumb";
  const bool plain = !process.Environment("NO_COLOR").value_or("").empty();
  return {is_terminal && !dumb, is_terminal && !dumb && !plain, 0};
}

Terminal StandardOutput(Process& process) {
  Terminal terminal = TerminalBy(::isatty(STDOUT_FILENO) != 0, process);
  winsize size{};
  if (terminal.live && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) terminal.width = size.ws_col;
  return terminal;
}

std::vector<std::string> Wrapped(std::string_view line, std::size_t indent, std::size_t width) {
  if (width == 0 || ColumnsOf(line) <= width) return {std::string(line)};
  // Keeps the text before the first word, as an indentation or a column of names.
  const std::size_t head = std::min(line.find_first_not_of(' ', std::min(indent, line.size())), line.size());
  std::vector<std::string> lines = {std::string(line.substr(0, head))};
  bool begun = false;
  for (const std::string& word : Split(line.substr(head), ' ')) {
    if (begun && ColumnsOf(lines.back()) + 1 + ColumnsOf(word) > width) {
      lines.emplace_back(indent, ' ');
      begun = false;
    }
    lines.back() += StrCat(begun ? " " : "", word);
    begun = true;
  }
  return lines;
}

std::string Coloured(std::string_view text, Colour colour, bool colours) {
  if (!colours || text.empty()) return std::string(text);
  static constexpr const char* kCodes[] = {"\033[32m", "\033[33m", "\033[31m", "\033[2m", "\033[1m"};
  return StrCat(kCodes[static_cast<int>(colour)], text, "\033[0m");
}

}  // namespace capstan::app
