// The parts of SimulatedCloud with which tests act behind an operator's back.
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/service.hpp>
#include <capstan/local/digitalocean/api/spec.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <utility>

namespace capstan::simulated_digitalocean {
namespace {

Failure NoCluster(const std::string& id) {
  return Fail(Code::kNotFound, "the simulated cloud has no cluster " + id);
}

void NoteByHand(World& world, const Cluster& cluster, const char* what, std::string object, WallTime now) {
  JournalEntry entry;
  entry.time = now;
  entry.operation = StrCat("by hand: ", what);
  entry.account = cluster.account;
  entry.cluster = cluster.id;
  entry.object = std::move(object);
  entry.tags_before = ShownTags(cluster);
  world.Note(std::move(entry));
}

Result<NodePool*> FindPool(Cluster& cluster, const std::string& name) {
  for (NodePool& pool : cluster.pools) {
    if (pool.name == name && !pool.deleting) return &pool;
  }
  return Fail(Code::kNotFound, StrCat("cluster ", cluster.id, " has no node pool ", name));
}

}  // namespace

Result<std::string> SimulatedCloud::CreateByHand(const std::string& account_uuid,
                                                 const std::string& create_body) {
  MutexLock lock(mutex_);
  Advance();
  const AccountOptions* found = world_->Account(account_uuid);
  if (!found) return Fail(Code::kNotFound, "the simulated cloud has no account " + account_uuid);
  const AccountOptions account = *found;
  http::Request request;
  request.body = create_body;
  const std::vector<std::string> all_scopes;
  Call call{*world_, request, CloudNow(), account, all_scopes, "", {}};
  auto fields = call.Body();
  auto wanted = fields ? ReadCluster(call, *fields) : Checked<Cluster>(Refused(fields.error()));
  if (!wanted) return Fail(Code::kInvalidArgument, wanted.error().message);
  const Cluster& cluster = world_->AddCluster(std::move(*wanted), CloudNow());
  NoteByHand(*world_, cluster, "create", "", CloudNow());
  const std::string id = cluster.id;
  CAPSTAN_RETURN_IF_ERROR(Flush());
  return id;
}

Status SimulatedCloud::ChangeCluster(const std::string& id, const ClusterChange& change) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(id);
  if (!cluster) return NoCluster(id);
  CAPSTAN_RETURN_IF_ERROR(change(*world_, *cluster, CloudNow()));
  return Flush();
}

Status SimulatedCloud::VanishCluster(const std::string& cluster_id) {
  return ChangeCluster(cluster_id, [](World& world, Cluster& cluster, WallTime now) -> Status {
    NoteByHand(world, cluster, "vanish", "", now);
    world.Vanish(cluster, now);
    return {};
  });
}

Status SimulatedCloud::DeleteClusterByHand(const std::string& cluster_id) {
  return ChangeCluster(cluster_id, [](World& world, Cluster& cluster, WallTime now) -> Status {
    if (cluster.state == ClusterState::kDeleting) return {};
    NoteByHand(world, cluster, "delete", "", now);
    world.DeleteCluster(cluster, false, {}, now);
    return {};
  });
}

Status SimulatedCloud::RenameCluster(const std::string& cluster_id, const std::string& name) {
  return ChangeCluster(cluster_id, [&](World& world, Cluster& cluster, WallTime now) -> Status {
    NoteByHand(world, cluster, "rename", "", now);
    cluster.name = name;
    world.Touch(cluster, now);
    return {};
  });
}

Status SimulatedCloud::SetTags(const std::string& cluster_id, std::vector<std::string> tags) {
  return ChangeCluster(cluster_id, [&](World& world, Cluster& cluster, WallTime now) -> Status {
    NoteByHand(world, cluster, "tag", "", now);
    cluster.tags = UserTags(tags, cluster_id);
    world.Touch(cluster, now);
    return {};
  });
}

Status SimulatedCloud::SetState(const std::string& cluster_id, const std::string& state,
                                const std::string& message) {
  return ChangeCluster(cluster_id, [&](World& world, Cluster& cluster, WallTime now) -> Status {
    const auto wanted = ClusterStateByName(state);
    if (!wanted || *wanted == ClusterState::kDeleting)
      return Fail(Code::kInvalidArgument, "a cluster cannot be put into state " + state + " by hand");
    NoteByHand(world, cluster, "state", "", now);
    cluster.state = *wanted;
    cluster.message = message;
    if (!message.empty()) world.AddTransitionMessage(cluster, message, now);
    cluster.due = kNever;
    world.Touch(cluster, now);
    return {};
  });
}

Status SimulatedCloud::ScalePool(const std::string& cluster_id, const std::string& pool_name, int count) {
  return ChangeCluster(cluster_id, [&](World& world, Cluster& cluster, WallTime now) -> Status {
    CAPSTAN_TRY(NodePool * pool, FindPool(cluster, pool_name));
    NoteByHand(world, cluster, "scale", pool->id, now);
    world.Scale(cluster, *pool, count, now);
    return {};
  });
}

Status SimulatedCloud::RemovePool(const std::string& cluster_id, const std::string& pool_name) {
  return ChangeCluster(cluster_id, [&](World& world, Cluster& cluster, WallTime now) -> Status {
    CAPSTAN_TRY(NodePool * pool, FindPool(cluster, pool_name));
    NoteByHand(world, cluster, "remove pool", pool->id, now);
    world.DeletePool(cluster, *pool, now);
    return {};
  });
}

Result<std::string> SimulatedCloud::AddAssociated(const std::string& cluster_id, const std::string& kind,
                                                  const std::string& name) {
  std::string id;
  const auto add = [&](World& world, Cluster& cluster, WallTime now) -> Status {
    if (kind != "load_balancer" && kind != "volume" && kind != "volume_snapshot")
      return Fail(Code::kInvalidArgument,
                  "associated resources are load_balancer, volume or volume_snapshot, not " + kind);
    id = world.AddAssociated(cluster, kind, name, now);
    return {};
  };
  CAPSTAN_RETURN_IF_ERROR(ChangeCluster(cluster_id, add));
  return id;
}

Status SimulatedCloud::AddStatusMessage(const std::string& cluster_id, const std::string& message) {
  return ChangeCluster(cluster_id, [&](World& world, Cluster& cluster, WallTime now) -> Status {
    world.AddMessage(cluster, message, now);
    world.Touch(cluster, now);
    return {};
  });
}

Result<std::string> SimulatedCloud::AddVpc(const std::string& account_uuid, const std::string& region,
                                           const std::string& name, const std::string& ip_range,
                                           bool nat_gateway) {
  MutexLock lock(mutex_);
  Vpc vpc;
  vpc.account = account_uuid;
  vpc.region = region;
  vpc.name = name;
  vpc.ip_range = ip_range;
  vpc.nat_gateway = nat_gateway;
  vpc.created = CloudNow();
  const std::string id = world_->AddVpc(std::move(vpc)).id;
  CAPSTAN_RETURN_IF_ERROR(Flush());
  return id;
}

void SimulatedCloud::FailProvisioning(int clusters, const std::string& message) {
  MutexLock lock(mutex_);
  world_->failing_creates = clusters;
  world_->failing_message = message;
}

}  // namespace capstan::simulated_digitalocean
