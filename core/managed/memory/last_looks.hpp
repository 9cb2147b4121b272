// Private to core/managed. LastLooks remembers of each object when it was last reconciled and how
// that went: a courtesy to the cloud only. Forgetting it costs a few requests, never correctness.
//
// Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::managed {

class LastLooks {
 public:
  // Our own writes come back as changes, and must not make us ask the cloud again: how long the
  // object may be left alone still; nothing when it has to be reconciled.
  std::optional<Duration> NothingNew(const kube::ObjectKey& key, const std::string& version,
                                     Instant now) const;
  void Note(const kube::ObjectKey& key, std::string version, Instant due);
  void LookAgain(const kube::ObjectKey& key);  // whatever was noted
  void Forget(const kube::ObjectKey& key);     // the object is gone

  // How long the cloud object has been on its way without a rest: zero at first, and when it rests.
  Duration Moving(const kube::ObjectKey& key, bool moving, Instant now);
  // How long the quota has refused every look at it: zero at first, and when it does not.
  Duration Refused(const kube::ObjectKey& key, bool refused, Instant now);
  // Counts a failure of an operation: how often it has now failed in a row. Another operation
  // begins at one.
  int Failed(const kube::ObjectKey& key, const std::string& operation);
  // Nothing failed: whatever fails next fails for the first time.
  void WentWell(const kube::ObjectKey& key);

 private:
  struct Look {
    std::string version;
    Instant due{};
    std::optional<Instant> moving_since, refused_since;
    std::size_t failing = 0;  // a hash of the operation
    int failures = 0;
  };
  static Duration Since(std::optional<Instant>& since, bool now_so, Instant now);

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::map<kube::ObjectKey, Look> looks_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::managed
