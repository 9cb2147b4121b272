// Columns that show one field each, one line for each kind: "group/Kind|Name:type:priority:path|…";
// "Age" is the age.
#include <set>
#include <string>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/table/columns.hpp>
#include <capstan/local/apiserver/table/workloads.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;

// Paths: "spec.a" is the value, "#webhooks" the number of items, "@status.t" the age of a time,
// "%limits" what a quota has of limits, "?" a cell without a field.
constexpr std::string_view kColumnsTable = R"(
/ReplicationController|Desired:integer:0:spec.replicas|Current:integer:0:status.replicas|Ready:integer:0:status.readyReplicas|Age|Containers:string:1:spec.template.spec.containers.name|Images:string:1:spec.template.spec.containers.image|Selector:string:1:spec.selector
apps/ReplicaSet|Desired:integer:0:spec.replicas|Current:integer:0:status.replicas|Ready:integer:0:status.readyReplicas|Age|Containers:string:1:spec.template.spec.containers.name|Images:string:1:spec.template.spec.containers.image|Selector:string:1:spec.selector.matchLabels
apps/DaemonSet|Desired:integer:0:status.desiredNumberScheduled|Current:integer:0:status.currentNumberScheduled|Ready:integer:0:status.numberReady|Up-to-date:integer:0:status.updatedNumberScheduled|Available:integer:0:status.numberAvailable|Node Selector:string:0:spec.template.spec.nodeSelector|Age|Containers:string:1:spec.template.spec.containers.name|Images:string:1:spec.template.spec.containers.image|Selector:string:1:spec.selector.matchLabels
apps/StatefulSet|Ready:string:0:status.readyReplicas/spec.replicas|Age|Containers:string:1:spec.template.spec.containers.name|Images:string:1:spec.template.spec.containers.image
apps/ControllerRevision|Revision:integer:0:revision|Age
batch/Job|Completions:string:0:status.succeeded/spec.completions|Duration:string:0:?|Age|Containers:string:1:spec.template.spec.containers.name|Images:string:1:spec.template.spec.containers.image|Selector:string:1:spec.selector.matchLabels
batch/CronJob|Schedule:string:0:spec.schedule|Timezone:string:0:spec.timeZone|Suspend:boolean:0:spec.suspend|Active:integer:0:#status.active|Last Schedule:string:0:@status.lastScheduleTime|Age
/PersistentVolumeClaim|Status:string:0:status.phase|Volume:string:0:spec.volumeName|Capacity:string:0:status.capacity.storage|Access Modes:string:0:status.accessModes|StorageClass:string:0:spec.storageClassName|Age|VolumeMode:string:1:spec.volumeMode
/PersistentVolume|Capacity:string:0:spec.capacity.storage|Access Modes:string:0:spec.accessModes|Reclaim Policy:string:0:spec.persistentVolumeReclaimPolicy|Status:string:0:status.phase|Claim:string:0:spec.claimRef.name|StorageClass:string:0:spec.storageClassName|Reason:string:0:status.reason|Age|VolumeMode:string:1:spec.volumeMode
storage.k8s.io/StorageClass|Provisioner:string:0:provisioner|ReclaimPolicy:string:0:reclaimPolicy|VolumeBindingMode:string:0:volumeBindingMode|AllowVolumeExpansion:string:0:allowVolumeExpansion|Age
networking.k8s.io/IngressClass|Controller:string:0:spec.controller|Parameters:string:0:spec.parameters.name|Age
networking.k8s.io/Ingress|Class:string:0:spec.ingressClassName|Hosts:string:0:spec.rules.host|Address:string:0:status.loadBalancer.ingress.ip|Ports:string:0:?|Age
networking.k8s.io/NetworkPolicy|Pod-Selector:string:0:spec.podSelector.matchLabels|Age
policy/PodDisruptionBudget|Min Available:string:0:spec.minAvailable|Max Unavailable:string:0:spec.maxUnavailable|Allowed Disruptions:integer:0:status.disruptionsAllowed|Age
autoscaling/HorizontalPodAutoscaler|Reference:string:0:spec.scaleTargetRef.kind/spec.scaleTargetRef.name|Targets:string:0:?|MinPods:string:0:spec.minReplicas|MaxPods:string:0:spec.maxReplicas|Replicas:integer:0:status.currentReplicas|Age
scheduling.k8s.io/PriorityClass|Value:integer:0:value|Global-Default:boolean:0:globalDefault|Age|PreemptionPolicy:string:0:preemptionPolicy
certificates.k8s.io/CertificateSigningRequest|Age|SignerName:string:0:spec.signerName|Requestor:string:0:spec.username|RequestedDuration:string:0:spec.expirationSeconds|Condition:string:0:status.conditions.type
apiregistration.k8s.io/APIService|Service:string:0:spec.service.name|Available:string:0:?|Age
admissionregistration.k8s.io/ValidatingWebhookConfiguration|Webhooks:integer:0:#webhooks|Age
admissionregistration.k8s.io/MutatingWebhookConfiguration|Webhooks:integer:0:#webhooks|Age
admissionregistration.k8s.io/ValidatingAdmissionPolicy|Validations:integer:0:#spec.validations|ParamKind:string:0:spec.paramKind.kind|Age
admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding|PolicyName:string:0:spec.policyName|ParamRef:string:0:spec.paramRef.name|Age
discovery.k8s.io/EndpointSlice|AddressType:string:0:addressType|Ports:string:0:ports.port|Endpoints:string:0:endpoints.addresses|Age
node.k8s.io/RuntimeClass|Handler:string:0:handler|Age
/PodTemplate|Containers:string:0:template.spec.containers.name|Images:string:0:template.spec.containers.image|Pod Labels:string:0:template.metadata.labels
/ResourceQuota|Age|Request:string:0:%requests|Limit:string:0:%limits
storage.k8s.io/VolumeAttachment|Attacher:string:0:spec.attacher|PV:string:0:spec.source.persistentVolumeName|Node:string:0:spec.nodeName|Attached:boolean:0:status.attached|Age
storage.k8s.io/CSIDriver|AttachRequired:boolean:0:spec.attachRequired|PodInfoOnMount:boolean:0:spec.podInfoOnMount|StorageCapacity:boolean:0:spec.storageCapacity|Age
storage.k8s.io/CSINode|Drivers:integer:0:#spec.drivers|Age
)";

void CollectValues(const json::Tree& value, const std::vector<std::string>& path, std::size_t at,
                   std::vector<json::Tree>& found) {
  if (const json::ArrayPtr list = json::AsArray(value)) {
    for (const json::Tree& item : *list) CollectValues(item, path, at, found);
  } else if (at == path.size()) {
    if (!json::IsNull(value)) found.push_back(value);
  } else if (const ObjectPtr object = json::AsObject(value); object && object->has(path[at])) {
    CollectValues(object->get(path[at]), path, at + 1, found);
  }
}

std::string CellText(const json::Tree& value) {
  if (const ObjectPtr labels = json::AsObject(value)) {
    std::vector<std::string> texts;
    for (const auto& [key, item] : *labels) texts.push_back(StrCat(key, "=", item.toString()));
    return Join(texts, ",");
  }
  return value.toString();
}

std::vector<json::Tree> ValuesAt(const ObjectPtr& object, const std::string& path) {
  std::vector<json::Tree> found;
  CollectValues(object, Split(path, '.'), 0, found);
  return found;
}

// "pods: 1/5, requests.cpu: 0/2" of a quota: its limits, or the rest.
std::string QuotaText(const ObjectPtr& quota, bool limits) {
  const ObjectPtr status = json::ObjectIn(quota, "status"), most = json::ObjectIn(status, "hard"),
                  used = json::ObjectIn(status, "used");
  const std::vector<std::string> known = most ? most->getNames() : std::vector<std::string>();
  const std::set<std::string> names(known.begin(), known.end());
  std::vector<std::string> texts;
  for (const std::string& name : names) {
    if ((name.rfind("limits", 0) == 0) != limits) continue;
    const std::string taken = json::TextIn(used, name);
    texts.push_back(StrCat(name, ": ", taken.empty() ? "0" : taken, "/", json::TextIn(most, name)));
  }
  return Join(texts, ", ");
}

json::Tree CellOf(const ObjectPtr& object, const std::string& type, const std::string& path, double now) {
  if (path == "?") return std::string("<none>");
  if (path.front() == '%') return QuotaText(object, path == "%limits");
  if (path.front() == '#') {
    json::Tree list = json::Tree(object);
    for (const std::string& step : Split(path.substr(1), '.')) {
      const ObjectPtr inner = json::AsObject(list);
      list = inner && inner->has(step) ? inner->get(step) : json::Tree();
    }
    const json::ArrayPtr array = json::AsArray(list);
    return static_cast<Poco::Int64>(array ? array->size() : 0);
  }
  if (path.front() == '@') {
    const auto times = ValuesAt(object, path.substr(1));
    return times.empty() ? std::string("<none>") : AgeCell(times.front().toString(), now);
  }
  if (const std::size_t slash = path.find('/'); slash != std::string::npos) {
    const auto left = ValuesAt(object, path.substr(0, slash)),
               right = ValuesAt(object, path.substr(slash + 1));
    return StrCat(left.empty() ? "0" : CellText(left.front()), "/",
                  right.empty() ? "0" : CellText(right.front()));
  }
  const auto values = ValuesAt(object, path);
  if (type == "integer") return values.empty() ? json::Tree(Poco::Int64{0}) : values.front();
  if (type == "boolean") return values.empty() ? json::Tree(false) : values.front();
  std::vector<std::string> texts;
  for (const json::Tree& value : values) texts.push_back(CellText(value));
  return texts.empty() ? std::string("<none>") : Join(texts, ",");
}

}  // namespace

std::vector<BuiltinColumn> FieldColumns(std::string_view group, std::string_view kind) {
  const std::string start = StrCat(group, "/", kind, "|");
  for (const std::string& line : Split(kColumnsTable, '\n')) {
    if (line.rfind(start, 0) != 0) continue;
    std::vector<BuiltinColumn> columns{NameColumn(0)};
    for (const std::string& text : Split(line.substr(start.size()), '|')) {
      if (text == "Age") {
        columns.push_back(AgeColumn());
        continue;
      }
      const std::vector<std::string> parts = Split(text, ':');
      columns.push_back({parts[0], parts[1], parts[2] == "0" ? 0 : 1, "",
                         [type = parts[1], path = parts[3]](const ObjectPtr& object, double now) {
                           return CellOf(object, type, path, now);
                         }});
    }
    return columns;
  }
  return {};
}

}  // namespace capstan::apiserver
