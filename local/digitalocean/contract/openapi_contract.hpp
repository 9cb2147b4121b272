// OpenApiContract checks HTTP exchanges against an OpenAPI 3.0 document: DigitalOcean's own, where
// a test has it. It supports the keywords of that document: $ref, type, properties, required,
// items, allOf, anyOf, enum, nullable, pattern, minimum, maximum, multipleOf, maxLength,
// additionalProperties, and the formats uuid, date-time, uri, email and byte.
//
// Immutable after Parse, so thread-safe. The document contradicts itself and the real service in
// some places; KnownContradictions() lists the resulting exceptions, each with its reason.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/http/handler.hpp>

namespace capstan::simulated_digitalocean {

struct KnownContradiction {
  std::string about;
  std::string reason;
};
const std::vector<KnownContradiction>& KnownContradictions();

class OpenApiContract {
 public:
  // Errors: kInvalidArgument when the text is not an OpenAPI document with paths.
  static Result<std::unique_ptr<OpenApiContract>> Parse(const std::string& document);
  ~OpenApiContract();

  // One sentence for each violation; empty when there is none. Paths outside /v2/ are not checked.
  std::vector<std::string> CheckRequest(const http::Request& request) const;
  std::vector<std::string> CheckResponse(const http::Request& request, const http::Response& response) const;

  struct State;

 private:
  explicit OpenApiContract(std::unique_ptr<State> state);
  const std::unique_ptr<const State> state_;
};

// A Handler that passes everything through and reports violations. An exchange that was valid
// before, byte for byte, is not checked again: a client may list an unchanged collection all day.
// Thread-safe if `report` is.
class ContractHandler final : public http::Handler {
 public:
  using Report = std::function<void(const std::string& violation)>;
  // Checks requests unless the inner handler refused their content (400, 422), which is its job.
  // All references must outlive this object.
  ContractHandler(const OpenApiContract& contract, http::Handler& inner, Report report);
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  std::vector<std::string> Violations(const http::Request& request, const http::Response& response) const;

  // Constant after construction.
  const OpenApiContract& contract_;  // must outlive this object
  http::Handler& inner_;
  const Report report_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::unordered_set<std::size_t> fitting_ CAPSTAN_GUARDED_BY(mutex_);  // hashes of valid exchanges
};

}  // namespace capstan::simulated_digitalocean
