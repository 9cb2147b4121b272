// OpenApiContract checks HTTP exchanges against an OpenAPI 3.0 document: DigitalOcean's own, where
// a test has it. It knows the keywords that document uses: $ref, type, properties, required, items,
// allOf, anyOf, enum, nullable, pattern, minimum, maximum, multipleOf, maxLength,
// additionalProperties, and the formats uuid, date-time, uri, email and byte.
//
// Immutable after Parse, so thread-safe. The document contradicts itself and its own service here
// and there; KnownContradictions() lists what is therefore let through, each with its reason.
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
  // Errors: kInvalidArgument when the text is no OpenAPI document with paths.
  static Result<std::unique_ptr<OpenApiContract>> Parse(const std::string& document);
  ~OpenApiContract();

  // One sentence for each thing that does not fit; none when all does. What is not below /v2/ is
  // nobody's contract.
  std::vector<std::string> CheckRequest(const http::Request& request) const;
  std::vector<std::string> CheckResponse(const http::Request& request, const http::Response& response) const;

  struct State;

 private:
  explicit OpenApiContract(std::unique_ptr<State> state);
  const std::unique_ptr<const State> state_;
};

// A Handler that passes everything on and reports what does not fit. Of an exchange that fitted,
// byte for byte the same again is not looked at again: a list that nobody changed, asked for all
// day. Thread-safe if `report` is.
class ContractHandler final : public http::Handler {
 public:
  using Report = std::function<void(const std::string& violation)>;
  // Requests are checked unless the inner handler refused what they say (400, 422): that is its
  // job.
  ContractHandler(const OpenApiContract& contract, http::Handler& inner, Report report);
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  std::vector<std::string> Violations(const http::Request& request, const http::Response& response) const;

  // Constant after construction.
  const OpenApiContract& contract_;  // all must outlive this
  http::Handler& inner_;
  const Report report_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::unordered_set<std::size_t> fitting_ CAPSTAN_GUARDED_BY(mutex_);  // hashes of exchanges
};

}  // namespace capstan::simulated_digitalocean
