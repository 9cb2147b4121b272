// ShardWork is the work a process does for the shards it owns.
#pragma once

#include <capstan/core/base/time.hpp>

namespace capstan::shards {

// Must be thread-safe. Start and Stop of one shard never overlap; Pause may be called at any time.
// Called without any lock held.
class ShardWork {
 public:
  virtual ~ShardWork() = default;
  // The shard is ours: starts its work. Must be fast and send no requests.
  virtual void Start(int shard) = 0;
  // The shard is about to be given up, or was lost: starts nothing new. Must be fast and send no
  // requests.
  virtual void Pause(int shard) = 0;
  // Returns when none of its work runs any more. Running work may take up to `grace`; false if
  // something was cut short.
  virtual bool Stop(int shard, Duration grace) = 0;
};

}  // namespace capstan::shards
