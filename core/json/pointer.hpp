// Private to this folder: JSON pointers (RFC 6901).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::json {

// The decoded reference tokens; none for "". Errors: kInvalidArgument (no leading '/', or a '~' not
// followed by 0 or 1).
Result<std::vector<std::string>> ParsePointer(std::string_view pointer);

// A token as an array index: digits without leading zeros; nothing otherwise ("-" included).
std::optional<std::size_t> ParseIndex(std::string_view token);

}  // namespace capstan::json
