// Private to providers/digitalocean: .spec of a DigitalOceanCluster, read and checked once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/providers/digitalocean/detail/fields.hpp>
#include <capstan/providers/digitalocean/detail/pool_spec.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {

// What is absent is not managed: an existing cluster keeps what it has.
struct ClusterSpec {
  std::string region;                    // empty: absent, as it may be with adopt
  std::optional<WantedVersion> version;  // likewise
  bool auto_upgrade = false;
  std::string vpc_uuid;                        // as the spec has it; empty: absent
  std::optional<bool> ha;                      // the control plane is highly available
  std::optional<std::vector<PoolSpec>> pools;  // absent only with adopt
  std::optional<std::vector<std::string>> tags, registries;
  std::optional<bool> registry_enabled;
  // FixedFields and ChangeableFields that are there, under the spec's names, each of its shape: for
  // what compares or translates them as a whole. What is used by itself stands above.
  json::ObjectPtr settings;

  const PoolSpec* PoolNamed(std::string_view name) const;
};

// What annotations of the object ask about single nodes, by their ids or names, and about pools by
// the names that the spec has for them.
struct NodeRequests {
  std::vector<std::string> remove, replace;  // capstan.dev/delete-nodes, capstan.dev/replace-nodes
  bool skip_drain = false;                   // capstan.dev/skip-drain: "true"
  std::vector<std::string> reset_counts;     // capstan.dev/reset-count: pools
};

struct Desired {
  std::string name;     // spec.name, else metadata.name; with `adopts` only spec.name, and empty without it
  bool names = false;   // spec.name is there: the cluster is to be called so, also later
  bool adopts = false;  // spec.adopt is there: region, version and nodePools may be missing
  ClusterSpec spec;
  NodeRequests nodes;
};
// Reads and checks the core's desired document. Errors: kInvalidArgument naming the field: what
// servers without CEL let through, and what no API would take.
Result<Desired> ParseDesired(const std::string& document);
// The name to look for, of whatever else the document holds: spec.adopt.name, else spec.name, else
// metadata.name.
Result<std::string> DesiredName(const std::string& document);

// What the spec says about the kubeconfig; read also where the rest of it is not understood, so
// that a connection outlives a mistake elsewhere.
struct KubeconfigSpec {
  std::int64_t expiry_seconds = 0;  // 0: the API's own
  bool single_sign_on_only = false;
};
KubeconfigSpec ParseKubeconfigSpec(const std::string& document);

// Body of POST /v2/kubernetes/clusters, with both tags on the cluster and on each pool. `version`
// is what to send.
json::ObjectPtr MakeCreateRequest(const Desired& desired, const external::Identity& identity,
                                  const std::string& version);
// Adds both tags of the identity to body.tags.
void AddIdentity(json::ObjectPtr body, const external::Identity& identity);

}  // namespace capstan::digitalocean
