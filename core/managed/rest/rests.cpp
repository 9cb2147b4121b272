#include <capstan/core/managed/rest/rests.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace capstan::managed {
namespace {

constexpr Duration kBetweenWakes = std::chrono::minutes(1);
constexpr std::size_t kUid = 36;  // of the server's making

// Whether `version` is of the same object as `than`, and from before it: events of a watch come
// late.
bool IsOlder(const ExactVersion& version, const ExactVersion& than) {
  if (version.size() <= kUid || than.size() <= kUid || version.compare(0, kUid, than, 0, kUid) != 0)
    return false;
  const auto number = [](const ExactVersion& text) {
    std::uint64_t value = 0;  // where it is none, nothing is older
    (void)std::from_chars(text.data() + kUid, text.data() + text.size(), value);
    return value;
  };
  return number(version) < number(than);
}

}  // namespace

void Rests::Note(const kube::ObjectKey& key, Rest rest, const ManagedOptions& options, Instant now) {
  MutexLock lock(mutex_);
  Rest& noted = rests_[key];
  const bool same = noted.object == rest.object && noted.seen == rest.seen &&
                    noted.credentials_version == rest.credentials_version &&
                    noted.connection_version == rest.connection_version;
  rest.check_every = same ? noted.check_every : options.check_first;
  rest.check_due = After(now, rest.check_every);
  rest.woken = noted.woken;
  rest.connection_now = noted.connection_now;
  if (rest.connection_now && (*rest.connection_now == rest.connection_version ||
                              IsOlder(*rest.connection_now, rest.connection_version)))
    rest.connection_now.reset();
  noted = std::move(rest);
}

bool Rests::Wakes(Rest& rest, const ExactVersion& version, Instant now) {
  if (version == rest.connection_version || IsOlder(version, rest.connection_version)) return false;
  rest.connection_now = version;
  if (rest.woken && now - *rest.woken < kBetweenWakes) return false;
  rest.woken = now;
  return true;
}

bool Rests::ConnectionSeen(const kube::ObjectKey& key, const kube::ObjectKey& secret,
                           const ExactVersion& version, Instant now) {
  MutexLock lock(mutex_);
  const auto it = rests_.find(key);
  return it != rests_.end() && it->second.connection == secret && Wakes(it->second, version, now);
}

std::vector<kube::ObjectKey> Rests::ConnectionsListed(const std::string& namespace_,
                                                      const std::map<kube::ObjectKey, ExactVersion>& versions,
                                                      Instant now) {
  std::vector<kube::ObjectKey> changed;
  MutexLock lock(mutex_);
  for (auto& [key, rest] : rests_) {
    if (rest.connection.name.empty()) continue;
    if (!namespace_.empty() && rest.connection.namespace_ != namespace_) continue;
    const auto listed = versions.find(rest.connection);
    if (Wakes(rest, listed == versions.end() ? ExactVersion() : listed->second, now)) changed.push_back(key);
  }
  return changed;
}

bool Rests::ConnectionChanged(const kube::ObjectKey& key) const {
  MutexLock lock(mutex_);
  const auto it = rests_.find(key);
  return it != rests_.end() && it->second.connection_now.has_value();
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
