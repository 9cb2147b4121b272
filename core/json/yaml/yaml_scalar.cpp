#include <capstan/core/json/yaml/yaml_scalar.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <limits>

#include <capstan/core/base/text.hpp>

namespace capstan::json {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// In lower case, capitalized, or all in capitals: "yes", "Yes", "YES".
bool IsWord(std::string_view text, std::string_view word) {
  if (ToLower(text) != word) return false;
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const std::string_view rest = text.substr(1);
  return std::all_of(rest.begin(), rest.end(), is_lower) ||
         (!is_lower(text[0]) && std::none_of(rest.begin(), rest.end(), is_lower));
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return IsWord(text, word); });
}

// The digits of an integer without its sign, and their base.
struct Digits {
  std::string_view text;
  int base = 10;
};

Digits DigitsOf(std::string_view text) {
  if (text.size() < 2 || text[0] != '0') return {text, 10};
  const char mark = text[1];
  if (mark == 'x' || mark == 'X') return {text.substr(2), 16};
  if (mark == 'o' || mark == 'O') return {text.substr(2), 8};
  if (mark == 'b' || mark == 'B') return {text.substr(2), 2};
  return {text.substr(1), 8};
}

// A whole number that fits 64 bits stays exact; beyond that, a double is the closest that JSON
// offers.
Tree Integer(std::uint64_t magnitude, bool negative) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!negative && magnitude > kMost) return Tree(Poco::UInt64{magnitude});
  if (magnitude > kMost + 1) return Tree(-static_cast<double>(magnitude));
  return Tree(static_cast<Poco::Int64>(negative ? ~magnitude + 1 : magnitude));
}

Tree Real(double value) {
  const bool whole = std::trunc(value) == value && std::fabs(value) < 9223372036854775808.0;  // 2^63
  return whole ? Tree(static_cast<Poco::Int64>(value)) : Tree(value);
}

// Like Go's strconv.ParseInt(text, 0, 64), but also beyond 64 bits.
bool ParseInteger(std::string_view text, Tree& number) {
  const bool negative = text.substr(0, 1) == "-";
  if (negative || text.substr(0, 1) == "+") text.remove_prefix(1);
  const Digits digits = DigitsOf(text);
  if (digits.text.empty()) return false;
  const char* end = digits.text.data() + digits.text.size();
  std::uint64_t magnitude = 0;
  const auto parsed = std::from_chars(digits.text.data(), end, magnitude, digits.base);
  if (parsed.ptr != end) return false;
  if (parsed.ec == std::errc{}) {
    number = Integer(magnitude, negative);
    return true;
  }
  if (digits.base == 10) return false;  // parsed as a real number instead
  double value = 0;
  for (const char c : digits.text) {
    const int digit = IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value * digits.base + digit;
  }
  if (!std::isfinite(value)) return false;
  number = negative ? -value : value;
  return true;
}

// [-+]? ( .digits | digits [. digits?] ) [ e [-+]? digits ]
bool HasShapeOfReal(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at > from;
  };
  const auto sign = [&] {
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  };
  sign();
  const bool whole = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits() && !whole) return false;
  } else if (!whole) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    sign();
    if (!digits()) return false;
  }
  return at == text.size();
}

// Like Go: underflow gives 0, overflow is not a number.
bool ParseReal(const std::string& text, Tree& number) {
  if (!HasShapeOfReal(text)) return false;
  const double value = std::strtod(text.c_str(), nullptr);
  if (!std::isfinite(value)) return false;
  number = Real(value);
  return true;
}

bool IsInfinite(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (text.substr(0, 1) == "-" || text.substr(0, 1) == "+") text.remove_prefix(1);
  return text == ".inf" || text == ".Inf" || text == ".INF";
}

bool ParseNumber(const std::string& text, Tree& number) {
  const char first = text[0];
  if (first == '.') return ParseReal(text, number);
  if (!IsDigit(first) && first != '+' && first != '-') return false;
  std::string plain = text;
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  return ParseInteger(plain, number) || ParseReal(plain, number);
}

// A plain scalar without a tag. Errors: not a number that JSON can carry.
Result<Tree> ResolvePlain(const std::string& text) {
  if (text.empty() || text == "~" || IsWord(text, "null")) return Result<Tree>(tl::in_place, Tree());
  if (IsOneOf(text, {"true", "yes", "on", "y"})) return Result<Tree>(tl::in_place, Tree(true));
  if (IsOneOf(text, {"false", "no", "off", "n"})) return Result<Tree>(tl::in_place, Tree(false));
  if (IsInfinite(text))
    return Fail(Code::kInvalidArgument,
                StrCat(text, " is no number that JSON can carry; quote it if it is text"));
  Tree number;
  return Result<Tree>(tl::in_place, ParseNumber(text, number) ? number : Tree(text));
}

Result<Tree> DecodeBinary(const std::string& text) {
  std::string packed = text, bytes;
  packed.erase(std::remove_if(packed.begin(), packed.end(),
                              [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; }),
               packed.end());
  if (!Base64Decode(packed, bytes))
    return Fail(Code::kInvalidArgument, "!!binary value contains invalid base64 data");
  return Result<Tree>(tl::in_place, Tree(bytes));
}

bool FitsTag(std::string_view type, const Tree& value) {
  if (type == "null") return IsNull(value);
  if (IsNull(value)) return false;
  if (type == "bool") return value.isBoolean();
  if (type == "int") return value.isInteger() && !value.isBoolean();
  return value.isNumeric() && !value.isBoolean();
}

}  // namespace

Result<Tree> ResolveScalar(std::string_view tag, const std::string& text) {
  if (tag.empty()) return ResolvePlain(text);
  if (tag.substr(0, kTagPrefix.size()) != kTagPrefix) return Result<Tree>(tl::in_place, Tree(text));
  const std::string_view type = tag.substr(kTagPrefix.size());
  if (type == "binary") return DecodeBinary(text);
  if (type != "null" && type != "bool" && type != "int" && type != "float")
    return Result<Tree>(tl::in_place, Tree(text));
  CAPSTAN_TRY(const Tree value, ResolvePlain(text));
  if (!FitsTag(type, value))
    return Fail(Code::kInvalidArgument, StrCat("cannot decode \"", Shorten(text, 60), "\" as a !!", type));
  return Result<Tree>(tl::in_place, value);
}

bool IsPlainString(const std::string& text) {
  if (text == "<<" || text == "=") return false;
  const auto resolved = ResolvePlain(text);
  if (!resolved || IsNull(*resolved) || !resolved->isString()) return false;
  // Sexagesimal numbers of YAML 1.1: digits and colons.
  return text.find_first_not_of("0123456789_:.+-") != std::string::npos ||
         text.find(':') == std::string::npos;
}

}  // namespace capstan::json
