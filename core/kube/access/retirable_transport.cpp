#include <capstan/core/kube/access/retirable_transport.hpp>

#include <string_view>
#include <utility>

namespace capstan::kube {
namespace {

bool IsWatch(const http::Request& request) {
  const auto url = http::ParseUrl(request.url);
  if (!url) return false;
  const std::string watch = http::QueryValue(url->query(), "watch");
  return watch == "1" || watch == "true";
}

// Keeps its transport alive.
class HeldStream final : public http::ByteStream {
 public:
  HeldStream(std::shared_ptr<http::Transport> transport, std::unique_ptr<http::ByteStream> stream)
      : transport_(std::move(transport)), stream_(std::move(stream)) {}
  Result<std::string_view> Read(const Context& context) override { return stream_->Read(context); }

 private:
  // declared before stream_, so destroyed after it
  const std::shared_ptr<http::Transport> transport_;
  const std::unique_ptr<http::ByteStream> stream_;
};

class WatchStream final : public http::ByteStream {
 public:
  WatchStream(std::unique_ptr<http::ByteStream> stream, std::stop_token retired)
      : stream_(std::move(stream)), retired_(std::move(retired)) {}

  Result<std::string_view> Read(const Context& context) override {
    // In the middle of a line, the rest of it is still to come.
    if (!at_line_end_) return Noted(stream_->Read(context));
    if (ended_ || retired_.stop_requested()) return End();
    std::stop_source either;
    const std::stop_callback by_caller(context.stop, [&either] { either.request_stop(); });
    const std::stop_callback by_retirement(retired_, [&either] { either.request_stop(); });
    auto piece = stream_->Read(Context{either.get_token(), context.deadline, context.urgency, context.span});
    const bool stopped = !piece && piece.error().code == Code::kCancelled;
    if (stopped && !context.stopped() && retired_.stop_requested()) return End();
    return Noted(std::move(piece));
  }

 private:
  Result<std::string_view> End() {
    ended_ = true;
    return std::string_view();
  }
  Result<std::string_view> Noted(Result<std::string_view> piece) {
    if (piece && !piece->empty()) at_line_end_ = piece->back() == '\n';
    return piece;
  }

  const std::unique_ptr<http::ByteStream> stream_;
  const std::stop_token retired_;
  bool at_line_end_ = true;
  bool ended_ = false;
};

}  // namespace

RetirableTransport::RetirableTransport(std::unique_ptr<http::Transport> next)
    : ForwardingTransport(*next), owned_(std::move(next)) {}

Result<http::StreamResponse> RetirableTransport::Open(const http::Request& request, const Context& context) {
  CAPSTAN_TRY(http::StreamResponse response, next().Open(request, context));
  if (IsWatch(request))
    response.body = std::make_unique<WatchStream>(std::move(response.body), retired_.get_token());
  response.body = std::make_unique<HeldStream>(shared_from_this(), std::move(response.body));
  return response;
}

void RetirableTransport::Retire() { retired_.request_stop(); }

}  // namespace capstan::kube
