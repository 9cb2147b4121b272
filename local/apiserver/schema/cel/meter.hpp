// What one evaluation of a CEL rule may still spend. For the cel files only. One thread.
//
// One rule holds for every operator and function: it is charged before it works, for each of its
// arguments by size, and for what it makes by bytes. So neither time nor memory of a rule depends
// on more than the limits below, whatever the object holds.
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

// What the values made by one evaluation may take, in bytes.
inline constexpr std::size_t kRuleBytes = std::size_t{32} << 20;

class Meter final {
 public:
  // `steps` goes down by what is spent. `cancellation` may be null; both must outlive this.
  Meter(std::int64_t& steps, const Cancellation* cancellation) : steps_(steps), cancellation_(cancellation) {}

  // Errors: kResourceExhausted when the steps are used up, kCancelled when nobody waits any more.
  Status Charge(std::size_t steps);
  // A tenth of a step a byte, as Kubernetes counts the characters that are looked at.
  Status ChargeText(std::size_t bytes) { return Charge(bytes / 10 + 1); }
  // Before memory is taken. Errors: kResourceExhausted.
  Status Take(std::size_t bytes);

  std::size_t bytes() const { return bytes_; }

  // Who answers the variable `authorizer`, and what is asked for; null where there is none. Both
  // must outlive this.
  void SetAuthorizer(const Authorizer* authorizer, const AccessCheck* request) {
    authorizer_ = authorizer;
    request_ = request;
  }
  const Authorizer* authorizer() const { return authorizer_; }
  const AccessCheck* request() const { return request_; }

  // The value under a key; null when there is none. In one step however wide the object is, but for
  // the first time. Errors: those of Charge.
  Result<const json::Tree*> Find(const Poco::JSON::Object& object, std::string_view key);

 private:
  std::int64_t& steps_;
  const Cancellation* cancellation_;
  std::size_t bytes_ = 0;
  std::uint64_t charges_ = 0;
  const Authorizer* authorizer_ = nullptr;
  const AccessCheck* request_ = nullptr;
  // Of wide objects: Poco's look-up without a copy goes through all keys.
  std::unordered_map<const Poco::JSON::Object*, std::unordered_map<std::string_view, const json::Tree*>>
      wide_;
};

}  // namespace capstan::apiserver::cel
