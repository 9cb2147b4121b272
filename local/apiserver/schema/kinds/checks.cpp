// Rules of single fields, one line each: "package.Type field word...". Words: need (required and
// not empty), label and name (RFC 1123), qualified (qualified name), port, needport (zero counts as
// missing), min0, min1, above0, user (a Linux user ID), mode (a file mode), ip, cidr, relative and
// absolute (paths), nodots (no ".." elements), enum=a,b. The closed lists in the tables of types
// apply as well.
#include <capstan/local/apiserver/schema/kinds/rules.hpp>

namespace capstan::apiserver {

std::string_view KindChecks() {
  return R"(
core.PodSpec containers need
core.PodSpec activeDeadlineSeconds min1
core.PodSpec serviceAccountName name
core.Container name need label
core.Container image need
core.ContainerPort containerPort needport
core.EnvVar name need
core.VolumeMount name need
core.VolumeMount mountPath need
core.VolumeMount subPath relative
core.SecretKeySelector key need
core.ConfigMapKeySelector key need
core.ObjectFieldSelector fieldPath need
core.ExecAction command need
core.SecurityContext runAsUser user
core.SecurityContext runAsGroup user
core.PodSecurityContext runAsUser user
core.PodSecurityContext runAsGroup user
core.PodSecurityContext fsGroup user
core.PodSecurityContext supplementalGroups user
core.HostAlias ip need ip
core.PodDNSConfig nameservers ip
core.PodDNSConfig searches name
core.PodReadinessGate conditionType qualified
core.SecretVolumeSource secretName need
core.SecretVolumeSource defaultMode mode
core.ConfigMapVolumeSource name need
core.ConfigMapVolumeSource defaultMode mode
core.DownwardAPIVolumeSource defaultMode mode
core.ProjectedVolumeSource defaultMode mode
core.KeyToPath key need
core.KeyToPath path need relative
core.KeyToPath mode mode
core.DownwardAPIVolumeFile path need relative
core.ServiceAccountTokenProjection path need relative
core.PersistentVolumeClaimVolumeSource claimName need
core.HostPathVolumeSource path need nodots
core.NFSVolumeSource server need
core.NFSVolumeSource path need absolute
core.LocalVolumeSource path need nodots
core.CSIVolumeSource driver need
core.CSIPersistentVolumeSource driver need
core.CSIPersistentVolumeSource volumeHandle need
core.Volume name need label
core.Probe initialDelaySeconds min0
core.Probe timeoutSeconds min0
core.Probe periodSeconds min0
core.Probe successThreshold min0
core.Probe failureThreshold min0
core.ServicePort port port
core.PersistentVolumeClaimSpec accessModes need
core.PersistentVolumeSpec accessModes need
core.PersistentVolumeSpec capacity need
core.LimitRangeItem type need
core.EndpointAddress ip need
core.EndpointPort port port
core.ReplicationControllerSpec replicas min0
core.ReplicationControllerSpec selector need
core.ReplicationControllerSpec template need
core.Taint key need
core.Taint effect need
core.TopologySpreadConstraint maxSkew above0
core.TopologySpreadConstraint topologyKey need
core.TopologySpreadConstraint whenUnsatisfiable need
apps.DeploymentSpec replicas min0
apps.DeploymentSpec minReadySeconds min0
apps.DeploymentSpec revisionHistoryLimit min0
apps.DeploymentSpec progressDeadlineSeconds min0
apps.DeploymentSpec selector need
apps.ReplicaSetSpec replicas min0
apps.ReplicaSetSpec selector need
apps.StatefulSetSpec replicas min0
apps.StatefulSetSpec selector need
apps.StatefulSetSpec minReadySeconds min0
apps.StatefulSetSpec revisionHistoryLimit min0
apps.RollingUpdateStatefulSetStrategy partition min0
apps.DaemonSetSpec selector need
apps.DaemonSetSpec minReadySeconds min0
apps.DaemonSetSpec revisionHistoryLimit min0
apps.ControllerRevision revision min0
batch.JobSpec parallelism min0
batch.JobSpec completions min0
batch.JobSpec backoffLimit min0
batch.JobSpec activeDeadlineSeconds min0
batch.JobSpec ttlSecondsAfterFinished min0
batch.CronJobSpec schedule need
batch.CronJobSpec startingDeadlineSeconds min0
batch.CronJobSpec successfulJobsHistoryLimit min0
batch.CronJobSpec failedJobsHistoryLimit min0
networking.HTTPIngressPath pathType need enum=Exact,ImplementationSpecific,Prefix
networking.IngressClassSpec controller need
networking.NetworkPolicyPort port port
networking.IngressSpec ingressClassName name
networking.IPBlock cidr need cidr
networking.IPBlock except cidr
autoscaling2.MetricTarget averageUtilization above0
core.NodeSpec podCIDRs cidr
autoscaling2.HorizontalPodAutoscalerSpec minReplicas above0
autoscaling2.HorizontalPodAutoscalerSpec maxReplicas above0
autoscaling2.CrossVersionObjectReference kind need
autoscaling2.CrossVersionObjectReference name need
storage.StorageClass provisioner need qualified
storage.StorageClass reclaimPolicy enum=Delete,Retain
storage.StorageClass volumeBindingMode enum=Immediate,WaitForFirstConsumer
certificates.CertificateSigningRequestSpec request need
certificates.CertificateSigningRequestSpec signerName need
certificates.CertificateSigningRequestSpec usages need
admissionregistration.ValidatingWebhook name need
admissionregistration.ValidatingWebhook sideEffects enum=None,NoneOnDryRun
admissionregistration.MutatingWebhook name need
admissionregistration.MutatingWebhook sideEffects enum=None,NoneOnDryRun
admissionregistration.RuleWithOperations operations need
admissionregistration.Rule apiGroups need
admissionregistration.Rule apiVersions need
admissionregistration.Rule resources need
admissionregistration.ValidatingAdmissionPolicySpec matchConstraints need
admissionregistration.Validation expression need
admissionregistration.ValidatingAdmissionPolicyBindingSpec policyName need
admissionregistration.ValidatingAdmissionPolicyBindingSpec validationActions need
rbac.Subject kind enum=Group,ServiceAccount,User
rbac.Subject name need
rbac.RoleRef name need
discovery.EndpointSlice addressType need enum=FQDN,IPv4,IPv6
node.RuntimeClass handler need label
apiregistration.APIServiceSpec groupPriorityMinimum min1
apiregistration.APIServiceSpec versionPriority min1
)";
}

}  // namespace capstan::apiserver
