// What standard output is: a terminal that may be drawn on, and whether in colours.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/process.hpp>

namespace capstan::app {

struct Terminal {
  bool live = false;     // lines may be drawn again
  bool colours = false;  // never where NO_COLOR is set (no-color.org), or TERM is dumb
};
Terminal StandardOutput(Process& process);
// The same from what decides it.
Terminal TerminalBy(bool is_terminal, Process& process);

enum class Colour { kGreen, kYellow, kRed, kDim, kBold };
// The text in that colour, or as it is.
std::string Coloured(std::string_view text, Colour colour, bool colours);

}  // namespace capstan::app
