#include <capstan/local/apiserver/schema/format.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <arpa/inet.h>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Takes exactly `digits` digits from the front.
std::optional<int> TakeDigits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool TakeOneOf(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeDate(std::string_view& text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeOneOf(text, "-")) return false;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeOneOf(text, "-")) return false;
  const auto day = TakeDigits(text, 2);
  if (!day || *month < 1 || *month > 12 || *day < 1) return false;
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  const int days = *month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(*month - 1)];
  return *day <= days;
}

bool TakeTime(std::string_view& text) {
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeOneOf(text, ":")) return false;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59 || !TakeOneOf(text, ":")) return false;
  const auto second = TakeDigits(text, 2);
  if (!second || *second > 59) return false;
  if (TakeOneOf(text, ".")) {
    std::size_t digits = 0;
    while (digits < text.size() && IsDigit(text[digits])) ++digits;
    if (digits == 0) return false;
    text.remove_prefix(digits);
  }
  return true;
}

bool IsDateTime(std::string_view text) {
  if (!TakeDate(text) || !TakeOneOf(text, "Tt") || !TakeTime(text)) return false;
  if (TakeOneOf(text, "Zz")) return text.empty();
  if (!TakeOneOf(text, "+-")) return false;
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23) return false;
  TakeOneOf(text, ":");
  const auto minute = TakeDigits(text, 2);
  return minute && *minute <= 59 && text.empty();
}

bool IsAddress(int family, std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(family, std::string(text).c_str(), bytes.data()) == 1;
}

// Kubernetes reads 01.2.3.4 as 1.2.3.4.
std::string WithoutLeadingZeroes(std::string_view address) {
  std::string plain;
  for (std::string part : Split(address, '.')) {
    if (!part.empty()) part.erase(0, std::min(part.find_first_not_of('0'), part.size() - 1));
    plain += (plain.empty() ? "" : ".") + part;
  }
  return plain;
}

bool IsCidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view address = text.substr(0, slash), bits = text.substr(slash + 1);
  const bool v4 = IsAddress(AF_INET, address);
  if (!v4 && !IsAddress(AF_INET6, address)) return false;
  if (bits.empty() || bits.size() > 3 || !std::all_of(bits.begin(), bits.end(), IsDigit)) return false;
  if (bits.size() > 1 && bits.front() == '0') return false;
  return std::stoi(std::string(bits)) <= (v4 ? 32 : 128);
}

bool IsUri(std::string_view text) {
  if (text.empty()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= ' ' || c == 0x7F) return false;
    if (c == '%' && (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2]))) return false;
  }
  if (text.front() == '/') return true;
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || !IsLetter(text.front())) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '+' || c == '-' || c == '.'; });
}

bool IsUuid(std::string_view text, char version) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-' && digits.size() % 4 == 0 && digits.size() >= 8 && digits.size() <= 20) continue;
    if (!IsHex(text[i])) return false;
    digits += text[i];
  }
  if (digits.size() != 32) return false;
  if (version == 0) return true;
  if (digits[12] != version) return false;
  return version == '3' || std::string_view("89abAB").find(digits[16]) != std::string_view::npos;
}

bool IsByte(std::string_view text) {
  std::string bytes;
  return !text.empty() && Base64Decode(text, bytes);
}

// One label, or several of which the last has only letters.
bool IsHostname(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  const auto labels = Split(text, '.');
  for (const auto& label : labels) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '-'; })) {
      return false;
    }
  }
  const std::string& last = labels.back();
  return labels.size() == 1 || (last.size() >= 2 && std::all_of(last.begin(), last.end(), IsLetter));
}

// Parts of an email address joined by dots.
bool IsDotted(std::string_view text) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return (c >= 0 && c <= ' ') || c == 0x7F ||
           std::string_view("()<>[]:;@\\,\"").find(c) != std::string_view::npos;
  });
  return plain && !text.empty() && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos;
}

// An email address, optionally with a display name: "A <a@b>".
bool IsEmail(std::string_view text) {
  const std::size_t open = text.find('<');
  if (open != std::string_view::npos && text.back() == '>')
    text = text.substr(open + 1, text.size() - open - 2);
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && IsDotted(text.substr(0, at)) && IsDotted(text.substr(at + 1));
}

bool IsMac(std::string_view text) {
  if (text.size() < 14) return false;
  const char separator = text[2] == ':' || text[2] == '-' ? text[2] : '.';
  const std::size_t group = separator == '.' ? 4 : 2;
  std::size_t digits = 0;
  for (const auto& part : Split(text, separator)) {
    if (part.size() != group || !std::all_of(part.begin(), part.end(), IsHex)) return false;
    digits += group;
  }
  return digits == 12 || digits == 16 || digits == 40;
}

// "1h30m" as Go writes it, or a number with a unit anywhere in the text: "3 days", "P1D".
bool IsDuration(std::string_view text) {
  constexpr std::array<std::string_view, 37> kUnits = {
      "ns",           "nano", "nanos", "nanosecond", "nanoseconds",
      "us",           "µs",   "micro", "micros",     "microsecond",
      "microseconds", "ms",   "milli", "millis",     "millisecond",
      "milliseconds", "s",    "sec",   "secs",       "second",
      "seconds",      "m",    "min",   "mins",       "minute",
      "minutes",      "h",    "hr",    "hrs",        "hour",
      "hours",        "d",    "day",   "days",       "w",
      "week",         "weeks"};
  if (text == "0" || text == "+0" || text == "-0") return true;
  bool any = false;
  while (!text.empty()) {
    const std::size_t digit = text.find_first_of("0123456789");
    if (digit == std::string_view::npos) break;
    text.remove_prefix(digit);
    text.remove_prefix(std::min(text.find_first_not_of("0123456789."), text.size()));
    while (TakeOneOf(text, " ")) {
    }
    std::size_t unit = 0;
    while (unit < text.size() && (IsLetter(text[unit]) || static_cast<unsigned char>(text[unit]) >= 0x80))
      ++unit;
    const std::string name = ToLower(text.substr(0, unit));
    if (unit > 0 && std::find(kUnits.begin(), kUnits.end(), name) == kUnits.end()) return false;
    any = any || unit > 0;
    text.remove_prefix(unit);
  }
  return any;
}

bool IsHexColor(std::string_view text) {
  TakeOneOf(text, "#");
  return (text.size() == 3 || text.size() == 6) && std::all_of(text.begin(), text.end(), IsHex);
}

bool IsDate(std::string_view text) { return TakeDate(text) && text.empty(); }

bool IsObjectId(std::string_view text) {
  return text.size() == 24 && std::all_of(text.begin(), text.end(), IsHex);
}

}  // namespace

bool HasFormat(std::string_view format, std::string_view text) {
  if (format == "date-time" || format == "datetime") return IsDateTime(text);
  if (format == "date") return IsDate(text);
  if (format == "duration") return IsDuration(text);
  if (format == "ipv4") return IsAddress(AF_INET, WithoutLeadingZeroes(text));
  if (format == "ipv6") return IsAddress(AF_INET6, text);
  if (format == "cidr") return IsCidr(text);
  if (format == "uri") return IsUri(text);
  if (format == "uuid") return IsUuid(text, 0);
  if (format == "uuid3" || format == "uuid4" || format == "uuid5") return IsUuid(text, format.back());
  if (format == "byte") return IsByte(text);
  if (format == "email") return IsEmail(text);
  if (format == "hostname") return IsHostname(text);
  if (format == "mac") return IsMac(text);
  if (format == "hexcolor") return IsHexColor(text);
  if (format == "bsonobjectid") return IsObjectId(text);
  if (format == "k8s-short-name") return IsDnsLabel(text);
  if (format == "k8s-long-name") return IsDnsSubdomain(text);
  return true;
}

}  // namespace capstan::apiserver
