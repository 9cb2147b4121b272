#include <capstan/local/apiserver/api/quantity.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

namespace capstan::apiserver {
namespace {

__extension__ using Wide = __int128;  // large enough for 18 digits with the largest suffix

enum class Style { kDecimal, kBinary, kExponent };

struct Amount {
  bool negative = false;
  std::uint64_t digits = 0;
  int exponent = 0;  // of ten
  int binary = 0;    // of 1024
  Style style = Style::kDecimal;
  bool exact = true;  // no digit was cut off from `digits`
};

constexpr std::array<std::string_view, 10> kDecimal = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
constexpr std::array<std::string_view, 7> kBinary = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
constexpr int kNano = -9, kExa = 18;

bool IsNumeral(char c) { return c >= '0' && c <= '9'; }

bool ReadSuffix(std::string_view suffix, Amount& amount) {
  for (std::size_t i = 0; i < kDecimal.size(); ++i) {
    if (suffix != kDecimal[i]) continue;
    amount.exponent += static_cast<int>(i) * 3 + kNano;
    return true;
  }
  for (std::size_t i = 1; i < kBinary.size(); ++i) {
    if (suffix != kBinary[i]) continue;
    amount.binary = static_cast<int>(i);
    amount.style = Style::kBinary;
    return true;
  }
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return false;
  suffix.remove_prefix(suffix[1] == '+' ? 2 : 1);
  int exponent = 0;
  const auto read = std::from_chars(suffix.data(), suffix.data() + suffix.size(), exponent);
  if (read.ec != std::errc{} || read.ptr != suffix.data() + suffix.size()) return false;
  amount.exponent += exponent;
  amount.style = Style::kExponent;
  return true;
}

std::optional<Amount> Parse(std::string_view text) {
  constexpr int kDigits = 18;
  Amount amount;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    amount.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  bool any = false, point = false;
  int kept = 0;
  std::size_t at = 0;
  for (; at < text.size() && (IsNumeral(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    any = true;
    if (kept == kDigits) {
      amount.exact = false;
      continue;
    }
    amount.digits = amount.digits * 10 + static_cast<std::uint64_t>(text[at] - '0');
    if (amount.digits != 0) ++kept;
    if (point) --amount.exponent;
  }
  if (!any || !ReadSuffix(text.substr(at), amount)) return std::nullopt;
  return amount;
}

std::string Digits(Wide number) {
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  return text;
}

// digits * 10^exponent in the fewest digits; each multiple of 1000 is a suffix.
std::string Decimal(Wide digits, int exponent, Style style) {
  while (digits % 10 == 0) digits /= 10, ++exponent;
  // Rounded up.
  for (; exponent < kNano; ++exponent) digits = digits / 10 + (digits % 10 != 0 ? 1 : 0);
  for (; exponent > kExa; --exponent) digits *= 10;
  for (; exponent % 3 != 0; --exponent) digits *= 10;
  if (style == Style::kExponent)
    return Digits(digits) + (exponent == 0 ? "" : "e" + std::to_string(exponent));
  return Digits(digits).append(kDecimal[static_cast<std::size_t>((exponent - kNano) / 3)]);
}

// whole * 10^exponent.
std::string Binary(Wide whole, int exponent) {
  Wide divisor = 1;
  for (int i = exponent; i < 0; ++i) divisor *= 10;
  for (int i = exponent; i > 0; --i) whole *= 10;
  if (whole < 1024 * divisor) {
    // Too small for a binary suffix: written as a decimal quantity.
    return whole % divisor == 0 ? Decimal(whole / divisor, 0, Style::kDecimal)
                                : Decimal(whole, exponent, Style::kDecimal);
  }
  whole = whole / divisor + (whole % divisor != 0 ? 1 : 0);
  std::size_t suffix = 0;
  for (; suffix + 1 < kBinary.size() && whole % 1024 == 0; ++suffix) whole /= 1024;
  return Digits(whole).append(kBinary[suffix]);
}

Wide WholeOf(const Amount& amount) {
  Wide whole = amount.digits;
  for (int i = 0; i < amount.binary; ++i) whole *= 1024;
  return amount.negative ? -whole : whole;
}

long double SizeOf(const Amount& amount) {
  const long double size = std::pow(10.0L, amount.exponent) * std::pow(1024.0L, amount.binary) *
                           static_cast<long double>(amount.digits);
  return amount.negative ? -size : size;
}

}  // namespace

bool IsQuantity(std::string_view text) { return Parse(text).has_value(); }

int CompareQuantities(std::string_view a, std::string_view b) {
  const auto value = [](std::string_view text) {
    const auto amount = Parse(text);
    return amount ? SizeOf(*amount) : 0.0L;
  };
  if (CanonicalQuantity(a) == CanonicalQuantity(b)) return 0;
  const long double left = value(a), right = value(b);
  constexpr long double kSame = 1e-15L;  // 1Gi and 1073741824 are equal
  if (std::fabs(left - right) <= kSame * std::max(std::fabs(left), std::fabs(right))) return 0;
  return left < right ? -1 : 1;
}

std::string AddQuantities(std::string_view a, std::string_view b) {
  constexpr long double kMost = 1e36L;  // the range of Wide, with room for one more step
  const auto left = Parse(a), right = Parse(b);
  if (!right || right->digits == 0) return CanonicalQuantity(a);
  if (!left || left->digits == 0) return CanonicalQuantity(b);
  const int exponent = std::min({left->exponent, right->exponent, 0});
  const long double size = (std::fabs(SizeOf(*left)) + std::fabs(SizeOf(*right))) / std::pow(10.0L, exponent);
  if (!left->exact || !right->exact || exponent < -2 * kExa || size > kMost)
    return std::string(CompareQuantities(a, b) < 0 ? b : a);
  const auto scaled = [exponent](const Amount& amount) {
    Wide whole = WholeOf(amount);
    for (int i = amount.exponent; i > exponent; --i) whole *= 10;
    return whole;
  };
  Wide sum = scaled(*left) + scaled(*right);
  if (sum == 0) return "0";
  const std::string sign = sum < 0 ? "-" : "";
  if (sum < 0) sum = -sum;
  if (left->style == Style::kBinary) return sign + Binary(sum, exponent);
  return sign + Decimal(sum, exponent, left->style);
}

bool IsWholeQuantity(std::string_view text) {
  const std::string canonical = CanonicalQuantity(text);
  const char last = canonical.empty() ? '\0' : canonical.back();
  return last != 'm' && last != 'u' && last != 'n';
}

std::string CanonicalQuantity(std::string_view text) {
  constexpr int kFarthest = 18;  // larger exponents overflow the arithmetic below
  const auto amount = Parse(text);
  if (!amount || !amount->exact || amount->exponent > kFarthest || amount->exponent < -kFarthest)
    return std::string(text);
  if (amount->digits == 0) return "0";
  const std::string sign = amount->negative ? "-" : "";
  Amount size = *amount;
  size.negative = false;
  if (amount->style == Style::kBinary) return sign + Binary(WholeOf(size), amount->exponent);
  return sign + Decimal(amount->digits, amount->exponent, amount->style);
}

}  // namespace capstan::apiserver
