// What standard output is: a terminal that may be drawn on, whether in colours, and how wide.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/process.hpp>

namespace capstan::app {

struct Terminal {
  bool live = false;      // lines may be drawn again
  bool colours = false;   // never where NO_COLOR is set (no-color.org), or TERM is dumb
  std::size_t width = 0;  // columns; 0: no terminal, lines are as long as they are
};
Terminal StandardOutput(Process& process);
// The same from what decides it.
Terminal TerminalBy(bool is_terminal, Process& process);

enum class Colour { kGreen, kYellow, kRed, kDim, kBold };
// How many columns a text in UTF-8 takes, without the sequences that colour it.
std::size_t ColumnsOf(std::string_view text);
// The line in lines of `width` columns (0: as it is), broken at blanks, those after the first
// indented. A word that is too long stands on a line of its own. Colours take no columns.
std::vector<std::string> Wrapped(std::string_view line, std::size_t indent, std::size_t width);
// The text in that colour, or as it is.
std::string Coloured(std::string_view text, Colour colour, bool colours);

}  // namespace capstan::app
