// Numbers as a server written in Go reads them. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace capstan::apiserver {

// The JSON with its numbers so written that json::ParseTree reads them as Go does: 1.0 and 0.1e1 as
// the whole number 1, -0 as 0, whole numbers beyond int64 as doubles. What is no number, or none
// that a double holds, stays, and is refused by reading.
std::string WithNumbersOfGo(std::string_view json);

}  // namespace capstan::apiserver
