// Numbers in the text of a JSON document. Servers written in Go hold whole numbers beyond int64 as
// doubles, and send those below 1e21 without point or exponent. Pure; thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace capstan::json {

// The text with each of its numbers, outside of strings, as `rewrite` gives it back; where that is
// empty it stays. What is no JSON stays none: a number that is malformed is handed over whole.
std::string WithNumbers(std::string_view json, const std::function<std::string(std::string_view)>& rewrite);

// The text with whole numbers beyond int64 written as fractions, which are read as doubles. A
// number that no double holds stays as it is.
std::string WithoutWideNumbers(std::string_view json);

// Whether the text has so many digits in a row that one of its numbers may be beyond int64. Looks
// at a small part of the bytes.
bool MayHaveWideNumbers(std::string_view json);

}  // namespace capstan::json
