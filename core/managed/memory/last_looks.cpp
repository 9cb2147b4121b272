#include <capstan/core/managed/memory/last_looks.hpp>

#include <functional>
#include <utility>

namespace capstan::managed {

std::optional<Duration> LastLooks::NothingNew(const kube::ObjectKey& key, const std::string& version,
                                              Instant now) const {
  MutexLock lock(mutex_);
  const auto it = looks_.find(key);
  if (it == looks_.end() || it->second.version != version || it->second.due <= now) return std::nullopt;
  return it->second.due - now;
}

void LastLooks::Note(const kube::ObjectKey& key, std::string version, Instant due) {
  MutexLock lock(mutex_);
  Look& look = looks_[key];
  look.version = std::move(version);
  look.due = due;
}

void LastLooks::LookAgain(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  if (const auto it = looks_.find(key); it != looks_.end()) it->second.version.clear();
}

void LastLooks::Forget(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  looks_.erase(key);
}

Duration LastLooks::Since(std::optional<Instant>& since, bool now_so, Instant now) {
  if (!now_so) since.reset();
  if (now_so && !since) since = now;
  return since ? now - *since : Duration::zero();
}

Duration LastLooks::Moving(const kube::ObjectKey& key, bool moving, Instant now) {
  MutexLock lock(mutex_);
  return Since(looks_[key].moving_since, moving, now);
}

Duration LastLooks::Refused(const kube::ObjectKey& key, bool refused, Instant now) {
  MutexLock lock(mutex_);
  return Since(looks_[key].refused_since, refused, now);
}

int LastLooks::Failed(const kube::ObjectKey& key, const std::string& operation) {
  const std::size_t failing = std::hash<std::string>()(operation);
  MutexLock lock(mutex_);
  Look& look = looks_[key];
  if (look.failing != failing) look.failures = 0;
  look.failing = failing;
  return ++look.failures;
}

void LastLooks::WentWell(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  if (const auto it = looks_.find(key); it != looks_.end()) it->second.failures = 0;
}

}  // namespace capstan::managed
