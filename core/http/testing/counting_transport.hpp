// For tests of decorators: counts the requests that reach the transport.
#pragma once

#include <memory>
#include <string_view>

#include <capstan/core/http/transport.hpp>

namespace capstan::http {

// Answers every request with an empty 200 and counts them. One thread at a time.
class CountingTransport final : public Transport {
 public:
  Result<Response> Send(const Request&, const Context&) override {
    ++sent;
    return Response{200, {}, ""};
  }
  Result<StreamResponse> Open(const Request&, const Context&) override {
    ++sent;
    return StreamResponse{200, {}, std::make_unique<Nothing>()};
  }
  int sent = 0;

 private:
  struct Nothing final : ByteStream {
    Result<std::string_view> Read(const Context&) override { return std::string_view(); }
  };
};

}  // namespace capstan::http
