// Which proxy a URL is reached through, by the environment variables that curl, kubectl and Go
// programs know.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <capstan/core/base/result.hpp>

namespace capstan::net {

// A variable of the environment, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// HTTPS_PROXY or HTTP_PROXY by the URL's scheme (lower case too), unless NO_PROXY covers it; empty:
// none. Loopback addresses and "localhost" never go through a proxy, as Go has it. Pure but for
// `environment`. Errors: kInvalidArgument (the URL).
Result<std::string> ProxyFor(const std::string& url, const Environment& environment);

// Whether a proxy of this URL can be used: what MakeTlsTransport would say of it. Errors:
// kInvalidArgument, without the URL, which may hold a password.
Status CheckProxy(const std::string& url);

// Whether a NO_PROXY list covers host and port. Entries, by comma: "*" (all); "example.org" (it and
// what is below); ".example.org" (only below); "10.0.0.0/8", "fd00::/8"; an address; each name or
// address optionally with ":port".
bool NoProxyCovers(const std::string& list, const std::string& host, std::uint16_t port);

}  // namespace capstan::net
