#include <capstan/local/apiserver/api/numbers_of_go.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>

#include <capstan/core/base/json.hpp>
#include <capstan/core/json/numbers.hpp>

namespace capstan::apiserver {
namespace {

// Below this a double represents every integer exactly; from here on Kubernetes does not treat a
// double as an integer.
constexpr double kExactBelow = 9007199254740992.0;  // 2^53

bool IsDigitOfNumber(char c) { return c >= '0' && c <= '9'; }

// Rejects what C++ parses and JSON does not allow: 01 and 1.
bool HasShapeOfJson(std::string_view number) {
  const std::size_t first = number[0] == '-' ? 1 : 0;
  if (first + 1 < number.size() && number[first] == '0' && IsDigitOfNumber(number[first + 1])) return false;
  const std::size_t point = number.find('.');
  return point == std::string_view::npos || (point + 1 < number.size() && IsDigitOfNumber(number[point + 1]));
}

std::string AsGoReads(std::string_view number) {
  const char* end = number.data() + number.size();
  std::int64_t exact = 0;
  if (const auto whole = std::from_chars(number.data(), end, exact);
      whole.ptr == end && whole.ec == std::errc{})
    return number == "-0" ? "0" : "";
  if (!HasShapeOfJson(number)) return {};
  double value = 0;
  const auto read = std::from_chars(number.data(), end, value);
  if (read.ptr != end) return {};
  if (read.ec != std::errc{}) return number.find("e-") != std::string_view::npos ? "0" : "";
  if (std::trunc(value) == value && std::fabs(value) < kExactBelow)
    return std::to_string(static_cast<std::int64_t>(value));
  std::string text;
  AppendJsonNumber(value, text);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string WithNumbersOfGo(std::string_view json) { return json::WithNumbers(json, AsGoReads); }

}  // namespace capstan::apiserver
