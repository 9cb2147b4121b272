// Private: World is the state of the cloud and what happens to it with time and by hand. No HTTP,
// no JSON. Not thread-safe: SimulatedCloud's lock guards it. `now` is always the cloud's own time
// and never goes back.
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

  CloudOptions options;  // behaviour, catalog and durations may change while it runs
  Random& random;
  int failing_creates = 0;  // see SimulatedCloud::FailProvisioning
  std::string failing_message;

  // Carries out everything that was due until now.
  void Advance(WallTime now);

  const AccountOptions* Account(const std::string& uuid) const;
  const VersionOptions* Version(const std::string& slug) const;
  const SizeOptions* Size(const std::string& slug) const;
  const RegionOptions* Region(const std::string& slug) const;

  // Clusters by order of creation; those still going away included.
  std::map<std::uint64_t, Cluster>& clusters() { return clusters_; }
  const std::map<std::uint64_t, Cluster>& clusters() const { return clusters_; }
  Cluster* FindCluster(const std::string& id);
  const Cluster* FindCluster(const std::string& id) const;
  // What a list shows: clusters after their lag, and those gone for less than list_keeps_deleted.
  std::vector<const Cluster*> Listed(const std::string& account, WallTime now);

  // A cluster with ids, nodes and due times filled in; the caller has validated the rest.
  Cluster& AddCluster(Cluster cluster, WallTime now);
  // Starts the deletion. `associated` also takes all associated resources, `doomed` those of these
  // ids.
  void DeleteCluster(Cluster& cluster, bool associated, std::vector<std::string> doomed, WallTime now);
  void Vanish(Cluster& cluster, WallTime now);  // the reference is dead afterwards
  NodePool& AddPool(Cluster& cluster, NodePool pool, WallTime now);
  void DeletePool(Cluster& cluster, NodePool& pool, WallTime now);  // the reference may be dead afterwards
  // The pool gets these labels; its nodes keep those that it loses.
  void Relabel(NodePool& pool, std::optional<std::map<std::string, std::string>> labels);
  // Adds nodes, or lets the newest ones go, until `count` are wanted.
  void Scale(Cluster& cluster, NodePool& pool, std::int64_t count, WallTime now);
  void RemoveNode(Cluster& cluster, NodePool& pool, Node& node, bool skip_drain, bool replace, WallTime now);
  void StartUpgrade(Cluster& cluster, const std::string& version, WallTime now);
  // A status message, of which the latest hundred are kept.
  void Tell(Cluster& cluster, std::string message, WallTime now);
  // The same about what happens by itself, where Behaviour has it told.
  void TellTransition(Cluster& cluster, std::string message, WallTime now);
  std::string AddAssociated(Cluster& cluster, const std::string& kind, const std::string& name, WallTime now);

  std::int64_t Droplets(
      const std::string& account) const;  // all that run, those of deleted clusters included
  const Vpc* FindVpc(const std::string& account, const std::string& id) const;
  const Vpc& DefaultVpc(const std::string& account, const std::string& region, WallTime now);
  const Vpc& AddVpc(Vpc vpc);
  const std::map<std::string, Vpc>& vpcs() const { return vpcs_; }

  // Marks a cluster as changed: for the store, and its tags and names for the ledger.
  void Touch(Cluster& cluster, WallTime now);
  // Ids of clusters changed or gone since the last call.
  std::set<std::string> TakeDirty();
  std::set<std::string> TakeDirtyVpcs();
  // Takes in what a store held.
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
  std::vector<std::pair<Cluster, WallTime>> lingering_;  // gone, but still listed until then
  std::map<std::string, Vpc> vpcs_;
  std::uint64_t next_sequence_ = 1;
  std::set<std::pair<WallTime, std::uint64_t>> agenda_;  // when which cluster is due
  std::map<std::uint64_t, WallTime> scheduled_;
  std::set<std::string> dirty_, dirty_vpcs_;
  std::vector<LedgerEntry> ledger_;
  std::map<std::string, std::size_t> ledger_index_;
  std::vector<JournalEntry> journal_;
};

// The tags as the API shows them: automatic ones first, then the user's without doubles.
std::vector<std::string> ShownTags(const Cluster& cluster);
std::vector<std::string> ShownTags(const Cluster& cluster, const NodePool& pool);
// The user's part of a list of tags that may echo automatic ones.
std::vector<std::string> UserTags(const std::vector<std::string>& tags, const std::string& cluster_id);

}  // namespace capstan::simulated_digitalocean
