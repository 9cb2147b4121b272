#include <capstan/core/net/server/server_connection.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/net/server/response_writer.hpp>

namespace capstan::net {
namespace {

// How long a refused client can still send or receive.
constexpr Duration kClosePatience = std::chrono::seconds(1);

Failure RequestRefused(int status, Code code, std::string why) {
  return Fail(code, std::move(why), Sent::kNo, status);
}

}  // namespace

ServerConnection::ServerConnection(const Serving& serving, Channel& channel, Seat& seat)
    : serving_(serving), channel_(channel), seat_(seat), reader_(channel) {}

bool ServerConnection::StartTls(Duration limit) {
  return serving_.tls == nullptr || channel_.StartTlsAsServer(serving_.tls, After(BootNow(), limit));
}

void ServerConnection::Serve() {
  StopLink link(channel_.interrupt(), seat_.stop());
  if (seat_.stop().stop_requested() || !StartTls(serving_.limits.handshake)) return;
  bool first = true;
  while (!seat_.stop().stop_requested() && ServeOne(first)) first = false;
}

void ServerConnection::Refuse() {
  StopLink link(channel_.interrupt(), seat_.stop());
  if (seat_.stop().stop_requested() || !StartTls(kClosePatience)) return;
  auto until = After(BootNow(), kClosePatience);
  (void)reader_.Line(kHeadLimit, until);
  Reject(503, "the server has no room for another connection: try again later");
}

void ServerConnection::Reject(int status, const std::string& message) {
  SocketResponseWriter writer(channel_, seat_, {1, false, false, kClosePatience});
  http::Response response{status, {{"Content-Type", "text/plain; charset=utf-8"}}, message + "\n"};
  if (status == 503) response.headers.Set("Retry-After", "1");
  if (!writer.Respond(response)) return;
  seat_.Set(ConnectionPhase::kIdle, BootNow());  // evictable, because its remaining data does not matter
  channel_.EndAndDrain(After(BootNow(), kClosePatience));
}

// Refuses a body that is too long by its announced length, before any of it is read.
Status ServerConnection::ReadBody(http::Request& request, BodyFrame frame, Instant until) {
  const std::size_t limit = serving_.limits.body;
  const auto too_large = [limit] {
    return RequestRefused(413, Code::kTooLarge,
                          limit == 0 ? std::string("requests have no body here")
                                     : StrCat("the request body is longer than ", limit, " bytes"));
  };
  const bool announced = frame.framing == Framing::kChunked ? limit == 0 : frame.length > limit;
  if (announced) return too_large();
  auto expect = request.headers.Get("Expect");
  if (expect && EqualsIgnoreCase(*expect, "100-continue") && reader_.held().empty())
    CAPSTAN_RETURN_IF_ERROR(channel_.Write("HTTP/1.1 100 Continue\r\n\r\n", until));
  BodyReader body(reader_, frame);
  for (;;) {
    auto piece = body.Next(until);
    if (!piece && piece.error().code == Code::kDataLoss) piece.error().http_status = 400;
    CAPSTAN_RETURN_IF_ERROR(piece);
    if (piece->empty()) return {};
    if (piece->size() > limit - request.body.size()) return too_large();
    request.body.append(*piece);
  }
}

bool ServerConnection::ServeOne(bool first) {
  const ServerLimits& limits = serving_.limits;
  if (reader_.held().empty()) {
    const Instant now = BootNow();
    if (!first) seat_.Set(ConnectionPhase::kIdle, now);
    auto more = reader_.Fill(After(now, first ? std::min(limits.idle, limits.request) : limits.idle));
    if (!more || !*more) return false;
  }
  const Instant began = BootNow();
  if (!first)
    seat_.Set(ConnectionPhase::kReadingRequest, began);  // for the first request, counted from the accept
  const Instant until = After(began, limits.request);
  auto head = ReadRequestHead(reader_, serving_.origin, until);
  Status read;
  if (head) {
    read = ReadBody(head->request, head->frame, until);
  } else {
    read = Fail(head.error());
  }
  if (read) {
    NamePeer(head->request.headers);
    return Answer(*head);
  }
  // A truncated request never reaches the handler. If the client can still receive, it gets the
  // reason.
  Error& error = read.error();
  if (error.code == Code::kDeadlineExceeded) {
    Reject(408, StrCat("the request was not complete after ", FormatDuration(limits.request)));
  } else if (error.http_status != 0) {
    Reject(error.http_status, error.message);
  }
  return false;
}

// Header values cannot contain line breaks; a certificate whose names contain one is treated as
// anonymous.
void ServerConnection::NamePeer(http::Headers& headers) {
  headers.Remove(kPeerName);
  headers.Remove(kPeerGroup);
  if (!serving_.tls) return;
  const auto plain = [](const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  };
  const Channel::PeerIdentity peer = channel_.Peer();
  if (peer.name.empty() || !plain(peer.name)) return;
  headers.Set(kPeerName, peer.name);
  for (const std::string& group : peer.groups) {
    if (plain(group)) headers.Add(kPeerGroup, group);
  }
}

bool ServerConnection::Answer(const RequestHead& head) {
  seat_.Set(ConnectionPhase::kProcessing, BootNow());
  SocketResponseWriter writer(
      channel_, seat_, {head.minor, head.request.method == "HEAD", head.keeps_alive, serving_.limits.answer});
  try {
    serving_.handler.Handle(head.request, writer, Context{seat_.stop(), kForever});
  } catch (const std::exception& error) {
    // A handler's bug must not end the server. A partial response must not look complete.
    if (writer.started()) {
      writer.Abort();
    } else {
      (void)writer.Respond({500,
                            {{"Content-Type", "text/plain; charset=utf-8"}},
                            StrCat("internal error: ", error.what(), "\n")});
    }
  }
  return writer.Finish();
}

}  // namespace capstan::net
