#include <capstan/core/http/testing/faulty_transport.hpp>

namespace capstan::http {
namespace {

// A body that is complete from the start.
class TextStream final : public ByteStream {
 public:
  explicit TextStream(std::string text) : text_(std::move(text)) {}
  Result<std::string_view> Read(const Context&) override {
    if (done_) return std::string_view();
    done_ = true;
    return std::string_view(text_);
  }

 private:
  std::string text_;
  bool done_ = false;
};

}  // namespace

Result<Response> FaultyTransport::Send(const Request& request, const Context& context) {
  const std::optional<Fault> fault = script_(request);
  if (!fault) return next_.Send(request, context);
  if (fault->when == Fault::When::kAfter) {
    auto real = next_.Send(request, context);
    if (!real) return real;
  }
  if (fault->error) return Fail(*fault->error);
  return fault->answer.value_or(Response{500, {}, ""});
}

Result<StreamResponse> FaultyTransport::Open(const Request& request, const Context& context) {
  const std::optional<Fault> fault = script_(request);
  if (!fault) return next_.Open(request, context);
  if (fault->error) return Fail(*fault->error);
  Response answer = fault->answer.value_or(Response{500, {}, ""});
  StreamResponse response;
  response.status = answer.status;
  response.headers = answer.headers;
  response.body = std::make_unique<TextStream>(std::move(answer.body));
  return response;
}

}  // namespace capstan::http
