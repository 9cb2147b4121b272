#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/world/world.hpp>
#include <utility>

namespace capstan::simulated_digitalocean {
namespace {

// A negative delay counts as zero, so times never precede `now`.
WallTime Later(WallTime now, Duration delay) { return now + std::max(delay, Duration::zero()); }

void AddOnce(std::vector<std::string>& tags, const std::string& tag) {
  if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
}

}  // namespace

std::vector<std::string> ShownTags(const Cluster& cluster) {
  std::vector<std::string> tags = {"k8s", "k8s:" + cluster.id};
  for (const std::string& tag : cluster.tags) AddOnce(tags, tag);
  return tags;
}

std::vector<std::string> ShownTags(const Cluster& cluster, const NodePool& pool) {
  std::vector<std::string> tags = {"k8s", "k8s:" + cluster.id, "k8s:worker"};
  for (const std::string& tag : pool.tags) AddOnce(tags, tag);
  return tags;
}

std::vector<std::string> UserTags(const std::vector<std::string>& tags, const std::string& cluster_id) {
  std::vector<std::string> own;
  for (const std::string& tag : tags)
    if (tag != "k8s" && tag != "k8s:worker" && tag != "k8s:" + cluster_id) AddOnce(own, tag);
  return own;
}

World::World(CloudOptions cloud_options, Random& source)
    : options(std::move(cloud_options)), random(source) {}

const AccountOptions* World::Account(const std::string& uuid) const {
  for (const AccountOptions& account : options.accounts)
    if (account.uuid == uuid) return &account;
  return nullptr;
}

const VersionOptions* World::Version(const std::string& slug) const {
  for (const VersionOptions& version : options.catalog.versions)
    if (version.slug == slug) return &version;
  return nullptr;
}

const SizeOptions* World::Size(const std::string& slug) const {
  for (const SizeOptions& size : options.catalog.sizes)
    if (size.slug == slug) return &size;
  return nullptr;
}

const RegionOptions* World::Region(const std::string& slug) const {
  for (const RegionOptions& region : options.catalog.regions)
    if (region.slug == slug) return &region;
  return nullptr;
}

Cluster* World::FindCluster(const std::string& id) {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &clusters_.at(found->second);
}

const Cluster* World::FindCluster(const std::string& id) const {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &clusters_.at(found->second);
}

std::vector<const Cluster*> World::Listed(const std::string& account, WallTime now) {
  const Behaviour& behaviour = options.behaviour;
  std::erase_if(lingering_, [now](const auto& gone) { return gone.second <= now; });
  std::vector<const Cluster*> listed;
  for (const auto& [sequence, cluster] : clusters_) {
    if (cluster.account != account || now < cluster.created + behaviour.list_lag) continue;
    if (cluster.hidden && now >= cluster.deletion_started + behaviour.list_keeps_deleted) continue;
    listed.push_back(&cluster);
  }
  for (const auto& gone : lingering_)
    if (gone.first.account == account) listed.push_back(&gone.first);
  std::sort(listed.begin(), listed.end(),
            [](const Cluster* a, const Cluster* b) { return a->sequence < b->sequence; });
  if (behaviour.list_order == ListOrder::kNewestFirst) std::reverse(listed.begin(), listed.end());
  if (behaviour.list_order == ListOrder::kShuffled)
    for (std::size_t i = listed.size(); i > 1; --i) std::swap(listed[i - 1], listed[random.Below(i)]);
  return listed;
}

Cluster& World::AddCluster(Cluster cluster, WallTime now) {
  cluster.sequence = next_sequence_++;
  cluster.id = random.Uuid();
  cluster.created = now;
  cluster.state = ClusterState::kProvisioning;
  cluster.message = "provisioning";
  if (failing_creates > 0) {
    --failing_creates;
    cluster.failure = failing_message;
  }
  AddTransitionMessage(cluster, "The cluster is being provisioned", now);
  std::vector<NodePool> pools = std::move(cluster.pools);
  cluster.pools.clear();
  Cluster& added = clusters_[cluster.sequence] = std::move(cluster);
  by_id_[added.id] = added.sequence;
  Enter({"cluster", added.id, added.name, "", added.account, ShownTags(added), now, std::nullopt,
         std::nullopt});
  for (NodePool& pool : pools) AddPool(added, std::move(pool), now);
  // A network of another region makes the cluster wait for machines that never come.
  const Vpc* vpc = FindVpc(added.account, added.vpc_uuid);
  const bool hangs = vpc && vpc->region != added.region;
  added.due = hangs ? kNever : Later(now, options.durations.provisioning);
  for (NodePool& pool : added.pools)
    for (Node& node : pool.nodes) node.due = hangs || !added.failure.empty() ? kNever : added.due;
  Touch(added, now);
  return added;
}

void World::DeleteCluster(Cluster& cluster, bool associated, std::vector<std::string> doomed, WallTime now) {
  cluster.state = ClusterState::kDeleting;
  cluster.message.clear();
  cluster.deletion_started = now;
  cluster.hidden = !options.behaviour.show_deleting;
  cluster.associated_too = associated;
  cluster.doomed = std::move(doomed);
  cluster.due = Later(now, options.durations.deletion);
  cluster.access_tokens.clear();
  for (NodePool& pool : cluster.pools) {
    for (Node& node : pool.nodes) {
      node.state = NodeState::kDeleting;
      node.due = kNever;  // deleted together with the cluster
    }
    Entry(pool.id).delete_requested = now;
  }
  Entry(cluster.id).delete_requested = now;
  for (const Associated& resource : cluster.associated)
    if (associated || std::count(cluster.doomed.begin(), cluster.doomed.end(), resource.id))
      Entry(resource.id).delete_requested = now;
  Touch(cluster, now);
}

void World::Vanish(Cluster& cluster, WallTime now) { Retire(cluster.sequence, now); }

NodePool& World::AddPool(Cluster& cluster, NodePool pool, WallTime now) {
  pool.id = random.Uuid();
  const std::int64_t count = pool.count;
  pool.count = 0;
  cluster.pools.push_back(std::move(pool));
  NodePool& added = cluster.pools.back();
  Enter({"node_pool", added.id, added.name, cluster.id, cluster.account, ShownTags(cluster, added), now,
         std::nullopt, std::nullopt});
  Scale(cluster, added, count, now);
  return added;
}

void World::DeletePool(Cluster& cluster, NodePool& pool, WallTime now) {
  pool.deleting = true;
  AddTransitionMessage(cluster, "Node pool " + pool.name + " is being removed", now);
  for (Node& node : pool.nodes) StartRemoval(node, false, now);
  Entry(pool.id).delete_requested = now;
  DropEmptyPools(cluster, now);
  Touch(cluster, now);
}

void World::StartRemoval(Node& node, bool skip_drain, WallTime now) {
  if (node.state == NodeState::kDraining || node.state == NodeState::kDeleting) return;
  // A node that never ran has nothing to drain.
  const bool drain = !skip_drain && node.state == NodeState::kRunning;
  node.state = drain ? NodeState::kDraining : NodeState::kDeleting;
  node.due = Later(now, drain ? options.durations.node_drain : options.durations.node_deletion);
  node.updated = now;
}

void World::Scale(Cluster& cluster, NodePool& pool, std::int64_t count, WallTime now) {
  std::int64_t staying = 0;
  for (const Node& node : pool.nodes)
    staying += node.state == NodeState::kProvisioning || node.state == NodeState::kRunning;
  for (; staying < count; ++staying) pool.nodes.push_back(MakeNode(now, options.durations.node_provisioning));
  for (auto node = pool.nodes.rbegin(); staying > count && node != pool.nodes.rend(); ++node) {
    if (node->state != NodeState::kProvisioning && node->state != NodeState::kRunning) continue;
    StartRemoval(*node, false, now);
    --staying;
  }
  pool.count = count;
  Touch(cluster, now);
}

void World::RemoveNode(Cluster& cluster, NodePool& pool, Node& node, bool skip_drain, bool replace,
                       WallTime now) {
  const bool counted = node.state == NodeState::kProvisioning || node.state == NodeState::kRunning;
  StartRemoval(node, skip_drain, now);
  if (counted && replace) pool.nodes.push_back(MakeNode(now, options.durations.node_provisioning));
  if (counted && !replace) --pool.count;
  Touch(cluster, now);
}

void World::StartUpgrade(Cluster& cluster, const std::string& version, WallTime now) {
  cluster.state = ClusterState::kUpgrading;
  cluster.message = "upgrading to " + version;
  cluster.upgrade_target = version;
  AddTransitionMessage(cluster, "The cluster is being upgraded to " + version, now);
  cluster.due = Later(now, options.durations.upgrade);
  Touch(cluster, now);
}

std::string World::AddAssociated(Cluster& cluster, const std::string& kind, const std::string& name,
                                 WallTime now) {
  cluster.associated.push_back({kind, random.Uuid(), name});
  const std::string id = cluster.associated.back().id;
  Enter(
      {kind, id, name, cluster.id, cluster.account, {"k8s:" + cluster.id}, now, std::nullopt, std::nullopt});
  Touch(cluster, now);
  return id;
}

std::int64_t World::Droplets(const std::string& account) const {
  std::size_t count = 0;
  for (const auto& [sequence, cluster] : clusters_)
    if (cluster.account == account)
      for (const NodePool& pool : cluster.pools) count += pool.nodes.size();
  return static_cast<std::int64_t>(count);
}

const Vpc* World::FindVpc(const std::string& account, const std::string& id) const {
  auto found = vpcs_.find(id);
  return found == vpcs_.end() || found->second.account != account ? nullptr : &found->second;
}

const Vpc& World::DefaultVpc(const std::string& account, const std::string& region, WallTime now) {
  for (const auto& [id, vpc] : vpcs_)
    if (vpc.account == account && vpc.region == region && vpc.is_default) return vpc;
  Vpc vpc;
  vpc.account = account;
  vpc.region = region;
  vpc.name = "default-" + region;
  vpc.ip_range = StrCat("10.", 100 + vpcs_.size() % 100, ".0.0/20");
  vpc.is_default = true;
  vpc.created = now;
  return AddVpc(std::move(vpc));
}

const Vpc& World::AddVpc(Vpc vpc) {
  vpc.id = random.Uuid();
  dirty_vpcs_.insert(vpc.id);
  return vpcs_[vpc.id] = std::move(vpc);
}

}  // namespace capstan::simulated_digitalocean
