// Private to core/net: one line of a head or a trailer, as strict as RFC 9110 5 and 9112 5 are.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <capstan/core/base/result.hpp>

namespace capstan::net {

// One or more of the characters that names and methods are made of (RFC 9110 5.6.2).
bool IsToken(std::string_view text);
// Nothing but visible characters, blanks, tabs and bytes above 127: no NUL, no bare CR, no other
// control.
bool IsFieldContent(std::string_view text);
// "Name: value", the blanks around the value taken away. A folded line and a blank before the colon
// are how smuggled requests look. Errors: kDataLoss.
Result<std::pair<std::string, std::string>> ParseField(std::string_view line);

}  // namespace capstan::net
