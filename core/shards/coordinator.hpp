// Coordinator makes this process one of several that share the work on one set of objects: it joins
// them, claims the shards that are its part, gives up those that are another's, takes over from
// members that died, and is the Fence of every shard. Decision 012 has the protocol.
//
// Flow: Start; ShardWork::Start and Stop as shards come and go; Stop, which drains and gives
// everything back. Guarantees: OfShard(i).HeldUntil is true only while no other process that keeps
// the rules can have shard i, also after the machine slept; a shard is given up only when
// ShardWork::Stop has returned. A process that is divided another way, or not at all, keeps out all
// of these and is kept out by them. Assumptions: those of LeaseElector. Requests at rest: three
// every retry period, whatever the number of shards.
//
// Thread-safe, except Start and Stop, which are for one thread. All references must outlive it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/lease_elector.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/core/shards/membership.hpp>
#include <capstan/core/shards/shard_leases.hpp>
#include <capstan/core/shards/shard_work.hpp>

namespace capstan::shards {

struct CoordinatorOptions {
  std::string namespace_;         // of the Leases
  std::string group = "capstan";  // the Lease that all members hold together, and how their own are called
  int shards = 1;                 // the same for all members. REQUIRES: 1 to kMostShards
  std::string holder;             // our name, unique to this process life
  // What else all members have in common, such as their namespaces: those of another one are
  // refused.
  std::string scope;
  runtime::LeaseOptions timing;
  // What runs of a shard that is given up may take so long.
  Duration grace = std::chrono::seconds(20);
  // Called with the part of all work that is ours whenever it changes, in [0, 1]. Quick, no
  // requests.
  std::function<void(double part)> on_part;
};

class Coordinator final : public runtime::Fence {
 public:
  Coordinator(kube::Client& client, Scheduler& scheduler, Random& random, Log& log, runtime::Metrics& metrics,
              CoordinatorOptions options, ShardWork& work);
  ~Coordinator() override;  // as Abandon

  void Start();
  // Drains all shards within the grace together, gives them back and leaves. False when something
  // was cut short.
  bool Stop(Duration grace);
  // Ends all work at once and gives nothing back, as a crash would.
  void Abandon();

  // Whether any shard of ours lasts beyond `until`: for what cannot tell which object it is about.
  bool HeldUntil(Instant until) const override;
  std::string holder() const override { return options_.holder; }
  const runtime::Fence& Of(std::string_view uid) const override;
  // Owner of shard 0 is who does what one does for all.
  const runtime::Fence& OfShard(int shard) const;

  int shards() const { return options_.shards; }
  std::set<int> owned() const CAPSTAN_EXCLUDES(mutex_);
  // Members that live, as far as we know; 0 when we are none.
  std::size_t members() const CAPSTAN_EXCLUDES(mutex_);
  // For /readyz: fails when a Lease could not be read or renewed for longer than it lasts.
  Status Health() const;

 private:
  class ShardFence;
  enum class Stage { kNone, kOurs, kLeaving, kLost };
  struct Shard {
    Stage stage = Stage::kNone;
    SeenLease claim;
    Task leaving;
  };

  void Run(const Context& context);
  // One look at the Leases; when to look again.
  Instant Look(const Context& context);
  void Lose();
  void Wake() CAPSTAN_EXCLUDES(mutex_);
  void EndLost();
  void SayWhoIsInTheWay();
  Status Observe(const Context& context);
  void Carry(const Steps& steps, std::uint64_t membership, const Context& context);
  void Claim(int shard, const std::optional<SeenLease>& lease, std::uint64_t membership,
             const Context& context);
  void BeginHandover(int shard);
  void GiveBack(int shard, const Context& context);
  void Complain(const std::string& doing, const Error& error);
  void TellPart() CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  kube::Client& client_;
  Scheduler& scheduler_;
  Log& log_;
  const CoordinatorOptions options_;
  ShardWork& work_;
  const std::string together_;  // the name under which all members hold the group's Lease
  const ShardLeases written_;
  std::vector<std::unique_ptr<ShardFence>> fences_;
  runtime::Gauge &owned_gauge_, &members_gauge_;
  runtime::Counter &acquired_, &given_up_, &lost_;

  // Each provides its own synchronization.
  std::unique_ptr<runtime::LeaseElector> group_;   // holds the group's Lease, with all others
  std::unique_ptr<runtime::LeaseElector> member_;  // holds our own
  // Counts our memberships: a claim is good in the one it was made in.
  std::atomic<std::uint64_t> membership_{1};

  // Of the running task.
  Membership leases_;
  bool joining_ = false;  // member_ was started
  std::string told_of_;   // who is in the way, as the log says already
  Instant complained_{};

  // Guarded by mutex_.
  mutable Mutex mutex_;
  Event changed_;
  bool news_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::vector<Shard> shards_ CAPSTAN_GUARDED_BY(mutex_);
  std::size_t member_count_ CAPSTAN_GUARDED_BY(mutex_) = 0;

  Task task_;
};

}  // namespace capstan::shards
