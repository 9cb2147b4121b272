#include <capstan/core/shards/membership.hpp>

#include <algorithm>

#include <capstan/core/shards/placement.hpp>

namespace capstan::shards {

void Membership::Observe(std::vector<SeenLease> leases, Instant asked, Instant answered) {
  asked_ = asked;
  members_.clear();
  claims_.clear();
  foreign_claims_.clear();
  std::set<std::string> named;
  for (SeenLease& lease : leases) {
    if (lease.shard) {
      if (!lease.holder.empty()) named.insert(lease.holder);
      if (lease.shards != shards_) {
        foreign_claims_.push_back(std::move(lease));
      } else if (*lease.shard >= 0 && *lease.shard < shards_) {
        claims_[*lease.shard] = std::move(lease);
      }
      continue;
    }
    if (lease.holder == self_) continue;
    // A member Lease without a holder is identified by the Lease's name, and removed if it stays
    // that way.
    const std::string member = lease.holder.empty() ? lease.name : lease.holder;
    named.insert(member);
    Sign& sign = signs_[member];
    const std::string version = lease.uid + "/" + lease.resource_version;
    if (sign.version != version) sign = {version, answered, lease.duration};
    members_[member] = std::move(lease);
  }
  // A member whose Lease was just deleted by hand is alive: it recreates the Lease within seconds.
  for (const std::string& member : named) signs_.try_emplace(member, Sign{"", answered, lease_duration_});
  std::erase_if(signs_,
                [&](const auto& known) { return named.count(known.first) == 0 && Dead(known.first); });
}

bool Membership::Dead(const std::string& member) const {
  const auto sign = signs_.find(member);
  return sign != signs_.end() && asked_ >= After(sign->second.since, sign->second.lasts);
}

bool Membership::Free(const SeenLease& claim) const {
  if (claim.holder.empty() || claim.holder == self_) return true;
  return Dead(claim.holder) && members_.count(claim.holder) == 0;
}

Steps Membership::Decide(const std::set<int>& ours) const {
  Steps steps;
  std::vector<std::string> members = {self_};
  for (const auto& [member, lease] : members_) {
    if (Dead(member)) {
      steps.remove.push_back(lease);
      continue;
    }
    if (lease.holder.empty()) continue;
    const Sign& sign = signs_.at(member);
    const Instant due = After(sign.since, sign.lasts);
    if (!steps.look_again || due < *steps.look_again) steps.look_again = due;
    if (lease.shards == shards_) members.push_back(member);
  }
  steps.members = members.size();
  for (const SeenLease& claim : foreign_claims_) {
    if (Free(claim)) steps.remove.push_back(claim);
  }
  std::vector<std::string> holders(static_cast<std::size_t>(shards_));
  for (int shard = 0; shard < shards_; ++shard) {
    const auto claim = claims_.find(shard);
    if (ours.count(shard) != 0) {
      holders[static_cast<std::size_t>(shard)] = self_;
    } else if (claim != claims_.end() && !Free(claim->second)) {
      holders[static_cast<std::size_t>(shard)] = claim->second.holder;
    }
  }
  const std::vector<std::string> placed = PlaceShards(members, holders);
  for (int shard = 0; shard < shards_; ++shard) {
    const bool to_us = placed[static_cast<std::size_t>(shard)] == self_;
    if (ours.count(shard) != 0) {
      if (!to_us) steps.give_up.insert(shard);
      continue;
    }
    const auto claim = claims_.find(shard);
    if (to_us && claim == claims_.end()) {
      steps.claim[shard] = std::nullopt;
    } else if (to_us && Free(claim->second)) {
      steps.claim[shard] = claim->second;
    } else if (!to_us && claim != claims_.end() && claim->second.holder == self_) {
      steps.release.push_back(claim->second);
    }
  }
  return steps;
}

}  // namespace capstan::shards
