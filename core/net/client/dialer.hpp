// Private to core/net: opens a connected channel from a name and a port, directly or through a
// proxy.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/net/stream/channel.hpp>

namespace capstan::net {

struct Endpoint {
  std::string host;  // IPv6 without brackets
  std::uint16_t port = 0;
};

struct Proxy {
  enum class Kind {
    kHttp,   // CONNECT, or the whole URL of a plain request
    kHttps,  // the same, over TLS
    kSocks,  // RFC 1928, version 5; the proxy resolves the name
  };
  Kind kind = Kind::kHttp;
  Endpoint endpoint;
  Secret user, password;  // both empty: none

  // Whether plain HTTP requests are sent to the proxy with their full URL, instead of through a
  // tunnel.
  bool takes_urls() const { return kind != Kind::kSocks; }
  // The value of Proxy-Authorization; empty without a user.
  Secret authorization() const;
};
// "SCHEME://[user:password@]host[:port]" with http (default port 80), https (443), socks5 or
// socks5h (1080; the two are equivalent, as in kubectl). Errors: kInvalidArgument; the message
// omits the password.
Result<Proxy> ParseProxy(const std::string& url);

// Connects by TCP to the first address of the name that answers. Keepalive and TCP_USER_TIMEOUT
// detect a vanished peer after about `dead_peer`. Errors: kUnavailable (with the reason for the
// last address), kDeadlineExceeded, kCancelled.
Result<std::unique_ptr<Channel>> Dial(const Endpoint& endpoint, const std::stop_token& stop, Instant until,
                                      Duration dead_peer);

// Asks the proxy at the other end for a tunnel to `target`, in the protocol of the proxy. Errors:
// kUnavailable with the proxy's answer, and those of the channel.
Status OpenTunnel(Channel& channel, const Endpoint& target, const Proxy& proxy, Instant until);

// "host:port", with brackets around IPv6.
std::string HostAndPort(const Endpoint& endpoint);

}  // namespace capstan::net
