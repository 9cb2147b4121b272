#include <capstan/local/digitalocean/world/model.hpp>

namespace capstan::simulated_digitalocean {

std::string_view NodeStateName(NodeState state) {
  switch (state) {
    case NodeState::kProvisioning:
      return "provisioning";
    case NodeState::kRunning:
      return "running";
    case NodeState::kDraining:
      return "draining";
    case NodeState::kDeleting:
      return "deleting";
  }
  return "";
}

std::string_view ClusterStateName(ClusterState state) {
  switch (state) {
    case ClusterState::kProvisioning:
      return "provisioning";
    case ClusterState::kRunning:
      return "running";
    case ClusterState::kDegraded:
      return "degraded";
    case ClusterState::kError:
      return "error";
    case ClusterState::kUpgrading:
      return "upgrading";
    case ClusterState::kDeleting:
      return "deleting";
  }
  return "";
}

std::optional<NodeState> NodeStateByName(std::string_view name) {
  for (NodeState state :
       {NodeState::kProvisioning, NodeState::kRunning, NodeState::kDraining, NodeState::kDeleting})
    if (NodeStateName(state) == name) return state;
  return std::nullopt;
}

std::optional<ClusterState> ClusterStateByName(std::string_view name) {
  for (ClusterState state : {ClusterState::kProvisioning, ClusterState::kRunning, ClusterState::kDegraded,
                             ClusterState::kError, ClusterState::kUpgrading, ClusterState::kDeleting})
    if (ClusterStateName(state) == name) return state;
  return std::nullopt;
}

void WriteTaints(json::JsonWriter& out, const std::vector<Taint>& taints) {
  out.Key("taints").BeginArray();
  for (const Taint& taint : taints)
    out.BeginObject()
        .Field("key", taint.key)
        .Field("value", taint.value)
        .Field("effect", taint.effect)
        .EndObject();
  out.EndArray();
}

}  // namespace capstan::simulated_digitalocean
