// FaultyTransport injects network faults on demand, before or after the server processed the
// request.
#pragma once

#include <functional>
#include <optional>

#include <capstan/core/http/transport.hpp>

namespace capstan::http {

struct Fault {
  // Before anything was sent; or after the server processed the request, in place of its response.
  enum class When { kBefore, kAfter };
  When when = When::kBefore;
  // Exactly one of the two: an HTTP response in place of the real one, or an error of the exchange.
  std::optional<Response> answer;
  std::optional<Error> error;
};

// Thread-safe if the script is. `next` must outlive it.
class FaultyTransport final : public Transport {
 public:
  // Called for each request; nothing: the request passes through unchanged.
  using Script = std::function<std::optional<Fault>(const Request&)>;
  FaultyTransport(Transport& next, Script script) : next_(next), script_(std::move(script)) {}
  Result<Response> Send(const Request& request, const Context& context) override;
  Result<StreamResponse> Open(const Request& request, const Context& context) override;

 private:
  Transport& next_;
  const Script script_;
};

}  // namespace capstan::http
