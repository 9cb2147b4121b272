#include <capstan/core/net/client/open_answer.hpp>

#include <utility>

namespace capstan::net {

Failure MaybeSent(Error error, const std::string& what, int status) {
  error.sent = Sent::kMaybe;
  error.http_status = status;
  return Annotate(std::move(error), what);
}

SocketStream::SocketStream(OpenAnswer opened, ConnectionPool& pool, std::stop_token stop, std::string what,
                           Duration gather)
    : answer_(std::move(opened)),
      pool_(pool),
      stop_(std::move(stop)),
      what_(std::move(what)),
      body_(answer_.connection->reader, answer_.head.frame) {
  answer_.connection->channel->GatherFor(gather);
}

SocketStream::~SocketStream() {
  bool clean = body_.complete() && answer_.head.keeps_alive && answer_.connection->reader.held().empty();
  if (!clean || failed_) return;
  answer_.connection->channel->GatherFor(Duration::zero());
  pool_.Put(answer_.place, std::move(answer_.connection));
}

Result<std::string_view> SocketStream::Read(const Context& context) {
  AssertNoLocksHeld("ByteStream::Read");
  auto& interrupt = answer_.connection->channel->interrupt();
  StopLink link(interrupt, stop_);
  StopLink call_link(interrupt, context.stop);
  if (stop_.stop_requested() || context.stopped()) {
    failed_ = true;
    return MaybeSent(Fail(Code::kCancelled, "stopped").value(), what_, answer_.head.status);
  }
  auto piece = body_.Next(context.deadline);
  if (piece) return piece;
  if (piece.error().code != Code::kDeadlineExceeded) failed_ = true;
  // A lost connection means a truncated body.
  if (piece.error().code == Code::kUnavailable) piece.error().code = Code::kDataLoss;
  return MaybeSent(std::move(piece).error(), what_, answer_.head.status);
}

}  // namespace capstan::net
