// Membership reads the Leases of all that share the work, and says who lives and what is to be
// done: whom to depose, which shards to claim, which to give up. A pure step machine; Coordinator
// carries it out. Decision 012 has the protocol and why it never gives a shard two owners.
//
// A member is dead when its Lease did not change for as long as it lasts, counted on our own clock
// from when we saw that version. Of a list only what was so when it was asked for counts: an answer
// that was long on its way makes nobody dead. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>

namespace capstan::shards {

// One Lease as a list shows it.
struct SeenLease {
  std::string name, uid, resource_version;
  std::string holder;        // empty: nobody's
  int shards = 0;            // into how many its writer divides the work
  std::optional<int> shard;  // which one it claims; nothing: it is a member's own
  std::chrono::seconds duration{15};
  friend bool operator==(const SeenLease&, const SeenLease&) = default;
};

struct Steps {
  // Members that are dead, and claims on shards of another division: to be deleted at exactly this
  // version.
  std::vector<SeenLease> remove;
  // To be claimed: the Lease to change, or nothing where it is to be made.
  std::map<int, std::optional<SeenLease>> claim;
  std::set<int> give_up;              // shards of ours that another member is to have
  std::vector<SeenLease> let_go;      // claims in our name that are void, on shards that another is to have
  std::size_t members = 1;            // that live, ourselves included
  std::optional<Instant> look_again;  // when the next member would be dead, if it stays silent
};

class Membership {
 public:
  // `self`: our name in Leases, unique to this process life.
  Membership(std::string self, int shards, Duration lease_duration)
      : self_(std::move(self)), shards_(shards), lease_duration_(lease_duration) {}

  // A complete list, asked for at `asked` and answered at `answered`.
  void Observe(std::vector<SeenLease> leases, Instant asked, Instant answered);
  // What the last list asks for. `ours`: the shards we own, those that we are giving up included.
  Steps Decide(const std::set<int>& ours) const;

 private:
  struct Sign {
    std::string version;  // of its Lease; empty: we only heard of it
    Instant since{};      // when we saw it
    Duration lasts{};
  };
  bool Dead(const std::string& member) const;
  bool Free(const SeenLease& claim) const;

  const std::string self_;
  const int shards_;
  const Duration lease_duration_;
  Instant asked_{};
  std::map<std::string, Sign> signs_;         // of all that were ever named, as long as it matters
  std::map<std::string, SeenLease> members_;  // by holder, as listed; ourselves left out
  std::map<int, SeenLease> claims_;           // of this division
  std::vector<SeenLease> foreign_claims_;     // of another
};

}  // namespace capstan::shards
