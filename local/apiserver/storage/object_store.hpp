// ObjectStore keeps every object in memory, assigns a revision to each change, keeps a history of
// the latest changes of each resource and wakes up watches.
//
// A Record is immutable; a change creates a new one. A record stores text instead of a tree: one
// block of JSON, plus the metadata that lists and watches need. Thread-safe. Writers compete by
// revision (compare-and-swap).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/local/apiserver/storage/storage.hpp>

namespace capstan::apiserver {

struct Record {
  std::string key;
  std::string text;  // starts with {"apiVersion":"...","kind":"..."; as Go writes it (html_safe.hpp)
  std::uint64_t revision = 0;
  json::Metadata meta;
};
using RecordPtr = std::shared_ptr<const Record>;

enum class EventType { kAdded, kModified, kDeleted };

struct StoreEvent {
  EventType type = EventType::kAdded;
  std::uint64_t revision = 0;
  RecordPtr object;    // of a deletion: the last state, with the resourceVersion of the deletion
  RecordPtr previous;  // null when added

  // The event as a line of a watch in the storage version, as Go writes it; built once for all
  // watchers.
  const std::string& Line() const;

 private:
  mutable std::once_flag once_;
  mutable std::string line_;
};
using StoreEventPtr = std::shared_ptr<const StoreEvent>;

struct Listing {
  std::vector<RecordPtr> records;
  std::uint64_t revision = 0;  // of this state
  bool more = false;
};

struct EventBatch {
  std::vector<StoreEventPtr> events;
  std::uint64_t revision = 0;  // `events` has every change of the resource up to here
  bool expired = false;        // the requested revision is no longer in the history
  std::uint64_t oldest = 0;    // the first revision that a watch can still start from
};

// One commit. `text` contains revision_marker() in place of its resourceVersion.
struct Write {
  std::string key;
  std::optional<std::string> text;  // nullopt: delete
  std::string deleted_text;         // of a deletion: the last state, for watchers
  std::uint64_t expected = 0;       // revision of the record that it replaces; 0: there must be none
};

class ObjectStore {
 public:
  // Limits of the history: the number of changes kept for each resource, and the bytes kept for all
  // resources together (the latest change of each resource is always kept).
  struct History {
    std::size_t changes = 5000;
    std::size_t bytes = std::size_t{32} << 20;
  };
  // The references must outlive this object.
  ObjectStore(Scheduler& scheduler, Storage& storage, std::string revision_marker, History history);

  // Reads the storage. REQUIRES: called once, before any other use. Errors: those of Storage,
  // kDataLoss (a row that is no object).
  Status Load();

  const std::string& revision_marker() const { return marker_; }
  std::uint64_t revision() const;
  RecordPtr Get(const std::string& key) const;

  // At most `limit` (0: all) records under `prefix` (which starts with the resource's prefix),
  // starting at key `from`, as of `revision` (0: now). nullopt: that revision is no longer in the
  // history, or not reached yet.
  std::optional<Listing> List(const std::string& resource_prefix, const std::string& prefix,
                              const std::string& from, std::size_t limit, std::uint64_t revision) const;
  std::size_t Count(const std::string& resource_prefix, const std::string& prefix,
                    const std::string& from) const;
  // How many records List would return without a limit.
  std::optional<std::size_t> Remaining(const std::string& resource_prefix, const std::string& prefix,
                                       const std::string& from, std::uint64_t revision) const;

  // Errors: kConflict (the record's revision is not the expected one), and those of the storage.
  Result<RecordPtr> Commit(Write write);

  // Changes of a resource after revision `after`; waits for one until `until`.
  EventBatch WaitForEvents(const std::string& resource_prefix, std::uint64_t after, Instant until,
                           const Context& context);
  // Waits for any change after revision `after`, until `until` or the stop; returns the current
  // revision.
  std::uint64_t WaitForAny(std::uint64_t after, Instant until, const Context& context);

  // Takes the keys of objects that garbage collection should check; waits until there are some, or
  // for the stop.
  std::vector<std::string> TakeHints(const Context& context);
  // Whether to collect such keys. Without a garbage collector nothing would take them.
  void KeepHints(bool keep);

  // Keys of objects with `uid` as an owner.
  std::vector<std::string> Dependents(const std::string& uid) const;
  bool HasUid(const std::string& uid) const;
  // All records of all resources, for the sweeps of controllers.
  std::vector<RecordPtr> All() const;
  // Records of a namespace, of all resources.
  std::vector<RecordPtr> InNamespace(const std::string& name) const;

  // Size of the history in bytes.
  std::size_t HistoryBytes() const;
  // Drops the whole history: watches and continue tokens from older revisions get 410, as after
  // etcd's compaction.
  void Compact();
  // Wakes up all waiters, for shutdown.
  void WakeAll();

 private:
  struct Shard {
    std::map<std::string, RecordPtr> objects;
    std::deque<StoreEventPtr> log;
    std::uint64_t forgotten = 0;  // revision of the newest change no longer in `log`
    std::size_t log_bytes = 0;
    Event changed;
  };
  Shard& ShardOf(std::string_view key) const CAPSTAN_REQUIRES(mutex_);
  Result<RecordPtr> MakeRecord(const std::string& key, std::string text, std::uint64_t revision) const;
  void Index(const RecordPtr& old, const RecordPtr& fresh) CAPSTAN_REQUIRES(mutex_);
  void Remember(Shard& shard, StoreEventPtr event) CAPSTAN_REQUIRES(mutex_);
  void ForgetOldest(Shard& shard) CAPSTAN_REQUIRES(mutex_);
  void Hint(const StoreEvent& event) CAPSTAN_REQUIRES(mutex_);
  void HintHeld(const std::string& key) CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;
  Storage& storage_;
  const std::string marker_;
  const History history_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::uint64_t revision_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::size_t log_bytes_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // of all shards
  std::uint64_t start_revision_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  mutable std::map<std::string, std::unique_ptr<Shard>, std::less<>> shards_ CAPSTAN_GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::unordered_set<std::string>> dependents_ CAPSTAN_GUARDED_BY(mutex_);
  // The key is a view of the uid in the record itself.
  std::unordered_map<std::string_view, RecordPtr> by_uid_ CAPSTAN_GUARDED_BY(mutex_);
  Event any_changed_;
  bool keep_hints_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::vector<std::string> hints_ CAPSTAN_GUARDED_BY(mutex_);
  Event hinted_;
};

// "/registry/GROUP/PLURAL/"; the empty group is "core".
std::string ResourcePrefix(std::string_view group, std::string_view plural);

}  // namespace capstan::apiserver
