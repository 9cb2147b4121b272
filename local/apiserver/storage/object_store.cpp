#include <capstan/local/apiserver/storage/object_store.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/html_safe.hpp>

namespace capstan::apiserver {
namespace {

// "/registry/GROUP/PLURAL/" of a key.
std::string_view PrefixOfKey(std::string_view key) {
  std::size_t end = 0;
  for (int slashes = 0; end < key.size(); ++end) {
    if (key[end] == '/' && ++slashes == 4) return key.substr(0, end + 1);
  }
  return key;
}

// The size of an event in the history beyond objects that exist anyway: its watch line, the
// previous state and the parsed metadata; of a deletion also the last state.
std::size_t BytesOf(const StoreEvent& event) {
  const std::size_t size = event.object->text.size();
  return size + (event.previous ? event.previous->text.size() : 0) +
         (event.type == EventType::kDeleted ? size : 0) + 1024;
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

std::string ResourcePrefix(std::string_view group, std::string_view plural) {
  return StrCat("/registry/", group.empty() ? "core" : group, "/", plural, "/");
}

const std::string& StoreEvent::Line() const {
  std::call_once(once_, [this] {
    const char* word = type == EventType::kAdded      ? "ADDED"
                       : type == EventType::kModified ? "MODIFIED"
                                                      : "DELETED";
    line_.reserve(object->text.size() + 40);
    line_.append("{\"type\":\"").append(word).append("\",\"object\":").append(object->text).append("}\n");
  });
  return line_;
}

ObjectStore::ObjectStore(Scheduler& scheduler, Storage& storage, std::string revision_marker, History history)
    : scheduler_(scheduler), storage_(storage), marker_(std::move(revision_marker)), history_(history) {}

Status ObjectStore::Load() {
  CAPSTAN_TRY(StoredState state, storage_.Load());
  std::vector<RecordPtr> records;
  for (const StoredRow& row : state.rows) {
    CAPSTAN_TRY(RecordPtr record, MakeRecord(row.key, *row.text, row.revision));
    records.push_back(std::move(record));
  }
  MutexLock lock(mutex_);
  revision_ = start_revision_ = state.revision;
  for (const RecordPtr& record : records) {
    ShardOf(record->key).objects[record->key] = record;
    Index(nullptr, record);
  }
  return {};
}

Result<RecordPtr> ObjectStore::MakeRecord(const std::string& key, std::string text,
                                          std::uint64_t revision) const {
  auto record = std::make_shared<Record>();
  auto meta = json::ScanMetadata(text);
  if (!meta) return Annotate(meta.error(), key);
  record->meta = std::move(*meta);
  record->key = key;
  record->text = WithoutHtml(std::move(text));
  record->text.shrink_to_fit();  // it grew incrementally and is kept for long
  record->revision = revision;
  return RecordPtr(std::move(record));
}

ObjectStore::Shard& ObjectStore::ShardOf(std::string_view key) const {
  std::string_view prefix = PrefixOfKey(key);
  auto found = shards_.find(prefix);
  if (found == shards_.end()) {
    found = shards_.emplace(std::string(prefix), std::make_unique<Shard>()).first;
    found->second->forgotten = start_revision_;
  }
  return *found->second;
}

void ObjectStore::Index(const RecordPtr& old, const RecordPtr& fresh) {
  if (old) {
    for (const json::OwnerReference& owner : old->meta.owners) {
      auto found = dependents_.find(owner.uid);
      if (found == dependents_.end()) continue;
      found->second.erase(old->key);
      if (found->second.empty()) dependents_.erase(found);
    }
    by_uid_.erase(old->meta.uid);
  }
  if (fresh) {
    for (const json::OwnerReference& owner : fresh->meta.owners) dependents_[owner.uid].insert(fresh->key);
    by_uid_.erase(fresh->meta.uid);  // its key may be a view of another record
    by_uid_.emplace(fresh->meta.uid, fresh);
  }
}

std::uint64_t ObjectStore::revision() const {
  MutexLock lock(mutex_);
  return revision_;
}

RecordPtr ObjectStore::Get(const std::string& key) const {
  MutexLock lock(mutex_);
  const Shard& shard = ShardOf(key);
  auto found = shard.objects.find(key);
  return found == shard.objects.end() ? nullptr : found->second;
}

std::optional<Listing> ObjectStore::List(const std::string& resource_prefix, const std::string& prefix,
                                         const std::string& from, std::size_t limit,
                                         std::uint64_t revision) const {
  MutexLock lock(mutex_);
  const Shard& shard = ShardOf(resource_prefix);
  if (revision > revision_ || (revision != 0 && revision < shard.forgotten)) return std::nullopt;
  // States that later changes replaced, by key; null for a key that did not exist yet.
  std::map<std::string, RecordPtr> past;
  if (revision != 0 && revision < revision_) {
    for (auto event = shard.log.rbegin(); event != shard.log.rend() && (*event)->revision > revision;
         ++event) {
      past[(*event)->object->key] = (*event)->previous;
    }
  }
  Listing listing;
  listing.revision = revision == 0 ? revision_ : revision;
  const std::string& start = std::max(prefix, from);
  auto now = shard.objects.lower_bound(start);
  auto then = past.lower_bound(start);
  while (true) {
    bool has_now = now != shard.objects.end() && StartsWith(now->first, prefix);
    bool has_then = then != past.end() && StartsWith(then->first, prefix);
    if (!has_now && !has_then) break;
    RecordPtr record;
    if (has_then && (!has_now || then->first <= now->first)) {
      record = then->second;
      if (has_now && now->first == then->first) ++now;
      ++then;
    } else {
      record = now->second;
      ++now;
    }
    if (!record) continue;
    if (limit != 0 && listing.records.size() == limit) {
      listing.more = true;
      break;
    }
    listing.records.push_back(std::move(record));
  }
  return listing;
}

std::size_t ObjectStore::Count(const std::string& resource_prefix, const std::string& prefix,
                               const std::string& from) const {
  MutexLock lock(mutex_);
  const Shard& shard = ShardOf(resource_prefix);
  std::size_t count = 0;
  for (auto at = shard.objects.lower_bound(std::max(prefix, from));
       at != shard.objects.end() && StartsWith(at->first, prefix); ++at) {
    ++count;
  }
  return count;
}

std::optional<std::size_t> ObjectStore::Remaining(const std::string& resource_prefix,
                                                  const std::string& prefix, const std::string& from,
                                                  std::uint64_t revision) const {
  if (revision == this->revision()) return Count(resource_prefix, prefix, from);
  const auto listing = List(resource_prefix, prefix, from, 0, revision);
  return listing ? std::optional(listing->records.size()) : std::nullopt;
}

Result<RecordPtr> ObjectStore::Commit(Write write) {
  std::string text = write.text ? std::move(*write.text) : std::move(write.deleted_text);
  std::size_t at = text.find(marker_);
  if (at == std::string::npos) {
    return Fail(Code::kInternal,
                StrCat(write.key, ": the text to store has no place for its resourceVersion"));
  }
  MutexLock lock(mutex_);
  Shard& shard = ShardOf(write.key);
  auto found = shard.objects.find(write.key);
  RecordPtr current = found == shard.objects.end() ? nullptr : found->second;
  if ((current ? current->revision : 0) != write.expected) {
    return Fail(Code::kConflict, StrCat(write.key, " was changed by another writer; read it again"));
  }
  std::uint64_t next = revision_ + 1;
  text.replace(at, marker_.size(), std::to_string(next));
  CAPSTAN_TRY(RecordPtr record, MakeRecord(write.key, std::move(text), next));
  SharedText stored = write.text ? SharedText(record, &record->text) : nullptr;
  CAPSTAN_RETURN_IF_ERROR(storage_.Commit(write.key, std::move(stored), next));
  revision_ = next;

  auto event = std::make_shared<StoreEvent>();
  event->type = !write.text ? EventType::kDeleted : current ? EventType::kModified : EventType::kAdded;
  event->revision = next;
  event->object = record;
  event->previous = current;
  if (write.text) {
    shard.objects[write.key] = record;
  } else {
    shard.objects.erase(write.key);
  }
  Index(current, write.text ? record : nullptr);
  Hint(*event);
  Remember(shard, std::move(event));
  scheduler_.Notify(shard.changed);
  scheduler_.Notify(any_changed_);
  return record;
}

void ObjectStore::Remember(Shard& shard, StoreEventPtr event) {
  shard.log_bytes += BytesOf(*event);
  log_bytes_ += BytesOf(*event);
  shard.log.push_back(std::move(event));
  while (shard.log.size() > std::max<std::size_t>(history_.changes, 1)) ForgetOldest(shard);
  while (log_bytes_ > history_.bytes) {
    // The resource with the largest history gives up changes.
    Shard* largest = nullptr;
    for (auto& [prefix, one] : shards_) {
      if (one->log.size() > 1 && (!largest || one->log_bytes > largest->log_bytes)) largest = one.get();
    }
    if (!largest) break;
    // Frees several events at a time, so that this search does not run for every change.
    const std::size_t wanted = history_.bytes - history_.bytes / 8;
    const std::size_t least = largest->log_bytes / 2;
    while (largest->log.size() > 1 && log_bytes_ > wanted && largest->log_bytes > least)
      ForgetOldest(*largest);
  }
}

void ObjectStore::ForgetOldest(Shard& shard) {
  const std::size_t bytes = BytesOf(*shard.log.front());
  shard.log_bytes -= bytes;
  log_bytes_ -= bytes;
  shard.forgotten = shard.log.front()->revision;
  shard.log.pop_front();
}

std::size_t ObjectStore::HistoryBytes() const {
  MutexLock lock(mutex_);
  return log_bytes_;
}

EventBatch ObjectStore::WaitForEvents(const std::string& resource_prefix, std::uint64_t after, Instant until,
                                      const Context& context) {
  MutexLock lock(mutex_);
  Shard& shard = ShardOf(resource_prefix);
  EventBatch batch;
  while (true) {
    batch.revision = revision_;
    batch.oldest = shard.forgotten;
    if (after < shard.forgotten) {
      batch.expired = true;
      return batch;
    }
    auto first = std::upper_bound(
        shard.log.begin(), shard.log.end(), after,
        [](std::uint64_t revision, const StoreEventPtr& event) { return revision < event->revision; });
    batch.events.assign(first, shard.log.end());
    if (!batch.events.empty() || context.stopped() || scheduler_.Now() >= until) return batch;
    if (scheduler_.Wait(shard.changed, lock, until, context) == Woke::kStopped) return batch;
  }
}

std::uint64_t ObjectStore::WaitForAny(std::uint64_t after, Instant until, const Context& context) {
  MutexLock lock(mutex_);
  while (revision_ <= after && !context.stopped() && scheduler_.Now() < until) {
    if (scheduler_.Wait(any_changed_, lock, until, context) != Woke::kNotified) break;
  }
  return revision_;
}

void ObjectStore::KeepHints(bool keep) {
  MutexLock lock(mutex_);
  keep_hints_ = keep;
}

void ObjectStore::Hint(const StoreEvent& event) {
  if (!keep_hints_) return;
  const Record& object = *event.object;
  const std::size_t before = hints_.size();
  if (event.type == EventType::kDeleted) {
    if (auto found = dependents_.find(object.meta.uid); found != dependents_.end()) {
      hints_.insert(hints_.end(), found->second.begin(), found->second.end());
      std::sort(hints_.begin() + static_cast<std::ptrdiff_t>(before), hints_.end());
    }
    HintHeld(object.key);
    // An owner may be waiting for this deletion.
    for (const json::OwnerReference& owner : object.meta.owners) {
      if (auto found = by_uid_.find(owner.uid); found != by_uid_.end()) hints_.push_back(found->second->key);
    }
  } else if (!object.meta.deletion_timestamp.empty()) {
    hints_.push_back(object.key);
  } else if (!object.meta.owners.empty() &&
             (!event.previous || event.previous->meta.owners != object.meta.owners)) {
    hints_.push_back(object.key);
  }
  if (hints_.size() > before) scheduler_.Notify(hinted_);
}

// A claim that is being deleted may have waited for the pod with this key.
void ObjectStore::HintHeld(const std::string& key) {
  constexpr std::string_view kPods = "/registry/core/pods/",
                             kClaims = "/registry/core/persistentvolumeclaims/";
  if (!StartsWith(key, kPods)) return;
  const auto claims = shards_.find(kClaims);
  if (claims == shards_.end()) return;
  const std::string space = key.substr(kPods.size(), key.find('/', kPods.size()) - kPods.size());
  const std::string prefix = StrCat(kClaims, space, "/");
  auto& objects = claims->second->objects;
  for (auto at = objects.lower_bound(prefix); at != objects.end() && StartsWith(at->first, prefix); ++at) {
    if (!at->second->meta.deletion_timestamp.empty()) hints_.push_back(at->first);
  }
}

std::vector<std::string> ObjectStore::TakeHints(const Context& context) {
  MutexLock lock(mutex_);
  while (hints_.empty() && !context.stopped()) {
    if (scheduler_.Wait(hinted_, lock, kForever, context) == Woke::kStopped) break;
  }
  return std::exchange(hints_, {});
}

std::vector<std::string> ObjectStore::Dependents(const std::string& uid) const {
  MutexLock lock(mutex_);
  auto found = dependents_.find(uid);
  if (found == dependents_.end()) return {};
  std::vector<std::string> keys(found->second.begin(), found->second.end());
  std::sort(keys.begin(), keys.end());
  return keys;
}

bool ObjectStore::HasUid(const std::string& uid) const {
  MutexLock lock(mutex_);
  return by_uid_.count(uid) != 0;
}

std::vector<RecordPtr> ObjectStore::All() const {
  MutexLock lock(mutex_);
  std::vector<RecordPtr> all;
  for (const auto& [prefix, shard] : shards_) {
    for (const auto& [key, record] : shard->objects) all.push_back(record);
  }
  return all;
}

std::vector<RecordPtr> ObjectStore::InNamespace(const std::string& name) const {
  MutexLock lock(mutex_);
  std::vector<RecordPtr> found;
  for (const auto& [prefix, shard] : shards_) {
    std::string start = StrCat(prefix, name, "/");
    for (auto at = shard->objects.lower_bound(start);
         at != shard->objects.end() && StartsWith(at->first, start); ++at) {
      if (at->second->meta.namespace_ == name) found.push_back(at->second);
    }
  }
  return found;
}

void ObjectStore::Compact() {
  MutexLock lock(mutex_);
  start_revision_ = revision_;
  for (auto& [prefix, shard] : shards_) {
    shard->log.clear();
    log_bytes_ -= std::exchange(shard->log_bytes, 0);
    shard->forgotten = revision_;
    scheduler_.Notify(shard->changed);
  }
}

void ObjectStore::WakeAll() {
  MutexLock lock(mutex_);
  for (auto& [prefix, shard] : shards_) scheduler_.Notify(shard->changed);
  scheduler_.Notify(any_changed_);
}

}  // namespace capstan::apiserver
