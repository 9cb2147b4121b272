// The built-in kinds as one table.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>

namespace capstan::apiserver {
namespace {

// apiVersion, plural, kind, short names ("-": none), then options: cluster (cluster-scoped),
// status, scale, generation, put (PUT creates a missing object), conditional (PUT requires a
// resourceVersion), keep (no deletecollection), +CATEGORY, /SUBRESOURCE, ?FIELD (a selectable
// field).
constexpr std::string_view kResourcesTable = R"(
v1 configmaps ConfigMap cm
v1 endpoints Endpoints ep put
v1 events Event ev put
v1 limitranges LimitRange limits put
v1 namespaces Namespace ns cluster status keep ?status.phase
v1 nodes Node no cluster status ?spec.unschedulable
v1 persistentvolumeclaims PersistentVolumeClaim pvc status
v1 persistentvolumes PersistentVolume pv cluster status
v1 pods Pod po status +all /binding /ephemeralcontainers /eviction /resize ?spec.nodeName ?spec.restartPolicy ?spec.schedulerName ?spec.serviceAccountName ?spec.hostNetwork ?status.phase ?status.podIP ?status.nominatedNodeName
v1 podtemplates PodTemplate -
v1 replicationcontrollers ReplicationController rc status scale generation +all ?status.replicas
v1 resourcequotas ResourceQuota quota status put
v1 secrets Secret - ?type
v1 serviceaccounts ServiceAccount sa /token
v1 services Service svc status put keep +all ?spec.clusterIP ?spec.type
admissionregistration.k8s.io/v1 mutatingwebhookconfigurations MutatingWebhookConfiguration - cluster generation conditional +api-extensions
admissionregistration.k8s.io/v1 validatingadmissionpolicies ValidatingAdmissionPolicy - cluster status generation conditional +api-extensions
admissionregistration.k8s.io/v1 validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding - cluster generation conditional +api-extensions
admissionregistration.k8s.io/v1 validatingwebhookconfigurations ValidatingWebhookConfiguration - cluster generation conditional +api-extensions
apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition crd,crds cluster status generation conditional +api-extensions
apiregistration.k8s.io/v1 apiservices APIService - cluster status conditional +api-extensions ?spec.service.name
apps/v1 controllerrevisions ControllerRevision -
apps/v1 daemonsets DaemonSet ds status generation +all
apps/v1 deployments Deployment deploy status scale generation +all
apps/v1 replicasets ReplicaSet rs status scale generation +all ?status.replicas
apps/v1 statefulsets StatefulSet sts status scale generation +all
autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler hpa status +all
batch/v1 cronjobs CronJob cj status generation +all
batch/v1 jobs Job - status generation +all ?status.successful
certificates.k8s.io/v1 certificatesigningrequests CertificateSigningRequest csr cluster status /approval ?spec.signerName
coordination.k8s.io/v1 leases Lease - put conditional
discovery.k8s.io/v1 endpointslices EndpointSlice - generation
events.k8s.io/v1 events Event ev put
networking.k8s.io/v1 ingressclasses IngressClass - cluster generation
networking.k8s.io/v1 ingresses Ingress ing status generation
networking.k8s.io/v1 networkpolicies NetworkPolicy netpol generation
node.k8s.io/v1 runtimeclasses RuntimeClass - cluster
policy/v1 poddisruptionbudgets PodDisruptionBudget pdb status generation conditional
rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding - cluster put
rbac.authorization.k8s.io/v1 clusterroles ClusterRole - cluster put
rbac.authorization.k8s.io/v1 rolebindings RoleBinding - put
rbac.authorization.k8s.io/v1 roles Role - put
scheduling.k8s.io/v1 priorityclasses PriorityClass pc cluster generation
storage.k8s.io/v1 csidrivers CSIDriver - cluster generation
storage.k8s.io/v1 csinodes CSINode - cluster
storage.k8s.io/v1 csistoragecapacities CSIStorageCapacity -
storage.k8s.io/v1 storageclasses StorageClass sc cluster
storage.k8s.io/v1 volumeattachments VolumeAttachment - cluster status
)";

void ReadWord(Resource& resource, Version& version, const std::string& word) {
  const std::string rest = word.substr(1);
  if (word == "cluster") resource.namespaced = false;
  if (word == "status") version.status = true;
  if (word == "scale") version.scale = ScalePaths{".spec.replicas", ".status.replicas", ""};
  if (word == "generation") resource.has_generation = true;
  if (word == "put") resource.create_on_update = true;
  if (word == "conditional") resource.unconditional_update = false;
  if (word == "keep") resource.delete_collection = false;
  if (word.front() == '+') resource.categories.push_back(rest);
  if (word.front() == '/') resource.actions.push_back(rest);
  if (word.front() == '?') version.selectable_fields.push_back(rest);
}

Version MakeVersion(const std::string& group, const std::string& name, const std::string& kind,
                    const BuiltinSchemas& schemas) {
  Version version;
  version.name = name;
  version.schema = schemas.Find(group, name, kind);
  if (group != "apiextensions.k8s.io") version.type = schemas.Type(group, name, kind);
  version.table = MakeBuiltinTable(group, kind);
  return version;
}

std::shared_ptr<Resource> Make(const std::string& line, const BuiltinSchemas& schemas) {
  const std::vector<std::string> words = Split(line, ' ');
  const std::size_t slash = words[0].find('/');
  auto resource = std::make_shared<Resource>();
  resource->group = slash == std::string::npos ? "" : words[0].substr(0, slash);
  resource->plural = words[1];
  resource->kind = words[2];
  resource->list_kind = resource->kind + "List";
  resource->singular = ToLower(resource->kind);
  if (words[3] != "-") resource->short_names = Split(words[3], ',');
  resource->storage_version = slash == std::string::npos ? words[0] : words[0].substr(slash + 1);
  resource->key_prefix = ResourcePrefix(resource->group, resource->plural);
  resource->stored_api_version = words[0];
  resource->strategy = StrategyOf(resource->group, resource->kind);
  Version version = MakeVersion(resource->group, resource->storage_version, resource->kind, schemas);
  for (std::size_t i = 4; i < words.size(); ++i) ReadWord(*resource, version, words[i]);
  resource->versions.push_back(std::move(version));
  return resource;
}

// Both groups serve the same events, and objects are validated in the stored shape.
void ShareEvents(Resource& resource, const BuiltinSchemas& schemas) {
  const bool grouped = !resource.group.empty();
  resource.key_prefix = ResourcePrefix("", "events");
  resource.stored_api_version = "v1";
  Version& version = resource.versions.front();
  version.schema = schemas.Find("", "v1", "Event");
  version.type = nullptr;
  version.selectable_fields = {"reason", "type"};
  for (const char* field : {"kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"})
    version.selectable_fields.push_back(StrCat(grouped ? "regarding." : "involvedObject.", field));
  if (grouped) {
    version.selectable_fields.emplace_back("reportingController");
  } else {
    version.selectable_fields.insert(version.selectable_fields.end(), {"reportingComponent", "source"});
  }
}

}  // namespace

std::vector<ResourcePtr> BuiltinResources(const BuiltinSchemas& schemas) {
  std::vector<ResourcePtr> resources;
  for (const std::string& line : Split(kResourcesTable, '\n')) {
    if (line.empty()) continue;
    std::shared_ptr<Resource> resource = Make(line, schemas);
    resource->finalize_subresource = resource->kind == "Namespace";
    if (resource->kind == "Event") ShareEvents(*resource, schemas);
    if (resource->kind == "HorizontalPodAutoscaler") {
      Version older = MakeVersion("autoscaling", "v1", resource->kind, schemas);
      older.status = true;
      // Objects are validated in the stored shape.
      older.schema = resource->versions.front().schema;
      older.type = resource->versions.front().type;
      resource->versions.push_back(std::move(older));
    }
    resources.push_back(std::move(resource));
  }
  return resources;
}

}  // namespace capstan::apiserver
