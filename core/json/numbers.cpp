#include <capstan/core/json/numbers.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>

namespace capstan::json {
namespace {

constexpr std::size_t kAlwaysFits = 18;  // digits

bool IsDecimalDigit(char c) { return c >= '0' && c <= '9'; }
bool BelongsToNumber(char c) {
  return IsDecimalDigit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

// Its text as a fraction; empty if it already is one, fits 64 bits with or without a sign, or
// exceeds the range of doubles. What fits is read exactly, whatever else the document contains.
std::string Widened(std::string_view number) {
  if (number.size() <= kAlwaysFits || number.find_first_of(".eE") != std::string_view::npos) return {};
  const char* end = number.data() + number.size();
  std::int64_t with_sign = 0;
  if (std::from_chars(number.data(), end, with_sign).ec == std::errc{}) return {};
  std::uint64_t without_sign = 0;
  if (std::from_chars(number.data(), end, without_sign).ec == std::errc{}) return {};
  double value = 0;
  if (std::from_chars(number.data(), end, value).ec != std::errc{} || !std::isfinite(value)) return {};
  return std::string(number) + ".0";
}

}  // namespace

std::string WithNumbers(std::string_view json, const std::function<std::string(std::string_view)>& rewrite) {
  std::string out;
  out.reserve(json.size() + 16);
  bool in_string = false;
  std::size_t plain = 0;  // start of the bytes not yet copied
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (in_string || (c != '-' && !IsDecimalDigit(c))) {
      if (c == '"') in_string = !in_string;
      at += c == '\\' && in_string ? 2 : 1;
      continue;
    }
    // To the end of the number, valid or not, so that no part of it is parsed as another one.
    std::size_t end = at + 1;
    while (end < json.size() && BelongsToNumber(json[end])) ++end;
    if (const std::string other = rewrite(json.substr(at, end - at)); !other.empty()) {
      out.append(json.substr(plain, at - plain)).append(other);
      plain = end;
    }
    at = end;
  }
  return out.append(json.substr(plain));
}

bool MayHaveWideNumbers(std::string_view json) {
  // Every run of more digits than always fit covers one of these positions.
  for (std::size_t at = kAlwaysFits; at < json.size(); at += kAlwaysFits + 1) {
    if (!IsDecimalDigit(json[at])) continue;
    std::size_t begin = at, end = at + 1;
    while (begin > 0 && IsDecimalDigit(json[begin - 1])) --begin;
    while (end < json.size() && IsDecimalDigit(json[end])) ++end;
    if (end - begin > kAlwaysFits) return true;
  }
  return false;
}

std::string WithoutWideNumbers(std::string_view json) { return WithNumbers(json, Widened); }

}  // namespace capstan::json
