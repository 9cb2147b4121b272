// Private to core/managed. LastReconciles remembers when each object was last reconciled and with
// what outcome. It only saves requests to the cloud: losing its contents costs a few requests,
// never correctness. There is an entry for each object, so it is one block with all its texts.
//
// Thread-safe.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/key_table.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::managed {

class LastReconciles {
 public:
  LastReconciles() = default;
  ~LastReconciles();
  LastReconciles(const LastReconciles&) = delete;
  LastReconciles& operator=(const LastReconciles&) = delete;

  // Our own writes return as changes and must not cause another cloud request. Returns how much
  // longer the object can wait; nullopt if it must be reconciled.
  std::optional<Duration> NothingNew(const kube::ObjectKey& key, const std::string& version,
                                     Instant now) const;
  void Note(const kube::ObjectKey& key, const std::string& version, Instant due);
  void LookAgain(const kube::ObjectKey& key);  // discards what Note recorded
  void Forget(const kube::ObjectKey& key);     // the object is gone

  // How long the cloud object has been changing without interruption: zero at first, and when it is
  // stable.
  Duration Moving(const kube::ObjectKey& key, bool moving, Instant now);
  // How long the quota has refused every request for it: zero at first, and when it does not.
  Duration Refused(const kube::ObjectKey& key, bool refused, Instant now);
  // Counts a failure of an operation; returns how often it has failed in a row. Another operation
  // starts at one.
  int Failed(const kube::ObjectKey& key, const std::string& operation);
  // No operation failed: the next failure counts as the first.
  void Succeeded(const kube::ObjectKey& key);

 private:
  struct Entry;
  // The entry of the key, made if there is none, with room for a version of that size.
  Entry& EntryOf(const kube::ObjectKey& key, std::size_t version_size) CAPSTAN_REQUIRES(mutex_);
  Entry& EntryOf(const kube::ObjectKey& key) CAPSTAN_REQUIRES(mutex_);

  // Guarded by mutex_.
  mutable Mutex mutex_;
  kube::KeyTable<Entry> entries_ CAPSTAN_GUARDED_BY(mutex_);  // owns them
};

}  // namespace capstan::managed
