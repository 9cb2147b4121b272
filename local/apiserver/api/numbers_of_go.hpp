// Numbers as a server written in Go reads them. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace capstan::apiserver {

// Rewrites the numbers of a JSON text so that json::ParseTree reads them as Go does: 1.0 and 0.1e1
// become the integer 1, -0 becomes 0, and integers beyond int64 become doubles. Anything that is
// not a number, or that a double cannot represent, stays unchanged, so parsing rejects it.
std::string WithNumbersOfGo(std::string_view json);

}  // namespace capstan::apiserver
