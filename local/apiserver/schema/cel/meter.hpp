// The remaining budget of one evaluation of a CEL rule. For the cel files only. For one thread.
//
// Every operator and function charges the meter before it runs: for each argument by size, and for
// its result by bytes. Time and memory of a rule are therefore bounded by the limits below,
// whatever the object contains.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/schema/cel/authorizer.hpp>

namespace capstan::apiserver::cel {

// Limit for the values created by one evaluation, in bytes.
inline constexpr std::size_t kRuleBytes = std::size_t{32} << 20;

class Meter final {
 public:
  // `steps` is decremented as steps are spent. `cancellation` may be null; both must outlive this
  // object.
  Meter(std::int64_t& steps, const Cancellation* cancellation) : steps_(steps), cancellation_(cancellation) {}

  // Errors: kResourceExhausted when no steps are left, kCancelled when the client is gone.
  Status Charge(std::size_t steps);
  // A tenth of a step for each byte, as Kubernetes charges for the characters that are read.
  Status ChargeText(std::size_t bytes) { return Charge(bytes / 10 + 1); }
  // Call before allocating memory. Errors: kResourceExhausted.
  Status Take(std::size_t bytes);

  std::size_t bytes() const { return bytes_; }

  // The authorizer and the request of the variable `authorizer`; null when there is none. Both must
  // outlive this object.
  void SetAuthorizer(const Authorizer* authorizer, const AccessCheck* request) {
    authorizer_ = authorizer;
    request_ = request;
  }
  const Authorizer* authorizer() const { return authorizer_; }
  const AccessCheck* request() const { return request_; }

  // The value under a key; null when absent. Takes one step however wide the object is, except for
  // the first look-up. Errors: those of Charge.
  Result<const json::Tree*> Find(const Poco::JSON::Object& object, std::string_view key);

 private:
  std::int64_t& steps_;
  const Cancellation* cancellation_;
  std::size_t bytes_ = 0;
  std::uint64_t charges_ = 0;
  const Authorizer* authorizer_ = nullptr;
  const AccessCheck* request_ = nullptr;
  // Indexes of wide objects: Poco's look-up without a copy visits all keys.
  std::unordered_map<const Poco::JSON::Object*, std::unordered_map<std::string_view, const json::Tree*>>
      wide_;
};

}  // namespace capstan::apiserver::cel
