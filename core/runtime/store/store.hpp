// Store keeps the objects of one kind as bytes: about a fifth of what the server sent, instead of
// twenty times as much in trees. It is filled by one writer (the watcher of the kind) and read by
// anybody.
//
// Reads and AddIndex are thread-safe. Writes come from one thread at a time. Everything handed out
// stays as it was when it was read. Changes are returned, not announced: the Informer tells its
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
#include <capstan/core/runtime/store/block_table.hpp>
#include <capstan/core/runtime/store/object_codec.hpp>
#include <capstan/core/runtime/store/stored_object.hpp>

namespace capstan::runtime {

enum class ChangeType { kAdded, kModified, kDeleted };

// What happened to one object, as far as the cache could see: several changes may have become one.
struct Change {
  ChangeType type = ChangeType::kAdded;
  bool listed = false;  // found out by a list, not by a watch
  // The version before, where it is known (not for changes found by a list).
  std::optional<StoredObject> before;
  StoredObject object;  // as it is now; of a deleted one the last version known
};

// What one event did.
struct Written {
  std::optional<Change> change;  // nothing when it changed nothing
  std::uint64_t version = 0;     // the event's resourceVersion; 0 when it is not a number
};

// The values under which an index keeps an object. Thread-safe, pure, quick.
using IndexFunction = std::function<std::vector<std::string>(const kube::Object&)>;

struct StoreStats {
  std::size_t objects = 0;
  std::size_t object_bytes = 0;  // of the blocks
  std::size_t text_bytes = 0;    // the same objects as JSON
  std::size_t codec_bytes = 0;   // dictionary and workspace
};

class Store {
 public:
  explicit Store(std::map<std::string, IndexFunction> indexes = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // ---- Reading ----
  std::optional<StoredObject> Find(const kube::ObjectKey& key) const;
  // Nothing when the key is not there. Errors as StoredObject::Load.
  Result<std::optional<kube::Object>> Get(const kube::ObjectKey& key) const;
  // Every object, or those of a namespace, in no order; a picture of one moment.
  std::vector<StoredObject> Snapshot(std::string_view namespace_ = {}) const;
  // The objects that an index keeps under a value, ordered by key. Errors: kFailedPrecondition
  // (there is no such index; names those that there are).
  Result<std::vector<StoredObject>> FindByIndex(const std::string& index, const std::string& value) const;
  // See Informer::AddIndex.
  Status AddIndex(const std::string& name, IndexFunction function) CAPSTAN_EXCLUDES(writing_, mutex_);
  std::size_t size() const;
  // Everything up to this resourceVersion is here: the highest that a list, an event or a bookmark
  // brought. After a list of an older history it goes back.
  std::uint64_t version() const;
  StoreStats stats() const;

  // ---- Writing ----
  // One event of a watch. Errors: kDataLoss when the text is not an object.
  Result<Written> Put(std::string_view json);
  Result<Written> Remove(std::string_view json);
  void SetVersion(std::uint64_t version);

  // A list: Begin, Stage each item, End. Readers see each staged item at once (each is true), no
  // change is announced before End, and only End removes what the list did not contain. No second
  // copy is ever held. A Begin without an End, after a list that was cut, keeps what was staged and
  // not announced for the next End. compare_bytes: an equal resourceVersion does not prove that the
  // object is the same.
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
  // Reads the object outside the lock; the answer is valid until the next Scan. Errors: kDataLoss,
  // kTooLarge.
  Result<json::ObjectScanner::Scanned> Scan(std::string_view json) CAPSTAN_REQUIRES(writing_);
  // Encodes outside the lock. Errors: kTooLarge.
  Result<detail::Block*> Make(const json::ObjectScanner::Scanned& scanned);
  void IndexBlock(Index& index, detail::Block* block, const std::vector<std::string>& values)
      CAPSTAN_REQUIRES(mutex_);
  // Puts the block in the place of the one with its key, which is returned with its reference (or
  // null).
  detail::Block* Swap(detail::Block* block, const std::vector<std::vector<std::string>>& index_values)
      CAPSTAN_REQUIRES(mutex_);
  // Takes the block out; its reference goes to the caller.
  void TakeOut(detail::Block* block) CAPSTAN_REQUIRES(mutex_);
  // It is in blocks_ no more: nor in an index, nor in the sums.
  void Forget(detail::Block* block) CAPSTAN_REQUIRES(mutex_);
  // The values of the object for each index, in the order of indexes_.
  std::vector<std::vector<std::string>> IndexValues(std::string_view text) const CAPSTAN_REQUIRES(writing_);
  void TrainWhenReady() CAPSTAN_REQUIRES(writing_);

  // Constant after construction; provides its own synchronization.
  const std::shared_ptr<ObjectCodec> codec_;

  // Guarded by writing_, which is held while an object or an index comes in, so that no index
  // misses an object. Before mutex_; never held while a change is announced.
  Mutex writing_;
  json::ObjectScanner scanner_ CAPSTAN_GUARDED_BY(writing_);
  bool compare_bytes_ CAPSTAN_GUARDED_BY(writing_) = false;
  std::size_t next_training_ CAPSTAN_GUARDED_BY(writing_);  // how many objects there must be

  // Guarded by mutex_.
  mutable Mutex mutex_;
  detail::BlockTable blocks_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<std::string, Index> indexes_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t version_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::size_t object_bytes_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::size_t text_bytes_ CAPSTAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace capstan::runtime
