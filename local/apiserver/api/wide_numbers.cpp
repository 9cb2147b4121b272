#include <capstan/local/apiserver/api/wide_numbers.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>

namespace capstan::apiserver {
namespace {

bool IsDecimalDigit(char c) { return c >= '0' && c <= '9'; }

// The number of digits alone that starts at `at`, with its sign; empty where it has more to it.
std::string_view WholeAt(std::string_view json, std::size_t at) {
  std::size_t end = at + (json[at] == '-' ? 1 : 0);
  while (end < json.size() && IsDecimalDigit(json[end])) ++end;
  const bool more = end < json.size() && (json[end] == '.' || json[end] == 'e' || json[end] == 'E');
  return more ? std::string_view() : json.substr(at, end - at);
}

// Its text as a fraction; empty when it fits 64 bits, or no double holds it.
std::string Widened(std::string_view whole) {
  constexpr std::size_t kAlwaysFits = 18;  // digits
  if (whole.size() <= kAlwaysFits) return {};
  std::int64_t exact = 0;
  const char* end = whole.data() + whole.size();
  if (std::from_chars(whole.data(), end, exact).ec == std::errc{}) return {};
  double number = 0;
  if (std::from_chars(whole.data(), end, number).ec != std::errc{} || !std::isfinite(number)) return {};
  return std::string(whole) + ".0";
}

}  // namespace

std::string WithoutWideNumbers(std::string_view json) {
  std::string out;
  out.reserve(json.size() + 16);
  bool in_string = false;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (!in_string && (c == '-' || IsDecimalDigit(c))) {
      // To the end of the number, whatever it is, so that no part of it counts as another one.
      std::size_t end = at + 1;
      while (end < json.size() && (IsDecimalDigit(json[end]) || json[end] == '.' || json[end] == 'e' ||
                                   json[end] == 'E' || json[end] == '+' || json[end] == '-'))
        ++end;
      const std::string widened = Widened(WholeAt(json, at));
      out += widened.empty() ? std::string(json.substr(at, end - at)) : widened;
      at = end;
      continue;
    }
    if (c == '\\' && in_string && at + 1 < json.size()) {
      out += c;
      ++at;
    } else if (c == '"') {
      in_string = !in_string;
    }
    out += json[at++];
  }
  return out;
}

}  // namespace capstan::apiserver
