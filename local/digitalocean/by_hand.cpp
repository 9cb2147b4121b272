// What SimulatedCloud lets tests do behind an operator's back.
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

NodePool* FindPool(Cluster& cluster, const std::string& name) {
  for (NodePool& pool : cluster.pools)
    if (pool.name == name && !pool.deleting) return &pool;
  return nullptr;
}

}  // namespace

// Flushes after a change by hand.
Status SimulatedCloud::Changed(Status status) {
  if (!status) return status;
  return Flush();
}

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

Status SimulatedCloud::VanishCluster(const std::string& cluster_id) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(cluster_id);
  if (!cluster) return NoCluster(cluster_id);
  NoteByHand(*world_, *cluster, "vanish", "", CloudNow());
  world_->Vanish(*cluster, CloudNow());
  return Changed({});
}

Status SimulatedCloud::DeleteClusterByHand(const std::string& cluster_id) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(cluster_id);
  if (!cluster) return NoCluster(cluster_id);
  if (cluster->state == ClusterState::kDeleting) return {};
  NoteByHand(*world_, *cluster, "delete", "", CloudNow());
  world_->DeleteCluster(*cluster, false, {}, CloudNow());
  return Changed({});
}

Status SimulatedCloud::RenameCluster(const std::string& cluster_id, const std::string& name) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(cluster_id);
  if (!cluster) return NoCluster(cluster_id);
  NoteByHand(*world_, *cluster, "rename", "", CloudNow());
  cluster->name = name;
  world_->Touch(*cluster, CloudNow());
  return Changed({});
}

Status SimulatedCloud::SetTags(const std::string& cluster_id, std::vector<std::string> tags) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(cluster_id);
  if (!cluster) return NoCluster(cluster_id);
  NoteByHand(*world_, *cluster, "tag", "", CloudNow());
  cluster->tags = UserTags(tags, cluster_id);
  world_->Touch(*cluster, CloudNow());
  return Changed({});
}

Status SimulatedCloud::SetState(const std::string& cluster_id, const std::string& state,
                                const std::string& message) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(cluster_id);
  if (!cluster) return NoCluster(cluster_id);
  const auto wanted = ClusterStateByName(state);
  if (!wanted || *wanted == ClusterState::kDeleting)
    return Fail(Code::kInvalidArgument, "a cluster cannot be put into state " + state + " by hand");
  NoteByHand(*world_, *cluster, "state", "", CloudNow());
  cluster->state = *wanted;
  cluster->message = message;
  if (!message.empty()) world_->TellTransition(*cluster, message, CloudNow());
  cluster->due = kNever;
  world_->Touch(*cluster, CloudNow());
  return Changed({});
}

Status SimulatedCloud::ScalePool(const std::string& cluster_id, const std::string& pool_name, int count) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(cluster_id);
  if (!cluster) return NoCluster(cluster_id);
  NodePool* pool = FindPool(*cluster, pool_name);
  if (!pool) return Fail(Code::kNotFound, StrCat("cluster ", cluster_id, " has no node pool ", pool_name));
  NoteByHand(*world_, *cluster, "scale", pool->id, CloudNow());
  world_->Scale(*cluster, *pool, count, CloudNow());
  return Changed({});
}

Status SimulatedCloud::RemovePool(const std::string& cluster_id, const std::string& pool_name) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(cluster_id);
  if (!cluster) return NoCluster(cluster_id);
  NodePool* pool = FindPool(*cluster, pool_name);
  if (!pool) return Fail(Code::kNotFound, StrCat("cluster ", cluster_id, " has no node pool ", pool_name));
  NoteByHand(*world_, *cluster, "remove pool", pool->id, CloudNow());
  world_->DeletePool(*cluster, *pool, CloudNow());
  return Changed({});
}

Result<std::string> SimulatedCloud::AddAssociated(const std::string& cluster_id, const std::string& kind,
                                                  const std::string& name) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(cluster_id);
  if (!cluster) return NoCluster(cluster_id);
  if (kind != "load_balancer" && kind != "volume" && kind != "volume_snapshot")
    return Fail(Code::kInvalidArgument,
                "associated resources are load_balancer, volume or volume_snapshot, not " + kind);
  const std::string id = world_->AddAssociated(*cluster, kind, name, CloudNow());
  CAPSTAN_RETURN_IF_ERROR(Flush());
  return id;
}

Status SimulatedCloud::AddStatusMessage(const std::string& cluster_id, const std::string& message) {
  MutexLock lock(mutex_);
  Advance();
  Cluster* cluster = world_->FindCluster(cluster_id);
  if (!cluster) return NoCluster(cluster_id);
  world_->Tell(*cluster, message, CloudNow());
  world_->Touch(*cluster, CloudNow());
  return Changed({});
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
