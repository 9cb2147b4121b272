// Private: what a SimulatedCloud holds. Plain values; World guards their meaning.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>

namespace capstan::simulated_digitalocean {

inline constexpr WallTime kNever = WallTime::max();

enum class NodeState { kProvisioning, kRunning, kDraining, kDeleting };
enum class ClusterState { kProvisioning, kRunning, kDegraded, kError, kUpgrading, kDeleting };
std::string_view NodeStateName(NodeState state);
std::string_view ClusterStateName(ClusterState state);
std::optional<NodeState> NodeStateByName(std::string_view name);
std::optional<ClusterState> ClusterStateByName(std::string_view name);

struct Node {
  std::string id;
  std::string name;        // empty until it runs
  std::string droplet_id;  // likewise
  NodeState state = NodeState::kProvisioning;
  WallTime created, updated;
  WallTime due = kNever;  // when the state ends
  // Labels that its pool had and has no more: documented, "when a label is removed, it is not
  // deleted from the nodes in the pool".
  std::map<std::string, std::string> former_labels;
};

struct Taint {
  std::string key, value, effect;
};

struct NodePool {
  std::string id, name, size;
  std::int64_t count = 0;
  std::vector<std::string> tags;  // the user's; the automatic ones are added when shown
  std::optional<std::map<std::string, std::string>> labels;
  std::vector<Taint> taints;
  bool auto_scale = false;
  std::int64_t min_nodes = 0, max_nodes = 0;
  std::string gpu_partition_mode;
  std::vector<Node> nodes;
  bool deleting = false;
};

struct Firewall {
  bool enabled = false;
  std::vector<std::string> allowed_addresses;
};
struct AutoscalerConfiguration {
  std::optional<double> threshold;
  std::optional<std::string> unneeded_time;
  std::vector<std::string> expanders;
};
struct Sso {
  bool enabled = false, required = false;
  std::string issuer_url, client_id;
};
struct Maintenance {
  std::string start_time = "00:00";
  std::string day = "any";
};
struct Associated {
  std::string kind, id, name;
};
struct StatusMessage {
  std::string message;
  WallTime time;
};
struct LintRun {
  std::string id;
  WallTime requested, completed;
  std::vector<std::string> exclude_checks;
};
struct AccessToken {
  std::string token;
  WallTime expires;
};

struct Cluster {
  std::uint64_t sequence = 0;  // order of creation
  std::string account;
  std::string id, name, region, version, vpc_uuid, worker_subnet_uuid, cluster_subnet, service_subnet;
  std::vector<std::string> tags;  // the user's; the automatic ones are added when shown
  std::vector<NodePool> pools;
  Maintenance maintenance;
  bool auto_upgrade = false, surge_upgrade = false, ha = false, isolated_workers = false;
  Firewall firewall;
  std::optional<AutoscalerConfiguration> autoscaler;
  std::optional<Sso> sso;
  // "routing_agent", ...: every kind of block that is only {"enabled": bool}.
  std::map<std::string, bool> plugins;
  std::vector<std::string> registries;
  bool registry_enabled = false;

  ClusterState state = ClusterState::kProvisioning;
  std::string message;
  WallTime created, updated;
  WallTime due = kNever;            // when the state ends
  std::string failure;              // provisioning ends in `error` with this
  std::string ipv4;                 // of the control plane, once it was provisioned
  std::string upgrade_target;       // while upgrading
  WallTime deletion_started;        // while deleting
  bool hidden = false;              // deleted, and not shown while it goes
  bool associated_too = false;      // its deletion takes the associated resources along
  std::vector<std::string> doomed;  // or these of them

  std::vector<Associated> associated;
  std::vector<StatusMessage> messages;
  std::vector<LintRun> lint_runs;
  std::vector<AccessToken> access_tokens;
};

struct Vpc {
  std::string id, account, name, region, ip_range;
  bool is_default = false, nat_gateway = false;
  WallTime created;
};

// The names of the {"enabled": bool} blocks, in the order in which they are shown.
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
