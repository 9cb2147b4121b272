// Private to local/digitalocean: the state of a SimulatedCloud. Plain values without a lock: World
// changes them, and the mutex of SimulatedCloud guards both.
//
// Names and values are those of DigitalOcean's API (DOKS documentation, OpenAPI). persist.cpp
// stores every field in the Store and render.cpp returns it to clients, so a new field of a cluster
// or a pool is one line here and one in each of the two. Times are those of the simulated cloud's
// clock (World); `due` is when a state ends by itself, or kNever.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>
#include <capstan/core/json/json_writer.hpp>

namespace capstan::simulated_digitalocean {

inline constexpr WallTime kNever = WallTime::max();

// status.state of a node: "provisioning", "running", "draining", "deleting".
enum class NodeState { kProvisioning, kRunning, kDraining, kDeleting };
// status.state of a cluster, with DigitalOcean's words. A deleted cluster is removed from the
// World.
enum class ClusterState { kProvisioning, kRunning, kDegraded, kError, kUpgrading, kDeleting };
// The API's word for a state, and the reverse; nullopt for an unknown word.
std::string_view NodeStateName(NodeState state);
std::string_view ClusterStateName(ClusterState state);
std::optional<NodeState> NodeStateByName(std::string_view name);
std::optional<ClusterState> ClusterStateByName(std::string_view name);

// One Droplet of a pool.
struct Node {
  std::string id;          // a UUID
  std::string name;        // empty until it runs
  std::string droplet_id;  // empty until it runs
  NodeState state = NodeState::kProvisioning;
  WallTime created, updated;
  WallTime due = kNever;  // when the state ends
  // Labels that were removed from its pool: documented, "when a label is removed, it is not deleted
  // from the nodes in the pool".
  std::map<std::string, std::string> former_labels;
};

// A Kubernetes taint; effect is NoSchedule, PreferNoSchedule or NoExecute.
struct Taint {
  std::string key, value, effect;
};
// Writes the field "taints" as the API and Kubernetes define it.
void WriteTaints(json::JsonWriter& out, const std::vector<Taint>& taints);

// Nodes of one size. `count` is the requested number; `nodes` are the existing ones, which follow
// it.
struct NodePool {
  std::string id, name, size;  // id is a UUID, size a slug such as "s-2vcpu-4gb"
  std::int64_t count = 0;
  std::vector<std::string> tags;                             // the user's; automatic ones are added on output
  std::optional<std::map<std::string, std::string>> labels;  // nullopt: rendered as null
  std::vector<Taint> taints;
  bool auto_scale = false;
  std::int64_t min_nodes = 0, max_nodes = 0;  // bounds of `count` while auto_scale is on
  std::string gpu_partition_mode;
  std::vector<Node> nodes;
  bool deleting = false;  // deleted, but kept until its last node is gone
};

// control_plane_firewall of a cluster.
struct Firewall {
  bool enabled = false;
  std::vector<std::string> allowed_addresses;
};
// cluster_autoscaler_configuration; unset fields are not returned.
struct AutoscalerConfiguration {
  std::optional<double> threshold;           // scale_down_utilization_threshold
  std::optional<std::string> unneeded_time;  // scale_down_unneeded_time, such as "1m0s"
  std::vector<std::string> expanders;
};
// sso of a cluster: single sign-on for its Kubernetes API.
struct Sso {
  bool enabled = false, required = false;
  std::string issuer_url, client_id;
};
// maintenance_policy.
struct Maintenance {
  std::string start_time = "00:00";  // UTC, HH:MM
  std::string day = "any";           // or monday to sunday
};
// A resource that a cluster created in its account and may leave behind.
struct Associated {
  std::string kind, id, name;  // kind: load_balancer, volume or volume_snapshot
};
// An entry of status_messages.
struct StatusMessage {
  std::string message;
  WallTime time;
};
// A run of clusterlint; it completes at `completed`.
struct LintRun {
  std::string id;
  WallTime requested, completed;
  std::vector<std::string> exclude_checks;
};
// A token from /credentials or a kubeconfig.
struct AccessToken {
  std::string token;
  WallTime expires;
};

// A cluster as its owner sees it, and its pending changes.
struct Cluster {
  std::uint64_t sequence = 0;  // order of creation
  std::string account;         // UUID of the account
  std::string id, name, region, version, vpc_uuid, worker_subnet_uuid, cluster_subnet, service_subnet;
  std::vector<std::string> tags;  // the user's; automatic ones are added on output
  std::vector<NodePool> pools;
  Maintenance maintenance;
  bool auto_upgrade = false, surge_upgrade = false, ha = false, isolated_workers = false;
  Firewall firewall;
  std::optional<AutoscalerConfiguration> autoscaler;
  std::optional<Sso> sso;
  // "routing_agent", ...: every block that consists only of {"enabled": bool}.
  std::map<std::string, bool> plugins;
  std::vector<std::string> registries;
  bool registry_enabled = false;

  ClusterState state = ClusterState::kProvisioning;
  std::string message;
  WallTime created, updated;
  WallTime due = kNever;            // when the state ends
  std::string failure;              // if not empty: provisioning ends in `error` with this message
  std::string ipv4;                 // of the control plane, once provisioned
  std::string upgrade_target;       // while upgrading
  WallTime deletion_started;        // while deleting
  bool hidden = false;              // deleted, and not visible while the deletion runs
  bool associated_too = false;      // the deletion includes all associated resources
  std::vector<std::string> doomed;  // or only those with these ids

  std::vector<Associated> associated;
  std::vector<StatusMessage> messages;
  std::vector<LintRun> lint_runs;
  std::vector<AccessToken> access_tokens;
};

// A network. Each region of an account has a default one for clusters that name none.
struct Vpc {
  std::string id, account, name, region, ip_range;
  bool is_default = false, nat_gateway = false;
  WallTime created;
};

// The names of the {"enabled": bool} blocks, in output order.
inline constexpr const char* kPlugins[] = {"routing_agent",
                                           "amd_gpu_device_plugin",
                                           "amd_gpu_device_metrics_exporter_plugin",
                                           "nvidia_gpu_device_plugin",
                                           "rdma_shared_dev_plugin",
                                           "coredns_autoscaler",
                                           "p2p_oci_registry_plugin",
                                           "nvidia_gpu_dra_driver",
                                           "amd_gpu_dra_driver"};

}  // namespace capstan::simulated_digitalocean
