// KnownStates is what the runs of one subject have learnt: the steps after which a run reached its
// end without a violation. A run that takes the same steps need not be executed to its end.
//
// The steps of a run become known when it has ended well, or has followed a run that did: so a run
// never relies on itself, and a cycle is executed until its time is over. A step is the state at an
// effect together with the state at the previous effect. Each step records how soon it came after
// the last effect of the same shape, and how long after the last effect of any shape: a run that
// polls more often than known ones, or has become slow, does not match them, whatever the state of
// the servers.
//
// The memory is shared by this process and its forked children; all of them can read and write
// concurrently.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/simulation/engine/effect_port.hpp>

namespace capstan::simulation {

// The timing of an effect relative to earlier ones of its run.
struct StepTaken {
  std::uint64_t name = 0;               // hash of its state and the previous one
  std::optional<Duration> since_alike;  // since the last one of its shape; nullopt: it is the first
  Duration since_any{};
};

// Takes the effects of a run one by one. Skips leases, because the clock renews them.
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
  // Returns null when the machine lacks the memory.
  static std::unique_ptr<KnownStates> Make();
  ~KnownStates();
  KnownStates(const KnownStates&) = delete;
  KnownStates& operator=(const KnownStates&) = delete;

  // Adds the effects of a run that ended well, from index `from` on.
  void Add(const std::vector<Effect>& effects, std::size_t from);
  // The maximum time between this effect and the previous one; nullopt: the step is not known, or
  // was never taken this soon.
  std::optional<Duration> Knows(const StepTaken& step) const;

 private:
  struct Slot;
  struct Table;
  explicit KnownStates(Table* table) : table_(table) {}
  Slot* Find(std::uint64_t step, bool make) const;
  Table* const table_;
};

// A run must follow this many effects in a row, or the smaller number over at least kAtRest, where
// little happens.
inline constexpr int kFollowed = 12;
inline constexpr int kFollowedAtRest = 4;
inline constexpr Duration kAtRest = std::chrono::minutes(2);

// Whether a run has joined known ones.
class Joining {
 public:
  explicit Joining(const KnownStates* known) : known_(known) {}
  // Takes each effect of the run, in order. `over`: the purpose of the run lies behind it. True:
  // the last effects were all known steps at a known pace, and enough of them.
  bool Joins(const Effect& effect, bool over);

 private:
  const KnownStates* const known_;
  StepsOfRun steps_;
  int followed_ = 0;
  Duration taken_{}, allowed_{};  // of the effects that followed
};

}  // namespace capstan::simulation
