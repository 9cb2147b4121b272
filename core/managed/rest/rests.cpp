#include <capstan/core/managed/rest/rests.hpp>

#include <algorithm>
#include <utility>

namespace capstan::managed {

void Rests::Note(const kube::ObjectKey& key, Rest rest, const ManagedOptions& options, Instant now) {
  MutexLock lock(mutex_);
  Rest& noted = rests_[key];
  const bool same = noted.object == rest.object && noted.seen == rest.seen &&
                    noted.credentials_version == rest.credentials_version &&
                    noted.connection_version == rest.connection_version;
  rest.check_every = same ? noted.check_every : options.check_first;
  rest.check_due = After(now, rest.check_every);
  noted = std::move(rest);
}

std::optional<Rest> Rests::Of(const kube::ObjectKey& key) const {
  MutexLock lock(mutex_);
  const auto it = rests_.find(key);
  return it == rests_.end() ? std::nullopt : std::optional<Rest>(it->second);
}

void Rests::Checked(const kube::ObjectKey& key, const ManagedOptions& options, Instant now) {
  MutexLock lock(mutex_);
  const auto it = rests_.find(key);
  if (it == rests_.end()) return;
  it->second.check_every = std::min(2 * it->second.check_every, options.check_limit);
  it->second.check_due = After(now, it->second.check_every);
}

void Rests::Forget(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  rests_.erase(key);
}

void Rests::SecretSeen(const kube::ObjectKey& secret, const ExactVersion& version, Instant now) {
  MutexLock lock(mutex_);
  secrets_[secret] = SecretSeenLast{version, now};
  if (secrets_.size() <= kSecrets) return;
  secrets_.erase(std::min_element(secrets_.begin(), secrets_.end(),
                                  [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
}

std::optional<Rests::SecretSeenLast> Rests::LastSeen(const kube::ObjectKey& secret) const {
  MutexLock lock(mutex_);
  const auto it = secrets_.find(secret);
  return it == secrets_.end() ? std::nullopt : std::optional<SecretSeenLast>(it->second);
}

}  // namespace capstan::managed
