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

// An HTTP proxy. `authorization` is the value of Proxy-Authorization, or empty.
struct Proxy {
  Endpoint endpoint;
  Secret authorization;
};
// "http://[user:password@]host[:port]"; port 80 when there is none. Errors: kInvalidArgument,
// without the password.
Result<Proxy> ParseProxy(const std::string& url);

// TCP to the first address of the name that answers, with keepalive and TCP_USER_TIMEOUT so that a
// peer that vanished is noticed after about `dead_peer`. Errors: kUnavailable (with the reason of
// the last address), kDeadlineExceeded, kCancelled.
Result<std::unique_ptr<Channel>> Dial(const Endpoint& endpoint, const std::stop_token& stop, Instant until,
                                      Duration dead_peer);

// Asks the proxy at the other end for a tunnel. Errors: kUnavailable with the proxy's answer, and
// those of the channel.
Status OpenTunnel(Channel& channel, const Endpoint& target, const Proxy& proxy, Instant until);

// "host:port", with brackets around IPv6.
std::string HostAndPort(const Endpoint& endpoint);

}  // namespace capstan::net
