// Private to core/net: from a name and a port to a connected channel, directly or through a proxy.
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
    kHttps,  // the same, said over TLS
    kSocks,  // RFC 1928, version 5; the proxy looks the name up
  };
  Kind kind = Kind::kHttp;
  Endpoint endpoint;
  Secret user, password;  // both empty: none

  // Whether plain requests are said to the proxy, by their whole URL, instead of through a tunnel.
  bool takes_urls() const { return kind != Kind::kSocks; }
  // The value of Proxy-Authorization; empty without a user.
  Secret authorization() const;
};
// "SCHEME://[user:password@]host[:port]" with http (port 80 where there is none), https (443),
// socks5 or socks5h (1080; the two are the same, as kubectl has it). Errors: kInvalidArgument,
// without the password.
Result<Proxy> ParseProxy(const std::string& url);

// TCP to the first address of the name that answers, with keepalive and TCP_USER_TIMEOUT so that a
// peer that vanished is noticed after about `dead_peer`. Errors: kUnavailable (with the reason of
// the last address), kDeadlineExceeded, kCancelled.
Result<std::unique_ptr<Channel>> Dial(const Endpoint& endpoint, const std::stop_token& stop, Instant until,
                                      Duration dead_peer);

// Asks the proxy at the other end for a tunnel, in its own language. Errors: kUnavailable with the
// proxy's answer, and those of the channel.
Status OpenTunnel(Channel& channel, const Endpoint& target, const Proxy& proxy, Instant until);

// "host:port", with brackets around IPv6.
std::string HostAndPort(const Endpoint& endpoint);

}  // namespace capstan::net
