// DirectTransport calls a handler on the caller's own thread and takes no simulated time: for
// observers that are not part of the simulated world. A stream is a complete response. Thread-safe
// if the handler is, which must outlive it.
#pragma once

#include <capstan/core/http/collecting_writer.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::simulation {

class DirectTransport final : public http::Transport {
 public:
  explicit DirectTransport(http::Handler& handler) : handler_(handler) {}

  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    http::CollectingWriter writer;
    handler_.Handle(request, writer, context);
    return writer.Take();
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    CAPSTAN_TRY(auto response, Send(request, context));
    http::StreamResponse stream;
    stream.status = response.status;
    stream.headers = response.headers;
    stream.body = std::make_unique<Whole>(std::move(response.body));
    return stream;
  }

 private:
  struct Whole final : http::ByteStream {
    explicit Whole(std::string text) : body(std::move(text)) {}
    Result<std::string_view> Read(const Context&) override {
      if (read) return std::string_view();
      read = true;
      return std::string_view(body);
    }
    std::string body;
    bool read = false;
  };
  http::Handler& handler_;
};

}  // namespace capstan::simulation
