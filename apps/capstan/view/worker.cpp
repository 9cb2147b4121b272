#include <capstan/apps/capstan/view/worker.hpp>

#include <capstan/apps/capstan/view/explanation.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/shards/lease_names.hpp>
#include <capstan/core/shards/placement.hpp>

namespace capstan::app {
namespace {

std::string HolderOf(const kube::Object& lease) {
  return lease.StringAt("/spec/holderIdentity").value_or("");
}

Worker OwnerOfShard(Session& session, const kube::ObjectKey& group, const std::string& label,
                    const Context& context) {
  const std::string shard = StrCat("shard ", label, ": ");
  const auto lease_of = [&](const std::string& name) {
    return session.client().Get(kube::LeaseKind(), {group.namespace_, name}, context);
  };
  const auto claim = lease_of(shards::ShardLeaseName(group.name, label));
  if (!claim && claim.error().code != Code::kNotFound) return {"", shard + claim.error().message};
  const std::string holder = claim ? HolderOf(*claim) : "";
  if (holder.empty()) return {"", shard + "no replica owns it yet"};
  // A claim is written once; its owner's own Lease says whether the owner is alive.
  const auto member = lease_of(shards::MemberLeaseName(group.name, holder));
  if (!member) return {holder, StrCat(shard, "its owner ", holder, " has left; another replica takes it")};
  return {holder, shard + LeaseInWords(*member, session.client().ServerTime())};
}

}  // namespace

Result<Worker> FindWorker(Session& session, const kube::ObjectKey& group, const kube::Object& object,
                          const Context& context) {
  CAPSTAN_TRY(const kube::Object lease, session.client().Get(kube::LeaseKind(), group, context));
  const std::string holder = HolderOf(lease);
  if (!holder.starts_with(shards::kTogether))
    return Worker{holder, LeaseInWords(lease, session.client().ServerTime())};
  const std::string label(object.Label(shards::kShardLabel).value_or(""));
  if (label.empty())
    return Worker{"", "the object has no shard yet: the replica that owns shard 0 labels it"};
  return OwnerOfShard(session, group, label, context);
}

}  // namespace capstan::app
