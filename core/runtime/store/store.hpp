// Store keeps the objects of one kind as compressed bytes: about a fifth of what the server sent,
// where parsed trees would take twenty times as much. One writer (the watcher of the kind) fills
// it; any thread may read it.
//
// Reads and AddIndex are thread-safe. Writes must come from one thread at a time. Everything
// returned is an immutable snapshot. Changes are returned, not announced: the Informer notifies its
// subscribers, with no lock held.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/json/object_scanner.hpp>
#include <capstan/core/kube/key_table.hpp>
#include <capstan/core/runtime/store/object_codec.hpp>
#include <capstan/core/runtime/store/stored_object.hpp>

namespace capstan::runtime {

enum class ChangeType { kAdded, kModified, kDeleted };

// What happened to one object, as far as the cache observed it: several changes may appear as one.
struct Change {
  ChangeType type = ChangeType::kAdded;
  bool listed = false;  // found by a list, not by a watch
  // The previous version, if known (it is not for changes found by a list).
  std::optional<StoredObject> before;
  StoredObject object;  // the current version; for a deleted object the last known one
};

// The effect of one event.
struct Written {
  std::optional<Change> change;  // nullopt when the event changed nothing
  std::uint64_t version = 0;     // the event's resourceVersion; 0 when it is not a number
};

// The values under which an index lists an object. Must be thread-safe, pure and fast.
using IndexFunction = std::function<std::vector<std::string>(const kube::Object&)>;

struct StoreStats {
  std::size_t objects = 0;
  std::size_t object_bytes = 0;  // of the blocks
  std::size_t text_bytes = 0;    // the same objects as JSON
  std::size_t codec_bytes = 0;   // of the dictionary and the workspace; the share of this store
};

class Store {
 public:
  // Stores of one kind can share a codec; null: one of its own.
  explicit Store(std::map<std::string, IndexFunction> indexes = {},
                 std::shared_ptr<ObjectCodec> codec = nullptr);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // ---- Reading ----
  std::optional<StoredObject> Find(const kube::ObjectKey& key) const;
  // nullopt when the key does not exist. Errors: those of StoredObject::Load.
  Result<std::optional<kube::Object>> Get(const kube::ObjectKey& key) const;
  // Every object, or those of one namespace, unordered; a consistent snapshot.
  std::vector<StoredObject> Snapshot(std::string_view namespace_ = {}) const;
  // The objects that the index lists under a value, ordered by key. Errors: kFailedPrecondition (no
  // such index; the message names the existing ones).
  Result<std::vector<StoredObject>> FindByIndex(const std::string& index, const std::string& value) const;
  // See Informer::AddIndex.
  Status AddIndex(const std::string& name, IndexFunction function) CAPSTAN_EXCLUDES(writing_, mutex_);
  std::size_t size() const;
  // The store contains everything up to this resourceVersion: the highest that a list, an event or
  // a bookmark delivered. Goes back after a list of an older history.
  std::uint64_t version() const;
  StoreStats stats() const;

  // ---- Writing ----
  // Applies one event of a watch. Errors: kDataLoss when the text is not an object.
  Result<Written> Put(std::string_view json);
  Result<Written> Remove(std::string_view json);
  void SetVersion(std::uint64_t version);

  // A list: BeginReplace, Stage for each item, EndReplace. Readers see each staged item immediately
  // (each is valid on its own), no change is announced before EndReplace, and only EndReplace
  // removes objects that the list did not contain. There is never a second copy of the list. If a
  // list was cut and a new BeginReplace follows, what was staged and not announced is announced by
  // the next EndReplace. compare_bytes: an equal resourceVersion does not prove that the object is
  // unchanged.
  void BeginReplace(bool compare_bytes);
  Status Stage(std::string_view json);
  void EndReplace(std::uint64_t version, const std::function<void(const Change&)>& announce);

 private:
  struct Index {
    IndexFunction function;
    std::unordered_map<std::string, std::unordered_set<detail::Block*>> values;
    std::unordered_map<const detail::Block*, std::vector<std::string>> of;
  };

  StoredObject Lend(detail::Block* block) const;
  // Scans the object outside mutex_; the result is valid until the next Scan. Errors: kDataLoss,
  // kTooLarge.
  Result<json::ObjectScanner::Scanned> Scan(std::string_view json) CAPSTAN_REQUIRES(writing_);
  // Encodes outside mutex_. Errors: kTooLarge.
  Result<detail::Block*> Make(const json::ObjectScanner::Scanned& scanned);
  void IndexBlock(Index& index, detail::Block* block, const std::vector<std::string>& values)
      CAPSTAN_REQUIRES(mutex_);
  // Inserts the block, replacing the one with the same key. Returns the replaced block together
  // with its reference, or null.
  detail::Block* Swap(detail::Block* block, const std::vector<std::vector<std::string>>& index_values)
      CAPSTAN_REQUIRES(mutex_);
  // Removes the block; the caller takes over its reference.
  void TakeOut(detail::Block* block) CAPSTAN_REQUIRES(mutex_);
  // Removes the block, which is no longer in blocks_, from the indexes and the totals.
  void Forget(detail::Block* block) CAPSTAN_REQUIRES(mutex_);
  // The values of the object for each index, in the order of indexes_.
  std::vector<std::vector<std::string>> IndexValues(std::string_view text) const CAPSTAN_REQUIRES(writing_);
  // After each write; `latest` is the text that was written.
  void TrainWhenReady(std::string_view latest) CAPSTAN_REQUIRES(writing_);
  // Both return true if they trained a dictionary.
  bool TrainWithStored() CAPSTAN_REQUIRES(writing_);
  bool TrainWithNewer(std::string_view latest) CAPSTAN_REQUIRES(writing_);
  // Encodes again what was stored before the latest dictionary existed and is larger for it.
  void EncodeAgain(std::size_t dictionaries) CAPSTAN_REQUIRES(writing_);

  // Constant after construction; provides its own synchronization.
  const std::shared_ptr<ObjectCodec> codec_;

  // Guarded by writing_, which is locked while an object or an index is added, so that no index
  // misses an object. Lock order: writing_ before mutex_; never locked while a change is announced.
  Mutex writing_;
  json::ObjectScanner scanner_ CAPSTAN_GUARDED_BY(writing_);
  bool compare_bytes_ CAPSTAN_GUARDED_BY(writing_) = false;
  // Number of objects at which to train the dictionary.
  std::size_t next_training_ CAPSTAN_GUARDED_BY(writing_);
  std::size_t encoded_with_ CAPSTAN_GUARDED_BY(writing_) = 0;    // number of dictionaries at that time
  std::vector<std::string> newer_ CAPSTAN_GUARDED_BY(writing_);  // samples for the next dictionary
  std::size_t newer_bytes_ CAPSTAN_GUARDED_BY(writing_) = 0;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  kube::KeyTable<detail::Block> blocks_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<std::string, Index> indexes_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t version_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::size_t object_bytes_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::size_t text_bytes_ CAPSTAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace capstan::runtime
