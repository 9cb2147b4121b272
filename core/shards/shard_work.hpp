// ShardWork is what a process does for the shards that it owns.
#pragma once

#include <capstan/core/base/time.hpp>

namespace capstan::shards {

// Thread-safe. Start and Stop of one shard never overlap; Pause may come at any time. No call is
// made with a lock held.
class ShardWork {
 public:
  virtual ~ShardWork() = default;
  // The shard is ours: work on it begins. Quick, no requests.
  virtual void Start(int shard) = 0;
  // It is about to go, or was lost: nothing new begins. Quick, no requests.
  virtual void Pause(int shard) = 0;
  // Returns when nothing of it runs any more. What runs may finish for `grace`; false when
  // something was cut short.
  virtual bool Stop(int shard, Duration grace) = 0;
};

}  // namespace capstan::shards
