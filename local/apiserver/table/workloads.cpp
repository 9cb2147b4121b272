#include <capstan/local/apiserver/table/workloads.hpp>

#include <string>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::ObjectsIn;
using json::StringsIn;
using json::TextIn;
using Column = BuiltinColumn;

constexpr const char* kNone = "<none>";
constexpr const char* kUnknown = "<unknown>";

std::string OrElse(std::string text, const char* fallback) { return text.empty() ? fallback : text; }
Poco::Int64 NumberIn(const ObjectPtr& object, std::string_view key) {
  return json::IntegerIn(object, key).value_or(0);
}

std::string LabelsText(const ObjectPtr& labels) {
  std::vector<std::string> texts;
  if (labels) {
    for (const auto& [key, value] : *labels) texts.push_back(key + "=" + value.toString());
  }
  return texts.empty() ? kNone : Join(texts, ",");
}

std::string NodeState(const ObjectPtr& node) {
  const std::string ready = ConditionStatus(node, "Ready");
  const std::string state = ready.empty() ? "Unknown" : ready == "True" ? "Ready" : "NotReady";
  const bool closed = json::BooleanIn(json::ObjectIn(node, "spec"), "unschedulable").value_or(false);
  return closed ? state + ",SchedulingDisabled" : state;
}

std::string NodeRoles(const ObjectPtr& node) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::vector<std::string> roles;
  if (const ObjectPtr labels = json::ObjectIn(json::ObjectIn(node, "metadata"), "labels")) {
    for (const auto& [key, value] : *labels) {
      if (key.rfind(kPrefix, 0) == 0 && key.size() > kPrefix.size())
        roles.push_back(key.substr(kPrefix.size()));
    }
  }
  return roles.empty() ? kNone : Join(roles, ",");
}

std::string NodeAddress(const ObjectPtr& node, std::string_view type) {
  for (const auto& address : ObjectsIn(json::ObjectIn(node, "status"), "addresses")) {
    if (TextIn(address, "type") == type) return TextIn(address, "address");
  }
  return kNone;
}

Column NodeInfo(const char* name, const char* key, int priority, const char* description) {
  return {name, "string", priority, description, [key](const ObjectPtr& o, double) {
            return OrElse(TextIn(json::ObjectIn(json::ObjectIn(o, "status"), "nodeInfo"), key), kUnknown);
          }};
}

std::vector<Column> NodeColumns() {
  return {NameColumn(0),
          {"Status", "string", 0, "Whether it is ready.",
           [](const ObjectPtr& o, double) { return NodeState(o); }},
          {"Roles", "string", 0, "What it does.", [](const ObjectPtr& o, double) { return NodeRoles(o); }},
          AgeColumn(),
          NodeInfo("Version", "kubeletVersion", 0, "Version of the kubelet."),
          {"Internal-IP", "string", 1, "Address inside.",
           [](const ObjectPtr& o, double) { return NodeAddress(o, "InternalIP"); }},
          {"External-IP", "string", 1, "Address outside.",
           [](const ObjectPtr& o, double) { return NodeAddress(o, "ExternalIP"); }},
          NodeInfo("OS-Image", "osImage", 1, "The operating system."),
          NodeInfo("Kernel-Version", "kernelVersion", 1, "Its kernel."),
          NodeInfo("Container-Runtime", "containerRuntimeVersion", 1, "What runs the containers.")};
}

std::string ContainersText(const ObjectPtr& deployment, std::string_view key) {
  std::vector<std::string> texts;
  const ObjectPtr spec =
      json::ObjectIn(json::ObjectIn(json::ObjectIn(deployment, "spec"), "template"), "spec");
  for (const auto& container : ObjectsIn(spec, "containers")) texts.push_back(TextIn(container, key));
  return Join(texts, ",");
}

std::vector<Column> DeploymentColumns() {
  return {
      NameColumn(0),
      {"Ready", "string", 0, "Pods that are ready, of those wanted.",
       [](const ObjectPtr& o, double) {
         const auto wanted = json::IntegerIn(json::ObjectIn(o, "spec"), "replicas").value_or(0);
         return StrCat(NumberIn(json::ObjectIn(o, "status"), "readyReplicas"), "/", wanted);
       }},
      {"Up-to-date", "string", 0, "Pods of the newest version.",
       [](const ObjectPtr& o, double) { return NumberIn(json::ObjectIn(o, "status"), "updatedReplicas"); }},
      {"Available", "string", 0, "Pods that have been ready long enough.",
       [](const ObjectPtr& o, double) { return NumberIn(json::ObjectIn(o, "status"), "availableReplicas"); }},
      AgeColumn(),
      {"Containers", "string", 1, "Names of the containers.",
       [](const ObjectPtr& o, double) { return ContainersText(o, "name"); }},
      {"Images", "string", 1, "What they run.",
       [](const ObjectPtr& o, double) { return ContainersText(o, "image"); }},
      {"Selector", "string", 1, "Labels of its pods.", [](const ObjectPtr& o, double) {
         return LabelsText(
             json::ObjectIn(json::ObjectIn(json::ObjectIn(o, "spec"), "selector"), "matchLabels"));
       }}};
}

std::string ServiceOutside(const ObjectPtr& service) {
  const ObjectPtr spec = json::ObjectIn(service, "spec");
  const std::string type = TextIn(spec, "type");
  if (type == "ExternalName") return TextIn(spec, "externalName");
  std::vector<std::string> addresses = StringsIn(spec, "externalIPs");
  if (type == "LoadBalancer") {
    for (const auto& ingress :
         ObjectsIn(json::ObjectIn(json::ObjectIn(service, "status"), "loadBalancer"), "ingress")) {
      addresses.push_back(OrElse(TextIn(ingress, "ip"), TextIn(ingress, "hostname").c_str()));
    }
    if (addresses.empty()) return "<pending>";
  }
  return addresses.empty() ? kNone : Join(addresses, ",");
}

std::string ServicePorts(const ObjectPtr& service) {
  std::vector<std::string> texts;
  for (const auto& port : ObjectsIn(json::ObjectIn(service, "spec"), "ports")) {
    const Poco::Int64 node_port = NumberIn(port, "nodePort");
    const std::string protocol = OrElse(TextIn(port, "protocol"), "TCP");
    const std::string numbers =
        node_port > 0 ? StrCat(NumberIn(port, "port"), ":", node_port) : StrCat(NumberIn(port, "port"));
    texts.push_back(numbers + "/" + protocol);
  }
  return texts.empty() ? kNone : Join(texts, ",");
}

std::vector<Column> ServiceColumns() {
  return {NameColumn(0),
          TextColumn("Type", 0, "How it is reached.", "spec", "type"),
          TextColumn("Cluster-IP", 0, "Its address in the cluster.", "spec", "clusterIP"),
          {"External-IP", "string", 0, "Its address outside.",
           [](const ObjectPtr& o, double) { return ServiceOutside(o); }},
          {"Port(s)", "string", 0, "Its ports.", [](const ObjectPtr& o, double) { return ServicePorts(o); }},
          AgeColumn(),
          {"Selector", "string", 1, "Labels of its pods.", [](const ObjectPtr& o, double) {
             return LabelsText(json::ObjectIn(json::ObjectIn(o, "spec"), "selector"));
           }}};
}

std::string EndpointsText(const ObjectPtr& endpoints) {
  std::vector<std::string> texts;
  std::size_t count = 0;
  for (const auto& subset : ObjectsIn(endpoints, "subsets")) {
    auto ports = ObjectsIn(subset, "ports");
    if (ports.empty()) ports.push_back({});
    for (const auto& port : ports) {
      for (const auto& address : ObjectsIn(subset, "addresses")) {
        const std::string ip = TextIn(address, "ip");
        if (++count <= 3) texts.push_back(port ? StrCat(ip, ":", NumberIn(port, "port")) : ip);
      }
    }
  }
  if (texts.empty()) return kNone;
  return count > 3 ? StrCat(Join(texts, ","), " + ", count - 3, " more...") : Join(texts, ",");
}

}  // namespace

BuiltinColumn TextColumn(const char* name, int priority, const char* description, const char* part,
                         const char* key) {
  return {name, "string", priority, description, [part, key](const ObjectPtr& o, double) {
            return OrElse(TextIn(json::ObjectIn(o, part), key), kNone);
          }};
}

std::vector<BuiltinColumn> WorkloadColumns(std::string_view group, std::string_view kind) {
  if (group == "apps" && kind == "Deployment") return DeploymentColumns();
  if (!group.empty()) return {};
  if (kind == "Node") return NodeColumns();
  if (kind == "Pod") return PodColumns();
  if (kind == "Service") return ServiceColumns();
  if (kind != "Endpoints") return {};
  return {NameColumn(0),
          {"Endpoints", "string", 0, "The addresses.",
           [](const ObjectPtr& o, double) { return EndpointsText(o); }},
          AgeColumn()};
}

}  // namespace capstan::apiserver
