#include <capstan/core/net/client/dialer.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/SocketAddress.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/message.hpp>
#include <capstan/core/net/stream/message_reader.hpp>

namespace capstan::net {
namespace {

using Poco::Net::IPAddress;
using Addresses = std::vector<IPAddress>;

// A lookup in progress. The resolver of the C library has no timeout and cannot be stopped, so it
// runs on a thread of its own that may be left behind.
struct Lookup {
  Interrupt done;
  std::mutex mutex;
  bool finished = false;
  Addresses addresses;
  std::string failure;
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
  std::lock_guard lock(lookup->mutex);
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
  std::lock_guard lock(lookup->mutex);
  if (!lookup->failure.empty())
    return Fail(Code::kUnavailable, StrCat("could not look up ", host, ": ", lookup->failure));
  return lookup->addresses;
}

void SetOption(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof(value));
}

// What the lower layers can do about a peer that is gone without a word.
void Watch(int fd, Duration dead_peer) {
  // Half of the time idle, then three questions: 15 s and 3 times 5 s make 30.
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

Result<Proxy> ParseProxy(const std::string& text) {
  auto malformed = [] {
    return Fail(Code::kInvalidArgument, "the proxy is not of the form http://[user:password@]host:port");
  };
  std::string_view rest = text;
  auto scheme = rest.find("://");
  if (scheme != std::string_view::npos) {
    if (!EqualsIgnoreCase(rest.substr(0, scheme), "http"))
      return Fail(Code::kInvalidArgument, StrCat("proxies of scheme '", rest.substr(0, scheme),
                                                 "' are not supported: use an http:// proxy"));
    rest.remove_prefix(scheme + 3);
  }
  rest = rest.substr(0, rest.find_first_of("/?#"));
  Proxy proxy;
  auto at = rest.rfind('@');
  if (at != std::string_view::npos) {
    std::string credentials;
    if (!UrlDecode(rest.substr(0, at), false, credentials)) return malformed();
    proxy.authorization = Secret(StrCat("Basic ", Base64Encode(credentials)));
    rest.remove_prefix(at + 1);
  }
  auto url = http::ParseUrl(StrCat("http://", rest, "/"));
  if (!url) return malformed();
  proxy.endpoint = Endpoint{url->host, url->port};
  return proxy;
}

Result<std::unique_ptr<Channel>> Dial(const Endpoint& endpoint, const std::stop_token& stop, Instant until,
                                      Duration dead_peer) {
  Interrupt interrupt;
  StopLink link(interrupt, stop);
  CAPSTAN_TRY(Addresses addresses, Resolve(endpoint.host, interrupt, until));
  Error last;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // Each address gets its share of the time that is left, so that a dead one does not use it all
    // up.
    Instant share = until;
    if (until != kForever)
      share = BootNow() + (until - BootNow()) / static_cast<std::int64_t>(addresses.size() - i);
    auto channel = DialAddress(addresses[i], endpoint.port, interrupt, share, dead_peer);
    if (channel || channel.error().code == Code::kCancelled) return channel;
    last = std::move(channel).error();
  }
  return Fail(std::move(last));
}

Status OpenTunnel(Channel& channel, const Endpoint& target, const Proxy& proxy, Instant until) {
  auto authority = HostAndPort(target);
  auto head = StrCat("CONNECT ", authority, " HTTP/1.1\r\nHost: ", authority, "\r\n");
  if (!proxy.authorization.empty())
    head += StrCat("Proxy-Authorization: ", proxy.authorization.Reveal(), "\r\n");
  CAPSTAN_RETURN_IF_ERROR(channel.Write(head + "\r\n", until));
  BufferedReader reader(channel, 1 << 16);
  CAPSTAN_TRY(std::string_view line, reader.Line(kHeadLimit, until));
  std::string first(line);
  CAPSTAN_TRY(StatusLine status, ParseStatusLine(first));
  CAPSTAN_TRY(http::Headers fields, ReadFields(reader, until));
  if (status.status / 100 != 2)
    return Fail(Code::kUnavailable, StrCat("proxy ", HostAndPort(proxy.endpoint), " refused a tunnel to ",
                                           authority, ": ", Shorten(first.substr(9), 100),
                                           status.status == 407 ? " (check its user and password)" : ""));
  if (!reader.held().empty())
    return Fail(Code::kDataLoss,
                StrCat("proxy ", HostAndPort(proxy.endpoint), " sent bytes nobody asked for"));
  return {};
}

}  // namespace capstan::net
