#include <capstan/core/typed/values.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <capstan/core/base/text.hpp>

namespace capstan::typed {
namespace {

struct Suffix {
  std::string_view text;
  double factor;
};
// Binary suffixes come first, so that "Ki" is not read as "K".
constexpr std::array<Suffix, 15> kSuffixes = {{{"Ki", 1024.0},
                                               {"Mi", 1048576.0},
                                               {"Gi", 1073741824.0},
                                               {"Ti", 1099511627776.0},
                                               {"Pi", 1125899906842624.0},
                                               {"Ei", 1152921504606846976.0},
                                               {"n", 1e-9},
                                               {"u", 1e-6},
                                               {"m", 1e-3},
                                               {"k", 1e3},
                                               {"M", 1e6},
                                               {"G", 1e9},
                                               {"T", 1e12},
                                               {"P", 1e15},
                                               {"E", 1e18}}};

struct Parts {
  std::string number;
  double factor = 1;
};

// The signed decimal number and its suffix or exponent; nullopt if the text is no quantity.
std::optional<Parts> Take(std::string_view text) {
  std::size_t at = 0;
  const auto digit = [&] { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  std::size_t digits = 0;
  for (; digit(); ++at) ++digits;
  if (at < text.size() && text[at] == '.') {
    ++at;
    for (; digit(); ++at) ++digits;
  }
  if (digits == 0) return std::nullopt;
  Parts parts{std::string(text.substr(text.front() == '+' ? 1 : 0, at - (text.front() == '+' ? 1 : 0)))};
  const std::string_view rest = text.substr(at);
  if (rest.empty()) return parts;
  for (const Suffix& suffix : kSuffixes) {
    if (rest == suffix.text) {
      parts.factor = suffix.factor;
      return parts;
    }
  }
  if (rest.front() != 'e' && rest.front() != 'E') return std::nullopt;
  int exponent = 0;
  const char* begin = rest.data() + 1 + (rest.size() > 1 && rest[1] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, rest.data() + rest.size(), exponent);
  if (error != std::errc{} || end != rest.data() + rest.size()) return std::nullopt;
  parts.factor = std::pow(10.0, exponent);
  return parts;
}

}  // namespace

Result<std::int64_t> IntOrString::Of(std::int64_t whole, bool round_up) const {
  if (is_number()) return number();
  const std::string& text = std::get<1>(value_);
  std::int64_t percent = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, percent);
  if (error != std::errc{} || end + 1 != last || *end != '%' || percent < 0 || percent > 1'000'000) {
    return Fail(Code::kInvalidArgument,
                StrCat("\"", Shorten(text, 40), "\" is neither a number nor a percentage such as \"25%\""));
  }
  const double share = static_cast<double>(whole) * static_cast<double>(percent) / 100.0;
  return static_cast<std::int64_t>(round_up ? std::ceil(share) : std::floor(share));
}

Result<Quantity> Quantity::Parse(std::string_view text) {
  if (text.size() > 64 || text.empty() || !Take(text)) {
    return Fail(Code::kInvalidArgument,
                StrCat("\"", Shorten(text, 40), "\" is no quantity such as \"500m\", \"1.5Gi\" or \"2e3\""));
  }
  Quantity quantity;
  quantity.text_ = text;
  return quantity;
}

double Quantity::value() const {
  const auto parts = Take(text_);
  return parts ? std::strtod(parts->number.c_str(), nullptr) * parts->factor : 0;
}

Result<Time> Time::Parse(std::string_view text) {
  const auto time = ParseRfc3339(text);
  if (!time)
    return Fail(Code::kInvalidArgument,
                StrCat("\"", Shorten(text, 40), "\" is no time such as \"2026-11-22T07:00:00Z\""));
  Time read(*time);
  read.text_ = text;
  return read;
}

}  // namespace capstan::typed
