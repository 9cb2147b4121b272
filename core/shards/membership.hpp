// Membership evaluates the Leases of all members that share the work, and decides who is alive and
// what to do: which members to remove, which shards to claim, which to give up. A pure step
// machine; Coordinator executes it. Decision 012 describes the protocol and why a shard never has
// two owners.
//
// A member is dead when its Lease did not change for its whole duration, measured on our own clock
// from when we observed that version. A list only proves the state at the time of its request: a
// slow answer makes no member dead. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>

namespace capstan::shards {

// One Lease as listed.
struct SeenLease {
  std::string name, uid, resource_version;
  std::string holder;        // empty: none
  int shards = 0;            // number of shards into which its writer divides the work
  std::optional<int> shard;  // the shard it claims; nullopt: it is a member's own
  std::chrono::seconds duration{15};
  friend bool operator==(const SeenLease&, const SeenLease&) = default;
};

struct Steps {
  // Dead members, and claims on shards of another division: delete them at exactly this version.
  std::vector<SeenLease> remove;
  // Shards to claim: the Lease to change, or nullopt if it must be created.
  std::map<int, std::optional<SeenLease>> claim;
  std::set<int> give_up;  // our shards that another member should own
  // Void claims in our name, on shards that another member should own.
  std::vector<SeenLease> release;
  std::size_t members = 1;            // number of live members, including us
  std::optional<Instant> look_again;  // when the next member would be dead if it stays silent
};

class Membership {
 public:
  // `self`: our identity in Leases, unique to this run of the process.
  Membership(std::string self, int shards, Duration lease_duration)
      : self_(std::move(self)), shards_(shards), lease_duration_(lease_duration) {}

  // A complete list, requested at `asked` and answered at `answered`.
  void Observe(std::vector<SeenLease> leases, Instant asked, Instant answered);
  // What to do according to the last list. `ours`: the shards we own, including those being given
  // up.
  Steps Decide(const std::set<int>& ours) const;

 private:
  struct Sign {
    std::string version;  // of its Lease; empty: it was only mentioned by another Lease
    Instant since{};      // when we observed it
    Duration lasts{};
  };
  bool Dead(const std::string& member) const;
  bool Free(const SeenLease& claim) const;

  const std::string self_;
  const int shards_;
  const Duration lease_duration_;
  Instant asked_{};
  // Of every member that was ever named, while it matters.
  std::map<std::string, Sign> signs_;
  std::map<std::string, SeenLease> members_;  // by holder, as listed; without us
  std::map<int, SeenLease> claims_;           // of this division
  std::vector<SeenLease> foreign_claims_;     // of another division
};

}  // namespace capstan::shards
