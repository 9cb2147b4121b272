// A transport that passes requests to a function, for tests of webhooks.
#pragma once

#include <functional>
#include <utility>

#include <capstan/core/http/transport.hpp>

namespace capstan::apiserver {

class HookTransport final : public http::Transport {
 public:
  using Function = std::function<Result<http::Response>(const http::Request&, const Context&)>;
  explicit HookTransport(Function function) : function_(std::move(function)) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    return function_(request, context);
  }
  Result<http::StreamResponse> Open(const http::Request&, const Context&) override {
    return Fail(Code::kUnavailable, "no streams here");
  }

 private:
  Function function_;
};

}  // namespace capstan::apiserver
