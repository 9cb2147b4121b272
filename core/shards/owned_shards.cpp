#include <capstan/core/shards/owned_shards.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/shards/placement.hpp>

namespace capstan::shards {
namespace {

constexpr Duration kReleaseTimeout = std::chrono::seconds(5);

runtime::Counter& MovesOf(runtime::Metrics& metrics, const char* what) {
  return metrics.counter("capstan_shard_moves_total", "Shards that came and went", {{"what", what}});
}

}  // namespace

// Checked in this order, so that the last check notices a membership that ends in between.
class OwnedShards::ShardFence final : public runtime::Fence {
 public:
  ShardFence(const OwnedShards& all, std::string holder) : all_(all), holder_(std::move(holder)) {}
  bool HeldUntil(Instant until) const override {
    if (!all_.options_.is_member_until(until)) return false;
    return claimed_in_.load(std::memory_order_acquire) == all_.membership();
  }
  std::string holder() const override { return holder_; }
  void ClaimedIn(std::uint64_t membership) { claimed_in_.store(membership, std::memory_order_release); }

 private:
  const OwnedShards& all_;
  const std::string holder_;
  std::atomic<std::uint64_t> claimed_in_{0};  // the membership of the claim; 0: none
};

OwnedShards::OwnedShards(Scheduler& scheduler, Log& log, runtime::Metrics& metrics, const ShardLeases& leases,
                         ShardWork& work, OwnedShardsOptions options)
    : scheduler_(scheduler),
      log_(log),
      leases_(leases),
      work_(work),
      options_(std::move(options)),
      owned_gauge_(metrics.gauge("capstan_shards_owned", "Shards whose objects this process reconciles")),
      acquired_(MovesOf(metrics, "acquired")),
      given_up_(MovesOf(metrics, "given_up")),
      lost_(MovesOf(metrics, "lost")),
      shards_(static_cast<std::size_t>(options_.shards)) {
  for (int shard = 0; shard < options_.shards; ++shard)
    fences_.push_back(std::make_unique<ShardFence>(*this, options_.holder));
}

OwnedShards::~OwnedShards() = default;

const runtime::Fence& OwnedShards::FenceOf(int shard) const {
  return *fences_[static_cast<std::size_t>(shard)];
}

bool OwnedShards::HeldUntil(Instant until) const {
  return std::any_of(fences_.begin(), fences_.end(),
                     [&](const auto& fence) { return fence->HeldUntil(until); });
}

std::set<int> OwnedShards::owned() const {
  MutexLock lock(mutex_);
  std::set<int> owned;
  for (int shard = 0; shard < options_.shards; ++shard) {
    if (shards_[static_cast<std::size_t>(shard)].stage == Stage::kOurs) owned.insert(shard);
  }
  return owned;
}

std::set<int> OwnedShards::busy() const {
  MutexLock lock(mutex_);
  std::set<int> busy;
  for (int shard = 0; shard < options_.shards; ++shard) {
    if (shards_[static_cast<std::size_t>(shard)].stage != Stage::kNone) busy.insert(shard);
  }
  return busy;
}

Status OwnedShards::Claim(int shard, const std::optional<SeenLease>& lease, std::uint64_t membership,
                          const Context& context) {
  if (context.stopped() || membership_.load(std::memory_order_acquire) != membership) return {};
  auto claimed = leases_.WriteClaim(shard, lease, options_.holder, context);
  if (!claimed) {
    const Code code = claimed.error().code;
    const bool another = code == Code::kConflict || code == Code::kAlreadyExists || code == Code::kNotFound;
    return another || code == Code::kCancelled ? Status() : Fail(claimed.error());
  }
  {
    MutexLock lock(mutex_);
    // Lose increments the membership before it takes this lock: what it missed here is void
    // already.
    if (membership_.load(std::memory_order_acquire) != membership) return {};
    Shard& known = shards_[static_cast<std::size_t>(shard)];
    known.stage = Stage::kOurs;
    known.claim = std::move(*claimed);
    fences_[static_cast<std::size_t>(shard)]->ClaimedIn(membership);
  }
  acquired_.Add();
  log_.Info("acquired a shard",
            {{"shard", ShardLabel(options_.shards, shard)}, {"from", lease ? lease->holder : std::string()}});
  ReportPart();
  work_.Start(shard);
  if (membership_.load(std::memory_order_acquire) != membership) work_.Pause(shard);
  return {};
}

void OwnedShards::HandOver(int shard) {
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
    GiveBack(shard, Context{}.Within(scheduler_, kReleaseTimeout));
    options_.on_handed_over();
  });
  // The previous task has ended its work and is joined when `leaving` is destroyed: without the
  // lock, which the task takes too.
  {
    MutexLock lock(mutex_);
    std::swap(shards_[static_cast<std::size_t>(shard)].leaving, leaving);
  }
}

// No work of the shard runs any more. If the write fails, the next look finds a void claim in our
// name.
void OwnedShards::GiveBack(int shard, const Context& context) {
  SeenLease claim;
  {
    MutexLock lock(mutex_);
    claim = shards_[static_cast<std::size_t>(shard)].claim;
  }
  const bool held = FenceOf(shard).HeldUntil(scheduler_.Now());
  fences_[static_cast<std::size_t>(shard)]->ClaimedIn(0);
  if (held) {
    const auto given = leases_.WriteClaim(shard, claim, "", context);
    given_up_.Add();
    log_.Info("gave up a shard", {{"shard", ShardLabel(options_.shards, shard)},
                                  {"error", given ? std::string() : given.error().message}});
  }
  {
    MutexLock lock(mutex_);
    shards_[static_cast<std::size_t>(shard)].stage = Stage::kNone;
  }
  ReportPart();
}

void OwnedShards::Lose() {
  membership_.fetch_add(1, std::memory_order_acq_rel);
  std::vector<int> lost;
  {
    MutexLock lock(mutex_);
    for (int shard = 0; shard < options_.shards; ++shard) {
      Shard& known = shards_[static_cast<std::size_t>(shard)];
      if (known.stage != Stage::kOurs) continue;
      known.stage = Stage::kLost;
      lost.push_back(shard);
    }
  }
  for (const int shard : lost) {
    lost_.Add();
    work_.Pause(shard);
  }
}

void OwnedShards::EndLost() {
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
  if (!lost.empty()) ReportPart();
}

void OwnedShards::ReportPart() {
  const std::size_t count = owned().size();
  owned_gauge_.Set(static_cast<double>(count));
  if (options_.on_part) options_.on_part(static_cast<double>(count) / options_.shards);
}

bool OwnedShards::Drain(Duration grace) {
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
    GiveBack(shard, Context{}.Within(scheduler_, kReleaseTimeout));
  }
  leaving.clear();
  return finished;
}

void OwnedShards::Abandon() {
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
  for (const int shard : ours) (void)work_.Stop(shard, Duration::zero());
}

}  // namespace capstan::shards
