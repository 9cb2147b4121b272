#include <capstan/simulation/engine/known_states.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>

#include <capstan/simulation/engine/interference.hpp>

namespace capstan::simulation {
namespace {

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max() - 1;
constexpr std::size_t kSlots = std::size_t{1} << 22;  // memory pages are allocated when written

std::uint32_t MillisecondsIn(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, kMost - 1));
}

void Raise(std::atomic<std::uint32_t>& value, std::uint32_t to) {
  std::uint32_t seen = value.load();
  while (seen < to && !value.compare_exchange_weak(seen, to)) {
  }
}

}  // namespace

// All zero: unused. Values that only grow can be written concurrently.
struct KnownStates::Slot {
  std::atomic<std::uint64_t> step;
  // Distance below the maximum, so that sooner is larger; 0: any.
  std::atomic<std::uint32_t> soonest;
  std::atomic<std::uint32_t> longest;  // plus one, so that 0 means not written yet
};

struct KnownStates::Table {
  std::atomic<std::uint64_t> used;
  std::array<Slot, kSlots> slots;
};

std::unique_ptr<KnownStates> KnownStates::Make() {
  void* memory = ::mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  return std::unique_ptr<KnownStates>(new KnownStates(static_cast<Table*>(memory)));
}

KnownStates::~KnownStates() { ::munmap(table_, sizeof(Table)); }

KnownStates::Slot* KnownStates::Find(std::uint64_t step, bool make) const {
  for (std::size_t at = step % kSlots; step != 0; at = (at + 1) % kSlots) {
    Slot& slot = table_->slots[at];
    std::uint64_t seen = slot.step.load();
    if (seen == step) return &slot;
    if (seen != 0) continue;
    // A step that does not fit stays unknown, which only costs time.
    if (!make || table_->used.load() > kSlots / 4 * 3) return nullptr;
    if (slot.step.compare_exchange_strong(seen, step)) {
      ++table_->used;
      return &slot;
    }
    if (seen == step) return &slot;
  }
  return nullptr;
}

void KnownStates::Add(const std::vector<Effect>& effects, std::size_t from) {
  StepsOfRun steps;
  for (std::size_t i = 0; i < effects.size(); ++i) {
    if (!StepsOfRun::Counts(effects[i])) continue;
    const StepTaken step = steps.Next(effects[i]);
    Slot* const slot = i < from ? nullptr : Find(step.name, true);
    if (slot == nullptr) continue;
    if (step.since_alike) Raise(slot->soonest, kMost - MillisecondsIn(*step.since_alike));
    Raise(slot->longest, MillisecondsIn(step.since_any) + 1);
  }
}

std::optional<Duration> KnownStates::Knows(const StepTaken& step) const {
  const Slot* const slot = Find(step.name, false);
  const std::uint32_t longest = slot == nullptr ? 0 : slot->longest.load();
  if (longest == 0) return std::nullopt;
  if (const std::uint32_t soonest = slot->soonest.load(); soonest != 0 && step.since_alike) {
    // Polls have a jitter of some tenths.
    const Duration known = std::chrono::milliseconds(kMost - soonest);
    if (*step.since_alike + std::chrono::seconds(1) < known / 4 * 3) return std::nullopt;
  }
  return std::chrono::milliseconds(longest - 1);
}

StepTaken StepsOfRun::Next(const Effect& effect) {
  StepTaken step;
  step.name = Mix(state_, effect.state);
  state_ = effect.state;
  const auto [last, first] = last_.try_emplace(effect.shape, effect.at);
  if (!first) step.since_alike = effect.at - last->second;
  last->second = effect.at;
  if (last_of_any_ != Instant{}) step.since_any = effect.at - last_of_any_;
  last_of_any_ = effect.at;
  return step;
}

bool Joining::Joins(const Effect& effect, bool over) {
  if (!StepsOfRun::Counts(effect)) return false;
  const StepTaken step = steps_.Next(effect);
  const auto longest = over ? known_->Knows(step) : std::nullopt;
  if (!longest) {
    followed_ = 0;
    return false;
  }
  if (++followed_ == 1) {
    taken_ = allowed_ = Duration{};
  } else {
    taken_ += step.since_any;
    allowed_ += *longest;
  }
  const bool enough = followed_ >= kFollowed || (followed_ >= kFollowedAtRest && taken_ >= kAtRest);
  // A run that is slightly slower still counts as known; one that stays slow does not.
  return enough && taken_ <= allowed_ * 2 + std::chrono::minutes(1);
}

}  // namespace capstan::simulation
