// Selects the proxy for a URL from the environment variables that curl, kubectl and Go programs
// use.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <capstan/core/base/result.hpp>

namespace capstan::net {

// Looks up an environment variable; nothing if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// HTTPS_PROXY or HTTP_PROXY according to the URL's scheme (lower case too), unless NO_PROXY covers
// the URL; empty: no proxy. Loopback addresses and "localhost" never use a proxy, as in Go. Pure
// except for `environment`. Errors: kInvalidArgument (the URL).
Result<std::string> ProxyFor(const std::string& url, const Environment& environment);

// Whether MakeTlsTransport would accept this proxy URL. Errors: kInvalidArgument; the message omits
// the URL, which may contain a password.
Status CheckProxy(const std::string& url);

// Whether a NO_PROXY list covers host and port. Comma-separated entries: "*" (all); "example.org"
// (the name and its subdomains); ".example.org" (only subdomains); "10.0.0.0/8", "fd00::/8"; an
// address; each name or address optionally with ":port".
bool NoProxyCovers(const std::string& list, const std::string& host, std::uint16_t port);

}  // namespace capstan::net
