// ShardLeases reads and writes the Leases of a group of members: one for each member, and one for
// each shard that names its owner. Thread-safe. The client and the clock must outlive it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/shards/membership.hpp>

namespace capstan::shards {

// On every Lease of a member and of a shard: the group, CoordinatorOptions::group.
inline constexpr char kGroupLabel[] = "capstan.dev/shards";
// On the same: into how many shards its writer divides the work.
inline constexpr char kCountLabel[] = "capstan.dev/shard-count";

class ShardLeases {
 public:
  // `shards`: into how many the group divides the work. `duration`: what the Leases say.
  ShardLeases(kube::Client& client, Clock& clock, std::string in_namespace, std::string group, int shards,
              std::chrono::seconds duration)
      : client_(client),
        clock_(clock),
        in_namespace_(std::move(in_namespace)),
        group_(std::move(group)),
        shards_(shards),
        duration_(duration) {}

  // Where the member of that name renews its membership.
  kube::ObjectKey OfMember(const std::string& holder) const;
  // All Leases of the group. Errors: those of a list.
  Result<std::vector<SeenLease>> List(const Context& context) const;
  // Makes `holder` the owner of the shard: changes exactly this version of `lease`, or makes it
  // where there is none. Errors: kConflict, kAlreadyExists and kNotFound where another was faster.
  Result<SeenLease> WriteClaim(int shard, const std::optional<SeenLease>& lease, const std::string& holder,
                               const Context& context) const;
  // Deletes exactly this version. Errors: kConflict and kNotFound where another was faster.
  Status Remove(const SeenLease& lease, const Context& context) const;

 private:
  kube::Client& client_;
  Clock& clock_;
  const std::string in_namespace_, group_;
  const int shards_;
  const std::chrono::seconds duration_;
};

}  // namespace capstan::shards
