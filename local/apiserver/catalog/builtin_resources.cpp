// The kinds that come with the server, as one table.
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>

namespace capstan::apiserver {
namespace {

struct Row {
  std::string_view group, version, plural, kind;
  std::vector<std::string> short_names;
  bool namespaced = true;
  bool status = false;
  bool generation = false;
  bool create_on_update = false;
  bool unconditional_update = true;
  Strategy strategy = {};
  std::vector<std::string> categories = {};
};

std::shared_ptr<Resource> Make(const Row& row, const BuiltinSchemas& schemas) {
  auto resource = std::make_shared<Resource>();
  resource->group = row.group;
  resource->plural = row.plural;
  resource->kind = row.kind;
  resource->list_kind = resource->kind + "List";
  resource->short_names = row.short_names;
  resource->categories = row.categories;
  resource->namespaced = row.namespaced;
  resource->has_generation = row.generation;
  resource->create_on_update = row.create_on_update;
  resource->unconditional_update = row.unconditional_update;
  resource->strategy = row.strategy;
  resource->storage_version = row.version;
  resource->key_prefix = ResourcePrefix(row.group, row.plural);
  resource->stored_api_version = resource->ApiVersion(row.version);
  for (char c : resource->kind)
    resource->singular += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  Version version;
  version.name = row.version;
  version.status = row.status;
  version.schema = schemas.Find(row.group, row.version, row.kind);
  version.table = MakeBuiltinTable(row.group, row.kind);
  resource->versions.push_back(std::move(version));
  return resource;
}

std::vector<Row> Rows() {
  std::vector<Row> rows{
      {"", "v1", "configmaps", "ConfigMap", {"cm"}},
      {"", "v1", "endpoints", "Endpoints", {"ep"}, true, false, false, true},
      {"", "v1", "events", "Event", {"ev"}, true, false, false, true},
      {"", "v1", "namespaces", "Namespace", {"ns"}, false, true},
      {"", "v1", "nodes", "Node", {"no"}, false, true},
      {"", "v1", "pods", "Pod", {"po"}, true, true},
      {"", "v1", "secrets", "Secret", {}},
      {"", "v1", "serviceaccounts", "ServiceAccount", {"sa"}},
      {"", "v1", "services", "Service", {"svc"}, true, true, false, true},
      {"apps", "v1", "deployments", "Deployment", {"deploy"}, true, true, true},
      {"events.k8s.io", "v1", "events", "Event", {"ev"}, true, false, false, true},
      {"coordination.k8s.io", "v1", "leases", "Lease", {}, true, false, false, true, false},
      {"rbac.authorization.k8s.io",
       "v1",
       "clusterrolebindings",
       "ClusterRoleBinding",
       {},
       false,
       false,
       false,
       true},
      {"rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", {}, false, false, false, true},
      {"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", {}, true, false, false, true},
      {"rbac.authorization.k8s.io", "v1", "roles", "Role", {}, true, false, false, true},
      {"apiextensions.k8s.io",
       "v1",
       "customresourcedefinitions",
       "CustomResourceDefinition",
       {"crd", "crds"},
       false,
       true,
       true,
       false,
       false},
  };
  for (Row& row : rows) {
    if (row.kind == "Namespace") row.strategy = NamespaceStrategy();
    if (row.kind == "Secret") row.strategy = SecretStrategy();
    if (row.kind == "ConfigMap") row.strategy = ConfigMapStrategy();
    if (row.kind == "Lease") row.strategy = LeaseStrategy();
    if (row.kind == "Event") row.strategy = EventStrategy(!row.group.empty());
    if (row.kind == "Service") row.strategy = ServiceStrategy();
    if (row.kind == "Deployment") row.strategy = DeploymentStrategy();
    if (row.kind == "Pod") row.strategy = PodStrategy();
    if (row.group == "rbac.authorization.k8s.io") row.strategy = RbacStrategy();
    if (row.kind == "Pod" || row.kind == "Service" || row.kind == "Deployment") row.categories = {"all"};
    if (row.kind == "CustomResourceDefinition") row.categories = {"api-extensions"};
  }
  return rows;
}

}  // namespace

std::vector<ResourcePtr> BuiltinResources(const BuiltinSchemas& schemas) {
  std::vector<ResourcePtr> resources;
  for (const Row& row : Rows()) {
    std::shared_ptr<Resource> resource = Make(row, schemas);
    if (row.kind == "Namespace") {
      resource->finalize_subresource = true;
      resource->delete_collection = false;
    }
    if (row.kind == "Service") resource->delete_collection = false;
    if (row.kind == "Event") {
      // Both groups show the same events.
      resource->key_prefix = ResourcePrefix("", "events");
      resource->stored_api_version = "v1";
      resource->versions.front().schema =
          schemas.Find("", "v1", "Event");  // objects are checked in the stored shape
      resource->versions.front().selectable_fields = {"involvedObject.kind",
                                                      "involvedObject.namespace",
                                                      "involvedObject.name",
                                                      "involvedObject.uid",
                                                      "involvedObject.apiVersion",
                                                      "involvedObject.resourceVersion",
                                                      "involvedObject.fieldPath",
                                                      "reason",
                                                      "reportingComponent",
                                                      "source",
                                                      "type"};
    }
    if (row.kind == "Secret") resource->versions.front().selectable_fields = {"type"};
    if (row.kind == "Namespace") resource->versions.front().selectable_fields = {"status.phase"};
    if (row.kind == "Node") resource->versions.front().selectable_fields = {"spec.unschedulable"};
    if (row.kind == "Pod") {
      resource->versions.front().selectable_fields = {
          "spec.nodeName", "spec.restartPolicy", "spec.schedulerName",      "spec.serviceAccountName",
          "status.phase",  "status.podIP",       "status.nominatedNodeName"};
    }
    if (row.kind == "Deployment") {
      resource->versions.front().scale = ScalePaths{".spec.replicas", ".status.replicas", ""};
    }
    resources.push_back(std::move(resource));
  }
  return resources;
}

}  // namespace capstan::apiserver
