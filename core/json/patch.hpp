// The two patch formats of Kubernetes, on JSON text. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>

namespace capstan::json {

// RFC 7386. Errors: kInvalidArgument when either side is not JSON (the message says which side, and
// where).
Result<std::string> MergePatch(std::string_view document, std::string_view patch);

// RFC 6902: add, remove, replace, move, copy, test. Errors: kInvalidArgument (malformed patch or
// path), kConflict (a test failed, or a path that must exist does not). All or nothing.
Result<std::string> JsonPatch(std::string_view document, std::string_view patch);

// The smallest merge patch that turns `from` into `to`, both objects; "{}" when equal. Errors:
// kInvalidArgument.
Result<std::string> MakeMergePatch(std::string_view from, std::string_view to);

// Whether both texts represent the same value, regardless of key order and white space; numbers
// compare by value, whole ones beyond int64 as doubles.
bool Equal(std::string_view a, std::string_view b);

// Text as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
std::string Quote(std::string_view text);

}  // namespace capstan::json
