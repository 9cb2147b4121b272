#include <capstan/core/net/proxy.hpp>

#include <charconv>

#include <Poco/Net/IPAddress.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/message.hpp>
#include <capstan/core/net/client/dialer.hpp>

namespace capstan::net {
namespace {

using Poco::Net::IPAddress;

std::optional<int> ParseNumber(std::string_view text, int limit) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > limit)
    return std::nullopt;
  return value;
}

// Poco's own masks do not support IPv6 prefixes of odd lengths, so bits are compared here.
bool InPrefix(const IPAddress& address, const IPAddress& network, int bits) {
  if (address.family() != network.family() || bits > static_cast<int>(address.length()) * 8) return false;
  const auto* a = static_cast<const unsigned char*>(address.addr());
  const auto* b = static_cast<const unsigned char*>(network.addr());
  for (int bit = 0; bit < bits; ++bit)
    if (((a[bit / 8] ^ b[bit / 8]) >> (7 - bit % 8) & 1) != 0) return false;
  return true;
}

// Splits the port off "host:port" or "[address]:port"; 0 if there is none.
std::pair<std::string, int> SplitPort(std::string_view entry) {
  if (!entry.empty() && entry.front() == '[') {
    auto close = entry.find(']');
    if (close == std::string_view::npos) return {std::string(entry), 0};
    auto rest = entry.substr(close + 1);
    int port = rest.size() > 1 && rest[0] == ':' ? ParseNumber(rest.substr(1), 65535).value_or(0) : 0;
    return {std::string(entry.substr(1, close - 1)), port};
  }
  auto colon = entry.find(':');
  if (colon == std::string_view::npos || entry.find(':', colon + 1) != std::string_view::npos)
    return {std::string(entry), 0};
  return {std::string(entry.substr(0, colon)), ParseNumber(entry.substr(colon + 1), 65535).value_or(-1)};
}

bool NameCovers(std::string_view entry, const std::string& host) {
  if (entry.substr(0, 2) == "*.") entry.remove_prefix(1);
  bool below_only = !entry.empty() && entry.front() == '.';
  if (!below_only && host == entry) return true;
  std::string suffix = below_only ? std::string(entry) : StrCat(".", entry);
  return host.size() > suffix.size() && host.compare(host.size() - suffix.size(), suffix.size(), suffix) == 0;
}

bool EntryCovers(const std::string& entry, const std::string& host, std::uint16_t port) {
  if (entry == "*") return true;
  IPAddress address, network;
  bool is_address = IPAddress::tryParse(host, address);
  auto slash = entry.find('/');
  if (slash != std::string::npos) {
    auto bits = ParseNumber(std::string_view(entry).substr(slash + 1), 128);
    return is_address && bits && IPAddress::tryParse(entry.substr(0, slash), network) &&
           InPrefix(address, network, *bits);
  }
  auto [name, entry_port] = SplitPort(entry);
  if (name.empty() || (entry_port != 0 && entry_port != port)) return false;
  if (IPAddress::tryParse(name, network)) return is_address && address == network;
  return !is_address && NameCovers(name, host);
}

bool IsLoopback(const std::string& host) {
  IPAddress address;
  return host == "localhost" || (IPAddress::tryParse(host, address) && address.isLoopback());
}

}  // namespace

bool NoProxyCovers(const std::string& list, const std::string& host, std::uint16_t port) {
  auto name = ToLower(host);
  if (!name.empty() && name.back() == '.') name.pop_back();
  for (const auto& piece : Split(list, ',')) {
    auto entry = ToLower(Trim(piece));
    if (!entry.empty() && EntryCovers(entry, name, port)) return true;
  }
  return false;
}

Result<std::string> ProxyFor(const std::string& text, const Environment& environment) {
  CAPSTAN_TRY(http::Url url, http::ParseUrl(text));
  auto either = [&](const std::string& upper) {
    auto value = environment(upper);
    if (!value || value->empty()) value = environment(ToLower(upper));
    return value.value_or("");
  };
  auto proxy = either(url.scheme == "https" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (proxy.empty() || IsLoopback(ToLower(url.host)) || NoProxyCovers(either("NO_PROXY"), url.host, url.port))
    return std::string();
  return proxy.find("://") == std::string::npos ? StrCat("http://", proxy) : proxy;
}

Status CheckProxy(const std::string& url) {
  CAPSTAN_RETURN_IF_ERROR(ParseProxy(url));
  return {};
}

}  // namespace capstan::net
