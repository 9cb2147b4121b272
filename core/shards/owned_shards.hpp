// OwnedShards are the shards that a Coordinator owns: it claims them, starts their work, hands them
// over, and ends them when the membership is lost. It provides the Fence of every shard.
//
// A claim is valid only in the membership in which it was made: Lose ends that membership, and with
// it every claim, before it returns. Membership::Decide says what to claim and to hand over;
// nothing here decides.
//
// Thread-safe, except Drain and Abandon, which must be called from one thread when nothing else is
// called any more but Lose. All references must outlive it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/runtime/fence.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/core/shards/membership.hpp>
#include <capstan/core/shards/shard_leases.hpp>
#include <capstan/core/shards/shard_work.hpp>

namespace capstan::shards {

struct OwnedShardsOptions {
  int shards = 1;
  std::string holder;  // see CoordinatorOptions
  Duration grace = std::chrono::seconds(20);
  std::function<void(double part)> on_part;
  // Whether our membership lasts beyond that time. Must be thread-safe and send no requests.
  std::function<bool(Instant until)> is_member_until;
  // Called when a handover has ended, by its task. Must be thread-safe.
  std::function<void()> on_handed_over;
};

class OwnedShards {
 public:
  OwnedShards(Scheduler& scheduler, Log& log, runtime::Metrics& metrics, const ShardLeases& leases,
              ShardWork& work, OwnedShardsOptions options);
  ~OwnedShards();

  // The fence of one shard. It lives as long as this.
  const runtime::Fence& FenceOf(int shard) const;
  // Whether any of our shards lasts beyond `until`.
  bool HeldUntil(Instant until) const;
  // The shards we own, without those being handed over.
  std::set<int> owned() const CAPSTAN_EXCLUDES(mutex_);
  // The shards that have work: owned, being handed over, or lost and not ended yet.
  std::set<int> busy() const CAPSTAN_EXCLUDES(mutex_);
  // Number of the current membership; increased by Lose.
  std::uint64_t membership() const { return membership_.load(std::memory_order_acquire); }

  // Claims a shard and starts its work, if `membership` is still the current one. Errors: those of
  // ShardLeases::WriteClaim; none if another member was faster or the context stopped.
  Status Claim(int shard, const std::optional<SeenLease>& lease, std::uint64_t membership,
               const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // Pauses the shard's work, and starts a task that stops it and releases the shard.
  void HandOver(int shard) CAPSTAN_EXCLUDES(mutex_);
  // The membership is lost: every claim is void, and its work is paused. Fast, no requests.
  void Lose() CAPSTAN_EXCLUDES(mutex_);
  // Stops the work of the shards that were lost.
  void EndLost() CAPSTAN_EXCLUDES(mutex_);
  // Reports our part of the whole work.
  void ReportPart() CAPSTAN_EXCLUDES(mutex_);
  // Drains all shards within `grace` in total and releases them. False if something was cut short.
  bool Drain(Duration grace) CAPSTAN_EXCLUDES(mutex_);
  // Stops all work immediately and releases nothing.
  void Abandon() CAPSTAN_EXCLUDES(mutex_);

 private:
  class ShardFence;
  enum class Stage { kNone, kOurs, kLeaving, kLost };
  struct Shard {
    Stage stage = Stage::kNone;
    SeenLease claim;
    Task leaving;
  };
  void GiveBack(int shard, const Context& context) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;
  Log& log_;
  const ShardLeases& leases_;
  ShardWork& work_;
  const OwnedShardsOptions options_;
  std::vector<std::unique_ptr<ShardFence>> fences_;
  runtime::Gauge& owned_gauge_;
  runtime::Counter &acquired_, &given_up_, &lost_;

  // Provides its own synchronization.
  std::atomic<std::uint64_t> membership_{1};

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::vector<Shard> shards_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::shards
