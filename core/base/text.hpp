// Basic text functions: join, split, trim, check DNS names, encode. Pure; thread-safe.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace capstan {

// Appends the text of one piece; StrCat calls it for each. Strings and characters are copied,
// numbers are decimal (doubles with six significant digits, like streams), booleans are 0 or 1;
// everything else uses its operator<<.
void AppendDouble(std::string& text, double value);
void AppendStreamed(std::string& text, void (*print)(std::ostream&, const void*), const void* value);

template <class Piece>
void AppendText(std::string& text, const Piece& piece) {
  if constexpr (std::is_convertible_v<const Piece&, std::string_view>) {
    text.append(std::string_view(piece));
  } else if constexpr (std::is_same_v<Piece, char>) {
    text.push_back(piece);
  } else if constexpr (std::is_same_v<Piece, bool>) {
    text.push_back(piece ? '1' : '0');
  } else if constexpr (std::is_integral_v<Piece> && sizeof(Piece) > 1) {
    char digits[24];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, piece).ptr);
  } else if constexpr (std::is_floating_point_v<Piece>) {
    AppendDouble(text, static_cast<double>(piece));
  } else {
    AppendStreamed(
        text, [](std::ostream& out, const void* value) { out << *static_cast<const Piece*>(value); }, &piece);
  }
}

// Concatenates all pieces.
template <class... Pieces>
std::string StrCat(const Pieces&... pieces) {
  std::string text;
  (AppendText(text, pieces), ...);
  return text;
}

std::string Join(const std::vector<std::string>& pieces, std::string_view separator);
// Splits at every separator and keeps empty pieces. "" gives one empty piece.
std::vector<std::string> Split(std::string_view text, char separator);
std::string_view Trim(std::string_view text);  // blanks, tabs, CR, LF at both ends
// Strips the final full stop and surrounding blanks, for a foreign sentence that one of ours
// continues. An ellipsis stays.
std::string_view WithoutFullStop(std::string_view text);
std::string ToLower(std::string_view text);  // ASCII
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// RFC 1123: a label is at most 63 of [a-z0-9-] and starts and ends with an alphanumeric; a
// subdomain is labels joined by dots, at most 253 characters in total (Kubernetes object names).
bool IsDnsLabel(std::string_view text);
bool IsDnsSubdomain(std::string_view text);

std::string Base64Encode(std::string_view bytes);
// Standard alphabet, padding required, no line breaks; false when malformed.
bool Base64Decode(std::string_view text, std::string& bytes);

// Percent-encodes all but RFC 3986's unreserved characters; for path segments and query values.
std::string UrlEncode(std::string_view text);
// Decodes %XX, and + as a blank if `plus_is_blank` (query strings); false on a malformed escape.
bool UrlDecode(std::string_view text, bool plus_is_blank, std::string& decoded);

// The length in bytes of the UTF-8 character at the start of `text`; 0 if it is invalid (RFC 3629:
// no overlong forms, no surrogates, nothing above U+10FFFF). REQUIRES: text is not empty.
std::size_t Utf8Length(std::string_view text);
bool IsUtf8(std::string_view text);

// At most `limit` bytes, truncated at a UTF-8 boundary and marked with "…".
std::string Shorten(std::string_view text, std::size_t limit);

}  // namespace capstan
