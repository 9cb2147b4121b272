// KnownStates is what the runs of one subject have learnt: from where a run went on to its end and
// nothing was violated. A run that goes the same way is not run to its own end.
//
// A run is known when it has ended well, or has joined one that did: so it never waits for itself,
// and what goes round in circles is run until its time is over. What is known is a step: the state
// that an effect left from, and the state of the effect before it. With each goes how soon it came
// after the last effect like it, and how long after the last of any kind: a run that asks more
// often than the known ones, or has become slow, does not join them, whatever the servers hold.
//
// The memory is shared by this process and those forked from it; any of them may add and look at
// any time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/simulation/engine/effect_port.hpp>

namespace capstan::simulation {

// How an effect came after others of its run.
struct StepTaken {
  std::uint64_t name = 0;               // of its state and the one before
  std::optional<Duration> since_alike;  // since the last of its shape; nothing: it is the first
  Duration since_any{};
};

// Takes the effects of a run one by one. Leases are left out: they are renewed by the clock.
class StepsOfRun {
 public:
  static bool Counts(const Effect& effect) { return effect.shape.find("leases") == std::string::npos; }
  StepTaken Next(const Effect& effect);

 private:
  std::map<std::string, Instant, std::less<>> last_;
  Instant last_of_any_{};
  std::uint64_t state_ = 0;
};

class KnownStates {
 public:
  // Null: this machine has no memory for it.
  static std::unique_ptr<KnownStates> Make();
  ~KnownStates();
  KnownStates(const KnownStates&) = delete;
  KnownStates& operator=(const KnownStates&) = delete;

  // The effects of a run that ended well, from the one of that place on.
  void Add(const std::vector<Effect>& effects, std::size_t from);
  // How long after the effect before it this one came at most; nothing: the step is not known, or
  // was never taken so soon.
  std::optional<Duration> Knows(const StepTaken& step) const;

 private:
  struct Slot;
  struct Table;
  explicit KnownStates(Table* table) : table_(table) {}
  Slot* Find(std::uint64_t step, bool make) const;
  Table* const table_;
};

// So many effects in a row, or the smaller number in at least that time, where little happens.
inline constexpr int kFollowed = 12;
inline constexpr int kFollowedAtRest = 4;
inline constexpr Duration kAtRest = std::chrono::minutes(2);

// Whether a run has joined what is known.
class Joining {
 public:
  explicit Joining(const KnownStates* known) : known_(known) {}
  // Each effect of the run, in its order. `over`: what the run is made for lies behind it.
  // True: the last effects were all known steps at the known pace, and enough of them.
  bool Joins(const Effect& effect, bool over);

 private:
  const KnownStates* const known_;
  StepsOfRun steps_;
  int followed_ = 0;
  Duration taken_{}, allowed_{};  // by the effects that followed
};

}  // namespace capstan::simulation
