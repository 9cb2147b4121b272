#include <capstan/local/apiserver/schema/cel/kinds.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/format.hpp>

namespace capstan::apiserver::cel {
namespace {

using Kind = Value::Kind;
__extension__ using Wide = __int128;

// Addresses: 4 or 16 bytes, nothing when the text is none. IPv4 inside IPv6, zones and leading
// zeroes are refused, as Kubernetes does.
std::optional<std::string> ParseIp(std::string_view text) {
  const std::string whole(text.substr(0, 64));
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, whole.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 4);
  if (inet_pton(AF_INET6, whole.c_str(), bytes.data()) != 1) return std::nullopt;
  const std::string mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) return std::nullopt;
  return std::string(bytes.data(), 16);
}

std::string IpText(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::optional<std::string> ParseCidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto address = ParseIp(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (!address || digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size() ||
      bits > address->size() * 8 || (digits.size() > 1 && digits[0] == '0')) {
    return std::nullopt;
  }
  return *address + static_cast<char>(bits);
}

std::string_view AddressOf(std::string_view cidr) { return cidr.substr(0, cidr.size() - 1); }
unsigned BitsOf(std::string_view cidr) { return static_cast<unsigned char>(cidr.back()); }

std::string Masked(std::string_view address, unsigned bits) {
  std::string masked(address);
  for (std::size_t i = 0; i < masked.size(); ++i) {
    const unsigned from = static_cast<unsigned>(i) * 8;
    const unsigned keep = bits <= from ? 0 : std::min(bits - from, 8U);
    masked[i] = static_cast<char>(static_cast<unsigned char>(masked[i]) & (0xFF00U >> keep & 0xFFU));
  }
  return masked;
}

Failure BadIp(std::string_view text) {
  return Bad(StrCat("IP Address \"", text.substr(0, 100),
                    "\" parse error during conversion from string: unable to parse IP"));
}
Failure BadCidr(std::string_view text) {
  return Bad(
      StrCat("network address parse error during conversion from string: \"", text.substr(0, 100), "\""));
}

Result<Value> IsIp(const Arguments& a, Meter&) { return Bool(ParseIp(a[0].text).has_value()); }
Result<Value> MakeIp(const Arguments& a, Meter&) {
  auto bytes = ParseIp(a[0].text);
  return bytes ? Result<Value>(TextOfKind(Kind::kIp, std::move(*bytes))) : BadIp(a[0].text);
}
Result<Value> IsCanonicalIp(const Arguments& a, Meter&) {
  const auto bytes = ParseIp(a[0].text);
  return bytes ? Result<Value>(Bool(IpText(*bytes) == a[0].text)) : BadIp(a[0].text);
}
Result<Value> Family(const Arguments& a, Meter&) { return Int(a[0].text.size() == 4 ? 4 : 6); }

unsigned Byte(const Value& ip, std::size_t i) { return static_cast<unsigned char>(ip.text[i]); }
bool IsAll(std::string_view bytes, char wanted) {
  return std::all_of(bytes.begin(), bytes.end(), [wanted](char c) { return c == wanted; });
}
Result<Value> IsUnspecified(const Arguments& a, Meter&) { return Bool(IsAll(a[0].text, '\0')); }
Result<Value> IsLoopback(const Arguments& a, Meter&) {
  if (a[0].text.size() == 4) return Bool(Byte(a[0], 0) == 127);
  return Bool(IsAll(a[0].text.substr(0, 15), '\0') && Byte(a[0], 15) == 1);
}
Result<Value> IsLinkLocalMulticast(const Arguments& a, Meter&) {
  if (a[0].text.size() == 4) return Bool(Byte(a[0], 0) == 224 && Byte(a[0], 1) == 0 && Byte(a[0], 2) == 0);
  return Bool(Byte(a[0], 0) == 0xFF && (Byte(a[0], 1) & 0xFU) == 2);
}
Result<Value> IsLinkLocalUnicast(const Arguments& a, Meter&) {
  if (a[0].text.size() == 4) return Bool(Byte(a[0], 0) == 169 && Byte(a[0], 1) == 254);
  return Bool(Byte(a[0], 0) == 0xFE && (Byte(a[0], 1) & 0xC0U) == 0x80);
}
Result<Value> IsGlobalUnicast(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(const Value unspecified, IsUnspecified(a, meter));
  CAPSTAN_TRY(const Value loopback, IsLoopback(a, meter));
  CAPSTAN_TRY(const Value local, IsLinkLocalUnicast(a, meter));
  const bool four = a[0].text.size() == 4;
  const bool multicast = four ? (Byte(a[0], 0) & 0xF0U) == 224 : Byte(a[0], 0) == 0xFF;
  const bool broadcast = four && IsAll(a[0].text, '\xFF');
  return Bool(!unspecified.truth && !loopback.truth && !local.truth && !multicast && !broadcast);
}

Result<Value> IsCidr(const Arguments& a, Meter&) { return Bool(ParseCidr(a[0].text).has_value()); }
Result<Value> MakeCidr(const Arguments& a, Meter&) {
  auto bytes = ParseCidr(a[0].text);
  return bytes ? Result<Value>(TextOfKind(Kind::kCidr, std::move(*bytes))) : BadCidr(a[0].text);
}
bool Holds(std::string_view cidr, std::string_view address) {
  return AddressOf(cidr).size() == address.size() &&
         Masked(AddressOf(cidr), BitsOf(cidr)) == Masked(address, BitsOf(cidr));
}
Result<Value> ContainsIp(const Arguments& a, Meter&) {
  if (a[1].kind == Kind::kIp) return Bool(Holds(a[0].text, a[1].text));
  const auto address = ParseIp(a[1].text);
  return address ? Result<Value>(Bool(Holds(a[0].text, *address))) : BadIp(a[1].text);
}
Result<Value> ContainsCidr(const Arguments& a, Meter&) {
  std::string other(a[1].text);
  if (a[1].kind == Kind::kString) {
    const auto parsed = ParseCidr(a[1].text);
    if (!parsed) return BadCidr(a[1].text);
    other = *parsed;
  }
  return Bool(BitsOf(a[0].text) <= BitsOf(other) && Holds(a[0].text, AddressOf(other)));
}
Result<Value> IpOfCidr(const Arguments& a, Meter&) {
  return TextOfKind(Kind::kIp, std::string(AddressOf(a[0].text)));
}
Result<Value> MaskedCidr(const Arguments& a, Meter&) {
  return TextOfKind(Kind::kCidr, Masked(AddressOf(a[0].text), BitsOf(a[0].text)) + a[0].text.back());
}
Result<Value> PrefixLength(const Arguments& a, Meter&) { return Int(BitsOf(a[0].text)); }

// A quantity in billionths; nothing when the text is none. What is larger than int64 counts as the
// largest, as in Kubernetes.
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

Result<Value> IsQuantity(const Arguments& a, Meter&) { return Bool(ParseQuantity(a[0].text).has_value()); }
Result<Value> MakeQuantity(const Arguments& a, Meter&) {
  if (!ParseQuantity(a[0].text)) {
    return Bad(StrCat(
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"));
  }
  Value quantity = a[0];
  quantity.kind = Kind::kQuantity;
  return quantity;
}
Result<Value> Sum(const Arguments& a, int sign) {
  const Wide sum = QuantityOf(a[0]) + sign * QuantityOf(a[1]);
  return TextOfKind(Kind::kQuantity, QuantityText(std::max(std::min(sum, kMostQuantity), -kMostQuantity)));
}
Result<Value> Add(const Arguments& a, Meter&) { return Sum(a, 1); }
Result<Value> Sub(const Arguments& a, Meter&) { return Sum(a, -1); }
// Kubernetes keeps long numbers and fractions of binary units as decimals, which are no integers to it.
bool IsWhole(const Value& quantity) {
  const std::string_view text = quantity.text;
  const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool binary = !text.empty() && text.back() == 'i';
  if (digits > 18 || (binary && text.find('.') != std::string_view::npos)) return false;
  return QuantityOf(quantity) % kUnit == 0;
}
Result<Value> IsInteger(const Arguments& a, Meter&) { return Bool(IsWhole(a[0])); }
Result<Value> AsInteger(const Arguments& a, Meter&) {
  const Wide quantity = QuantityOf(a[0]);
  if (!IsWhole(a[0])) return Bad("cannot convert value to integer");
  return Int(static_cast<std::int64_t>(quantity / kUnit));
}
Result<Value> AsFloat(const Arguments& a, Meter&) {
  return Double(static_cast<double>(QuantityOf(a[0])) / static_cast<double>(kUnit));
}

// MAJOR.MINOR.PATCH[-PRE][+BUILD].
struct Semver {
  std::array<std::uint64_t, 3> numbers = {};
  std::vector<std::string> pre;
};

bool IsNumeric(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<Semver> ParseSemver(std::string_view text) {
  Semver version;
  const std::size_t plus = text.find('+');
  const auto parts_fit = [](std::string_view part) {
    return !part.empty() &&
           part.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") ==
               std::string_view::npos;
  };
  if (plus != std::string_view::npos) {
    for (const std::string& part : Split(text.substr(plus + 1), '.')) {
      if (!parts_fit(part)) return std::nullopt;
    }
    text = text.substr(0, plus);
  }
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    version.pre = Split(text.substr(dash + 1), '.');
    for (const std::string& part : version.pre) {
      if (!parts_fit(part) || (IsNumeric(part) && part.size() > 1 && part[0] == '0')) return std::nullopt;
    }
    text = text.substr(0, dash);
  }
  const std::vector<std::string> numbers = Split(text, '.');
  if (numbers.size() != 3) return std::nullopt;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string& digits = numbers[i];
    if (!IsNumeric(digits) || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), version.numbers[i]).ec != std::errc())
      return std::nullopt;
  }
  return version;
}

// What a lenient reading accepts as well: v1, 1.2, 01.2.3.
std::string NormalizedSemver(std::string_view text) {
  if (!text.empty() && text[0] == 'v') text.remove_prefix(1);
  const std::size_t end = std::min(text.find_first_of("-+"), text.size());
  std::vector<std::string> numbers = Split(text.substr(0, end), '.');
  while (numbers.size() < 3) numbers.emplace_back("0");
  for (std::string& digits : numbers)
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.empty() ? 0 : digits.size() - 1));
  return StrCat(capstan::Join(numbers, "."), text.substr(end));
}

std::string SemverText(const Arguments& a) {
  return a.size() > 1 && a[1].truth ? NormalizedSemver(a[0].text) : a[0].String();
}

template <class T>
int Compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int CompareSemver(const Semver& a, const Semver& b) {
  if (a.numbers != b.numbers) return Compare(a.numbers, b.numbers);
  if (a.pre.empty() || b.pre.empty()) return Compare(a.pre.empty(), b.pre.empty());
  for (std::size_t i = 0; i < std::min(a.pre.size(), b.pre.size()); ++i) {
    const bool x = IsNumeric(a.pre[i]), y = IsNumeric(b.pre[i]);
    if (x != y) return x ? -1 : 1;
    const int order = x && a.pre[i].size() != b.pre[i].size() ? Compare(a.pre[i].size(), b.pre[i].size())
                                                              : Compare(a.pre[i], b.pre[i]);
    if (order != 0) return order;
  }
  return Compare(a.pre.size(), b.pre.size());
}

Result<Value> IsSemver(const Arguments& a, Meter&) { return Bool(ParseSemver(SemverText(a)).has_value()); }
Result<Value> MakeSemver(const Arguments& a, Meter&) {
  std::string text = SemverText(a);
  if (!ParseSemver(text))
    return Bad(
        StrCat("Semver parse error during conversion from string: \"", a[0].text.substr(0, 100), "\""));
  return TextOfKind(Kind::kSemver, std::move(text));
}
template <std::size_t Index>
Result<Value> VersionNumber(const Arguments& a, Meter&) {
  return Int(static_cast<std::int64_t>(ParseSemver(a[0].text).value_or(Semver()).numbers[Index]));
}

Result<Value> CompareTo(const Arguments& a, Meter&) { return Int(OrderOfKinds(a[0], a[1]).value_or(0)); }
Result<Value> IsLess(const Arguments& a, Meter&) { return Bool(OrderOfKinds(a[0], a[1]) == -1); }
Result<Value> IsGreater(const Arguments& a, Meter&) { return Bool(OrderOfKinds(a[0], a[1]) == 1); }

// URLs: absolute URIs or absolute paths.
struct Url {
  std::string scheme, host, path, query;
};

std::optional<Url> ParseUrlText(std::string_view text) {
  Url url;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < ' ' || text[i] == 0x7F) return std::nullopt;
    const auto hex = [&](std::size_t at) {
      return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
    };
    if (text[i] == '%' && text.find('?') > i && (!hex(i + 1) || !hex(i + 2))) return std::nullopt;
  }
  text = text.substr(0, text.find('#'));
  const std::size_t query = text.find('?');
  if (query != std::string_view::npos) url.query = text.substr(query + 1);
  text = text.substr(0, query);
  const std::size_t colon = text.find(':');
  if (!text.empty() && text[0] == '/') {
    url.path = text;
    return url;
  }
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  for (const char c : text.substr(0, colon)) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '+' || c == '-' || c == '.';
    if (!fits) return std::nullopt;
  }
  if (text[0] >= '0' && text[0] <= '9') return std::nullopt;
  url.scheme = ToLower(text.substr(0, colon));
  text = text.substr(colon + 1);
  if (text.substr(0, 2) == "//") {
    text = text.substr(2);
    const std::size_t slash = std::min(text.find('/'), text.size());
    std::string_view authority = text.substr(0, slash);
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) authority = authority.substr(at + 1);
    const std::size_t port = authority.rfind(':');
    if (port != std::string_view::npos && authority.find(']', port) == std::string_view::npos &&
        authority.find_first_not_of("0123456789", port + 1) != std::string_view::npos) {
      return std::nullopt;
    }
    if (authority.find_first_of(" \\^`{|}") != std::string_view::npos) return std::nullopt;
    url.host = authority;
    text = text.substr(slash);
  }
  url.path = text;
  return url;
}

Result<Value> IsUrl(const Arguments& a, Meter&) { return Bool(ParseUrlText(a[0].text).has_value()); }
Result<Value> MakeUrl(const Arguments& a, Meter&) {
  if (!ParseUrlText(a[0].text)) {
    return Bad(StrCat("URL parse error during conversion from string: parse \"", a[0].text.substr(0, 200),
                      "\": invalid URI for request"));
  }
  Value url = a[0];
  url.kind = Kind::kUrl;
  return url;
}
Url UrlOf(const Value& value) { return ParseUrlText(value.text).value_or(Url()); }
Result<Value> GetScheme(const Arguments& a, Meter&) { return Text(UrlOf(a[0]).scheme); }
Result<Value> GetHost(const Arguments& a, Meter&) { return Text(UrlOf(a[0]).host); }
Result<Value> GetHostname(const Arguments& a, Meter&) {
  std::string host = UrlOf(a[0]).host;
  if (!host.empty() && host[0] == '[') return Text(host.substr(1, host.find(']') - 1));
  return Text(host.substr(0, host.find(':')));
}
Result<Value> GetPort(const Arguments& a, Meter&) {
  const std::string host = UrlOf(a[0]).host;
  const std::size_t colon = host.rfind(':');
  const bool has = colon != std::string::npos && host.find(']', colon) == std::string::npos;
  return Text(has ? host.substr(colon + 1) : "");
}
// A path that needs no more escapes is as it was; else all of it is escaped.
Result<Value> GetEscapedPath(const Arguments& a, Meter& meter) {
  const std::string path = UrlOf(a[0]).path;
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_.~!$&'()*+,;=:@[]%/").find(c) != std::string_view::npos;
  };
  if (std::all_of(path.begin(), path.end(), plain)) return Text(path);
  CAPSTAN_RETURN_IF_ERROR(meter.Take(3 * path.size()));
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : path) {
    if (plain(c)) {
      escaped += c;
    } else {
      escaped += '%';
      escaped += kDigits[static_cast<unsigned char>(c) >> 4U];
      escaped += kDigits[static_cast<unsigned char>(c) & 0xFU];
    }
  }
  return Text(std::move(escaped));
}

std::string Unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() + 0 &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr == text.data() + i + 3) {
      plain += static_cast<char>(code);
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

Result<Value> GetQuery(const Arguments& a, Meter& meter) {
  const std::string query = UrlOf(a[0]).query;
  CAPSTAN_RETURN_IF_ERROR(meter.Take(query.size() + 1));
  std::vector<std::pair<std::string, std::vector<Value>>> values;
  for (const std::string& piece : query.empty() ? std::vector<std::string>() : Split(query, '&')) {
    if (piece.empty()) continue;
    CAPSTAN_RETURN_IF_ERROR(meter.Charge(values.size() + 1));
    CAPSTAN_RETURN_IF_ERROR(meter.Take(3 * sizeof(Value)));
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const std::string key = Unescaped(std::string_view(piece).substr(0, equals));
    const Value value = Text(Unescaped(std::string_view(piece).substr(std::min(equals + 1, piece.size()))));
    const auto there =
        std::find_if(values.begin(), values.end(), [&](const auto& one) { return one.first == key; });
    if (there != values.end()) {
      there->second.push_back(value);
    } else {
      values.emplace_back(key, std::vector<Value>{value});
    }
  }
  std::vector<std::pair<Value, Value>> fields;
  for (auto& [key, list] : values) fields.emplace_back(Text(key), List(std::move(list)));
  return Map(std::move(fields));
}

// Named formats. What is wrong with a text, in words; empty when nothing is.
std::string Violation(std::string_view format, std::string_view text) {
  const auto prefix = [&] {
    return text.empty() || text.back() != '-' ? std::string(text)
                                              : std::string(text.substr(0, text.size() - 1)) + "a";
  };
  if (format == "dns1123Label") return CheckLabelName(text);
  if (format == "dns1123Subdomain") return CheckSubdomainName(text);
  if (format == "dns1123LabelPrefix") return CheckLabelName(prefix());
  if (format == "dns1123SubdomainPrefix") return CheckSubdomainName(prefix());
  if (format == "dns1035Label" || format == "dns1035LabelPrefix") {
    const std::string name = format == "dns1035Label" ? std::string(text) : prefix();
    const bool fits = CheckLabelName(name).empty() && !name.empty() && name[0] >= 'a' && name[0] <= 'z';
    return fits ? ""
                : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                  "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
                  "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
  }
  if (format == "qualifiedName") return CheckQualifiedName(text);
  if (format == "labelValue") return CheckLabelValue(text);
  const std::string_view known = format == "datetime" ? "date-time" : format;
  if (HasFormat(known, text) && !(format == "uri" && !ParseUrlText(text))) return "";
  return StrCat("invalid ", format);
}

constexpr std::array<std::string_view, 13> kFormats = {"dns1123Label",
                                                       "dns1123Subdomain",
                                                       "dns1035Label",
                                                       "qualifiedName",
                                                       "dns1123LabelPrefix",
                                                       "dns1123SubdomainPrefix",
                                                       "dns1035LabelPrefix",
                                                       "labelValue",
                                                       "uri",
                                                       "uuid",
                                                       "byte",
                                                       "date",
                                                       "datetime"};

template <std::size_t Index>
Result<Value> FormatOf(const Arguments&, Meter&) {
  return TextOfKind(Kind::kFormat, std::string(kFormats[Index]));
}
Result<Value> NamedFormat(const Arguments& a, Meter&) {
  if (std::find(kFormats.begin(), kFormats.end(), a[0].text) == kFormats.end()) return None();
  return Some(TextOfKind(Kind::kFormat, a[0].String()));
}
Result<Value> Validate(const Arguments& a, Meter&) {
  std::string wrong = Violation(a[0].text, a[1].text);
  return wrong.empty() ? None() : Some(List({Text(std::move(wrong))}));
}

}  // namespace

std::optional<int> OrderOfKinds(const Value& a, const Value& b) {
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind == Kind::kQuantity) return Compare(QuantityOf(a), QuantityOf(b));
  if (a.kind != Kind::kSemver) return std::nullopt;
  return CompareSemver(ParseSemver(a.text).value_or(Semver()), ParseSemver(b.text).value_or(Semver()));
}

std::string AddressText(const Value& address) {
  if (address.kind == Kind::kIp) return IpText(address.text);
  return StrCat(IpText(AddressOf(address.text)), "/", BitsOf(address.text));
}

std::vector<Function> KindFunctions() {
  return {
      {"isIP", false, "s", 'b', IsIp},
      {"ip", false, "s", 'I', MakeIp},
      {"ip.isCanonical", false, "s", 'b', IsCanonicalIp},
      {"family", true, "I", 'i', Family},
      {"isUnspecified", true, "I", 'b', IsUnspecified},
      {"isLoopback", true, "I", 'b', IsLoopback},
      {"isLinkLocalMulticast", true, "I", 'b', IsLinkLocalMulticast},
      {"isLinkLocalUnicast", true, "I", 'b', IsLinkLocalUnicast},
      {"isGlobalUnicast", true, "I", 'b', IsGlobalUnicast},
      {"isCIDR", false, "s", 'b', IsCidr},
      {"cidr", false, "s", 'C', MakeCidr},
      {"containsIP", true, "Cs", 'b', ContainsIp},
      {"containsIP", true, "CI", 'b', ContainsIp},
      {"containsCIDR", true, "Cs", 'b', ContainsCidr},
      {"containsCIDR", true, "CC", 'b', ContainsCidr},
      {"ip", true, "C", 'I', IpOfCidr},
      {"masked", true, "C", 'C', MaskedCidr},
      {"prefixLength", true, "C", 'i', PrefixLength},
      {"isQuantity", false, "s", 'b', IsQuantity},
      {"quantity", false, "s", 'Q', MakeQuantity},
      {"add", true, "QQ", 'Q', Add},
      {"add", true, "Qi", 'Q', Add},
      {"sub", true, "QQ", 'Q', Sub},
      {"sub", true, "Qi", 'Q', Sub},
      {"isInteger", true, "Q", 'b', IsInteger},
      {"asInteger", true, "Q", 'i', AsInteger},
      {"asApproximateFloat", true, "Q", 'd', AsFloat},
      {"compareTo", true, "QQ", 'i', CompareTo},
      {"isLessThan", true, "QQ", 'b', IsLess},
      {"isGreaterThan", true, "QQ", 'b', IsGreater},
      {"isSemver", false, "sob", 'b', IsSemver},
      {"semver", false, "sob", 'V', MakeSemver},
      {"major", true, "V", 'i', VersionNumber<0>},
      {"minor", true, "V", 'i', VersionNumber<1>},
      {"patch", true, "V", 'i', VersionNumber<2>},
      {"compareTo", true, "VV", 'i', CompareTo},
      {"isLessThan", true, "VV", 'b', IsLess},
      {"isGreaterThan", true, "VV", 'b', IsGreater},
      {"isURL", false, "s", 'b', IsUrl},
      {"url", false, "s", 'U', MakeUrl},
      {"getScheme", true, "U", 's', GetScheme},
      {"getHost", true, "U", 's', GetHost},
      {"getHostname", true, "U", 's', GetHostname},
      {"getPort", true, "U", 's', GetPort},
      {"getEscapedPath", true, "U", 's', GetEscapedPath},
      {"getQuery", true, "U", 'M', GetQuery},
      {"format.named", false, "s", 'O', NamedFormat},
      {"format.dns1123Label", false, "", 'F', FormatOf<0>},
      {"format.dns1123Subdomain", false, "", 'F', FormatOf<1>},
      {"format.dns1035Label", false, "", 'F', FormatOf<2>},
      {"format.qualifiedName", false, "", 'F', FormatOf<3>},
      {"format.dns1123LabelPrefix", false, "", 'F', FormatOf<4>},
      {"format.dns1123SubdomainPrefix", false, "", 'F', FormatOf<5>},
      {"format.dns1035LabelPrefix", false, "", 'F', FormatOf<6>},
      {"format.labelValue", false, "", 'F', FormatOf<7>},
      {"format.uri", false, "", 'F', FormatOf<8>},
      {"format.uuid", false, "", 'F', FormatOf<9>},
      {"format.byte", false, "", 'F', FormatOf<10>},
      {"format.date", false, "", 'F', FormatOf<11>},
      {"format.datetime", false, "", 'F', FormatOf<12>},
      {"validate", true, "Fs", 'p', Validate},
  };
}

}  // namespace capstan::apiserver::cel
