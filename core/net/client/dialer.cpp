#include <capstan/core/net/client/dialer.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/SocketAddress.h>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/message.hpp>
#include <capstan/core/net/stream/message_reader.hpp>

namespace capstan::net {
namespace {

using Poco::Net::IPAddress;
using Addresses = std::vector<IPAddress>;

// A DNS lookup in progress. The C library's resolver has no timeout and cannot be stopped, so it
// runs on a separate thread, which may be abandoned.
struct Lookup {
  // Provides its own synchronization.
  Interrupt done;

  // Guarded by mutex.
  Mutex mutex;
  bool finished CAPSTAN_GUARDED_BY(mutex) = false;
  Addresses addresses CAPSTAN_GUARDED_BY(mutex);
  std::string failure CAPSTAN_GUARDED_BY(mutex);
};

void LookUp(const std::shared_ptr<Lookup>& lookup, const std::string& host) {
  Addresses found;
  std::string failure;
  try {
    found = Poco::Net::DNS::hostByName(host).addresses();
    if (found.empty()) failure = "the name has no address";
  } catch (const Poco::Exception& error) {
    failure = StrCat(error.name());
  } catch (const std::exception& error) {
    failure = error.what();
  }
  MutexLock lock(lookup->mutex);
  lookup->addresses = std::move(found);
  lookup->failure = std::move(failure);
  lookup->finished = true;
  lookup->done.Raise();
}

Result<Addresses> Resolve(const std::string& host, const Interrupt& interrupt, Instant until) {
  IPAddress literal;
  if (IPAddress::tryParse(host, literal)) return Addresses{literal};
  auto lookup = std::make_shared<Lookup>();
  try {
    std::thread([lookup, host] { LookUp(lookup, host); }).detach();
  } catch (const std::system_error& error) {
    return Fail(Code::kUnavailable, StrCat("could not look up ", host, ": ", error.what()));
  }
  auto waited = WaitFor(lookup->done.fd(), POLLIN, interrupt, until);
  if (waited == Waited::kStopped) return Fail(Code::kCancelled, StrCat("stopped while looking up ", host));
  if (waited == Waited::kTime)
    return Fail(Code::kDeadlineExceeded, StrCat("no answer in time while looking up ", host));
  MutexLock lock(lookup->mutex);
  if (!lookup->failure.empty())
    return Fail(Code::kUnavailable, StrCat("could not look up ", host, ": ", lookup->failure));
  return lookup->addresses;
}

void SetOption(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof(value));
}

// Enables the kernel's detection of a peer that vanished silently.
void Watch(int fd, Duration dead_peer) {
  // Half of the time idle, then three probes: 15 s and 3 times 5 s make 30.
  const int seconds =
      std::max(3, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(dead_peer).count()));
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, std::max(1, seconds / 2));
  SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / 6));
  SetOption(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, seconds * 1000);
}

Result<std::unique_ptr<Channel>> DialAddress(const IPAddress& address, std::uint16_t port,
                                             const Interrupt& interrupt, Instant until, Duration dead_peer) {
  try {
    Poco::Net::SocketAddress target(address, port);
    Poco::Net::StreamSocket socket(target.family());
    auto refused = [&](int error) {
      return Fail(Code::kUnavailable, StrCat("could not connect to ", target.toString(), ": ",
                                             std::system_category().message(error)));
    };
    socket.setBlocking(false);
    int fd = static_cast<int>(socket.impl()->sockfd());
    Watch(fd, dead_peer);
    if (::connect(fd, target.addr(), target.length()) != 0 && errno != EINPROGRESS) return refused(errno);
    auto waited = WaitFor(fd, POLLOUT, interrupt, until);
    if (waited == Waited::kStopped)
      return Fail(Code::kCancelled, StrCat("stopped while connecting to ", target.toString()));
    if (waited == Waited::kTime)
      return Fail(Code::kDeadlineExceeded,
                  StrCat("no answer in time while connecting to ", target.toString()));
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return refused(error);
    return std::make_unique<Channel>(socket, target.toString());
  } catch (const Poco::Exception& error) {
    return Fail(Code::kUnavailable,
                StrCat("could not connect to ", address.toString(), ": ", error.displayText()));
  }
}

}  // namespace

std::string HostAndPort(const Endpoint& endpoint) {
  bool six = endpoint.host.find(':') != std::string::npos;
  return StrCat(six ? "[" : "", endpoint.host, six ? "]" : "", ":", endpoint.port);
}

Secret Proxy::authorization() const {
  if (user.empty() && password.empty()) return {};
  return Secret(StrCat("Basic ", Base64Encode(StrCat(user.Reveal(), ":", password.Reveal()))));
}

Result<Proxy> ParseProxy(const std::string& text) {
  auto malformed = [] {
    return Fail(Code::kInvalidArgument,
                "the proxy is not of the form http://[user:password@]host:port (or https, socks5, socks5h)");
  };
  std::string_view rest = text;
  Proxy proxy;
  std::uint16_t port = 80;
  auto scheme = rest.find("://");
  if (scheme != std::string_view::npos) {
    const std::string name = ToLower(rest.substr(0, scheme));
    if (name == "https") {
      proxy.kind = Proxy::Kind::kHttps;
      port = 443;
    } else if (name == "socks5" || name == "socks5h") {
      proxy.kind = Proxy::Kind::kSocks;
      port = 1080;
    } else if (name != "http") {
      return Fail(Code::kInvalidArgument,
                  StrCat("proxies of scheme '", Shorten(name, 20),
                         "' are not supported: use an http, https, socks5 or socks5h proxy"));
    }
    rest.remove_prefix(scheme + 3);
  }
  rest = rest.substr(0, rest.find_first_of("/?#"));
  auto at = rest.rfind('@');
  if (at != std::string_view::npos) {
    const auto colon = std::min(rest.find(':'), at);
    std::string user, password;
    if (!UrlDecode(rest.substr(0, colon), false, user)) return malformed();
    if (colon < at && !UrlDecode(rest.substr(colon + 1, at - colon - 1), false, password)) return malformed();
    // RFC 1929 has one byte for the length of each.
    if (proxy.kind == Proxy::Kind::kSocks && (user.size() > 255 || password.size() > 255 || user.empty()))
      return Fail(Code::kInvalidArgument,
                  "user and password of a socks5 proxy have 255 bytes at most, and the user one at least");
    proxy.user = Secret(std::move(user));
    proxy.password = Secret(std::move(password));
    rest.remove_prefix(at + 1);
  }
  auto url = http::ParseUrl(StrCat("http://", rest, "/"));
  if (!url) return malformed();
  const bool has_port =
      rest.find(':', rest.find(']') == std::string_view::npos ? 0 : rest.find(']')) != std::string_view::npos;
  proxy.endpoint = Endpoint{url->host, has_port ? url->port : port};
  return proxy;
}

Result<std::unique_ptr<Channel>> Dial(const Endpoint& endpoint, const std::stop_token& stop, Instant until,
                                      Duration dead_peer) {
  Interrupt interrupt;
  StopLink link(interrupt, stop);
  CAPSTAN_TRY(Addresses addresses, Resolve(endpoint.host, interrupt, until));
  Error last;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // Each address gets a share of the remaining time, so that a dead one does not use it all up.
    Instant share = until;
    if (until != kForever)
      share = BootNow() + (until - BootNow()) / static_cast<std::int64_t>(addresses.size() - i);
    auto channel = DialAddress(addresses[i], endpoint.port, interrupt, share, dead_peer);
    if (channel || channel.error().code == Code::kCancelled) return channel;
    last = std::move(channel).error();
  }
  return Fail(std::move(last));
}

namespace {

Failure TunnelRefused(const Proxy& proxy, const std::string& target, std::string_view why) {
  return Fail(Code::kUnavailable,
              StrCat("proxy ", HostAndPort(proxy.endpoint), " refused a tunnel to ", target, ": ", why));
}

Status Connect(Channel& channel, const Endpoint& target, const Proxy& proxy, Instant until) {
  auto authority = HostAndPort(target);
  auto head = StrCat("CONNECT ", authority, " HTTP/1.1\r\nHost: ", authority, "\r\n");
  const Secret authorization = proxy.authorization();
  if (!authorization.empty()) head += StrCat("Proxy-Authorization: ", authorization.Reveal(), "\r\n");
  CAPSTAN_RETURN_IF_ERROR(channel.Write(head + "\r\n", until));
  BufferedReader reader(channel, 1 << 16);
  CAPSTAN_TRY(std::string_view line, reader.Line(kHeadLimit, until));
  std::string first(line);
  CAPSTAN_TRY(StatusLine status, ParseStatusLine(first));
  CAPSTAN_TRY(http::Headers fields, ReadFields(reader, until));
  if (status.status / 100 != 2)
    return TunnelRefused(
        proxy, authority,
        StrCat(Shorten(first.substr(9), 100), status.status == 407 ? " (check its user and password)" : ""));
  if (!reader.held().empty())
    return Fail(Code::kDataLoss,
                StrCat("proxy ", HostAndPort(proxy.endpoint), " sent bytes nobody asked for"));
  return {};
}

// Reads exactly that many bytes, because the tunnel's data follows.
Result<std::string> Take(Channel& channel, std::size_t count, Instant until) {
  std::string bytes(count, '\0');
  for (std::size_t at = 0; at < count;) {
    CAPSTAN_TRY(const std::size_t got, channel.Read(bytes.data() + at, count - at, until));
    if (got == 0) return Fail(Code::kUnavailable, "the proxy closed the connection");
    at += got;
  }
  return bytes;
}

const char* SocksRefusal(char code) {
  switch (code) {
    case 2:
      return "its rules do not allow it";
    case 3:
      return "the network cannot be reached";
    case 4:
      return "the host cannot be reached";
    case 5:
      return "the connection was refused";
    case 6:
      return "it took too many hops";
    case 7:
    case 8:
      return "it does not support what was asked";
    default:
      return "general failure";
  }
}

// RFC 1928 and 1929. The proxy resolves names.
Status ConnectBySocks(Channel& channel, const Endpoint& target, const Proxy& proxy, Instant until) {
  const auto authority = HostAndPort(target);
  const bool named = !proxy.user.empty();
  CAPSTAN_RETURN_IF_ERROR(channel.Write(
      named ? std::string_view("\x05\x02\x00\x02", 4) : std::string_view("\x05\x01\x00", 3), until));
  CAPSTAN_TRY(const std::string method, Take(channel, 2, until));
  if (method[0] != 5)
    return Fail(Code::kDataLoss, StrCat("proxy ", HostAndPort(proxy.endpoint), " does not speak SOCKS 5"));
  if (method[1] == 2 && named) {
    const std::string user(proxy.user.Reveal()), password(proxy.password.Reveal());
    CAPSTAN_RETURN_IF_ERROR(channel.Write(
        StrCat('\x01', static_cast<char>(user.size()), user, static_cast<char>(password.size()), password),
        until));
    CAPSTAN_TRY(const std::string accepted, Take(channel, 2, until));
    if (accepted[1] != 0) return TunnelRefused(proxy, authority, "check its user and password");
  } else if (method[1] != 0) {
    return TunnelRefused(proxy, authority, "it wants another kind of login (check its user and password)");
  }
  IPAddress literal;
  std::string ask("\x05\x01\x00", 3);
  if (IPAddress::tryParse(target.host, literal)) {
    ask += literal.family() == IPAddress::IPv6 ? '\x04' : '\x01';
    ask.append(static_cast<const char*>(literal.addr()), static_cast<std::size_t>(literal.length()));
  } else {
    if (target.host.size() > 255)
      return Fail(Code::kInvalidArgument, "the host's name is too long for a proxy");
    ask += StrCat('\x03', static_cast<char>(target.host.size()), target.host);
  }
  ask += StrCat(static_cast<char>(target.port >> 8), static_cast<char>(target.port & 0xFF));
  CAPSTAN_RETURN_IF_ERROR(channel.Write(ask, until));
  CAPSTAN_TRY(const std::string reply, Take(channel, 4, until));
  if (reply[1] != 0) return TunnelRefused(proxy, authority, SocksRefusal(reply[1]));
  // The bound address, which is not needed.
  std::size_t length = reply[3] == 4 ? 16 : 4;
  if (reply[3] == 3) {
    CAPSTAN_TRY(const std::string size, Take(channel, 1, until));
    length = static_cast<unsigned char>(size[0]);
  }
  CAPSTAN_RETURN_IF_ERROR(Take(channel, length + 2, until));
  return {};
}

}  // namespace

Status OpenTunnel(Channel& channel, const Endpoint& target, const Proxy& proxy, Instant until) {
  return proxy.kind == Proxy::Kind::kSocks ? ConnectBySocks(channel, target, proxy, until)
                                           : Connect(channel, target, proxy, until);
}

}  // namespace capstan::net
