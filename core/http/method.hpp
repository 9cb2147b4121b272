// What a method says about a request. Pure.
#pragma once

#include <string_view>

namespace capstan::http {

// Whether the method asks for a representation, and nothing else.
constexpr bool IsRead(std::string_view method) { return method == "GET" || method == "HEAD"; }

// Whether the method only reads (RFC 9110 9.2.1), of those that are used here: such a request may
// be repeated, is never fenced, and makes nothing.
constexpr bool IsSafe(std::string_view method) { return IsRead(method) || method == "OPTIONS"; }

}  // namespace capstan::http
