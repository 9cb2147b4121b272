// Whole numbers that are too large for 64 bits. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace capstan::apiserver {

// The JSON with whole numbers beyond int64 written as fractions, which are read as doubles, as Go
// reads them. A number that no double holds stays as it is. REQUIRES: nothing; what is no JSON stays
// none.
std::string WithoutWideNumbers(std::string_view json);

}  // namespace capstan::apiserver
