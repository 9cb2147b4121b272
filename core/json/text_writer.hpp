// Private to this folder: how values become JSON text. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace capstan::json {

// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, one
// each.
void AppendQuoted(std::string_view text, std::string& out);

// Shortest text that reads back as the same double; a whole number keeps ".0", so that it stays a
// double. NaN and the infinities, which JSON has no words for, become null.
void AppendDouble(double value, std::string& out);

}  // namespace capstan::json
