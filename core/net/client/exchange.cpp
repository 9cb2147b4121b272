#include <capstan/core/net/client/exchange.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::net {
namespace {

// An endless head is malformed rather than too large.
Failure Malformed(Error error) {
  if (error.code == Code::kTooLarge) error.code = Code::kDataLoss;
  return Fail(std::move(error));
}

Result<Head> ReadHead(const http::Request& request, Connection& connection, Instant until) {
  for (;;) {
    auto line = connection.reader.Line(kHeadLimit, until);
    if (!line) return Malformed(std::move(line).error());
    CAPSTAN_TRY(StatusLine status, ParseStatusLine(*line));
    auto fields = ReadFields(connection.reader, until);
    if (!fields) return Malformed(std::move(fields).error());
    http::Headers headers = std::move(*fields);
    if (status.status < 200 && status.status != 101) continue;  // an interim response
    BodyFrame frame;
    bool bodyless = request.method == "HEAD" || status.status == 204 || status.status == 304;
    if (!bodyless) {
      CAPSTAN_TRY(frame, FrameOf(headers, status.minor));
    }
    bool keeps = KeepsAlive(headers, status.minor) && frame.framing != Framing::kUntilClose;
    return Head{status.status, std::move(headers), frame, keeps};
  }
}

}  // namespace

Asked Ask(const http::Request& request, const std::string& head, Connection& connection,
          const Context& context) {
  Channel& channel = *connection.channel;
  Asked asked{{}, channel.bytes_out()};
  StopLink link(channel.interrupt(), context.stop);
  if (context.stopped()) {
    asked.written = Fail(Code::kCancelled, "stopped before it was sent");
    return asked;
  }
  asked.written = channel.Write(head, context.deadline);
  if (asked.written && !IsSmall(request)) asked.written = channel.Write(request.body, context.deadline);
  return asked;
}

Result<Head> ReadAnswer(const http::Request& request, const Asked& asked, Connection& connection,
                        const Context& context, bool& nothing_came) {
  Channel& channel = *connection.channel;
  StopLink link(channel.interrupt(), context.stop);
  const auto mark = [&](Error error) {
    error.sent = asked.sent(connection) ? Sent::kMaybe : Sent::kNo;
    return Failure(std::move(error));
  };
  Instant until = context.deadline;
  if (!asked.written) {
    nothing_came = asked.written.error().code == Code::kUnavailable;
    if (!nothing_came) return mark(asked.written.error());
    // The server may have answered early (413, 401) and closed without reading the rest.
    until = std::min(until, After(BootNow(), std::chrono::seconds(1)));
  } else if (context.stopped()) {
    return mark(MakeError(Code::kCancelled, "stopped before an answer came"));
  }
  const auto received = connection.reader.received();
  auto answer = ReadHead(request, connection, until);
  if (answer) {
    nothing_came = false;
    if (!asked.written) answer->keeps_alive = false;
    return answer;
  }
  if (!asked.written) return mark(asked.written.error());
  auto error = std::move(answer).error();
  const bool ended = error.code == Code::kUnavailable || error.code == Code::kDataLoss;
  nothing_came = ended && connection.reader.received() == received;
  if (nothing_came && error.code == Code::kDataLoss) {
    error.code = Code::kUnavailable;
    error.message = StrCat(channel.peer(), " closed the connection without an answer");
  } else if (ended) {
    error.code = Code::kDataLoss;
  }
  return mark(std::move(error));
}

}  // namespace capstan::net
