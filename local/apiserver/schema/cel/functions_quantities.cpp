// Kubernetes quantities: quantity().
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/kinds.hpp>

namespace capstan::apiserver::cel {
namespace {

__extension__ using Wide = __int128;

// A quantity in billionths; nullopt when the text is not one. Values beyond int64 are clamped, as
// in Kubernetes.
constexpr Wide kUnit = 1'000'000'000;
constexpr Wide kMostQuantity = Wide{9'223'372'036'854'775'807} * kUnit;

std::optional<Wide> ScaleOf(std::string_view suffix) {
  constexpr std::string_view kDecimal = "kMGTPE", kBinary = "KMGTPE";
  if (suffix.empty()) return kUnit;
  if (suffix == "n") return 1;
  if (suffix == "u") return 1000;
  if (suffix == "m") return 1'000'000;
  const std::size_t binary = kBinary.find(suffix[0]), decimal = kDecimal.find(suffix[0]);
  if (suffix.size() == 2 && suffix[1] == 'i' && binary != std::string_view::npos)
    return kUnit << (10 * (binary + 1));
  Wide scale = kUnit;
  if (suffix.size() == 1 && decimal != std::string_view::npos) {
    for (std::size_t i = 0; i <= decimal; ++i) scale *= 1000;
    return scale;
  }
  if (suffix[0] != 'e' && suffix[0] != 'E') return std::nullopt;
  std::string_view digits = suffix.substr(1);
  if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
  int exponent = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size())
    return std::nullopt;
  for (; exponent > 0 && scale < kMostQuantity; --exponent) scale *= 10;
  for (; exponent < 0 && scale > 1; ++exponent) scale /= 10;
  return exponent < 0 ? Wide{0} : scale;
}

std::optional<Wide> ParseQuantity(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, end);
  if (number.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  if (std::count(number.begin(), number.end(), '.') > 1) return std::nullopt;
  const auto scale = ScaleOf(text.substr(end));
  if (!scale) return std::nullopt;
  Wide total = 0, place = *scale;
  const std::size_t point = std::min(number.find('.'), number.size());
  for (const char c : number.substr(0, point)) {
    total = total * 10 + (c - '0') * *scale;
    if (total > kMostQuantity) total = kMostQuantity;
  }
  bool rest = false;
  for (const char c : number.substr(std::min(point + 1, number.size()))) {
    rest = rest || (place % 10 != 0 && c != '0');
    place /= 10;
    total += place * (c - '0');
  }
  if (rest || (*scale == 0 && number.find_first_of("123456789") != std::string_view::npos))
    ++total;  // rounded up
  total = std::min(total, kMostQuantity);
  return negative ? -total : total;
}

std::string QuantityText(Wide quantity) {
  const bool negative = quantity < 0;
  if (negative) quantity = -quantity;
  std::string text = std::to_string(static_cast<std::uint64_t>(quantity / kUnit));
  if (const auto rest = static_cast<std::uint64_t>(quantity % kUnit); rest != 0) {
    std::string digits = std::to_string(rest + 1'000'000'000).substr(1);
    text += "." + digits.substr(0, digits.find_last_not_of('0') + 1);
  }
  return (negative ? "-" : "") + text;
}

Wide QuantityOf(const Value& value) {
  return value.kind == Kind::kInt ? Wide{value.whole} * kUnit : ParseQuantity(value.text).value_or(0);
}

Result<Value> IsQuantityText(const Arguments& a, Meter&) {
  return Bool(ParseQuantity(a[0].text).has_value());
}
Result<Value> MakeQuantity(const Arguments& a, Meter&) {
  if (!ParseQuantity(a[0].text)) {
    return Bad(StrCat(
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"));
  }
  Value quantity = a[0];
  quantity.kind = Kind::kQuantity;
  return quantity;
}
Result<Value> SumOfQuantities(const Arguments& a, int sign) {
  const Wide sum = QuantityOf(a[0]) + sign * QuantityOf(a[1]);
  return TextOfKind(Kind::kQuantity, QuantityText(std::max(std::min(sum, kMostQuantity), -kMostQuantity)));
}
Result<Value> Add(const Arguments& a, Meter&) { return SumOfQuantities(a, 1); }
Result<Value> Sub(const Arguments& a, Meter&) { return SumOfQuantities(a, -1); }
// Kubernetes stores long numbers and fractions of binary units as decimals, which do not count as
// integers.
bool IsWhole(const Value& quantity) {
  const std::string_view text = quantity.text;
  const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool binary = !text.empty() && text.back() == 'i';
  if (digits > 18 || (binary && text.find('.') != std::string_view::npos)) return false;
  return QuantityOf(quantity) % kUnit == 0;
}
Result<Value> IsInteger(const Arguments& a, Meter&) { return Bool(IsWhole(a[0])); }
Result<Value> SignOf(const Arguments& a, Meter&) { return Int(ThreeWay(QuantityOf(a[0]), Wide{0})); }
Result<Value> AsInteger(const Arguments& a, Meter&) {
  const Wide quantity = QuantityOf(a[0]);
  if (!IsWhole(a[0])) return Bad("cannot convert value to integer");
  return Int(static_cast<std::int64_t>(quantity / kUnit));
}
Result<Value> AsFloat(const Arguments& a, Meter&) {
  return Double(static_cast<double>(QuantityOf(a[0])) / static_cast<double>(kUnit));
}

}  // namespace

int OrderOfQuantities(const Value& a, const Value& b) { return ThreeWay(QuantityOf(a), QuantityOf(b)); }

std::vector<Function> QuantityFunctions() {
  return {
      {"isQuantity", false, "s", 'b', IsQuantityText},
      {"quantity", false, "s", 'Q', MakeQuantity},
      {"add", true, "QQ", 'Q', Add},
      {"add", true, "Qi", 'Q', Add},
      {"sub", true, "QQ", 'Q', Sub},
      {"sub", true, "Qi", 'Q', Sub},
      {"isInteger", true, "Q", 'b', IsInteger},
      {"sign", false, "Q", 'i', SignOf},
      {"asInteger", true, "Q", 'i', AsInteger},
      {"asApproximateFloat", true, "Q", 'd', AsFloat},
  };
}

}  // namespace capstan::apiserver::cel
