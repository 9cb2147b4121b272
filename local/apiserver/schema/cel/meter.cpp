#include <capstan/local/apiserver/schema/cel/meter.hpp>

#include <string>

#include <capstan/local/apiserver/api/value.hpp>

namespace capstan::apiserver::cel {
namespace {

constexpr std::size_t kWide = 32;                // keys
constexpr std::uint64_t kChargesBetween = 4096;  // between checks of the client

}  // namespace

Status Meter::Charge(std::size_t steps) {
  const auto most = static_cast<std::size_t>(steps_ > 0 ? steps_ : 0);
  if (steps > most) {
    steps_ = -1;
    return Fail(Code::kResourceExhausted, "operation cancelled: actual cost limit exceeded");
  }
  steps_ -= static_cast<std::int64_t>(steps);
  if (cancellation_ && ++charges_ % kChargesBetween == 0 && cancellation_->Requested()) {
    steps_ = -1;
    return Fail(Code::kCancelled, "operation cancelled: the client is gone");
  }
  return {};
}

Status Meter::Take(std::size_t bytes) {
  if (bytes > kRuleBytes - bytes_) {
    steps_ = -1;
    return Fail(Code::kResourceExhausted, "operation cancelled: actual cost limit exceeded");
  }
  bytes_ += bytes;
  return {};
}

Result<const json::Tree*> Meter::Find(const Poco::JSON::Object& object, std::string_view key) {
  CAPSTAN_RETURN_IF_ERROR(Charge(1));
  if (object.size() <= kWide) return apiserver::Find(object, std::string(key));
  auto known = wide_.find(&object);
  if (known == wide_.end()) {
    CAPSTAN_RETURN_IF_ERROR(Charge(object.size() / 10));
    CAPSTAN_RETURN_IF_ERROR(Take(object.size() * 64));
    known = wide_.try_emplace(&object).first;
    for (const auto& [name, value] : object) known->second.emplace(name, &value);
  }
  const auto found = known->second.find(key);
  return found == known->second.end() ? nullptr : found->second;
}

}  // namespace capstan::apiserver::cel
