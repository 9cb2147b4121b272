#include <capstan/local/apiserver/schema/builtin_table.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::string_view kMeta = R"(
== ObjectMeta  io.k8s.apimachinery.pkg.apis.meta.v1 : What every stored object carries: its name, its marks and its history.
name string : Unique within a namespace; cannot be changed.
generateName string : Start of a name that the server completes when name is empty.
namespace string : The space in which name is unique; empty for objects of the whole cluster.
selfLink string : No longer filled in.
uid string : Unique in time and space; given by the server.
resourceVersion string : Changes with every write; opaque to clients.
generation int64 : Counts the changes of what is wanted.
creationTimestamp time : When the server made the object.
deletionTimestamp time : When deletion was asked for; set by the server.
deletionGracePeriodSeconds int64 : Seconds from the request to the removal.
labels map<string> : Short marks by which objects are selected.
annotations map<string> : Notes of tools; nothing is selected by them.
ownerReferences list<@OwnerReference> keys=uid merge=uid : Objects that this one depends on; with the last of them it goes too.
finalizers list<string> set merge : Who must finish before the object may go.
managedFields list<@ManagedFieldsEntry> atomic : Which writer owns which fields.

== OwnerReference  io.k8s.apimachinery.pkg.apis.meta.v1  atomic : Names an object in the same namespace, or of the whole cluster.
apiVersion! string : API version of the owner.
kind! string : Kind of the owner.
name! string : Name of the owner.
uid! string : UID of the owner.
controller bool : Whether the owner is the one that manages this object.
blockOwnerDeletion bool : Whether a foreground deletion of the owner waits for this object.

== ManagedFieldsEntry  io.k8s.apimachinery.pkg.apis.meta.v1 : The fields that one writer owns.
manager string : The writer.
operation string : Apply or Update.
apiVersion string : The version in which the fields are named.
time time : When the writer last changed what it owns.
fieldsType string : FieldsV1.
fieldsV1 object : The fields.
subresource string : The subresource written through, if any.

== ListMeta  io.k8s.apimachinery.pkg.apis.meta.v1 : What a list says about itself.
selfLink string : No longer filled in.
resourceVersion string : The state of the store that the list shows.
continue string : Token for the next page; empty on the last.
remainingItemCount int64 : How many items are behind this page.

== LabelSelector  io.k8s.apimachinery.pkg.apis.meta.v1  atomic : Chooses objects by label; all of it must hold.
matchLabels map<string> : Labels with exactly these values.
matchExpressions list<@LabelSelectorRequirement> atomic : Further conditions.

== LabelSelectorRequirement  io.k8s.apimachinery.pkg.apis.meta.v1 : One condition on a label.
key! string : The label.
operator! string : In, NotIn, Exists or DoesNotExist.
values list<string> atomic : Values for In and NotIn.

== Condition  io.k8s.apimachinery.pkg.apis.meta.v1 : One aspect of the state of an object.
type! string : The aspect.
status! string : True, False or Unknown.
observedGeneration int64 : The generation that was judged.
lastTransitionTime! time : When status last changed.
reason! string : One word for the cause.
message! string : The cause for people.

== DeleteOptions  io.k8s.apimachinery.pkg.apis.meta.v1 : How an object is to be deleted.
apiVersion string : Version of this body.
kind string : DeleteOptions.
gracePeriodSeconds int64 : Seconds before the object goes; 0 at once.
preconditions @Preconditions : Delete only if these hold.
orphanDependents bool : Older form of propagationPolicy.
propagationPolicy string : Orphan, Background or Foreground.
dryRun list<string> atomic : All: go through the motions only.

== Preconditions  io.k8s.apimachinery.pkg.apis.meta.v1 : What must hold for a deletion.
uid string : The expected UID.
resourceVersion string : The expected resourceVersion.

== Status  io.k8s.apimachinery.pkg.apis.meta.v1 : The answer to a request that returns no object.
apiVersion string : v1.
kind string : Status.
metadata @ListMeta : About the answer.
status string : Success or Failure.
message string : What happened, for people.
reason string : What happened, in one word.
details @StatusDetails atomic : Whom it concerns.
code int32 : The HTTP code.

== StatusDetails  io.k8s.apimachinery.pkg.apis.meta.v1 : Whom a Status concerns.
name string : Name of the object.
group string : Its group.
kind string : Its kind or resource.
uid string : Its UID.
causes list<@StatusCause> atomic : One entry for each thing that is wrong.
retryAfterSeconds int32 : When to try again.

== StatusCause  io.k8s.apimachinery.pkg.apis.meta.v1 : One thing that is wrong.
reason string : In one word.
message string : For people.
field string : The field, as a path.

== Patch  io.k8s.apimachinery.pkg.apis.meta.v1 : A change, in the format that the content type names.
)";

constexpr std::string_view kCore = R"(
== ConfigMap  io.k8s.api.core.v1  /v1 : Settings for programs, as keys and texts.
data map<string> : Texts by key.
binaryData map<bytes> : Bytes by key, in base64.
immutable bool : Whether the contents can never be changed.

== Secret  io.k8s.api.core.v1  /v1 : Keys and bytes that not everybody may read.
data map<bytes> : Bytes by key, in base64.
stringData map<string> : Texts by key, added to data when written; never read back.
type string : What the Secret is for, such as Opaque.
immutable bool : Whether the contents can never be changed.

== Namespace  io.k8s.api.core.v1  /v1 : A space in which names are unique.
spec @NamespaceSpec : How the namespace behaves.
status @NamespaceStatus : How the namespace is.

== NamespaceSpec  io.k8s.api.core.v1 : How a namespace behaves.
finalizers list<string> atomic : Who must empty the namespace before it may go.

== NamespaceStatus  io.k8s.api.core.v1 : How a namespace is.
phase string : Active or Terminating.
conditions list<@NamespaceCondition> keys=type merge=type : What is known about its emptying.

== NamespaceCondition  io.k8s.api.core.v1 : One aspect of the state of a namespace.
type! string : The aspect.
status! string : True, False or Unknown.
lastTransitionTime time : When status last changed.
reason string : One word for the cause.
message string : The cause for people.

== ServiceAccount  io.k8s.api.core.v1  /v1 : An identity for programs in the cluster.
secrets list<@ObjectReference> keys=name merge=name : Secrets that programs of this account may use.
imagePullSecrets list<@LocalObjectReference> atomic merge=name : Secrets for pulling images.
automountServiceAccountToken bool : Whether pods get a token of the account.

== ObjectReference  io.k8s.api.core.v1  atomic : Names an object, or a part of it.
apiVersion string : API version of the object.
kind string : Kind of the object.
namespace string : Namespace of the object.
name string : Name of the object.
uid string : UID of the object.
resourceVersion string : The state of the object that is meant.
fieldPath string : The part of the object that is meant.

== LocalObjectReference  io.k8s.api.core.v1  atomic : Names an object in the same namespace.
name string : Name of the object.

== Event  io.k8s.api.core.v1  /v1 : Something that happened to an object.
involvedObject! @ObjectReference : Whom it happened to.
reason string : What happened, in one word.
message string : What happened, for people.
source @EventSource : Who saw it.
firstTimestamp time : When it happened first.
lastTimestamp time : When it happened last.
count int32 : How often it happened.
type string : Normal or Warning.
eventTime microtime : When it was first seen.
series @EventSeries : Further times it happened.
action string : What was done about it.
related @ObjectReference : Another object it concerns.
reportingComponent string : The controller that reports.
reportingInstance string : Which of its instances.

== EventSource  io.k8s.api.core.v1 : Who saw an event.
component string : The program.
host string : Where it runs.

== EventSeries  io.k8s.api.core.v1 : How an event goes on.
count int32 : How often so far.
lastObservedTime microtime : When last.

== Endpoints  io.k8s.api.core.v1  /v1 : The addresses behind a Service.
subsets list<@EndpointSubset> atomic : Addresses with the same ports.

== EndpointSubset  io.k8s.api.core.v1 : Addresses with the same ports.
addresses list<@EndpointAddress> atomic : Those that are ready.
notReadyAddresses list<@EndpointAddress> atomic : Those that are not.
ports list<@EndpointPort> atomic : Their ports.

== EndpointAddress  io.k8s.api.core.v1  atomic : One address.
ip! string : The IP address.
hostname string : Its host name.
nodeName string : The node behind it.
targetRef @ObjectReference : The object behind it.

== EndpointPort  io.k8s.api.core.v1  atomic : One port.
name string : Its name.
port! int32 : Its number.
protocol string : TCP, UDP or SCTP.
appProtocol string : What is spoken there.
)";

constexpr std::string_view kWorkloads = R"(
== Node  io.k8s.api.core.v1  /v1 : A machine of the cluster.
spec @NodeSpec : How the machine is used.
status @NodeStatus : How the machine is.

== NodeSpec  io.k8s.api.core.v1 open : How a machine is used.
podCIDR string : Addresses of its pods.
podCIDRs list<string> set merge : Addresses of its pods, of each family.
providerID string : The machine's id with its provider.
unschedulable bool : Whether new pods stay away.
taints list<@Taint> atomic : What pods must tolerate.
configSource object : No longer used.
externalID string : No longer used.

== Taint  io.k8s.api.core.v1 : Keeps pods away that do not tolerate it.
key! string : Its key.
value string : Its value.
effect! string : NoSchedule, PreferNoSchedule or NoExecute.
timeAdded time : When it was put.

== NodeStatus  io.k8s.api.core.v1 open : How a machine is.
capacity map<quantity> : What it has.
allocatable map<quantity> : What pods may use.
conditions list<@NodeCondition> keys=type merge=type : What is known about it.
addresses list<@NodeAddress> keys=type merge=type : Where it is reached.
nodeInfo @NodeSystemInfo : What runs on it.

== NodeCondition  io.k8s.api.core.v1 : One aspect of the state of a machine.
type! string : The aspect.
status! string : True, False or Unknown.
lastHeartbeatTime time : When it was last heard.
lastTransitionTime time : When status last changed.
reason string : One word for the cause.
message string : The cause for people.

== NodeAddress  io.k8s.api.core.v1 : An address of a machine.
type! string : Which kind of address.
address! string : The address.

== NodeSystemInfo  io.k8s.api.core.v1 open : What runs on a machine.
kubeletVersion string : Version of the kubelet.
osImage string : The operating system.
kernelVersion string : Its kernel.
containerRuntimeVersion string : What runs the containers.

== Pod  io.k8s.api.core.v1  /v1 : Containers that run together.
spec @PodSpec : What is to run.
status @PodStatus : How it runs.

== PodSpec  io.k8s.api.core.v1 open : What is to run.
containers! list<@Container> keys=name merge=name : What runs.
initContainers list<@Container> keys=name merge=name : What runs before.
ephemeralContainers list<@Container> keys=name merge=name : What runs for a look inside.
volumes list<@Volume> keys=name merge=name,retain : Directories for the containers.
imagePullSecrets list<@LocalObjectReference> keys=name merge=name : Secrets for pulling images.
nodeName string : The machine it runs on.
nodeSelector map<string> atomic : Labels of machines it may run on.
serviceAccountName string : The account it runs as.
restartPolicy string : Always, OnFailure or Never.
schedulerName string : Who chooses the machine.
terminationGracePeriodSeconds int64 : Seconds to end in.
hostNetwork bool : Whether it uses the machine's network.
tolerations list<object> atomic : Taints it tolerates.
hostAliases list<@HostAlias> keys=ip merge=ip : Further lines of its hosts file.
topologySpreadConstraints list<@TopologySpreadConstraint> keys=topologyKey,whenUnsatisfiable merge=topologyKey : How it is spread.
securityContext object : Rights of all containers.
affinity object : Which machines it likes.
activeDeadlineSeconds int64 : How long it may run.
automountServiceAccountToken bool : Whether it gets a token of its account.
dnsConfig object : Further settings for names.
dnsPolicy string : Who resolves names.
enableServiceLinks bool : Whether Services appear in its environment.
hostIPC bool : Whether it shares the machine's IPC.
hostPID bool : Whether it sees the machine's processes.
hostUsers bool : Whether it shares the machine's users.
hostname string : Its host name.
os object : The operating system it needs.
overhead map<quantity> : What it costs beside its containers.
preemptionPolicy string : Whether it may push others out.
priority int32 : How much it matters.
priorityClassName string : How much it matters, by name.
readinessGates list<object> atomic : Further conditions of readiness.
resourceClaims list<@NamedObject> keys=name merge=name,retain : Devices it claims.
resources object : What all of it needs and may use.
runtimeClassName string : What runs it.
schedulingGates list<@NamedObject> keys=name merge=name : What it waits for before a machine is chosen.
serviceAccount string : Older name of serviceAccountName.
setHostnameAsFQDN bool : Whether its host name is the full one.
shareProcessNamespace bool : Whether its containers see each other's processes.
subdomain string : Part of its full name.

== NamedObject  io.k8s.api.core.v1 open : Something with a name.
name! string : Its name.

== HostAlias  io.k8s.api.core.v1 : A line of a hosts file.
ip! string : The address.
hostnames list<string> atomic : Its names.

== TopologySpreadConstraint  io.k8s.api.core.v1 open : How pods are spread.
topologyKey! string : Label of machines to spread over.
whenUnsatisfiable! string : DoNotSchedule or ScheduleAnyway.
maxSkew! int32 : How uneven it may become.
labelSelector @LabelSelector : The pods that are counted.
matchLabelKeys list<string> atomic : Labels whose values pods must share to be counted.
minDomains int32 : The least number of places.
nodeAffinityPolicy string : Whether affinity is honoured.
nodeTaintsPolicy string : Whether taints are honoured.

== Volume  io.k8s.api.core.v1 open : A directory for containers.
name! string : Its name in the pod.
configMap object : Files from a ConfigMap.
secret object : Files from a Secret.
emptyDir object : An empty directory.
hostPath object : A directory of the machine.
persistentVolumeClaim object : A claimed disk.
projected object : Files from several sources.
downwardAPI object : Files about the pod.
csi object : A disk of a driver.
ephemeral object : A disk that lives as long as the pod.
nfs object : A directory of a file server.
iscsi object : A disk over the network.
fc object : A disk over fibre channel.
image object : Files of an image.
awsElasticBlockStore object : A disk of AWS.
azureDisk object : A disk of Azure.
azureFile object : A directory of Azure.
gcePersistentDisk object : A disk of GCE.
cinder object : A disk of OpenStack.
cephfs object : A directory of Ceph.
rbd object : A disk of Ceph.
glusterfs object : A directory of Gluster.
flexVolume object : A disk of an older driver.
flocker object : A disk of Flocker.
gitRepo object : Files of a git repository.
photonPersistentDisk object : A disk of Photon.
portworxVolume object : A disk of Portworx.
quobyte object : A directory of Quobyte.
scaleIO object : A disk of ScaleIO.
storageos object : A disk of StorageOS.
vsphereVolume object : A disk of vSphere.

== Container  io.k8s.api.core.v1 open : A program to run.
name! string : Its name in the pod.
image string : What to run.
command list<string> atomic : Instead of the image's own command.
args list<string> atomic : Arguments.
workingDir string : Where it runs.
ports list<@ContainerPort> keys=containerPort,protocol merge=containerPort : Where it listens.
env list<@EnvVar> keys=name merge=name : Environment variables.
envFrom list<object> atomic : Where more of them come from.
volumeMounts list<@VolumeMount> keys=mountPath merge=mountPath : Where volumes appear.
volumeDevices list<@VolumeDevice> keys=devicePath merge=devicePath : Where raw volumes appear.
resources object : What it needs and may use.
imagePullPolicy string : Always, IfNotPresent or Never.
securityContext object : Its rights.
livenessProbe object : How to see that it lives.
readinessProbe object : How to see that it is ready.
startupProbe object : How to see that it has started.
lifecycle object : What is done at its start and end.
resizePolicy list<object> atomic : How changes of resources are carried out.
restartPolicy string : When it is started again.
stdin bool : Whether it has an input.
stdinOnce bool : Whether the input closes with its first reader.
terminationMessagePath string : Where it leaves its last words.
terminationMessagePolicy string : Where else they are looked for.
tty bool : Whether it has a terminal.
targetContainerName string : The container looked into.

== ContainerPort  io.k8s.api.core.v1 : A port of a container.
name string : Its name.
containerPort! int32 : Its number.
protocol string default="TCP" : TCP, UDP or SCTP.
hostPort int32 : The port of the machine.
hostIP string : The address of the machine.

== EnvVar  io.k8s.api.core.v1 open : An environment variable.
name! string : Its name.
value string : Its value.
valueFrom object : Where its value comes from.

== VolumeMount  io.k8s.api.core.v1 open : Where a volume appears.
name! string : The volume.
mountPath! string : The directory.
subPath string : The part of the volume.
readOnly bool : Whether it cannot be written.
mountPropagation string : Whether mounts inside are seen outside.
subPathExpr string : The part of the volume, with variables.
recursiveReadOnly string : Whether mounts inside cannot be written either.

== VolumeDevice  io.k8s.api.core.v1 : Where a raw volume appears.
name! string : The volume.
devicePath! string : The device.

== PodStatus  io.k8s.api.core.v1 open : How a pod runs.
phase string : Pending, Running, Succeeded, Failed or Unknown.
conditions list<@PodCondition> keys=type merge=type : What is known about it.
message string : The cause for people.
reason string : One word for the cause.
hostIP string : Address of the machine.
podIP string : Address of the pod.
podIPs list<@PodIP> keys=ip merge=ip : Its addresses, of each family.
startTime time : When it was started.
containerStatuses list<@ContainerStatus> atomic : How the containers are.
initContainerStatuses list<@ContainerStatus> atomic : How those before them are.

== PodIP  io.k8s.api.core.v1 : An address of a pod.
ip! string : The address.

== PodCondition  io.k8s.api.core.v1 open : One aspect of the state of a pod.
type! string : The aspect.
status! string : True, False or Unknown.
lastProbeTime time : When it was last looked at.
lastTransitionTime time : When status last changed.
reason string : One word for the cause.
message string : The cause for people.

== ContainerStatus  io.k8s.api.core.v1 open : How a container is.
name! string : The container.
ready! bool : Whether it is ready.
restartCount! int32 : How often it was started again.
image! string : What runs.
state object : What it does now.

== Service  io.k8s.api.core.v1  /v1 : One address for many pods.
spec @ServiceSpec : What it stands for.
status @ServiceStatus : How it is reached.

== ServiceSpec  io.k8s.api.core.v1 open : What a Service stands for.
ports list<@ServicePort> keys=port,protocol merge=port : Its ports.
selector map<string> atomic : Labels of its pods.
type string : ClusterIP, NodePort, LoadBalancer or ExternalName.
clusterIP string : Its address in the cluster.
clusterIPs list<string> atomic : Its addresses, of each family.
externalIPs list<string> atomic : Addresses from outside.
externalName string : The name it stands for.
sessionAffinity string : ClientIP or None.
sessionAffinityConfig object : How long a client stays with a pod.
allocateLoadBalancerNodePorts bool : Whether a load balancer needs ports of the machines.
externalTrafficPolicy string : Cluster or Local.
internalTrafficPolicy string : Cluster or Local.
healthCheckNodePort int32 : Where a load balancer asks.
ipFamilies list<string> atomic : IPv4, IPv6.
ipFamilyPolicy string : How many families.
loadBalancerClass string : Which load balancer.
loadBalancerIP string : Address of the load balancer.
loadBalancerSourceRanges list<string> atomic : Who may come through the load balancer.
publishNotReadyAddresses bool : Whether pods that are not ready are shown.
topologyKeys list<string> atomic : No longer used.
trafficDistribution string : Which pods are preferred.

== ServicePort  io.k8s.api.core.v1 : A port of a Service.
name string : Its name.
port! int32 : Its number.
protocol string default="TCP" : TCP, UDP or SCTP.
targetPort intstr : The port of the pods.
nodePort int32 : The port of the machines.
appProtocol string : What is spoken there.

== ServiceStatus  io.k8s.api.core.v1 open : How a Service is reached.
conditions list<@Condition> keys=type merge=type : What is known about it.
loadBalancer object : Its load balancer.

== Deployment  io.k8s.api.apps.v1  apps/v1 : Pods of one kind, kept at a number.
spec @DeploymentSpec : What is to run.
status @DeploymentStatus : How it runs.

== DeploymentSpec  io.k8s.api.apps.v1 open : What is to run.
replicas int32 : How many pods.
selector! @LabelSelector : Which pods belong to it.
template! @PodTemplateSpec : What the pods are.
strategy object retain : How pods are replaced.
minReadySeconds int32 : How long a pod must be ready to count.
revisionHistoryLimit int32 : How many old versions are kept.
paused bool : Whether it rests.
progressDeadlineSeconds int32 : After how long it counts as stuck.

== PodTemplateSpec  io.k8s.api.core.v1 : What pods are made of.
metadata @ObjectMeta : Their labels and annotations.
spec @PodSpec : What is to run.

== DeploymentStatus  io.k8s.api.apps.v1 open : How a Deployment runs.
observedGeneration int64 : The generation that was seen.
replicas int32 : Pods there are.
updatedReplicas int32 : Pods of the newest version.
readyReplicas int32 : Pods that are ready.
availableReplicas int32 : Pods that have been ready long enough.
unavailableReplicas int32 : Pods that are missing.
conditions list<@DeploymentCondition> keys=type merge=type : What is known about it.
collisionCount int32 : Names that were taken already.

== DeploymentCondition  io.k8s.api.apps.v1 : One aspect of the state of a Deployment.
type! string : The aspect.
status! string : True, False or Unknown.
lastUpdateTime time : When it was last written.
lastTransitionTime time : When status last changed.
reason string : One word for the cause.
message string : The cause for people.
)";

constexpr std::string_view kGroups = R"(
== Lease  io.k8s.api.coordination.v1  coordination.k8s.io/v1 : Who leads, and until when.
spec @LeaseSpec : The claim.

== LeaseSpec  io.k8s.api.coordination.v1 : A claim to lead.
holderIdentity string : Who holds it.
leaseDurationSeconds int32 : How long it lasts after renewTime.
acquireTime microtime : Since when.
renewTime microtime : When it was last renewed.
leaseTransitions int32 : How often the holder changed.
strategy string : How the next holder is chosen.
preferredHolder string : Who should take it over.

== Event  io.k8s.api.events.v1  events.k8s.io/v1 : Something that happened to an object.
eventTime! microtime : When it was first seen.
series @EventSeries : Further times it happened.
reportingController string : The controller that reports.
reportingInstance string : Which of its instances.
action string : What was done about it.
reason string : What happened, in one word.
regarding @ObjectReference : Whom it happened to.
related @ObjectReference : Another object it concerns.
note string : What happened, for people.
type string : Normal or Warning.
deprecatedSource @EventSource : Who saw it, in the older form.
deprecatedFirstTimestamp time : When it happened first, in the older form.
deprecatedLastTimestamp time : When it happened last, in the older form.
deprecatedCount int32 : How often it happened, in the older form.

== Role  io.k8s.api.rbac.v1  rbac.authorization.k8s.io/v1 : Rights in a namespace.
rules list<@PolicyRule> atomic : The rights.

== ClusterRole  io.k8s.api.rbac.v1  rbac.authorization.k8s.io/v1 : Rights in the whole cluster.
rules list<@PolicyRule> atomic : The rights.
aggregationRule object : Roles whose rights are added.

== PolicyRule  io.k8s.api.rbac.v1 : What may be done with what.
verbs! list<string> atomic : What may be done.
apiGroups list<string> atomic : With which groups.
resources list<string> atomic : With which resources.
resourceNames list<string> atomic : With which objects; empty means all.
nonResourceURLs list<string> atomic : With which paths.

== RoleBinding  io.k8s.api.rbac.v1  rbac.authorization.k8s.io/v1 : Who has the rights of a role, in a namespace.
roleRef! @RoleRef : The role.
subjects list<@Subject> atomic : Who has it.

== ClusterRoleBinding  io.k8s.api.rbac.v1  rbac.authorization.k8s.io/v1 : Who has the rights of a role, everywhere.
roleRef! @RoleRef : The role.
subjects list<@Subject> atomic : Who has it.

== RoleRef  io.k8s.api.rbac.v1  atomic : Names a role.
apiGroup! string : rbac.authorization.k8s.io.
kind! string : Role or ClusterRole.
name! string : Its name.

== Subject  io.k8s.api.rbac.v1  atomic : Names who has a role.
kind! string : User, Group or ServiceAccount.
apiGroup string : Group of the kind.
name! string : Its name.
namespace string : Namespace of a ServiceAccount.

== SelfSubjectAccessReview  io.k8s.api.authorization.v1  authorization.k8s.io/v1 : Asks whether the caller may do something.
spec! @AccessReviewSpec : The question.
status @SubjectAccessReviewStatus : The answer.

== SubjectAccessReview  io.k8s.api.authorization.v1  authorization.k8s.io/v1 : Asks whether somebody may do something.
spec! @AccessReviewSpec : The question.
status @SubjectAccessReviewStatus : The answer.

== LocalSubjectAccessReview  io.k8s.api.authorization.v1  authorization.k8s.io/v1 : Asks whether somebody may do something in a namespace.
spec! @AccessReviewSpec : The question.
status @SubjectAccessReviewStatus : The answer.

== AccessReviewSpec  io.k8s.api.authorization.v1 : A question about rights.
resourceAttributes @ResourceAttributes : About resources.
nonResourceAttributes object : About paths.
user string : Who; the caller when it asks for itself.
groups list<string> atomic : The groups of who.
uid string : The UID of who.
extra map<list<string>> : More about who.

== ResourceAttributes  io.k8s.api.authorization.v1 open : What is to be done with which resource.
verb string : What is to be done.
group string : Group of the resource.
version string : Version of the resource.
resource string : The resource.
subresource string : Its subresource.
name string : The object.
namespace string : Its namespace.
fieldSelector object : Which objects of a list, by field.
labelSelector object : Which objects of a list, by label.

== SubjectAccessReviewStatus  io.k8s.api.authorization.v1 : The answer to a question about rights.
allowed! bool : Whether it is allowed.
denied bool : Whether it is forbidden outright.
reason string : Why.
evaluationError string : What went wrong while judging.

== SelfSubjectRulesReview  io.k8s.api.authorization.v1  authorization.k8s.io/v1 : Asks for all that the caller may do in a namespace.
spec! @SelfSubjectRulesReviewSpec : The question.
status object : The answer.

== SelfSubjectRulesReviewSpec  io.k8s.api.authorization.v1 : Which namespace is asked for.
namespace string : The namespace.

== TokenReview  io.k8s.api.authentication.v1  authentication.k8s.io/v1 : Asks whose a token is.
spec! @TokenReviewSpec : The question.
status object : The answer.

== TokenReviewSpec  io.k8s.api.authentication.v1 : The token asked for.
token string : The token.
audiences list<string> atomic : For whom it must be good.

== SelfSubjectReview  io.k8s.api.authentication.v1  authentication.k8s.io/v1 : Asks who the caller is.
status object : The answer.

== TokenRequest  io.k8s.api.authentication.v1  authentication.k8s.io/v1 : Asks for a token of a service account.
spec! @TokenRequestSpec : What the token must be.
status object : The token.

== TokenRequestSpec  io.k8s.api.authentication.v1 open : What a token must be.
audiences! list<string> atomic : For whom it is good.
expirationSeconds int64 : How long it is good.
boundObjectRef object : The object with which it ends.

== Scale  io.k8s.api.autoscaling.v1  autoscaling/v1 : How many there are of something.
spec @ScaleSpec : How many are wanted.
status @ScaleStatus : How many there are.

== ScaleSpec  io.k8s.api.autoscaling.v1 : How many are wanted.
replicas int32 : The number.

== ScaleStatus  io.k8s.api.autoscaling.v1 : How many there are.
replicas! int32 : The number.
selector string : Labels of what is counted.
)";

constexpr std::string_view kExtensions = R"(
== CustomResourceDefinition  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1  apiextensions.k8s.io/v1 : Adds a kind to the API.
spec! @CustomResourceDefinitionSpec : What the kind is.
status @CustomResourceDefinitionStatus : How far it is served.

== CustomResourceDefinitionSpec  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : What a kind is.
group! string : The group it belongs to.
names! @CustomResourceDefinitionNames : What it is called.
scope! string : Cluster or Namespaced.
versions! list<@CustomResourceDefinitionVersion> atomic : The versions it is served in.
conversion @CustomResourceConversion : How one version becomes another.
preserveUnknownFields bool : Must be false.

== CustomResourceDefinitionNames  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : What a kind is called.
plural! string : In paths; lower case.
singular string : On the command line; lower case.
kind! string : In objects.
listKind string : In lists.
shortNames list<string> atomic : Short forms for the command line.
categories list<string> atomic : Groups of kinds, such as all.

== CustomResourceDefinitionVersion  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : A version of a kind.
name! string : Such as v1.
served! bool : Whether it is served.
storage! bool : Whether objects are stored in it; true for exactly one.
schema @CustomResourceValidation : What an object may hold.
subresources @CustomResourceSubresources : Paths for status and scale.
additionalPrinterColumns list<@CustomResourceColumnDefinition> atomic : What is shown in tables.
selectableFields list<@SelectableField> atomic : Fields that objects may be selected by.
deprecated bool : Whether use of the version is warned of.
deprecationWarning string : The warning.

== CustomResourceValidation  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : What an object may hold.
openAPIV3Schema @JSONSchemaProps : The schema.

== JSONSchemaProps  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 open : A schema in OpenAPI v3.

== CustomResourceSubresources  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : Paths for status and scale.
status object : Serves /status.
scale @CustomResourceSubresourceScale : Serves /scale.

== CustomResourceSubresourceScale  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : Where the numbers are.
specReplicasPath! string : The wanted number.
statusReplicasPath! string : The number there is.
labelSelectorPath string : The labels of what is counted.

== CustomResourceColumnDefinition  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : A column of a table.
name! string : Its heading.
type! string : integer, number, string, boolean or date.
jsonPath! string : Where the value is.
format string : Its form.
description string : What it shows.
priority int32 : Above 0: only shown in wide tables.

== SelectableField  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : A field that objects may be selected by.
jsonPath! string : The field.

== CustomResourceConversion  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : How one version becomes another.
strategy! string : None or Webhook.
webhook object : Who converts.

== CustomResourceDefinitionStatus  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : How far a kind is served.
conditions list<@CustomResourceDefinitionCondition> keys=type : What is known about it.
acceptedNames @CustomResourceDefinitionNames : The names in use.
storedVersions list<string> atomic : Versions that objects were ever stored in.
observedGeneration int64 : The generation that was seen.

== CustomResourceDefinitionCondition  io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 : One aspect of the state of a CRD.
type! string : Established, NamesAccepted, NonStructuralSchema, Terminating.
status! string : True, False or Unknown.
lastTransitionTime time : When status last changed.
reason string : One word for the cause.
message string : The cause for people.
observedGeneration int64 : The generation that was judged.
)";

}  // namespace

std::vector<std::string_view> BuiltinTable() { return {kMeta, kCore, kWorkloads, kGroups, kExtensions}; }

}  // namespace capstan::apiserver
