// The few things everyone does with text: put pieces together, take them apart, check a DNS name.
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

// What StrCat does for each piece: appends its text. Texts and characters as they are, numbers in
// decimal (doubles with six significant digits, as streams write them), booleans as 0 or 1;
// everything else by its operator<<.
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

// All pieces in one string.
template <class... Pieces>
std::string StrCat(const Pieces&... pieces) {
  std::string text;
  (AppendText(text, pieces), ...);
  return text;
}

std::string Join(const std::vector<std::string>& pieces, std::string_view separator);
// Splits at every separator; empty pieces stay. "" gives one empty piece.
std::vector<std::string> Split(std::string_view text, char separator);
std::string_view Trim(std::string_view text);  // blanks, tabs, CR, LF at both ends
// Without the full stop at its end, and blanks around it: for a foreign sentence that a sentence of
// ours continues. An ellipsis stays.
std::string_view WithoutFullStop(std::string_view text);
std::string ToLower(std::string_view text);  // ASCII
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// RFC 1123: a label is at most 63 of [a-z0-9-], starting and ending alphanumeric; a subdomain is
// labels joined by dots, at most 253 in all (Kubernetes' names of objects).
bool IsDnsLabel(std::string_view text);
bool IsDnsSubdomain(std::string_view text);

std::string Base64Encode(std::string_view bytes);
// Standard alphabet, padding required, line breaks not allowed; false when malformed.
bool Base64Decode(std::string_view text, std::string& bytes);

// Percent-encodes all but RFC 3986's unreserved characters; for path segments and query values.
std::string UrlEncode(std::string_view text);
// Decodes %XX, and + as blank when `plus_is_blank` (query strings); false on a malformed escape.
bool UrlDecode(std::string_view text, bool plus_is_blank, std::string& decoded);

// How many bytes the UTF-8 character at the head of `text` has; 0 where there is none (RFC 3629: no
// overlong forms, no surrogates, nothing above U+10FFFF). REQUIRES: text is not empty.
std::size_t Utf8Length(std::string_view text);
bool IsUtf8(std::string_view text);

// At most `limit` bytes, cut at a UTF-8 boundary, with "…" when cut.
std::string Shorten(std::string_view text, std::size_t limit);

}  // namespace capstan
