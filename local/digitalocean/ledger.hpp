// The ledger: what the cloud really did, for tests and the crash explorer. No API call exposes it,
// so an operator cannot see it. Values; thread-safe as values are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>

namespace capstan::simulated_digitalocean {

// One object that exists or existed, including those of other accounts and those created by hand.
struct LedgerEntry {
  std::string kind;  // "cluster", "node_pool", "load_balancer", "volume", "volume_snapshot"
  std::string id;
  std::string name;
  std::string parent;             // id of the cluster, except for clusters themselves
  std::string account;            // uuid of the account
  std::vector<std::string> tags;  // as the API returns them, or returned them last
  WallTime created;
  std::optional<WallTime> delete_requested;
  std::optional<WallTime> deleted;  // completely removed

  // Whether the object costs money and nobody has requested its deletion.
  bool live() const { return !delete_requested && !deleted; }
};

// One change that a request made to the cloud, in order. Requests that changed nothing have no
// entry.
struct JournalEntry {
  std::uint64_t sequence = 0;  // from 1, without gaps
  WallTime time;
  // "POST /v2/kubernetes/clusters", "DELETE /v2/kubernetes/clusters/{cluster_id}", or "by hand:
  // ...".
  std::string operation;
  std::string account;  // uuid of the account
  std::string cluster;  // the created or changed cluster
  std::string object;   // the affected pool, node or resource, or empty
  // The tags of the cluster before the change; of a create: its initial tags.
  std::vector<std::string> tags_before;
  bool answered = true;  // false: the change was made, and a fault replaced or cut the answer
};

}  // namespace capstan::simulated_digitalocean
