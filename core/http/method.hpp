// Properties of HTTP methods. Pure; thread-safe.
#pragma once

#include <string_view>

namespace capstan::http {

// Whether the method only requests a representation.
constexpr bool IsRead(std::string_view method) { return method == "GET" || method == "HEAD"; }

// Whether the method only reads (RFC 9110 9.2.1; of the methods used here): such a request can be
// repeated, is never fenced, and creates nothing.
constexpr bool IsSafe(std::string_view method) { return IsRead(method) || method == "OPTIONS"; }

}  // namespace capstan::http
