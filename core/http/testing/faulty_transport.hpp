// FaultyTransport breaks exchanges on purpose, before or after the server did its work: what
// networks do, on demand.
#pragma once

#include <functional>
#include <optional>

#include <capstan/core/http/transport.hpp>

namespace capstan::http {

struct Fault {
  // Before anything left; after the server did its work, in place of its answer.
  enum class When { kBefore, kAfter };
  When when = When::kBefore;
  // Exactly one of the two: an HTTP answer in place of the real one, or an error of the exchange.
  std::optional<Response> answer;
  std::optional<Error> error;
};

// Thread-safe if the script is. `next` must outlive it.
class FaultyTransport final : public Transport {
 public:
  // Asked for each request; nothing lets it through untouched.
  using Script = std::function<std::optional<Fault>(const Request&)>;
  FaultyTransport(Transport& next, Script script) : next_(next), script_(std::move(script)) {}
  Result<Response> Send(const Request& request, const Context& context) override;
  Result<StreamResponse> Open(const Request& request, const Context& context) override;

 private:
  Transport& next_;
  const Script script_;
};

}  // namespace capstan::http
