// How the world changes with time, and the ledger of its changes.
#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/world/world.hpp>
#include <utility>

namespace capstan::simulated_digitalocean {

void World::Advance(WallTime now) {
  // One cluster and one due time after the other: how often a client polls must not change the
  // sequence of random draws.
  while (!agenda_.empty() && agenda_.begin()->first <= now) {
    const auto [due, sequence] = *agenda_.begin();
    Cluster& cluster = clusters_.at(sequence);
    const ClusterState state = cluster.state;
    if (cluster.due <= due) {
      if (state == ClusterState::kDeleting) {
        Retire(sequence, due);
        continue;
      }
      FinishCluster(cluster, due);
    }
    AdvanceNodes(cluster, due);
    Touch(cluster, due);
  }
}

void World::Relabel(NodePool& pool, std::optional<std::map<std::string, std::string>> labels) {
  const auto before = std::exchange(pool.labels, std::move(labels));
  for (Node& node : pool.nodes) {
    if (before) node.former_labels.insert(before->begin(), before->end());
    if (!pool.labels) continue;
    for (const auto& [key, value] : *pool.labels) node.former_labels.erase(key);
  }
}

void World::AddMessage(Cluster& cluster, std::string message, WallTime now) {
  constexpr std::size_t kKept = 100;
  cluster.messages.push_back({std::move(message), now});
  if (cluster.messages.size() > kKept) cluster.messages.erase(cluster.messages.begin());
}

void World::AddTransitionMessage(Cluster& cluster, std::string message, WallTime now) {
  if (options.behaviour.tells_transitions) AddMessage(cluster, std::move(message), now);
}

void World::FinishCluster(Cluster& cluster, WallTime now) {
  cluster.due = kNever;
  const bool upgraded = cluster.state == ClusterState::kUpgrading;
  if (upgraded) FinishUpgrade(cluster);
  if (!cluster.failure.empty()) {
    cluster.state = ClusterState::kError;
    cluster.message = std::exchange(cluster.failure, "");
    AddTransitionMessage(cluster, "The cluster could not be provisioned: " + cluster.message, now);
    return;
  }
  // An address of the block reserved for documentation (RFC 5737).
  if (cluster.ipv4.empty()) cluster.ipv4 = StrCat("203.0.113.", 1 + random.Below(254));
  cluster.state = ClusterState::kRunning;
  cluster.message.clear();
  AddTransitionMessage(
      cluster, upgraded ? "The cluster was upgraded to " + cluster.version : "The cluster is running", now);
}

void World::FinishUpgrade(Cluster& cluster) {
  cluster.version = std::exchange(cluster.upgrade_target, "");
  if (!options.behaviour.upgrade_replaces_nodes) return;
  for (NodePool& pool : cluster.pools)
    for (Node& node : pool.nodes)
      if (node.state == NodeState::kRunning) {
        node.id = random.Uuid();
        node.former_labels.clear();
        Run(pool, node);
      }
}

Node World::MakeNode(WallTime now, Duration until_running) {
  Node node;
  node.id = random.Uuid();
  node.created = node.updated = now;
  node.due = now + std::max(until_running, Duration::zero());
  return node;
}

void World::Run(const NodePool& pool, Node& node) {
  static constexpr std::string_view kBase36 = "0123456789abcdefghijklmnopqrstuvwxyz";
  node.name = pool.name + "-";
  for (int i = 0; i < 5; ++i) node.name += kBase36[random.Below(kBase36.size())];
  node.droplet_id = StrCat(400000000 + random.Below(100000000));
  node.state = NodeState::kRunning;
  node.due = kNever;
}

void World::AdvanceNodes(Cluster& cluster, WallTime now) {
  for (NodePool& pool : cluster.pools) {
    for (Node& node : pool.nodes) {
      if (node.due > now || node.state == NodeState::kDeleting) continue;
      if (node.state == NodeState::kProvisioning) {
        Run(pool, node);
      } else if (node.state == NodeState::kDraining) {
        node.state = NodeState::kDeleting;
        node.due = now + std::max(options.durations.node_deletion, Duration::zero());
      }
      node.updated = now;
    }
    std::erase_if(pool.nodes,
                  [now](const Node& node) { return node.state == NodeState::kDeleting && node.due <= now; });
  }
  DropEmptyPools(cluster, now);
}

void World::DropEmptyPools(Cluster& cluster, WallTime now) {
  for (const NodePool& pool : cluster.pools)
    if (pool.deleting && pool.nodes.empty()) CloseEntry(pool.id, now);
  std::erase_if(cluster.pools, [](const NodePool& pool) { return pool.deleting && pool.nodes.empty(); });
}

void World::Retire(std::uint64_t sequence, WallTime gone) {
  Cluster cluster = std::move(clusters_.at(sequence));
  clusters_.erase(sequence);
  by_id_.erase(cluster.id);
  agenda_.erase({scheduled_[sequence], sequence});
  scheduled_.erase(sequence);
  dirty_.insert(cluster.id);
  for (const NodePool& pool : cluster.pools) CloseEntry(pool.id, gone);
  for (const Associated& resource : cluster.associated)
    if (cluster.associated_too || std::count(cluster.doomed.begin(), cluster.doomed.end(), resource.id))
      CloseEntry(resource.id, gone);
  CloseEntry(cluster.id, gone);
  const WallTime until =
      (cluster.hidden ? cluster.deletion_started : gone) + options.behaviour.list_keeps_deleted;
  if (until > gone) lingering_.emplace_back(std::move(cluster), until);
}

void World::Schedule(const Cluster& cluster) {
  WallTime due = cluster.due;
  for (const NodePool& pool : cluster.pools)
    for (const Node& node : pool.nodes) due = std::min(due, node.due);
  auto scheduled = scheduled_.find(cluster.sequence);
  if (scheduled != scheduled_.end()) {
    if (scheduled->second == due) return;
    agenda_.erase({scheduled->second, cluster.sequence});
  }
  scheduled_[cluster.sequence] = due;
  if (due != kNever) agenda_.emplace(due, cluster.sequence);
}

void World::Touch(Cluster& cluster, WallTime now) {
  cluster.updated = now;
  dirty_.insert(cluster.id);
  Schedule(cluster);
  LedgerEntry& entry = Entry(cluster.id);
  entry.name = cluster.name;
  entry.tags = ShownTags(cluster);
  for (const NodePool& pool : cluster.pools) {
    LedgerEntry& of_pool = Entry(pool.id);
    of_pool.name = pool.name;
    of_pool.tags = ShownTags(cluster, pool);
  }
}

std::set<std::string> World::TakeDirty() { return std::exchange(dirty_, {}); }
std::set<std::string> World::TakeDirtyVpcs() { return std::exchange(dirty_vpcs_, {}); }

void World::Restore(Cluster cluster) {
  next_sequence_ = std::max(next_sequence_, cluster.sequence + 1);
  Cluster& restored = clusters_[cluster.sequence] = std::move(cluster);
  by_id_[restored.id] = restored.sequence;
  const bool going = restored.state == ClusterState::kDeleting;
  const std::optional<WallTime> asked =
      going ? std::optional<WallTime>(restored.deletion_started) : std::nullopt;
  Enter({"cluster", restored.id, restored.name, "", restored.account, ShownTags(restored), restored.created,
         asked, std::nullopt});
  for (const NodePool& pool : restored.pools)
    Enter({"node_pool", pool.id, pool.name, restored.id, restored.account, ShownTags(restored, pool),
           restored.created,
           going || pool.deleting ? std::optional<WallTime>(restored.updated) : std::nullopt, std::nullopt});
  for (const Associated& resource : restored.associated)
    Enter({resource.kind,
           resource.id,
           resource.name,
           restored.id,
           restored.account,
           {"k8s:" + restored.id},
           restored.created,
           std::nullopt,
           std::nullopt});
  Schedule(restored);
}

void World::Enter(LedgerEntry entry) {
  ledger_index_[entry.id] = ledger_.size();
  ledger_.push_back(std::move(entry));
}

void World::CloseEntry(const std::string& id, WallTime gone) {
  LedgerEntry& entry = Entry(id);
  if (!entry.deleted) entry.deleted = gone;
}

std::vector<LedgerEntry> World::Ledger() const { return ledger_; }

void World::Note(JournalEntry entry) {
  entry.sequence = journal_.size() + 1;
  journal_.push_back(std::move(entry));
}

}  // namespace capstan::simulated_digitalocean
