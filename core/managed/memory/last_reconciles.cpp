#include <capstan/core/managed/memory/last_reconciles.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <new>

namespace capstan::managed {
namespace {

constexpr Instant kNotSo = Instant::min();

Duration HowLong(Instant& since, bool now_so, Instant now) {
  if (!now_so) since = kNotSo;
  if (now_so && since == kNotSo) since = now;
  return now_so ? now - since : Duration::zero();
}

}  // namespace

// Namespace, name and version follow in the same block.
struct LastReconciles::Entry {
  Instant due = kNotSo;  // kNotSo: there is nothing to compare with
  Instant moving_since = kNotSo, refused_since = kNotSo;
  std::uint32_t failing = 0;  // hash of the operation
  std::int32_t failures = 0;
  std::uint32_t namespace_size = 0, name_size = 0, version_size = 0;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view namespace_() const { return {bytes(), namespace_size}; }
  std::string_view name() const { return {bytes() + namespace_size, name_size}; }
  std::string_view version() const { return {bytes() + namespace_size + name_size, version_size}; }
  void set_version(std::string_view version) {
    std::memcpy(bytes() + namespace_size + name_size, version.data(), version_size);
  }

  static Entry* Make(const kube::ObjectKey& key, std::size_t version_size) {
    auto* entry =
        new (::operator new(sizeof(Entry) + key.namespace_.size() + key.name.size() + version_size)) Entry;
    entry->namespace_size = static_cast<std::uint32_t>(key.namespace_.size());
    entry->name_size = static_cast<std::uint32_t>(key.name.size());
    entry->version_size = static_cast<std::uint32_t>(version_size);
    std::memcpy(entry->bytes(), key.namespace_.data(), key.namespace_.size());
    std::memcpy(entry->bytes() + key.namespace_.size(), key.name.data(), key.name.size());
    std::memset(entry->bytes() + key.namespace_.size() + key.name.size(), 0, version_size);
    return entry;
  }
  static void Free(Entry* entry) { ::operator delete(entry); }
};

LastReconciles::~LastReconciles() {
  MutexLock lock(mutex_);
  for (Entry* entry : entries_) Entry::Free(entry);
}

LastReconciles::Entry& LastReconciles::EntryOf(const kube::ObjectKey& key, std::size_t version_size) {
  Entry* const found = entries_.Find(key.namespace_, key.name);
  if (found != nullptr && found->version_size == version_size) return *found;
  Entry* const made = Entry::Make(key, version_size);
  if (found != nullptr) {
    made->moving_since = found->moving_since;
    made->refused_since = found->refused_since;
    made->failing = found->failing;
    made->failures = found->failures;
  }
  entries_.Put(made);
  if (found != nullptr) Entry::Free(found);
  return *made;
}

LastReconciles::Entry& LastReconciles::EntryOf(const kube::ObjectKey& key) {
  Entry* const found = entries_.Find(key.namespace_, key.name);
  return found != nullptr ? *found : EntryOf(key, 0);
}

std::optional<Duration> LastReconciles::NothingNew(const kube::ObjectKey& key, const std::string& version,
                                                   Instant now) const {
  MutexLock lock(mutex_);
  const Entry* const entry = entries_.Find(key.namespace_, key.name);
  if (entry == nullptr || entry->due <= now || entry->version() != version) return std::nullopt;
  return entry->due - now;
}

void LastReconciles::Note(const kube::ObjectKey& key, const std::string& version, Instant due) {
  MutexLock lock(mutex_);
  Entry& entry = EntryOf(key, version.size());
  entry.set_version(version);
  entry.due = due;
}

void LastReconciles::LookAgain(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  if (Entry* const entry = entries_.Find(key.namespace_, key.name)) entry->due = kNotSo;
}

void LastReconciles::Forget(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  Entry* const entry = entries_.Find(key.namespace_, key.name);
  if (entry == nullptr) return;
  entries_.Remove(entry);
  Entry::Free(entry);
}

Duration LastReconciles::Moving(const kube::ObjectKey& key, bool moving, Instant now) {
  MutexLock lock(mutex_);
  return HowLong(EntryOf(key).moving_since, moving, now);
}

Duration LastReconciles::Refused(const kube::ObjectKey& key, bool refused, Instant now) {
  MutexLock lock(mutex_);
  return HowLong(EntryOf(key).refused_since, refused, now);
}

int LastReconciles::Failed(const kube::ObjectKey& key, const std::string& operation) {
  const auto failing = static_cast<std::uint32_t>(std::hash<std::string>()(operation));
  MutexLock lock(mutex_);
  Entry& entry = EntryOf(key);
  if (entry.failing != failing) entry.failures = 0;
  entry.failing = failing;
  return ++entry.failures;
}

void LastReconciles::Succeeded(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  if (Entry* const entry = entries_.Find(key.namespace_, key.name)) entry->failures = 0;
}

}  // namespace capstan::managed
