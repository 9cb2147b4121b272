// The capabilities of standard output: whether it is a terminal, whether it has colours, and its
// width. Values and pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/process.hpp>

namespace capstan::app {

struct Terminal {
  bool live = false;      // lines can be redrawn
  bool colours = false;   // never if NO_COLOR is set (no-color.org) or TERM is dumb
  std::size_t width = 0;  // columns; 0: not a terminal, lines are not broken
};
Terminal StandardOutput(Process& process);
// Likewise, for a known kind of output.
Terminal TerminalBy(bool is_terminal, Process& process);

enum class Colour { kGreen, kYellow, kRed, kDim, kBold };
// The number of columns of UTF-8 text, not counting colour sequences.
std::size_t ColumnsOf(std::string_view text);
// Breaks the line at spaces into lines of `width` columns (0: not at all), indenting all but the
// first. A word that is too long gets a line of its own. Colours take no columns.
std::vector<std::string> Wrapped(std::string_view line, std::size_t indent, std::size_t width);
// The text in that colour, or unchanged.
std::string Coloured(std::string_view text, Colour colour, bool colours);

}  // namespace capstan::app
