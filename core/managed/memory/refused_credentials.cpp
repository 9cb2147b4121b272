#include <capstan/core/managed/memory/refused_credentials.hpp>

#include <algorithm>

namespace capstan::managed {
namespace {

// Number of entries; nothing else removes those of deleted objects.
constexpr std::size_t kMostRefusals = 4096;

}  // namespace

void RefusedCredentials::Note(const std::string& uid, const std::string& fingerprint, std::int64_t generation,
                              Instant until) {
  MutexLock lock(mutex_);
  refusals_[uid] = Refusal{fingerprint, generation, until};
  if (refusals_.size() <= kMostRefusals) return;
  refusals_.erase(std::min_element(refusals_.begin(), refusals_.end(), [](const auto& a, const auto& b) {
    return a.second.until < b.second.until;
  }));
}

std::optional<Duration> RefusedCredentials::Remaining(const std::string& uid, const std::string& fingerprint,
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
