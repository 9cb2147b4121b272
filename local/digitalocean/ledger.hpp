// The ledger: what the cloud really did, for tests and for the crash explorer. No API call shows
// it, so an operator cannot cheat with it. Values; thread-safety of values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>

namespace capstan::simulated_digitalocean {

// Every object that ever was, those of other accounts and those made by hand included.
struct LedgerEntry {
  std::string kind;  // "cluster", "node_pool", "load_balancer", "volume", "volume_snapshot"
  std::string id;
  std::string name;
  std::string parent;             // the cluster's id for everything but clusters
  std::string account;            // uuid of the account
  std::vector<std::string> tags;  // as the API would show them now, or showed them last
  WallTime created;
  std::optional<WallTime> delete_requested;
  std::optional<WallTime> deleted;  // gone for good

  // Costs money and nobody asked for its removal.
  bool live() const { return !delete_requested && !deleted; }
};

// One thing that a request did to the cloud, in order. Requests that changed nothing are not here.
struct JournalEntry {
  std::uint64_t sequence = 0;  // from 1, without gaps
  WallTime time;
  // "POST /v2/kubernetes/clusters", "DELETE /v2/kubernetes/clusters/{cluster_id}", or "by hand:
  // ...".
  std::string operation;
  std::string account;  // uuid of the account
  std::string cluster;  // the cluster it created or changed
  std::string object;   // the pool, node or resource it was about, or empty
  // The cluster's tags before the change; of a create: those it was created with.
  std::vector<std::string> tags_before;
  bool answered = true;  // false: the work was done, and a fault replaced or cut the answer
};

}  // namespace capstan::simulated_digitalocean
