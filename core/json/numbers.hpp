// Rewrites numbers in the text of a JSON document. Servers written in Go store whole numbers beyond
// int64 as doubles, and send those below 1e21 without point or exponent. Pure; thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace capstan::json {

// Replaces each number outside of strings with the result of `rewrite`; an empty result keeps the
// number. Invalid JSON stays invalid: a malformed number is passed to `rewrite` as a whole.
std::string WithNumbers(std::string_view json, const std::function<std::string(std::string_view)>& rewrite);

// Writes whole numbers beyond int64 and uint64 as fractions, so that they parse as doubles. A
// number that exceeds the range of doubles is unchanged.
std::string WithoutWideNumbers(std::string_view json);

// Whether the text contains a run of digits so long that one of its numbers may exceed int64.
// Examines only a small part of the bytes.
bool MayHaveWideNumbers(std::string_view json);

}  // namespace capstan::json
