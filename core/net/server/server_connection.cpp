#include <capstan/core/net/server/server_connection.hpp>

#include <poll.h>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/net/server/response_writer.hpp>

namespace capstan::net {
namespace {

constexpr Duration kHandshakePatience = std::chrono::seconds(15);
constexpr Duration kHeadPatience = std::chrono::seconds(30);
constexpr Duration kBodyPatience = std::chrono::seconds(60);  // for each piece
constexpr Duration kClosePatience = std::chrono::seconds(1);

Failure BadRequest(const std::string& why) { return Fail(Code::kInvalidArgument, why); }

}  // namespace

ServerConnection::ServerConnection(const Serving& serving, Channel& channel)
    : serving_(serving), channel_(channel), reader_(channel) {}

bool ServerConnection::StartTls() {
  return serving_.tls == nullptr ||
         channel_.StartTlsAsServer(serving_.tls, After(BootNow(), kHandshakePatience));
}

void ServerConnection::Serve() {
  StopLink link(channel_.interrupt(), serving_.stop);
  if (serving_.stop.stop_requested() || !StartTls()) return;
  while (!serving_.stop.stop_requested() && ServeOne()) {
  }
}

void ServerConnection::Refuse() {
  StopLink link(channel_.interrupt(), serving_.stop);
  if (serving_.stop.stop_requested() || !StartTls()) return;
  auto until = After(BootNow(), kClosePatience);
  (void)reader_.Line(kHeadLimit, until);
  Reject(503, "the server has no room for another connection: try again later");
}

void ServerConnection::Reject(int status, const std::string& message) {
  SocketResponseWriter writer(channel_, 1, false, false);
  http::Response response{status, {{"Content-Type", "text/plain; charset=utf-8"}}, message + "\n"};
  if (status == 503) response.headers.Set("Retry-After", "1");
  if (writer.Respond(response)) channel_.EndAndDrain(After(BootNow(), kClosePatience));
}

Result<http::Request> ServerConnection::ReadHead(bool& keeps_alive, int& minor) {
  auto until = After(BootNow(), std::min(kHeadPatience, serving_.patience));
  CAPSTAN_TRY(std::string_view first, reader_.Line(kHeadLimit, until));
  if (first.empty()) {
    CAPSTAN_TRY(
        first, reader_.Line(kHeadLimit, until));  // RFC 9112 2.2: an empty line before the request is ignored
  }
  CAPSTAN_TRY(RequestLine line, ParseRequestLine(first));
  http::Request request;
  CAPSTAN_TRY(request.headers, ReadFields(reader_, until));
  keeps_alive = KeepsAlive(request.headers, line.minor);
  minor = line.minor;
  request.method = std::move(line.method);
  if (line.target[0] == '/') {
    auto host = request.headers.Get("Host");
    if (!host) return BadRequest("the request names no Host");
    request.url = StrCat(serving_.tls != nullptr ? "https://" : "http://", *host, line.target);
  } else {
    request.url = std::move(line.target);
  }
  if (auto url = http::ParseUrl(request.url); !url) return BadRequest("the request names no valid URL");
  return request;
}

Status ServerConnection::ReadBody(http::Request& request, BodyFrame frame) {
  auto too_large = [this] {
    return Fail(Code::kTooLarge, StrCat("the request body is longer than ", serving_.body_limit, " bytes"));
  };
  if (frame.framing == Framing::kLength && frame.length > serving_.body_limit) return too_large();
  auto expect = request.headers.Get("Expect");
  if (expect && EqualsIgnoreCase(*expect, "100-continue") && reader_.held().empty())
    CAPSTAN_RETURN_IF_ERROR(channel_.Write("HTTP/1.1 100 Continue\r\n\r\n", After(BootNow(), kHeadPatience)));
  BodyReader body(reader_, frame);
  for (;;) {
    CAPSTAN_TRY(std::string_view piece, body.Next(After(BootNow(), kBodyPatience)));
    if (piece.empty()) return {};
    if (piece.size() > serving_.body_limit - request.body.size()) return too_large();
    request.body.append(piece);
  }
}

bool ServerConnection::ServeOne() {
  if (reader_.held().empty()) {
    auto more = reader_.Fill(After(BootNow(), serving_.patience));
    if (!more || !*more) return false;
  }
  bool keeps_alive = false;
  int minor = 1;
  auto request = ReadHead(keeps_alive, minor);
  if (!request) {
    auto code = request.error().code;
    if (code == Code::kInvalidArgument || code == Code::kDataLoss || code == Code::kTooLarge)
      Reject(code == Code::kInvalidArgument ? 400 : 431, request.error().message);
    return false;
  }
  auto frame = FrameOf(request->headers);
  if (!frame) {
    Reject(400, frame.error().message);
    return false;
  }
  if (frame->framing == Framing::kUntilClose) frame->framing = Framing::kNone;
  if (auto read = ReadBody(*request, *frame); !read) {
    if (read.error().code == Code::kTooLarge) Reject(413, read.error().message);
    return false;  // a cut request never reaches the handler
  }
  return Answer(*request, keeps_alive, minor);
}

bool ServerConnection::Answer(const http::Request& request, bool keeps_alive, int minor) {
  SocketResponseWriter writer(channel_, minor, request.method == "HEAD", keeps_alive);
  try {
    serving_.handler.Handle(request, writer, Context{serving_.stop, kForever});
  } catch (const std::exception& error) {
    // A handler's bug must not end the server. Half an answer must not look like a whole one.
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
