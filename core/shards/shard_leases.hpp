// ShardLeases reads and writes the Leases of a group of members: one per member, and one per shard
// that names its owner. Thread-safe. The client and the clock must outlive it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/shards/membership.hpp>

namespace capstan::shards {

// On every Lease of a member or a shard: the group, CoordinatorOptions::group.
inline constexpr char kGroupLabel[] = "capstan.dev/shards";
// On the same Leases: the number of shards into which its writer divides the work.
inline constexpr char kCountLabel[] = "capstan.dev/shard-count";

class ShardLeases {
 public:
  // `shards`: number of shards of the group. `duration`: lease duration written to the Leases.
  ShardLeases(kube::Client& client, Clock& clock, std::string in_namespace, std::string group, int shards,
              std::chrono::seconds duration)
      : client_(client),
        clock_(clock),
        in_namespace_(std::move(in_namespace)),
        group_(std::move(group)),
        shards_(shards),
        duration_(duration) {}

  // The Lease that the member of that name renews.
  kube::ObjectKey OfMember(const std::string& holder) const;
  // All Leases of the group. Errors: those of a list.
  Result<std::vector<SeenLease>> List(const Context& context) const;
  // Makes `holder` the owner of the shard: updates exactly this version of `lease`, or creates it
  // if there is none. Errors: those of the Client; kConflict, kAlreadyExists and kNotFound mean
  // that another member was faster.
  Result<SeenLease> WriteClaim(int shard, const std::optional<SeenLease>& lease, const std::string& holder,
                               const Context& context) const;
  // Deletes exactly this version. Errors: those of the Client; kConflict and kNotFound mean that
  // another member was faster.
  Status Remove(const SeenLease& lease, const Context& context) const;

 private:
  kube::Client& client_;
  Clock& clock_;
  const std::string in_namespace_, group_;
  const int shards_;
  const std::chrono::seconds duration_;
};

}  // namespace capstan::shards
