// Addresses and networks: ip() and cidr().
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/kinds.hpp>

namespace capstan::apiserver::cel {
namespace {

// An address as 4 or 16 bytes; nullopt when the text is not one. As in Kubernetes, IPv4 in IPv6,
// zones and leading zeros are refused.
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

}  // namespace

std::string AddressText(const Value& address) {
  if (address.kind == Kind::kIp) return IpText(address.text);
  return StrCat(IpText(AddressOf(address.text)), "/", BitsOf(address.text));
}

std::vector<Function> AddressFunctions() {
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
  };
}

}  // namespace capstan::apiserver::cel
