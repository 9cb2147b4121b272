// Private: World is the state of the cloud and how time and tests change it. No HTTP, no JSON. Not
// thread-safe: the lock of SimulatedCloud guards it. `now` is always the cloud's own time and never
// decreases.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/local/digitalocean/ledger.hpp>
#include <capstan/local/digitalocean/options.hpp>
#include <capstan/local/digitalocean/world/model.hpp>

namespace capstan::simulated_digitalocean {

class World {
 public:
  World(CloudOptions options, Random& random);

  CloudOptions options;  // behaviour, catalog and durations can change at run time
  Random& random;
  int failing_creates = 0;  // see SimulatedCloud::FailProvisioning
  std::string failing_message;

  // Applies everything that became due until `now`.
  void Advance(WallTime now);

  const AccountOptions* Account(const std::string& uuid) const;
  const VersionOptions* Version(const std::string& slug) const;
  const SizeOptions* Size(const std::string& slug) const;
  const RegionOptions* Region(const std::string& slug) const;

  // Clusters by order of creation, including those being deleted.
  std::map<std::uint64_t, Cluster>& clusters() { return clusters_; }
  const std::map<std::uint64_t, Cluster>& clusters() const { return clusters_; }
  Cluster* FindCluster(const std::string& id);
  const Cluster* FindCluster(const std::string& id) const;
  // The clusters in a list: new ones after the list lag, and those deleted less than
  // list_keeps_deleted ago.
  std::vector<const Cluster*> Listed(const std::string& account, WallTime now);

  // Fills in ids, nodes and due times; the caller has validated everything else.
  Cluster& AddCluster(Cluster cluster, WallTime now);
  // Starts the deletion. `associated` deletes all associated resources as well, `doomed` only those
  // with these ids.
  void DeleteCluster(Cluster& cluster, bool associated, std::vector<std::string> doomed, WallTime now);
  void Vanish(Cluster& cluster, WallTime now);  // invalidates the reference
  NodePool& AddPool(Cluster& cluster, NodePool pool, WallTime now);
  void DeletePool(Cluster& cluster, NodePool& pool, WallTime now);  // can invalidate the reference
  // Sets the labels of the pool; its nodes keep labels that the pool loses.
  void Relabel(NodePool& pool, std::optional<std::map<std::string, std::string>> labels);
  // Adds nodes, or removes the newest ones, until there are `count`.
  void Scale(Cluster& cluster, NodePool& pool, std::int64_t count, WallTime now);
  void RemoveNode(Cluster& cluster, NodePool& pool, Node& node, bool skip_drain, bool replace, WallTime now);
  void StartUpgrade(Cluster& cluster, const std::string& version, WallTime now);
  // Adds a status message; the latest hundred are kept.
  void AddMessage(Cluster& cluster, std::string message, WallTime now);
  // Likewise for automatic transitions, if Behaviour enables such messages.
  void AddTransitionMessage(Cluster& cluster, std::string message, WallTime now);
  std::string AddAssociated(Cluster& cluster, const std::string& kind, const std::string& name, WallTime now);

  // All running ones, including those of deleted clusters.
  std::int64_t Droplets(const std::string& account) const;
  const Vpc* FindVpc(const std::string& account, const std::string& id) const;
  const Vpc& DefaultVpc(const std::string& account, const std::string& region, WallTime now);
  const Vpc& AddVpc(Vpc vpc);
  const std::map<std::string, Vpc>& vpcs() const { return vpcs_; }

  // Marks a cluster as changed, for the store, and updates its tags and names in the ledger.
  void Touch(Cluster& cluster, WallTime now);
  // Ids of clusters changed or removed since the last call.
  std::set<std::string> TakeDirty();
  std::set<std::string> TakeDirtyVpcs();
  // Adds what a store contained.
  void Restore(Cluster cluster);
  void Restore(Vpc vpc) { vpcs_[vpc.id] = std::move(vpc); }

  std::vector<LedgerEntry> Ledger() const;
  void Note(JournalEntry entry);
  std::vector<JournalEntry>& journal() { return journal_; }
  const std::vector<JournalEntry>& journal() const { return journal_; }

 private:
  Node MakeNode(WallTime now, Duration until_running);
  void Run(const NodePool& pool, Node& node);
  void FinishCluster(Cluster& cluster, WallTime now);
  void FinishUpgrade(Cluster& cluster);
  void AdvanceNodes(Cluster& cluster, WallTime now);
  void DropEmptyPools(Cluster& cluster, WallTime now);
  void StartRemoval(Node& node, bool skip_drain, WallTime now);
  void Retire(std::uint64_t sequence, WallTime gone);
  void Schedule(const Cluster& cluster);
  LedgerEntry& Entry(const std::string& id) { return ledger_[ledger_index_.at(id)]; }
  void Enter(LedgerEntry entry);
  void CloseEntry(const std::string& id, WallTime gone);

  std::map<std::uint64_t, Cluster> clusters_;
  std::map<std::string, std::uint64_t> by_id_;
  std::vector<std::pair<Cluster, WallTime>> lingering_;  // removed, but listed until then
  std::map<std::string, Vpc> vpcs_;
  std::uint64_t next_sequence_ = 1;
  std::set<std::pair<WallTime, std::uint64_t>> agenda_;  // which cluster is due when
  std::map<std::uint64_t, WallTime> scheduled_;
  std::set<std::string> dirty_, dirty_vpcs_;
  std::vector<LedgerEntry> ledger_;
  std::map<std::string, std::size_t> ledger_index_;
  std::vector<JournalEntry> journal_;
};

// The tags as the API returns them: automatic ones first, then the user's without duplicates.
std::vector<std::string> ShownTags(const Cluster& cluster);
std::vector<std::string> ShownTags(const Cluster& cluster, const NodePool& pool);
// The user's tags in a list that may repeat automatic ones.
std::vector<std::string> UserTags(const std::vector<std::string>& tags, const std::string& cluster_id);

}  // namespace capstan::simulated_digitalocean
