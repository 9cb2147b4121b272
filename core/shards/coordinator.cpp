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
constexpr Duration kComplainEvery = std::chrono::minutes(1);

std::string Together(const CoordinatorOptions& options) {
  return StrCat(kTogether, options.shards, options.scope.empty() ? "" : "-",
                options.scope.empty() ? "" : Fingerprint(options.scope));
}

}  // namespace

// Checked in this order, so that the last check notices a membership that ends in between.
class Coordinator::ShardFence final : public runtime::Fence {
 public:
  ShardFence(const Coordinator& all, std::string holder) : all_(all), holder_(std::move(holder)) {}
  bool HeldUntil(Instant until) const override {
    if (!all_.member_->HeldUntil(until) || !all_.group_->HeldUntil(until)) return false;
    return claimed_in_.load(std::memory_order_acquire) == all_.membership_.load(std::memory_order_acquire);
  }
  std::string holder() const override { return holder_; }
  void ClaimedIn(std::uint64_t membership) { claimed_in_.store(membership, std::memory_order_release); }

 private:
  const Coordinator& all_;
  const std::string holder_;
  std::atomic<std::uint64_t> claimed_in_{0};  // the membership of the claim; 0: none
};

Coordinator::Coordinator(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
                         runtime::Metrics& metrics, CoordinatorOptions options, ShardWork& work)
    : client_(client),
      scheduler_(scheduler),
      log_(log),
      options_(std::move(options)),
      work_(work),
      together_(Together(options_)),
      written_(client, scheduler, options_.namespace_, options_.group, options_.shards,
               options_.timing.lease_duration),
      owned_gauge_(metrics.gauge("capstan_shards_owned", "Shards whose objects this process reconciles")),
      members_gauge_(
          metrics.gauge("capstan_shard_members",
                        "Processes that share the work, this one included; 0 while it has no part")),
      acquired_(
          metrics.counter("capstan_shard_moves_total", "Shards that came and went", {{"what", "acquired"}})),
      given_up_(
          metrics.counter("capstan_shard_moves_total", "Shards that came and went", {{"what", "given_up"}})),
      lost_(metrics.counter("capstan_shard_moves_total", "Shards that came and went", {{"what", "lost"}})),
      leases_(options_.holder, options_.shards, options_.timing.lease_duration),
      shards_(static_cast<std::size_t>(options_.shards)) {
  for (int shard = 0; shard < options_.shards; ++shard)
    fences_.push_back(std::make_unique<ShardFence>(*this, options_.holder));
  metrics.gauge("capstan_shards", "Shards into which the work is divided").Set(options_.shards);
  runtime::LeaseElectorOptions group;
  group.lease = {options_.namespace_, options_.group};
  group.identity = together_;
  group.timing = options_.timing;
  group.elects = false;
  group.shared = true;
  group.says_held = "the work is divided into shards: all members hold the lease together";
  group.says_lost = "lost the lease that all members hold together: this process owns no shard";
  group.on_started = [this] { Wake(); };
  group.on_stopped = [this] { Lose(); };
  group_ = std::make_unique<runtime::LeaseElector>(client, scheduler, random, log, metrics, std::move(group));
  runtime::LeaseElectorOptions member;
  member.lease = written_.OfMember(options_.holder);
  member.identity = options_.holder;
  member.timing = options_.timing;
  member.elects = false;
  member.labels = {{kGroupLabel, options_.group}, {kCountLabel, std::to_string(options_.shards)}};
  member.says_held = "joined the members that share the work";
  member.says_lost = "lost the membership: this process owns no shard until it joins again";
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

bool Coordinator::HeldUntil(Instant until) const {
  return std::any_of(fences_.begin(), fences_.end(),
                     [&](const auto& fence) { return fence->HeldUntil(until); });
}

const runtime::Fence& Coordinator::Of(std::string_view uid) const {
  return OfShard(ShardOf(uid, options_.shards));
}

const runtime::Fence& Coordinator::OfShard(int shard) const {
  return *fences_[static_cast<std::size_t>(shard)];
}

std::set<int> Coordinator::owned() const {
  MutexLock lock(mutex_);
  std::set<int> owned;
  for (int shard = 0; shard < options_.shards; ++shard) {
    if (shards_[static_cast<std::size_t>(shard)].stage == Stage::kOurs) owned.insert(shard);
  }
  return owned;
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
  membership_.fetch_add(1, std::memory_order_acq_rel);
  std::vector<int> lost;
  {
    MutexLock lock(mutex_);
    member_count_ = 0;
    for (int shard = 0; shard < options_.shards; ++shard) {
      Shard& known = shards_[static_cast<std::size_t>(shard)];
      if (known.stage != Stage::kOurs) continue;
      known.stage = Stage::kLost;
      lost.push_back(shard);
    }
  }
  members_gauge_.Set(0);
  for (const int shard : lost) {
    lost_.Add();
    work_.Pause(shard);
  }
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
  EndLost();
  const std::uint64_t membership = membership_.load(std::memory_order_acquire);
  const Instant regular = After(scheduler_.Now(), options_.timing.retry_period);
  if (!group_->leading()) {
    SayWhoIsInTheWay();
    return regular;
  }
  told_of_.clear();
  if (!std::exchange(joining_, true)) member_->Start();
  if (!member_->leading()) return regular;
  const Context limited = context.Within(scheduler_, options_.timing.renew_deadline);
  if (const Status seen = Observe(limited); !seen) {
    if (seen.error().code != Code::kCancelled)
      Complain("list the Leases of the members that share the work", seen.error());
    return regular;
  }
  std::set<int> ours;
  {
    MutexLock lock(mutex_);
    for (int shard = 0; shard < options_.shards; ++shard) {
      if (shards_[static_cast<std::size_t>(shard)].stage != Stage::kNone) ours.insert(shard);
    }
  }
  Steps steps = leases_.Decide(ours);
  if (!steps.remove.empty()) {
    for (const SeenLease& lease : steps.remove) {
      const Status removed = written_.Remove(lease, limited);
      if (removed && !lease.shard) {
        log_.Warning("a member is gone: the others take over its shards",
                     {{"member", lease.holder}, {"lease", lease.name}});
      }
      if (!removed && removed.error().code != Code::kNotFound && removed.error().code != Code::kConflict)
        Complain(StrCat("delete Lease ", options_.namespace_, "/", lease.name, ", which nobody renews"),
                 removed.error());
    }
    if (!Observe(limited)) return regular;
    steps = leases_.Decide(ours);
  }
  Carry(steps, membership, limited);
  return steps.look_again ? std::min(*steps.look_again, regular) : regular;
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
    if (membership_.load(std::memory_order_acquire) != membership) return;
    news = std::exchange(member_count_, steps.members) != steps.members;
  }
  members_gauge_.Set(static_cast<double>(steps.members));
  if (news)
    log_.Info("the members of the work changed", {{"members", steps.members}, {"shards", options_.shards}});
  for (const auto& [shard, lease] : steps.claim) Claim(shard, lease, membership, context);
  for (const SeenLease& lease : steps.let_go) (void)written_.WriteClaim(*lease.shard, lease, "", context);
  for (const int shard : steps.give_up) BeginHandover(shard);
  TellPart();
}

void Coordinator::Claim(int shard, const std::optional<SeenLease>& lease, std::uint64_t membership,
                        const Context& context) {
  if (context.stopped() || membership_.load(std::memory_order_acquire) != membership) return;
  auto claimed = written_.WriteClaim(shard, lease, options_.holder, context);
  if (!claimed) {
    const Code code = claimed.error().code;
    if (code != Code::kConflict && code != Code::kAlreadyExists && code != Code::kNotFound &&
        code != Code::kCancelled)
      Complain(StrCat("claim shard ", shard), claimed.error());
    return;
  }
  {
    MutexLock lock(mutex_);
    // Lose increments the membership before it takes this lock: what it missed here is void
    // already.
    if (membership_.load(std::memory_order_acquire) != membership) return;
    Shard& known = shards_[static_cast<std::size_t>(shard)];
    known.stage = Stage::kOurs;
    known.claim = std::move(*claimed);
    fences_[static_cast<std::size_t>(shard)]->ClaimedIn(membership);
  }
  acquired_.Add();
  log_.Info("acquired a shard",
            {{"shard", ShardLabel(options_.shards, shard)}, {"from", lease ? lease->holder : std::string()}});
  TellPart();
  work_.Start(shard);
  if (membership_.load(std::memory_order_acquire) != membership) work_.Pause(shard);
}

void Coordinator::BeginHandover(int shard) {
  {
    MutexLock lock(mutex_);
    Shard& known = shards_[static_cast<std::size_t>(shard)];
    if (known.stage != Stage::kOurs) return;
    known.stage = Stage::kLeaving;
  }
  work_.Pause(shard);
  Task leaving = scheduler_.Spawn(StrCat("hand over shard ", shard), [this, shard](const Context&) {
    if (!work_.Stop(shard, options_.grace))
      log_.Warning(
          "a reconcile was cut short to hand over its shard",
          {{"shard", ShardLabel(options_.shards, shard)}, {"after", FormatDuration(options_.grace)}});
    GiveBack(shard, Context{}.Within(scheduler_, kToGiveBack));
    Wake();
  });
  // The previous task has ended and is joined when `leaving` is destroyed: without the lock, which
  // its last statement takes.
  {
    MutexLock lock(mutex_);
    std::swap(shards_[static_cast<std::size_t>(shard)].leaving, leaving);
  }
}

// No work of the shard runs any more. If the write fails, the next look finds a void claim in our
// name.
void Coordinator::GiveBack(int shard, const Context& context) {
  SeenLease claim;
  {
    MutexLock lock(mutex_);
    claim = shards_[static_cast<std::size_t>(shard)].claim;
  }
  const bool held = OfShard(shard).HeldUntil(scheduler_.Now());
  fences_[static_cast<std::size_t>(shard)]->ClaimedIn(0);
  if (held) {
    const auto given = written_.WriteClaim(shard, claim, "", context);
    given_up_.Add();
    log_.Info("gave up a shard", {{"shard", ShardLabel(options_.shards, shard)},
                                  {"error", given ? std::string() : given.error().message}});
  }
  {
    MutexLock lock(mutex_);
    shards_[static_cast<std::size_t>(shard)].stage = Stage::kNone;
  }
  TellPart();
}

// A membership was lost: its work is fenced, and ends here.
void Coordinator::EndLost() {
  std::vector<int> lost;
  {
    MutexLock lock(mutex_);
    for (int shard = 0; shard < options_.shards; ++shard) {
      if (shards_[static_cast<std::size_t>(shard)].stage == Stage::kLost) lost.push_back(shard);
    }
  }
  for (const int shard : lost) {
    (void)work_.Stop(shard, Duration::zero());
    fences_[static_cast<std::size_t>(shard)]->ClaimedIn(0);
    MutexLock lock(mutex_);
    shards_[static_cast<std::size_t>(shard)].stage = Stage::kNone;
  }
  if (!lost.empty()) TellPart();
}

void Coordinator::TellPart() {
  const std::size_t count = owned().size();
  owned_gauge_.Set(static_cast<double>(count));
  if (options_.on_part) options_.on_part(static_cast<double>(count) / options_.shards);
}

// Logged once per blocking holder.
void Coordinator::SayWhoIsInTheWay() {
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

void Coordinator::Complain(const std::string& doing, const Error& error) {
  const Instant now = scheduler_.Now();
  if (complained_ != Instant{} && now - complained_ < kComplainEvery) return;
  complained_ = now;
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
  const Instant until = After(scheduler_.Now(), grace);
  std::vector<int> ours;
  std::vector<Task> leaving;
  {
    MutexLock lock(mutex_);
    for (int shard = 0; shard < options_.shards; ++shard) {
      Shard& known = shards_[static_cast<std::size_t>(shard)];
      if (known.stage == Stage::kOurs || known.stage == Stage::kLost) ours.push_back(shard);
      leaving.push_back(std::move(known.leaving));
    }
  }
  for (const int shard : ours) work_.Pause(shard);
  bool finished = true;
  for (const int shard : ours) {
    finished &= work_.Stop(shard, std::max(Duration::zero(), until - scheduler_.Now()));
    GiveBack(shard, Context{}.Within(scheduler_, kToGiveBack));
  }
  leaving.clear();
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
  std::vector<int> ours;
  std::vector<Task> leaving;
  {
    MutexLock lock(mutex_);
    for (int shard = 0; shard < options_.shards; ++shard) {
      Shard& known = shards_[static_cast<std::size_t>(shard)];
      if (known.stage == Stage::kOurs || known.stage == Stage::kLost) ours.push_back(shard);
      known.stage = Stage::kNone;
      leaving.push_back(std::move(known.leaving));
    }
  }
  member_->Abandon();
  group_->Abandon();
  for (const int shard : ours) (void)work_.Stop(shard, Duration::zero());
}

}  // namespace capstan::shards
