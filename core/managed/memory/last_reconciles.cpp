#include <capstan/core/managed/memory/last_reconciles.hpp>

#include <functional>
#include <utility>

namespace capstan::managed {

std::optional<Duration> LastReconciles::NothingNew(const kube::ObjectKey& key, const std::string& version,
                                                   Instant now) const {
  MutexLock lock(mutex_);
  const auto it = entries_.find(key);
  if (it == entries_.end() || it->second.version != version || it->second.due <= now) return std::nullopt;
  return it->second.due - now;
}

void LastReconciles::Note(const kube::ObjectKey& key, std::string version, Instant due) {
  MutexLock lock(mutex_);
  Entry& entry = entries_[key];
  entry.version = std::move(version);
  entry.due = due;
}

void LastReconciles::LookAgain(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  if (const auto it = entries_.find(key); it != entries_.end()) it->second.version.clear();
}

void LastReconciles::Forget(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  entries_.erase(key);
}

Duration LastReconciles::Since(std::optional<Instant>& since, bool now_so, Instant now) {
  if (!now_so) since.reset();
  if (now_so && !since) since = now;
  return since ? now - *since : Duration::zero();
}

Duration LastReconciles::Moving(const kube::ObjectKey& key, bool moving, Instant now) {
  MutexLock lock(mutex_);
  return Since(entries_[key].moving_since, moving, now);
}

Duration LastReconciles::Refused(const kube::ObjectKey& key, bool refused, Instant now) {
  MutexLock lock(mutex_);
  return Since(entries_[key].refused_since, refused, now);
}

int LastReconciles::Failed(const kube::ObjectKey& key, const std::string& operation) {
  const std::size_t failing = std::hash<std::string>()(operation);
  MutexLock lock(mutex_);
  Entry& entry = entries_[key];
  if (entry.failing != failing) entry.failures = 0;
  entry.failing = failing;
  return ++entry.failures;
}

void LastReconciles::Succeeded(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  if (const auto it = entries_.find(key); it != entries_.end()) it->second.failures = 0;
}

}  // namespace capstan::managed
