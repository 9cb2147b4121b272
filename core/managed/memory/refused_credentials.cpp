#include <capstan/core/managed/memory/refused_credentials.hpp>

namespace capstan::managed {

void RefusedCredentials::Note(const std::string& uid, const std::string& fingerprint, std::int64_t generation,
                              Instant until) {
  MutexLock lock(mutex_);
  refusals_[uid] = Refusal{fingerprint, generation, until};
}

std::optional<Duration> RefusedCredentials::Rest(const std::string& uid, const std::string& fingerprint,
                                                 std::int64_t generation, Instant now) {
  MutexLock lock(mutex_);
  const auto it = refusals_.find(uid);
  if (it == refusals_.end()) return std::nullopt;
  const Refusal& refusal = it->second;
  if (refusal.fingerprint == fingerprint && refusal.generation == generation && refusal.until > now)
    return refusal.until - now;
  refusals_.erase(it);
  return std::nullopt;
}

}  // namespace capstan::managed
