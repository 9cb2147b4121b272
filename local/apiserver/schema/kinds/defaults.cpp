// Defaults, one line each: "package.Type field JSON"; below them functions for defaults that depend
// on other fields.
#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/kinds/rules.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;

void DefaultTo(ObjectPtr object, const std::string& field, const json::Tree& value) {
  if (!object->has(field) || object->isNull(field)) object->set(field, value);
}

// An image without a tag, or with the tag latest, can change, so it is always pulled.
void FillContainer(ObjectPtr container) {
  if (!TextIn(container, "imagePullPolicy").empty()) return;
  const std::string image = TextIn(container, "image");
  const std::size_t colon = image.rfind(':'), slash = image.rfind('/');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  const bool fixed = image.find('@') != std::string::npos || (tagged && image.substr(colon + 1) != "latest");
  container->set("imagePullPolicy", std::string(fixed ? "IfNotPresent" : "Always"));
}

void FillPodSpec(ObjectPtr spec) {
  const std::string name = TextIn(spec, "serviceAccountName"), older = TextIn(spec, "serviceAccount");
  if (!name.empty() || !older.empty()) {
    spec->set("serviceAccountName", name.empty() ? older : name);
    spec->set("serviceAccount", name.empty() ? older : name);
  }
  if (!json::BooleanIn(spec, "hostNetwork").value_or(false)) return;
  // With hostNetwork a container's port is also the host port.
  for (const char* list : {"containers", "initContainers"}) {
    for (const ObjectPtr& container : json::ObjectsIn(spec, list)) {
      for (ObjectPtr port : json::ObjectsIn(container, "ports")) {
        if (json::IntegerIn(port, "hostPort").value_or(0) == 0 && port->has("containerPort"))
          port->set("hostPort", port->get("containerPort"));
      }
    }
  }
}

void FillVolume(ObjectPtr volume) {
  if (volume->size() <= 1 && !TextIn(volume, "name").empty()) volume->set("emptyDir", json::MakeObject());
}

void FillService(ObjectPtr spec) {
  const std::string type = TextIn(spec, "type");
  if (type == "ExternalName") return;
  DefaultTo(spec, "internalTrafficPolicy", std::string("Cluster"));
  if (type == "NodePort" || type == "LoadBalancer")
    DefaultTo(spec, "externalTrafficPolicy", std::string("Cluster"));
  if (type == "LoadBalancer") DefaultTo(spec, "allocateLoadBalancerNodePorts", true);
  if (TextIn(spec, "sessionAffinity") == "ClientIP")
    DefaultTo(SectionOf(SectionOf(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds",
              Poco::Int64{10800});
}

void FillServicePort(ObjectPtr port) {
  // Protobuf has no absent target: 0 and "" are what clients send of one that nobody set.
  const json::Tree target = port->get("targetPort");
  const ValueKind kind = KindOf(target);
  const bool unset = kind == ValueKind::kNull || (kind == ValueKind::kInteger && IntegerOf(target) == 0) ||
                     (kind == ValueKind::kString && TextOf(target).empty());
  if (unset && port->has("port")) port->set("targetPort", port->get("port"));
}

void FillDeploymentStrategy(ObjectPtr strategy) {
  DefaultTo(strategy, "type", std::string("RollingUpdate"));
  if (TextIn(strategy, "type") != "RollingUpdate") return;
  ObjectPtr rolling = SectionOf(strategy, "rollingUpdate");
  DefaultTo(rolling, "maxUnavailable", std::string("25%"));
  DefaultTo(rolling, "maxSurge", std::string("25%"));
}

void FillDaemonSetStrategy(ObjectPtr strategy) {
  DefaultTo(strategy, "type", std::string("RollingUpdate"));
  if (TextIn(strategy, "type") != "RollingUpdate") return;
  ObjectPtr rolling = SectionOf(strategy, "rollingUpdate");
  DefaultTo(rolling, "maxUnavailable", Poco::Int64{1});
  DefaultTo(rolling, "maxSurge", Poco::Int64{0});
}

void FillStatefulSetStrategy(ObjectPtr strategy) {
  DefaultTo(strategy, "type", std::string("RollingUpdate"));
  if (TextIn(strategy, "type") != "RollingUpdate") return;
  DefaultTo(SectionOf(strategy, "rollingUpdate"), "partition", Poco::Int64{0});
}

void FillStatefulSet(ObjectPtr spec) {
  ObjectPtr policy = SectionOf(spec, "persistentVolumeClaimRetentionPolicy");
  DefaultTo(policy, "whenDeleted", std::string("Retain"));
  DefaultTo(policy, "whenScaled", std::string("Retain"));
  for (ObjectPtr claim : json::ObjectsIn(spec, "volumeClaimTemplates")) {
    DefaultTo(claim, "kind", std::string("PersistentVolumeClaim"));
    DefaultTo(claim, "apiVersion", std::string("v1"));
    DefaultTo(SectionOf(claim, "status"), "phase", std::string("Pending"));
  }
}

void FillJob(ObjectPtr spec) {
  const bool neither = (!spec->has("completions") || spec->isNull("completions")) &&
                       (!spec->has("parallelism") || spec->isNull("parallelism"));
  if (neither) spec->set("completions", Poco::Int64{1});
  DefaultTo(spec, "parallelism", Poco::Int64{1});
}

void FillNetworkPolicy(ObjectPtr spec) {
  if (!json::StringsIn(spec, "policyTypes").empty()) return;
  std::vector<std::string> types{"Ingress"};
  if (const json::ArrayPtr egress = json::ArrayIn(spec, "egress"); egress && egress->size() > 0)
    types.emplace_back("Egress");
  spec->set("policyTypes", json::ArrayOf(types));
}

void FillSubject(ObjectPtr subject) {
  const std::string kind = TextIn(subject, "kind");
  if (kind == "User" || kind == "Group")
    DefaultTo(subject, "apiGroup", std::string("rbac.authorization.k8s.io"));
}

void FillRoleRef(ObjectPtr ref) {
  if (TextIn(ref, "apiGroup").empty()) ref->set("apiGroup", std::string("rbac.authorization.k8s.io"));
}

void FillNode(ObjectPtr spec) {
  const std::string range = TextIn(spec, "podCIDR");
  if (!range.empty() && json::StringsIn(spec, "podCIDRs").empty())
    spec->set("podCIDRs", json::ArrayOf({range}));
}

// A limit is also the default limit and the default request.
void FillLimit(ObjectPtr item) {
  if (TextIn(item, "type") != "Container") return;
  const ObjectPtr most = json::ObjectIn(item, "max"), least = json::ObjectIn(item, "min");
  if (!most && !least && !json::ObjectIn(item, "default")) return;
  ObjectPtr limits = SectionOf(item, "default");
  if (most) {
    for (const auto& [name, value] : *most) DefaultTo(limits, name, value);
  }
  ObjectPtr requests = SectionOf(item, "defaultRequest");
  for (const auto& [name, value] : *limits) DefaultTo(requests, name, value);
  if (least) {
    for (const auto& [name, value] : *least) DefaultTo(requests, name, value);
  }
}

}  // namespace

std::string_view KindDefaults() {
  return R"(
core.PodSpec restartPolicy "Always"
core.PodSpec terminationGracePeriodSeconds 30
core.PodSpec dnsPolicy "ClusterFirst"
core.PodSpec schedulerName "default-scheduler"
core.PodSpec securityContext {}
core.Container terminationMessagePath "/dev/termination-log"
core.Container terminationMessagePolicy "File"
core.EphemeralContainerCommon terminationMessagePath "/dev/termination-log"
core.EphemeralContainerCommon terminationMessagePolicy "File"
core.ContainerPort protocol "TCP"
core.Probe timeoutSeconds 1
core.Probe periodSeconds 10
core.Probe successThreshold 1
core.Probe failureThreshold 3
core.HTTPGetAction path "/"
core.HTTPGetAction scheme "HTTP"
core.ObjectFieldSelector apiVersion "v1"
core.ResourceFieldSelector divisor "0"
core.SecretVolumeSource defaultMode 420
core.ConfigMapVolumeSource defaultMode 420
core.DownwardAPIVolumeSource defaultMode 420
core.ProjectedVolumeSource defaultMode 420
core.ServiceAccountTokenProjection expirationSeconds 3600
core.HostPathVolumeSource type ""
core.ISCSIVolumeSource iscsiInterface "default"
core.ServiceSpec type "ClusterIP"
core.ServiceSpec sessionAffinity "None"
core.ServicePort protocol "TCP"
core.EndpointPort protocol "TCP"
core.PersistentVolumeClaimSpec volumeMode "Filesystem"
core.PersistentVolumeSpec persistentVolumeReclaimPolicy "Retain"
core.PersistentVolumeSpec volumeMode "Filesystem"
core.ReplicationControllerSpec replicas 1
core.NamespaceStatus phase "Active"
apps.DeploymentSpec replicas 1
apps.DeploymentSpec revisionHistoryLimit 10
apps.DeploymentSpec progressDeadlineSeconds 600
apps.ReplicaSetSpec replicas 1
apps.StatefulSetSpec replicas 1
apps.StatefulSetSpec podManagementPolicy "OrderedReady"
apps.StatefulSetSpec revisionHistoryLimit 10
apps.DaemonSetSpec revisionHistoryLimit 10
batch.JobSpec backoffLimit 6
batch.JobSpec completionMode "NonIndexed"
batch.JobSpec suspend false
batch.JobSpec podReplacementPolicy "TerminatingOrFailed"
batch.CronJobSpec concurrencyPolicy "Allow"
batch.CronJobSpec suspend false
batch.CronJobSpec successfulJobsHistoryLimit 3
batch.CronJobSpec failedJobsHistoryLimit 1
networking.NetworkPolicyPort protocol "TCP"
autoscaling2.HorizontalPodAutoscalerSpec minReplicas 1
autoscaling.HorizontalPodAutoscalerSpec minReplicas 1
storage.StorageClass reclaimPolicy "Delete"
storage.StorageClass volumeBindingMode "Immediate"
scheduling.PriorityClass preemptionPolicy "PreemptLowerPriority"
admissionregistration.ValidatingWebhook failurePolicy "Fail"
admissionregistration.ValidatingWebhook matchPolicy "Equivalent"
admissionregistration.ValidatingWebhook namespaceSelector {}
admissionregistration.ValidatingWebhook objectSelector {}
admissionregistration.ValidatingWebhook timeoutSeconds 10
admissionregistration.MutatingWebhook failurePolicy "Fail"
admissionregistration.MutatingWebhook matchPolicy "Equivalent"
admissionregistration.MutatingWebhook namespaceSelector {}
admissionregistration.MutatingWebhook objectSelector {}
admissionregistration.MutatingWebhook timeoutSeconds 10
admissionregistration.MutatingWebhook reinvocationPolicy "Never"
admissionregistration.Rule scope "*"
admissionregistration.ServiceReference port 443
admissionregistration.MatchResources matchPolicy "Equivalent"
admissionregistration.MatchResources namespaceSelector {}
admissionregistration.MatchResources objectSelector {}
admissionregistration.ValidatingAdmissionPolicySpec failurePolicy "Fail"
discovery.EndpointPort name ""
discovery.EndpointPort protocol "TCP"
apiregistration.ServiceReference port 443
)";
}

std::vector<KindFill> KindFills() {
  return {{"core.PodSpec", FillPodSpec},
          {"core.Container", FillContainer},
          {"core.EphemeralContainerCommon", FillContainer},
          {"core.Volume", FillVolume},
          {"core.ServiceSpec", FillService},
          {"core.ServicePort", FillServicePort},
          {"core.LimitRangeItem", FillLimit},
          {"core.NodeSpec", FillNode},
          {"apps.DeploymentStrategy", FillDeploymentStrategy},
          {"apps.DaemonSetUpdateStrategy", FillDaemonSetStrategy},
          {"apps.StatefulSetUpdateStrategy", FillStatefulSetStrategy},
          {"apps.StatefulSetSpec", FillStatefulSet},
          {"batch.JobSpec", FillJob},
          {"networking.NetworkPolicySpec", FillNetworkPolicy},
          {"rbac.Subject", FillSubject},
          {"rbac.RoleRef", FillRoleRef}};
}

}  // namespace capstan::apiserver
