#include <capstan/core/net/proxy.hpp>

#include <gtest/gtest.h>

#include <map>

namespace capstan::net {
namespace {

Environment Variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

TEST(ProxyFor, ChoosesByScheme) {
  auto environment = Variables({{"HTTPS_PROXY", "http://secure:3128"}, {"http_proxy", "plain:3129"}});
  EXPECT_EQ(ProxyFor("https://example.org/", environment).value(), "http://secure:3128");
  EXPECT_EQ(ProxyFor("http://example.org/", environment).value(), "http://plain:3129");
  EXPECT_EQ(ProxyFor("https://example.org/", Variables({})).value(), "");
}

TEST(ProxyFor, LeavesLoopbackAlone) {
  auto environment = Variables({{"HTTPS_PROXY", "http://p:1"}});
  for (const char* url :
       {"https://localhost:6443/", "https://127.0.0.1/", "https://127.5.5.5/", "https://[::1]:8443/"})
    EXPECT_EQ(ProxyFor(url, environment).value(), "") << url;
}

TEST(ProxyFor, NamesAMalformedUrl) {
  EXPECT_EQ(ProxyFor("no url", Variables({})).error().code, Code::kInvalidArgument);
}

struct NoProxyCase {
  const char* list;
  const char* host;
  std::uint16_t port;
  bool covered;
};
TEST(NoProxy, FollowsTheRulesOfGoPrograms) {
  const NoProxyCase cases[] = {
      {"*", "anything", 443, true},
      {"example.org", "example.org", 443, true},
      {"example.org", "api.example.org", 443, true},
      {"example.org", "notexample.org", 443, false},
      {".example.org", "example.org", 443, false},
      {".example.org", "api.example.org", 443, true},
      {"*.example.org", "api.example.org", 443, true},
      {"EXAMPLE.org", "Api.Example.ORG", 443, true},
      {"example.org:8443", "example.org", 443, false},
      {"example.org:8443", "example.org", 8443, true},
      {"a, b ,example.org", "example.org", 443, true},
      {"10.0.0.0/8", "10.250.3.4", 443, true},
      {"10.0.0.0/8", "11.0.0.1", 443, false},
      {"10.0.0.0/8", "ten.example.org", 443, false},
      {"192.168.4.0/23", "192.168.5.9", 443, true},
      {"192.168.4.0/23", "192.168.6.9", 443, false},
      {"10.1.2.3", "10.1.2.3", 443, true},
      {"10.1.2.3:6443", "10.1.2.3", 443, false},
      {"fd00::/8", "fd12::5", 443, true},
      {"fd00::/8", "fe80::1", 443, false},
      {"fd12::5", "fd12:0::5", 443, true},
      {"[fd12::5]:6443", "fd12::5", 6443, true},
      {"[fd12::5]:6443", "fd12::5", 443, false},
      {"", "example.org", 443, false},
      {",,", "example.org", 443, false},
      {"10.0.0.0/99", "10.0.0.1", 443, false},
      {"example.org", "example.org.", 443, true},
  };
  for (const auto& c : cases)
    EXPECT_EQ(NoProxyCovers(c.list, c.host, c.port), c.covered) << c.list << " " << c.host << ":" << c.port;
}

}  // namespace
}  // namespace capstan::net
