// Private to providers/digitalocean: .spec of a DigitalOceanCluster, parsed and validated once.
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

// Absent fields are not managed: an existing cluster keeps its values.
struct ClusterSpec {
  std::string region;                    // empty: absent, which is allowed with adopt
  std::optional<WantedVersion> version;  // likewise
  bool auto_upgrade = false;
  std::string vpc_uuid;                        // as in the spec; empty: absent
  std::optional<bool> ha;                      // the control plane is highly available
  std::optional<std::vector<PoolSpec>> pools;  // absent only with adopt
  std::optional<std::vector<std::string>> tags, registries;
  std::optional<bool> registry_enabled;
  // The FixedFields and ChangeableFields that are present, under their names in the spec and with
  // checked types: for code that compares or translates them all. Fields used individually are
  // members above.
  json::ObjectPtr settings;

  const PoolSpec* PoolNamed(std::string_view name) const;
};

// Requests from annotations of the object: about single nodes, by their ids or names, and about
// pools, by their names in the spec.
struct NodeRequests {
  std::vector<std::string> remove, replace;  // capstan.dev/delete-nodes, capstan.dev/replace-nodes
  bool skip_drain = false;                   // capstan.dev/skip-drain: "true"
  std::vector<std::string> reset_counts;     // capstan.dev/reset-count: pools
};

struct Desired {
  std::string name;     // spec.name, else metadata.name; with `adopts` only spec.name, or empty
  bool names = false;   // spec.name is set: the cluster must have this name, also later
  bool adopts = false;  // spec.adopt is set: region, version and nodePools are optional
  ClusterSpec spec;
  NodeRequests nodes;
};
// Parses and validates the core's desired document. Errors: kInvalidArgument naming the field: this
// includes errors that servers without CEL do not detect, and values that no API would accept.
Result<Desired> ParseDesired(const std::string& document);
// The name to search for, even if the rest of the document is invalid: spec.adopt.name, else
// spec.name, else metadata.name.
Result<std::string> DesiredName(const std::string& document);

// The kubeconfig settings in the spec; read even if the rest of the spec is invalid, so that an
// error elsewhere does not break a connection.
struct KubeconfigSpec {
  std::int64_t expiry_seconds = 0;  // 0: the API's default
  bool single_sign_on_only = false;
};
KubeconfigSpec ParseKubeconfigSpec(const std::string& document);

// Body of POST /v2/kubernetes/clusters, with both tags on the cluster and on each pool. `version`
// is the slug to send.
json::ObjectPtr MakeCreateRequest(const Desired& desired, const external::Identity& identity,
                                  const std::string& version);
// Adds both tags of the identity to body.tags.
void AddIdentity(json::ObjectPtr body, const external::Identity& identity);

}  // namespace capstan::digitalocean
