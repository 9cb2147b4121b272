// Private to core/net: parses one line of a head or a trailer, as strictly as RFC 9110 5 and
// 9112 5.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <capstan/core/base/result.hpp>

namespace capstan::net {

// One or more of the characters allowed in names and methods (RFC 9110 5.6.2).
bool IsToken(std::string_view text);
// Only visible characters, blanks, tabs and bytes above 127: no NUL, no bare CR, no other control
// characters.
bool IsFieldContent(std::string_view text);
// "Name: value", without the blanks around the value. Rejects folded lines and a blank before the
// colon, which are used for request smuggling. Errors: kDataLoss.
Result<std::pair<std::string, std::string>> ParseField(std::string_view line);

}  // namespace capstan::net
