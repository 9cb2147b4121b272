#include <capstan/core/net/stream/field.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::net {
namespace {

bool IsTokenCharacter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-') return true;
  return std::string_view("!#$%&'*+.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenCharacter);
}

bool IsFieldContent(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
  });
}

Result<std::pair<std::string, std::string>> ParseField(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon)))
    return Fail(Code::kDataLoss, "the HTTP message has a malformed header");
  const auto value = line.substr(colon + 1);
  if (!IsFieldContent(value))
    return Fail(Code::kDataLoss, "the HTTP message has a header with a control character");
  return std::pair(std::string(line.substr(0, colon)), std::string(Trim(value)));
}

}  // namespace capstan::net
