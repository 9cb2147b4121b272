#include <capstan/core/shards/coordinator.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/shards/lease_names.hpp>
#include <capstan/core/shards/placement.hpp>

namespace capstan::shards {
namespace {

using std::chrono::seconds;

constexpr Duration kToGiveBack = seconds(5);

std::string Together(const CoordinatorOptions& options) {
  return StrCat(kTogether, options.shards, options.scope.empty() ? "" : "-",
                options.scope.empty() ? "" : Fingerprint(options.scope));
}

}  // namespace

OwnedShardsOptions Coordinator::OptionsOfOwned() {
  OwnedShardsOptions options;
  options.shards = options_.shards;
  options.holder = options_.holder;
  options.grace = options_.grace;
  options.on_part = options_.on_part;
  options.is_member_until = [this](Instant until) {
    return member_->HeldUntil(until) && group_->HeldUntil(until);
  };
  options.on_handed_over = [this] { Wake(); };
  return options;
}

Coordinator::Coordinator(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
                         runtime::Metrics& metrics, CoordinatorOptions options, ShardWork& work)
    : client_(client),
      scheduler_(scheduler),
      log_(log),
      options_(std::move(options)),
      together_(Together(options_)),
      written_(client, scheduler, options_.namespace_, options_.group, options_.shards,
               options_.timing.lease_duration),
      members_gauge_(
          metrics.gauge("capstan_shard_members",
                        "Processes that share the work, this one included; 0 while it has no part")),
      owned_(scheduler, log, metrics, written_, work, OptionsOfOwned()),
      leases_(options_.holder, options_.shards, options_.timing.lease_duration) {
  metrics.gauge("capstan_shards", "Shards into which the work is divided").Set(options_.shards);
  runtime::LeaseElectorOptions group;
  group.lease = {options_.namespace_, options_.group};
  group.identity = together_;
  group.timing = options_.timing;
  group.elects = false;
  group.shared = true;
  group.held_message = "the work is divided into shards: all members hold the lease together";
  group.lost_message = "lost the lease that all members hold together: this process owns no shard";
  group.on_started = [this] { Wake(); };
  group.on_stopped = [this] { Lose(); };
  group_ = std::make_unique<runtime::LeaseElector>(client, scheduler, random, log, metrics, std::move(group));
  runtime::LeaseElectorOptions member;
  member.lease = written_.OfMember(options_.holder);
  member.identity = options_.holder;
  member.timing = options_.timing;
  member.elects = false;
  member.labels = {{kGroupLabel, options_.group}, {kCountLabel, std::to_string(options_.shards)}};
  member.held_message = "joined the members that share the work";
  member.lost_message = "lost the membership: this process owns no shard until it joins again";
  member.on_started = [this] { Wake(); };
  member.on_stopped = [this] { Lose(); };
  member_ =
      std::make_unique<runtime::LeaseElector>(client, scheduler, random, log, metrics, std::move(member));
}

Coordinator::~Coordinator() { Abandon(); }

void Coordinator::Start() {
  if (options_.on_part) options_.on_part(0);
  group_->Start();
  task_ = scheduler_.Spawn("shards", [this](const Context& context) { Run(context); });
}

const runtime::Fence& Coordinator::Of(std::string_view uid) const {
  return OfShard(ShardOf(uid, options_.shards));
}

std::size_t Coordinator::members() const {
  MutexLock lock(mutex_);
  return member_count_;
}

Status Coordinator::Health() const {
  CAPSTAN_RETURN_IF_ERROR(group_->Health());
  return group_->leading() ? member_->Health() : Status();
}

void Coordinator::Wake() {
  MutexLock lock(mutex_);
  news_ = true;
  scheduler_.Notify(changed_);
}

// Called by the task of an elector as soon as its fence is closed. Our claims are void from here
// on.
void Coordinator::Lose() {
  owned_.Lose();
  {
    MutexLock lock(mutex_);
    member_count_ = 0;
  }
  members_gauge_.Set(0);
  Wake();
}

void Coordinator::Run(const Context& context) {
  while (!context.stopped()) {
    const Instant next = Look(context);
    MutexLock lock(mutex_);
    while (!news_ && !context.stopped() && scheduler_.Now() < next)
      scheduler_.Wait(changed_, lock, next, context);
    news_ = false;
  }
}

Instant Coordinator::Look(const Context& context) {
  owned_.EndLost();
  const std::uint64_t membership = owned_.membership();
  const Instant regular = After(scheduler_.Now(), options_.timing.retry_period);
  if (!group_->leading()) {
    ReportConflictingHolder();
    return regular;
  }
  told_of_.clear();
  if (!std::exchange(joining_, true)) member_->Start();
  if (!member_->leading()) return regular;
  const Context limited = context.Within(scheduler_, options_.timing.renew_deadline);
  if (const Status seen = Observe(limited); !seen) {
    if (seen.error().code != Code::kCancelled)
      LogFailure("list the Leases of the members that share the work", seen.error());
    return regular;
  }
  const std::set<int> ours = owned_.busy();
  Steps steps = leases_.Decide(ours);
  if (!steps.remove.empty()) {
    RemoveDead(steps, limited);
    if (!Observe(limited)) return regular;
    steps = leases_.Decide(ours);
  }
  Carry(steps, membership, limited);
  return steps.look_again ? std::min(*steps.look_again, regular) : regular;
}

void Coordinator::RemoveDead(const Steps& steps, const Context& context) {
  for (const SeenLease& lease : steps.remove) {
    const Status removed = written_.Remove(lease, context);
    if (removed && !lease.shard) {
      log_.Warning("a member is gone: the others take over its shards",
                   {{"member", lease.holder}, {"lease", lease.name}});
    }
    if (!removed && removed.error().code != Code::kNotFound && removed.error().code != Code::kConflict)
      LogFailure(StrCat("delete Lease ", options_.namespace_, "/", lease.name, ", which nobody renews"),
                 removed.error());
  }
}

Status Coordinator::Observe(const Context& context) {
  const Instant asked = scheduler_.Now();
  CAPSTAN_TRY(auto leases, written_.List(context));
  leases_.Observe(std::move(leases), asked, scheduler_.Now());
  return {};
}

void Coordinator::Carry(const Steps& steps, std::uint64_t membership, const Context& context) {
  bool news = false;
  {
    MutexLock lock(mutex_);
    if (owned_.membership() != membership) return;
    news = std::exchange(member_count_, steps.members) != steps.members;
  }
  members_gauge_.Set(static_cast<double>(steps.members));
  if (news)
    log_.Info("the members of the work changed", {{"members", steps.members}, {"shards", options_.shards}});
  for (const auto& [shard, lease] : steps.claim) {
    if (const Status claimed = owned_.Claim(shard, lease, membership, context); !claimed)
      LogFailure(StrCat("claim shard ", shard), claimed.error());
  }
  for (const SeenLease& lease : steps.release) (void)written_.WriteClaim(*lease.shard, lease, "", context);
  for (const int shard : steps.give_up) owned_.HandOver(shard);
  owned_.ReportPart();
}

// Logged once per blocking holder.
void Coordinator::ReportConflictingHolder() {
  const std::string other = group_->leader();
  if (other.empty() || other == together_ || other == told_of_) return;
  told_of_ = other;
  const std::string lease = StrCat(options_.namespace_, "/", options_.group);
  if (!other.starts_with(kTogether)) {
    log_.Warning(
        "refused: another operator works on these objects and does not share them. This process waits until "
        "that one ends; start all replicas with the same --shards",
        {{"holder", other}, {"lease", lease}, {"shards", options_.shards}});
    return;
  }
  log_.Warning(
      "refused: other replicas divide the work in another way. This process waits until the last of them "
      "ends; start all replicas with the same --shards and --namespaces",
      {{"divided", other}, {"ours", together_}, {"lease", lease}});
}

void Coordinator::LogFailure(const std::string& doing, const Error& error) {
  if (!reports_.IsNews(error, scheduler_.Now(), doing)) return;
  log_.Warning("cannot share the work",
               {{"doing", doing},
                {"error", error.message},
                {"advice", error.code == Code::kPermissionDenied
                               ? "grant get, list, create, patch and delete on leases "
                                 "in the operator's namespace"
                               : "it is tried again"}});
}

bool Coordinator::Stop(Duration grace) {
  task_ = Task();
  const bool finished = owned_.Drain(grace);
  if (joining_) {
    member_->Stop(kToGiveBack);
    (void)client_.Delete(kube::LeaseKind(), written_.OfMember(options_.holder), {},
                         Context{}.Within(scheduler_, kToGiveBack));
  }
  // Not released: the remaining members hold it too, and a member that is just joining may have
  // renewed it.
  group_->Abandon();
  return finished;
}

void Coordinator::Abandon() {
  task_ = Task();
  member_->Abandon();
  group_->Abandon();
  owned_.Abandon();
}

}  // namespace capstan::shards
