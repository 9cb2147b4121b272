// Coordinator makes this process one of several members that share the work on one set of objects:
// it joins them, claims the shards that are its part, gives up those that belong to others, takes
// over from members that died, and is the Fence of every shard. Decision 012 describes the
// protocol.
//
// Flow: Start; ShardWork::Start and Stop as shards come and go; Stop, which drains and releases
// everything. Guarantees: OfShard(i).HeldUntil is true only while no other process that follows the
// protocol can own shard i, even after the machine was suspended; a shard is released only after
// ShardWork::Stop has returned. A process that divides the work differently, or not at all,
// excludes all of these members and is excluded by them. Assumptions: those of LeaseElector. Load
// at rest: three requests per retry period, whatever the number of shards.
//
// Thread-safe, except Start, Stop and Abandon, which must be called from one thread. All references
// must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/trouble_reports.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/lease_elector.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/core/shards/membership.hpp>
#include <capstan/core/shards/owned_shards.hpp>
#include <capstan/core/shards/shard_leases.hpp>
#include <capstan/core/shards/shard_work.hpp>

namespace capstan::shards {

struct CoordinatorOptions {
  std::string namespace_;  // of the Leases
  // Name of the Lease that all members hold together, and prefix of their own.
  std::string group = "capstan";
  int shards = 1;      // the same for all members. REQUIRES: 1 to kMostShards
  std::string holder;  // our identity, unique to this run of the process
  // Anything else that all members must have in common, such as their namespaces: processes with
  // another scope are refused.
  std::string scope;
  runtime::LeaseOptions timing;
  // How long running work of a shard that is being given up may take.
  Duration grace = std::chrono::seconds(20);
  // Called with our part of the whole work, in [0, 1], whenever it changes. Must be fast and send
  // no requests.
  std::function<void(double part)> on_part;
};

class Coordinator final : public runtime::Fence {
 public:
  Coordinator(kube::Client& client, Scheduler& scheduler, Random& random, Log& log, runtime::Metrics& metrics,
              CoordinatorOptions options, ShardWork& work);
  ~Coordinator() override;  // like Abandon

  void Start();
  // Drains all shards within `grace` in total, releases them and leaves. False if something was cut
  // short.
  bool Stop(Duration grace);
  // Ends all work immediately and releases nothing, as a crash would.
  void Abandon();

  // Whether any of our shards lasts beyond `until`: for effects that cannot tell which object they
  // concern.
  bool HeldUntil(Instant until) const override { return owned_.HeldUntil(until); }
  std::string holder() const override { return options_.holder; }
  const runtime::Fence& Of(std::string_view uid) const override;
  // The owner of shard 0 also does the work that is not divided.
  const runtime::Fence& OfShard(int shard) const { return owned_.FenceOf(shard); }

  int shards() const { return options_.shards; }
  std::set<int> owned() const { return owned_.owned(); }
  // Number of live members as far as we know; 0 while we are not one.
  std::size_t members() const CAPSTAN_EXCLUDES(mutex_);
  // For /readyz: fails when a Lease could not be read or renewed for too long. Errors: those of
  // LeaseElector::Health.
  Status Health() const;

 private:
  OwnedShardsOptions OptionsOfOwned();
  void Run(const Context& context);
  // Reads the Leases once and acts on them; returns when to do so again.
  Instant Look(const Context& context);
  void Lose();
  void Wake() CAPSTAN_EXCLUDES(mutex_);
  void ReportConflictingHolder();
  Status Observe(const Context& context);
  void RemoveDead(const Steps& steps, const Context& context);
  void Carry(const Steps& steps, std::uint64_t membership, const Context& context);
  void LogFailure(const std::string& doing, const Error& error);

  // Constant after construction.
  kube::Client& client_;
  Scheduler& scheduler_;
  Log& log_;
  const CoordinatorOptions options_;
  const std::string together_;  // the identity under which all members hold the group's Lease
  const ShardLeases written_;
  runtime::Gauge& members_gauge_;

  // Each provides its own synchronization.
  OwnedShards owned_;
  // Holds the group's Lease, together with all others.
  std::unique_ptr<runtime::LeaseElector> group_;
  std::unique_ptr<runtime::LeaseElector> member_;  // holds our own Lease

  // Used by the running task.
  Membership leases_;
  bool joining_ = false;  // member_ was started
  std::string told_of_;   // the blocking holder that was last logged
  TroubleReports reports_{std::chrono::minutes(1)};

  // Guarded by mutex_.
  mutable Mutex mutex_;
  Event changed_;
  bool news_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::size_t member_count_ CAPSTAN_GUARDED_BY(mutex_) = 0;

  Task task_;
};

}  // namespace capstan::shards
