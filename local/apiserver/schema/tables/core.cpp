// The types of Kubernetes' API group that this file is named after; the form is tables.hpp's.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view CoreTable() {
  return R"(
# core io.k8s.api.core.v1 v1

== ConfigMap kind : Settings for programs, as keys and texts.
metadata 1 @meta.ObjectMeta
immutable 4 bool? : Whether the contents can never be changed.
data 2 map<string> : Texts by key.
binaryData 3 map<bytes> : Bytes by key, in base64.

== Endpoints kind : The addresses behind a Service.
metadata 1 @meta.ObjectMeta
subsets 2 list<@EndpointSubset> atomic : Addresses with the same ports.

== Event kind : Something that happened to an object.
metadata 1 @meta.ObjectMeta!
involvedObject 2 @ObjectReference! : Whom it happened to.
reason 3 string : What happened, in one word.
message 4 string : What happened, for people.
source 5 @EventSource : Who saw it.
firstTimestamp 6 time : When it happened first.
lastTimestamp 7 time : When it happened last.
count 8 int32 : How often it happened.
type 9 string : Normal or Warning.
eventTime 10 microtime : When it was first seen.
series 11 @EventSeries? : Further times it happened.
action 12 string : What was done about it.
related 13 @ObjectReference? : Another object it concerns.
reportingComponent 14 string+ : The controller that reports.
reportingInstance 15 string+ : Which of its instances.

== LimitRange kind
metadata 1 @meta.ObjectMeta
spec 2 @LimitRangeSpec

== Namespace kind : A space in which names are unique.
metadata 1 @meta.ObjectMeta
spec 2 @NamespaceSpec : How the namespace behaves.
status 3 @NamespaceStatus : How the namespace is.

== Node kind : A machine of the cluster.
metadata 1 @meta.ObjectMeta
spec 2 @NodeSpec : How the machine is used.
status 3 @NodeStatus : How the machine is.

== PersistentVolume kind
metadata 1 @meta.ObjectMeta
spec 2 @PersistentVolumeSpec
status 3 @PersistentVolumeStatus

== PersistentVolumeClaim kind
metadata 1 @meta.ObjectMeta
spec 2 @PersistentVolumeClaimSpec
status 3 @PersistentVolumeClaimStatus

== Pod kind : Containers that run together.
metadata 1 @meta.ObjectMeta
spec 2 @PodSpec : What is to run.
status 3 @PodStatus : How it runs.

== PodTemplate kind
metadata 1 @meta.ObjectMeta
template 2 @PodTemplateSpec

== ReplicationController kind
metadata 1 @meta.ObjectMeta
spec 2 @ReplicationControllerSpec
status 3 @ReplicationControllerStatus

== ResourceQuota kind
metadata 1 @meta.ObjectMeta
spec 2 @ResourceQuotaSpec
status 3 @ResourceQuotaStatus

== Secret kind : Keys and bytes that not everybody may read.
metadata 1 @meta.ObjectMeta
immutable 5 bool? : Whether the contents can never be changed.
data 2 map<bytes> : Bytes by key, in base64.
stringData 4 map<string> : Texts by key, added to data when written; never read back.
type 3 string : What the Secret is for, such as Opaque.

== Service kind : One address for many pods.
metadata 1 @meta.ObjectMeta
spec 2 @ServiceSpec : What it stands for.
status 3 @ServiceStatus : How it is reached.

== ServiceAccount kind : An identity for programs in the cluster.
metadata 1 @meta.ObjectMeta
secrets 2 list<@ObjectReference> keys=name merge=name : Secrets that programs of this account may use.
imagePullSecrets 3 list<@LocalObjectReference> atomic : Secrets for pulling images.
automountServiceAccountToken 4 bool? : Whether pods get a token of the account.

== Binding kind
metadata 1 @meta.ObjectMeta
target 2 @ObjectReference!

== AWSElasticBlockStoreVolumeSource
volumeID 1 string!
fsType 2 string
partition 3 int32
readOnly 4 bool

== Affinity
nodeAffinity 1 @NodeAffinity?
podAffinity 2 @PodAffinity?
podAntiAffinity 3 @PodAntiAffinity?

== AppArmorProfile
type 1 string! enum=Localhost,RuntimeDefault,Unconfined
localhostProfile 2 string?

== AttachedVolume
name 1 string!
devicePath 2 string!

== AzureDiskVolumeSource
diskName 1 string!
diskURI 2 string!
cachingMode 3 string? enum=None,ReadOnly,ReadWrite
fsType 4 string? default="ext4"
readOnly 5 bool?
kind 6 string? enum=Dedicated,Managed,Shared

== AzureFilePersistentVolumeSource
secretName 1 string!
shareName 2 string!
readOnly 3 bool
secretNamespace 4 string?+

== AzureFileVolumeSource
secretName 1 string!
shareName 2 string!
readOnly 3 bool

== CSIPersistentVolumeSource
driver 1 string!
volumeHandle 2 string!
readOnly 3 bool
fsType 4 string
volumeAttributes 5 map<string>
controllerPublishSecretRef 6 @SecretReference?
nodeStageSecretRef 7 @SecretReference?
nodePublishSecretRef 8 @SecretReference?
controllerExpandSecretRef 9 @SecretReference?
nodeExpandSecretRef 10 @SecretReference?

== CSIVolumeSource
driver 1 string!
readOnly 2 bool?
fsType 3 string?
volumeAttributes 4 map<string>
nodePublishSecretRef 5 @LocalObjectReference?

== Capabilities
add 1 list<string> atomic
drop 2 list<string> atomic

== CephFSPersistentVolumeSource
monitors 1 list<string>! atomic
path 2 string
user 3 string
secretFile 4 string
secretRef 5 @SecretReference?
readOnly 6 bool

== CephFSVolumeSource
monitors 1 list<string>! atomic
path 2 string
user 3 string
secretFile 4 string
secretRef 5 @LocalObjectReference?
readOnly 6 bool

== CinderPersistentVolumeSource
volumeID 1 string!
fsType 2 string
readOnly 3 bool
secretRef 4 @SecretReference?

== CinderVolumeSource
volumeID 1 string!
fsType 2 string
readOnly 3 bool
secretRef 4 @LocalObjectReference?

== ClientIPConfig
timeoutSeconds 1 int32?

== ClusterTrustBundleProjection
name 1 string?
signerName 2 string?
labelSelector 3 @meta.LabelSelector?
optional 5 bool?
path 4 string!
user 6 int64?

== ConfigMapEnvSource
> 1 @LocalObjectReference
optional 2 bool?

== ConfigMapKeySelector atomic
> 1 @LocalObjectReference
key 2 string!
optional 3 bool?

== ConfigMapNodeConfigSource
namespace 1 string!
name 2 string!
uid 3 string
resourceVersion 4 string
kubeletConfigKey 5 string!

== ConfigMapProjection
> 1 @LocalObjectReference
items 2 list<@KeyToPath> atomic
optional 4 bool?

== ConfigMapVolumeSource
> 1 @LocalObjectReference
items 2 list<@KeyToPath> atomic
defaultMode 3 int32?
optional 4 bool?
defaultUser 5 int64?

== Container : A program to run.
name 1 string! : Its name in the pod.
image 2 string : What to run.
command 3 list<string> atomic : Instead of the image's own command.
args 4 list<string> atomic : Arguments.
workingDir 5 string : Where it runs.
ports 6 list<@ContainerPort> keys=containerPort,protocol merge=containerPort : Where it listens.
envFrom 19 list<@EnvFromSource> atomic : Where more of them come from.
env 7 list<@EnvVar> keys=name merge=name : Environment variables.
resources 8 @ResourceRequirements : What it needs and may use.
resizePolicy 23 list<@ContainerResizePolicy> atomic : How changes of resources are carried out.
restartPolicy 24 string? : When it is started again.
restartPolicyRules 25 list<@ContainerRestartRule> atomic
volumeMounts 9 list<@VolumeMount> keys=mountPath merge=mountPath : Where volumes appear.
volumeDevices 21 list<@VolumeDevice> keys=devicePath merge=devicePath : Where raw volumes appear.
livenessProbe 10 @Probe? : How to see that it lives.
readinessProbe 11 @Probe? : How to see that it is ready.
startupProbe 22 @Probe? : How to see that it has started.
lifecycle 12 @Lifecycle? : What is done at its start and end.
terminationMessagePath 13 string : Where it leaves its last words.
terminationMessagePolicy 20 string enum=FallbackToLogsOnError,File : Where else they are looked for.
imagePullPolicy 14 string enum=Always,IfNotPresent,Never : Always, IfNotPresent or Never.
securityContext 15 @SecurityContext? : Its rights.
stdin 16 bool : Whether it has an input.
stdinOnce 17 bool : Whether the input closes with its first reader.
tty 18 bool : Whether it has a terminal.

== ContainerExtendedResourceRequest
containerName 1 string!
resourceName 2 string!
requestName 3 string!

== ContainerImage
names 1 list<string> atomic
sizeBytes 2 int64

== ContainerPort : A port of a container.
name 1 string : Its name.
hostPort 2 int32 : The port of the machine.
containerPort 3 int32! : Its number.
protocol 4 string default="TCP" enum=SCTP,TCP,UDP : TCP, UDP or SCTP.
hostIP 5 string : The address of the machine.

== ContainerResizePolicy
resourceName 1 string!
restartPolicy 2 string!

== ContainerRestartRule
action 1 string
exitCodes 2 @ContainerRestartRuleOnExitCodes?

== ContainerRestartRuleOnExitCodes
operator 1 string
values 2 list<int32> set

== ContainerState
waiting 1 @ContainerStateWaiting?
running 2 @ContainerStateRunning?
terminated 3 @ContainerStateTerminated?

== ContainerStateRunning
startedAt 1 time

== ContainerStateTerminated
exitCode 1 int32!
signal 2 int32
reason 3 string
message 4 string
startedAt 5 time
finishedAt 6 time
containerID 7 string

== ContainerStateWaiting
reason 1 string
message 2 string

== ContainerStatus : How a container is.
name 1 string! : The container.
state 2 @ContainerState : What it does now.
lastState 3 @ContainerState
ready 4 bool! : Whether it is ready.
restartCount 5 int32! : How often it was started again.
image 6 string! : What runs.
imageID 7 string!
containerID 8 string
started 9 bool?
allocatedResources 10 map<quantity>
resources 11 @ResourceRequirements?
volumeMounts 12 list<@VolumeMountStatus> keys=mountPath merge=mountPath
user 13 @ContainerUser?
allocatedResourcesStatus 14 list<@ResourceStatus> keys=name merge=name
stopSignal 15 string?

== ContainerUser
linux 1 @LinuxContainerUser?

== DaemonEndpoint
Port 1 int32!

== DownwardAPIProjection
items 1 list<@DownwardAPIVolumeFile> atomic

== DownwardAPIVolumeFile
path 1 string!
fieldRef 2 @ObjectFieldSelector?
resourceFieldRef 3 @ResourceFieldSelector?
mode 4 int32?
user 5 int64?

== DownwardAPIVolumeSource
items 1 list<@DownwardAPIVolumeFile> atomic
defaultMode 2 int32?
defaultUser 3 int64?

== EmptyDirVolumeSource
medium 1 string
sizeLimit 2 quantity?
mode 3 int32?

== EndpointAddress atomic : One address.
ip 1 string! : The IP address.
hostname 3 string : Its host name.
nodeName 4 string? : The node behind it.
targetRef 2 @ObjectReference? : The object behind it.

== EndpointPort atomic : One port.
name 1 string : Its name.
port 2 int32! : Its number.
protocol 3 string enum=SCTP,TCP,UDP : TCP, UDP or SCTP.
appProtocol 4 string? : What is spoken there.

== EndpointSubset : Addresses with the same ports.
addresses 1 list<@EndpointAddress> atomic : Those that are ready.
notReadyAddresses 2 list<@EndpointAddress> atomic : Those that are not.
ports 3 list<@EndpointPort> atomic : Their ports.

== EnvFromSource
prefix 1 string
configMapRef 2 @ConfigMapEnvSource?
secretRef 3 @SecretEnvSource?

== EnvVar : An environment variable.
name 1 string! : Its name.
value 2 string : Its value.
valueFrom 3 @EnvVarSource? : Where its value comes from.

== EnvVarSource
fieldRef 1 @ObjectFieldSelector?
resourceFieldRef 2 @ResourceFieldSelector?
configMapKeyRef 3 @ConfigMapKeySelector?
secretKeyRef 4 @SecretKeySelector?
fileKeyRef 5 @FileKeySelector?

== EphemeralContainer
> 1 @EphemeralContainerCommon
targetContainerName 2 string

== EphemeralContainerCommon
name 1 string! : Its name in the pod.
image 2 string : What to run.
command 3 list<string> atomic : Instead of the image's own command.
args 4 list<string> atomic : Arguments.
workingDir 5 string : Where it runs.
ports 6 list<@ContainerPort> keys=containerPort,protocol merge=containerPort : Where it listens.
envFrom 19 list<@EnvFromSource> atomic : Where more of them come from.
env 7 list<@EnvVar> keys=name merge=name : Environment variables.
resources 8 @ResourceRequirements : What it needs and may use.
resizePolicy 23 list<@ContainerResizePolicy> atomic : How changes of resources are carried out.
restartPolicy 24 string? : When it is started again.
restartPolicyRules 25 list<@ContainerRestartRule> atomic
volumeMounts 9 list<@VolumeMount> keys=mountPath merge=mountPath : Where volumes appear.
volumeDevices 21 list<@VolumeDevice> keys=devicePath merge=devicePath : Where raw volumes appear.
livenessProbe 10 @Probe? : How to see that it lives.
readinessProbe 11 @Probe? : How to see that it is ready.
startupProbe 22 @Probe? : How to see that it has started.
lifecycle 12 @Lifecycle? : What is done at its start and end.
terminationMessagePath 13 string : Where it leaves its last words.
terminationMessagePolicy 20 string enum=FallbackToLogsOnError,File : Where else they are looked for.
imagePullPolicy 14 string enum=Always,IfNotPresent,Never : Always, IfNotPresent or Never.
securityContext 15 @SecurityContext? : Its rights.
stdin 16 bool : Whether it has an input.
stdinOnce 17 bool : Whether the input closes with its first reader.
tty 18 bool : Whether it has a terminal.

== EphemeralVolumeSource
volumeClaimTemplate 1 @PersistentVolumeClaimTemplate?

== EventSeries : How an event goes on.
count 1 int32 : How often so far.
lastObservedTime 2 microtime : When last.

== EventSource : Who saw an event.
component 1 string : The program.
host 2 string : Where it runs.

== EvictionResponder atomic
name 1 string!
priority 2 int32?!

== ExecAction
command 1 list<string> atomic

== FCVolumeSource
targetWWNs 1 list<string> atomic
lun 2 int32?
fsType 3 string
readOnly 4 bool
wwids 5 list<string> atomic

== FileKeySelector atomic
volumeName 1 string!
path 2 string!
key 3 string!
optional 4 bool?

== FlexPersistentVolumeSource
driver 1 string!
fsType 2 string
secretRef 3 @SecretReference?
readOnly 4 bool
options 5 map<string>

== FlexVolumeSource
driver 1 string!
fsType 2 string
secretRef 3 @LocalObjectReference?
readOnly 4 bool
options 5 map<string>

== FlockerVolumeSource
datasetName 1 string
datasetUUID 2 string

== GCEPersistentDiskVolumeSource
pdName 1 string!
fsType 2 string
partition 3 int32
readOnly 4 bool

== GRPCAction
port 1 int32!
service 2 string?+ default=""
mode 3 string? enum=Plaintext,TLS

== GitRepoVolumeSource
repository 1 string!
revision 2 string
directory 3 string

== GlusterfsPersistentVolumeSource
endpoints 1 string!
path 2 string!
readOnly 3 bool
endpointsNamespace 4 string?

== GlusterfsVolumeSource
endpoints 1 string!
path 2 string!
readOnly 3 bool

== HTTPGetAction
path 1 string
port 2 intstr!
host 3 string
scheme 4 string enum=HTTP,HTTPS
httpHeaders 5 list<@HTTPHeader> atomic
protocol 6 string? enum=HTTP1,HTTP2

== HTTPHeader
name 1 string!
value 2 string!

== HostAlias : A line of a hosts file.
ip 1 string! : The address.
hostnames 2 list<string> atomic : Its names.

== HostIP
ip 1 string!

== HostPathVolumeSource
path 1 string!
type 2 string? enum=BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket

== ISCSIPersistentVolumeSource
targetPortal 1 string!
iqn 2 string!
lun 3 int32!
iscsiInterface 4 string default="default"
fsType 5 string
readOnly 6 bool
portals 7 list<string> atomic
chapAuthDiscovery 8 bool
chapAuthSession 11 bool
secretRef 10 @SecretReference?
initiatorName 12 string?

== ISCSIVolumeSource
targetPortal 1 string!
iqn 2 string!
lun 3 int32!
iscsiInterface 4 string default="default"
fsType 5 string
readOnly 6 bool
portals 7 list<string> atomic
chapAuthDiscovery 8 bool
chapAuthSession 11 bool
secretRef 10 @LocalObjectReference?
initiatorName 12 string?

== ImageVolumeSource
reference 1 string
pullPolicy 2 string enum=Always,IfNotPresent,Never

== ImageVolumeStatus
imageRef 1 string

== KeyToPath
key 1 string!
path 2 string!
mode 3 int32?
user 4 int64?

== Lifecycle
postStart 1 @LifecycleHandler?
preStop 2 @LifecycleHandler?
stopSignal 3 string?

== LifecycleHandler
exec 1 @ExecAction?
httpGet 2 @HTTPGetAction?
tcpSocket 3 @TCPSocketAction?
sleep 4 @SleepAction?

== LimitRangeItem
type 1 string!
max 2 map<quantity>
min 3 map<quantity>
default 4 map<quantity>
defaultRequest 5 map<quantity>
maxLimitRequestRatio 6 map<quantity>

== LimitRangeSpec
limits 1 list<@LimitRangeItem>! atomic

== LinuxContainerUser
uid 1 int64!
gid 2 int64!
supplementalGroups 3 list<int64> atomic

== LoadBalancerIngress
ip 1 string
hostname 2 string
ipMode 3 string?
ports 4 list<@PortStatus> atomic

== LoadBalancerStatus
ingress 1 list<@LoadBalancerIngress> atomic

== LocalObjectReference atomic : Names an object in the same namespace.
name 1 string default="" : Name of the object.

== LocalVolumeSource
path 1 string!
fsType 2 string?

== ModifyVolumeStatus
targetVolumeAttributesClassName 1 string
status 2 string! enum=InProgress,Infeasible,Pending

== NFSVolumeSource
server 1 string!
path 2 string!
readOnly 3 bool

== NamespaceCondition : One aspect of the state of a namespace.
type 1 string! : The aspect.
status 2 string! : True, False or Unknown.
lastTransitionTime 4 time : When status last changed.
reason 5 string : One word for the cause.
message 6 string : The cause for people.

== NamespaceSpec : How a namespace behaves.
finalizers 1 list<string> atomic : Who must empty the namespace before it may go.

== NamespaceStatus : How a namespace is.
phase 1 string : Active or Terminating.
conditions 2 list<@NamespaceCondition> keys=type merge=type : What is known about its emptying.

== NodeAddress : An address of a machine.
type 1 string! : Which kind of address.
address 2 string! : The address.

== NodeAffinity
requiredDuringSchedulingIgnoredDuringExecution 1 @NodeSelector?
preferredDuringSchedulingIgnoredDuringExecution 2 list<@PreferredSchedulingTerm> atomic

== NodeAllocatableMappedResources
name 1 string!
quantity 2 quantity?!

== NodeAllocatableOverheadResources
name 1 string!
perPod 2 quantity?
perContainer 3 quantity?

== NodeAllocatableResourceClaimStatus
resourceClaimName 1 string!
containers 2 list<string> set
mapping 4 list<@NodeAllocatableMappedResources> keys=name merge=name
overhead 5 list<@NodeAllocatableOverheadResources> keys=name merge=name

== NodeCondition : One aspect of the state of a machine.
type 1 string! : The aspect.
status 2 string! : True, False or Unknown.
lastHeartbeatTime 3 time : When it was last heard.
lastTransitionTime 4 time : When status last changed.
reason 5 string : One word for the cause.
message 6 string : The cause for people.

== NodeConfigSource
configMap 2 @ConfigMapNodeConfigSource?

== NodeConfigStatus
assigned 1 @NodeConfigSource?
active 2 @NodeConfigSource?
lastKnownGood 3 @NodeConfigSource?
error 4 string

== NodeDaemonEndpoints
kubeletEndpoint 1 @DaemonEndpoint

== NodeFeatures
supplementalGroupsPolicy 1 bool?

== NodePodPreemptionPolicy
disableResizePreemption 1 list<string> set

== NodeRuntimeHandler
name 1 string+
features 2 @NodeRuntimeHandlerFeatures?

== NodeRuntimeHandlerFeatures
recursiveReadOnlyMounts 1 bool?
userNamespaces 2 bool?

== NodeSelector atomic
nodeSelectorTerms 1 list<@NodeSelectorTerm>! atomic

== NodeSelectorRequirement
key 1 string!
operator 2 string! enum=DoesNotExist,Exists,Gt,In,Lt,NotIn
values 3 list<string> atomic

== NodeSelectorTerm atomic
matchExpressions 1 list<@NodeSelectorRequirement> atomic
matchFields 2 list<@NodeSelectorRequirement> atomic

== NodeSpec : How a machine is used.
podCIDR 1 string : Addresses of its pods.
podCIDRs 7 list<string> set merge : Addresses of its pods, of each family.
providerID 3 string : The machine's id with its provider.
unschedulable 4 bool : Whether new pods stay away.
taints 5 list<@Taint> atomic : What pods must tolerate.
configSource 6 @NodeConfigSource? : No longer used.
externalID 2 string : No longer used.
podPreemptionPolicy 8 @NodePodPreemptionPolicy?

== NodeStatus : How a machine is.
capacity 1 map<quantity> : What it has.
allocatable 2 map<quantity> : What pods may use.
phase 3 string
conditions 4 list<@NodeCondition> keys=type merge=type : What is known about it.
addresses 5 list<@NodeAddress> keys=type merge=type : Where it is reached.
daemonEndpoints 6 @NodeDaemonEndpoints
nodeInfo 7 @NodeSystemInfo : What runs on it.
images 8 list<@ContainerImage> atomic
volumesInUse 9 list<string> atomic
volumesAttached 10 list<@AttachedVolume> atomic
config 11 @NodeConfigStatus?
runtimeHandlers 12 list<@NodeRuntimeHandler> atomic
features 13 @NodeFeatures?
declaredFeatures 14 list<string> atomic

== NodeSwapStatus
capacity 1 int64?

== NodeSystemInfo : What runs on a machine.
machineID 1 string!
systemUUID 2 string!
bootID 3 string!
kernelVersion 4 string! : Its kernel.
osImage 5 string! : The operating system.
containerRuntimeVersion 6 string! : What runs the containers.
kubeletVersion 7 string! : Version of the kubelet.
kubeProxyVersion 8 string!
operatingSystem 9 string!
architecture 10 string!
swap 11 @NodeSwapStatus?

== ObjectFieldSelector atomic
apiVersion 1 string
fieldPath 2 string!

== ObjectReference atomic : Names an object, or a part of it.
kind 1 string : Kind of the object.
namespace 2 string : Namespace of the object.
name 3 string : Name of the object.
uid 4 string : UID of the object.
apiVersion 5 string : API version of the object.
resourceVersion 6 string : The state of the object that is meant.
fieldPath 7 string : The part of the object that is meant.

== PersistentVolumeClaimCondition
type 1 string!
status 2 string!
lastProbeTime 3 time
lastTransitionTime 4 time
reason 5 string
message 6 string

== PersistentVolumeClaimSpec
accessModes 1 list<string> atomic enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod
selector 4 @meta.LabelSelector?
resources 2 @VolumeResourceRequirements
volumeName 3 string
storageClassName 5 string?
volumeMode 6 string? enum=Block,Filesystem
dataSource 7 @TypedLocalObjectReference?
dataSourceRef 8 @TypedObjectReference?
volumeAttributesClassName 9 string?

== PersistentVolumeClaimStatus
phase 1 string
accessModes 2 list<string> atomic enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod
capacity 3 map<quantity>
conditions 4 list<@PersistentVolumeClaimCondition> keys=type merge=type
allocatedResources 5 map<quantity>
allocatedResourceStatuses 7 map<string> enum=ControllerResizeInProgress,ControllerResizeInfeasible,NodeResizeInProgress,NodeResizeInfeasible,NodeResizePending
currentVolumeAttributesClassName 8 string?
modifyVolumeStatus 9 @ModifyVolumeStatus?
healthStatus 10 @VolumeHealthStatus?

== PersistentVolumeClaimTemplate
metadata 1 @meta.ObjectMeta
spec 2 @PersistentVolumeClaimSpec!

== PersistentVolumeClaimVolumeSource
claimName 1 string!
readOnly 2 bool

== PersistentVolumeSource
gcePersistentDisk 1 @GCEPersistentDiskVolumeSource?
awsElasticBlockStore 2 @AWSElasticBlockStoreVolumeSource?
hostPath 3 @HostPathVolumeSource?
glusterfs 4 @GlusterfsPersistentVolumeSource?
nfs 5 @NFSVolumeSource?
rbd 6 @RBDPersistentVolumeSource?
iscsi 7 @ISCSIPersistentVolumeSource?
cinder 8 @CinderPersistentVolumeSource?
cephfs 9 @CephFSPersistentVolumeSource?
fc 10 @FCVolumeSource?
flocker 11 @FlockerVolumeSource?
flexVolume 12 @FlexPersistentVolumeSource?
azureFile 13 @AzureFilePersistentVolumeSource?
vsphereVolume 14 @VsphereVirtualDiskVolumeSource?
quobyte 15 @QuobyteVolumeSource?
azureDisk 16 @AzureDiskVolumeSource?
photonPersistentDisk 17 @PhotonPersistentDiskVolumeSource?
portworxVolume 18 @PortworxVolumeSource?
scaleIO 19 @ScaleIOPersistentVolumeSource?
local 20 @LocalVolumeSource?
storageos 21 @StorageOSPersistentVolumeSource?
csi 22 @CSIPersistentVolumeSource?

== PersistentVolumeSpec
capacity 1 map<quantity>
> 2 @PersistentVolumeSource
accessModes 3 list<string> atomic enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod
claimRef 4 @ObjectReference?
persistentVolumeReclaimPolicy 5 string enum=Delete,Recycle,Retain
storageClassName 6 string
mountOptions 7 list<string> atomic
volumeMode 8 string? enum=Block,Filesystem
nodeAffinity 9 @VolumeNodeAffinity?
volumeAttributesClassName 10 string?

== PersistentVolumeStatus
phase 1 string
message 2 string
reason 3 string
lastPhaseTransitionTime 4 time?

== PhotonPersistentDiskVolumeSource
pdID 1 string!
fsType 2 string

== PodAffinity
requiredDuringSchedulingIgnoredDuringExecution 1 list<@PodAffinityTerm> atomic
preferredDuringSchedulingIgnoredDuringExecution 2 list<@WeightedPodAffinityTerm> atomic

== PodAffinityTerm
labelSelector 1 @meta.LabelSelector?
namespaces 2 list<string> atomic
topologyKey 3 string!
namespaceSelector 4 @meta.LabelSelector?
matchLabelKeys 5 list<string> atomic
mismatchLabelKeys 6 list<string> atomic

== PodAntiAffinity
requiredDuringSchedulingIgnoredDuringExecution 1 list<@PodAffinityTerm> atomic
preferredDuringSchedulingIgnoredDuringExecution 2 list<@WeightedPodAffinityTerm> atomic

== PodCertificateProjection
signerName 1 string
keyType 2 string
maxExpirationSeconds 3 int32?
credentialBundlePath 4 string
keyPath 5 string
certificateChainPath 6 string
userAnnotations 7 map<string>
user 8 int64?

== PodCondition : One aspect of the state of a pod.
type 1 string! : The aspect.
observedGeneration 7 int64
status 2 string! : True, False or Unknown.
lastProbeTime 3 time : When it was last looked at.
lastTransitionTime 4 time : When status last changed.
reason 5 string : One word for the cause.
message 6 string : The cause for people.

== PodDNSConfig
nameservers 1 list<string> atomic
searches 2 list<string> atomic
options 3 list<@PodDNSConfigOption> atomic

== PodDNSConfigOption
name 1 string
value 2 string?

== PodExtendedResourceClaimStatus
requestMappings 1 list<@ContainerExtendedResourceRequest>! atomic
resourceClaimName 2 string!

== PodIP : An address of a pod.
ip 1 string! : The address.

== PodOS
name 1 string!

== PodReadinessGate
conditionType 1 string!

== PodResourceClaim
name 1 string!
resourceClaimName 3 string?
resourceClaimTemplateName 4 string?

== PodResourceClaimStatus
name 1 string!
resourceClaimName 2 string?

== PodSchedulingGate
name 1 string!

== PodSchedulingGroup
podGroupName 1 string?

== PodSecurityContext
seLinuxOptions 1 @SELinuxOptions?
windowsOptions 8 @WindowsSecurityContextOptions?
runAsUser 2 int64?
runAsGroup 6 int64?
runAsNonRoot 3 bool?
supplementalGroups 4 list<int64> atomic
supplementalGroupsPolicy 12 string? enum=Merge,Strict
fsGroup 5 int64?
sysctls 7 list<@Sysctl> atomic
fsGroupChangePolicy 9 string? enum=Always,OnRootMismatch
seccompProfile 10 @SeccompProfile?
appArmorProfile 11 @AppArmorProfile?
seLinuxChangePolicy 13 string?

== PodSpec : What is to run.
volumes 1 list<@Volume> keys=name merge=name,retain : Directories for the containers.
initContainers 20 list<@Container> keys=name merge=name : What runs before.
containers 2 list<@Container>! keys=name merge=name : What runs.
ephemeralContainers 34 list<@EphemeralContainer> keys=name merge=name : What runs for a look inside.
restartPolicy 3 string enum=Always,Never,OnFailure : Always, OnFailure or Never.
terminationGracePeriodSeconds 4 int64? : Seconds to end in.
activeDeadlineSeconds 5 int64? : How long it may run.
dnsPolicy 6 string enum=ClusterFirst,ClusterFirstWithHostNet,Default,None : Who resolves names.
nodeSelector 7 map<string> atomic : Labels of machines it may run on.
serviceAccountName 8 string : The account it runs as.
serviceAccount 9 string : Older name of serviceAccountName.
automountServiceAccountToken 21 bool? : Whether it gets a token of its account.
nodeName 10 string : The machine it runs on.
hostNetwork 11 bool : Whether it uses the machine's network.
hostPID 12 bool : Whether it sees the machine's processes.
hostIPC 13 bool : Whether it shares the machine's IPC.
shareProcessNamespace 27 bool? : Whether its containers see each other's processes.
securityContext 14 @PodSecurityContext? : Rights of all containers.
imagePullSecrets 15 list<@LocalObjectReference> keys=name merge=name : Secrets for pulling images.
hostname 16 string : Its host name.
subdomain 17 string : Part of its full name.
affinity 18 @Affinity? : Which machines it likes.
schedulerName 19 string : Who chooses the machine.
tolerations 22 list<@Toleration> atomic : Taints it tolerates.
hostAliases 23 list<@HostAlias> keys=ip merge=ip : Further lines of its hosts file.
priorityClassName 24 string : How much it matters, by name.
priority 25 int32? : How much it matters.
dnsConfig 26 @PodDNSConfig? : Further settings for names.
readinessGates 28 list<@PodReadinessGate> atomic : Further conditions of readiness.
runtimeClassName 29 string? : What runs it.
enableServiceLinks 30 bool? : Whether Services appear in its environment.
preemptionPolicy 31 string? enum=Never,PreemptLowerPriority : Whether it may push others out.
overhead 32 map<quantity> : What it costs beside its containers.
topologySpreadConstraints 33 list<@TopologySpreadConstraint> keys=topologyKey,whenUnsatisfiable merge=topologyKey : How it is spread.
setHostnameAsFQDN 35 bool? : Whether its host name is the full one.
os 36 @PodOS? : The operating system it needs.
hostUsers 37 bool? : Whether it shares the machine's users.
schedulingGates 38 list<@PodSchedulingGate> keys=name merge=name : What it waits for before a machine is chosen.
resourceClaims 39 list<@PodResourceClaim> keys=name merge=name,retain : Devices it claims.
resources 40 @ResourceRequirements? : What all of it needs and may use.
hostnameOverride 41 string?
schedulingGroup 43 @PodSchedulingGroup?
evictionResponders 44 list<@EvictionResponder> keys=name merge=name

== PodStatus : How a pod runs.
observedGeneration 17 int64
phase 1 string : Pending, Running, Succeeded, Failed or Unknown.
conditions 2 list<@PodCondition> keys=type merge=type : What is known about it.
message 3 string : The cause for people.
reason 4 string : One word for the cause.
nominatedNodeName 11 string
hostIP 5 string : Address of the machine.
hostIPs 16 list<@HostIP> atomic merge=ip
podIP 6 string : Address of the pod.
podIPs 12 list<@PodIP> keys=ip merge=ip : Its addresses, of each family.
startTime 7 time? : When it was started.
initContainerStatuses 10 list<@ContainerStatus> atomic : How those before them are.
containerStatuses 8 list<@ContainerStatus> atomic : How the containers are.
qosClass 9 string enum=BestEffort,Burstable,Guaranteed
ephemeralContainerStatuses 13 list<@ContainerStatus> atomic
resize 14 string
resourceClaimStatuses 15 list<@PodResourceClaimStatus> keys=name merge=name,retain
extendedResourceClaimStatus 18 @PodExtendedResourceClaimStatus?
allocatedResources 19 map<quantity>
resources 20 @ResourceRequirements?
nodeAllocatableResourceClaimStatuses 21 list<@NodeAllocatableResourceClaimStatus> keys=resourceClaimName merge=resourceClaimName
volumeHealth 22 list<@PodVolumeHealth> keys=name

== PodTemplateSpec : What pods are made of.
metadata 1 @meta.ObjectMeta : Their labels and annotations.
spec 2 @PodSpec : What is to run.

== PodVolumeHealth
name 1 string!
healthConditions 2 list<@VolumeHealthCondition> keys=status,reason merge=status
lastTransitionTime 3 time

== PortStatus
port 1 int32!
protocol 2 string! enum=SCTP,TCP,UDP
error 3 string?

== PortworxVolumeSource
volumeID 1 string!
fsType 2 string
readOnly 3 bool

== PreferredSchedulingTerm
weight 1 int32!
preference 2 @NodeSelectorTerm!

== Probe
> 1 @ProbeHandler
initialDelaySeconds 2 int32
timeoutSeconds 3 int32
periodSeconds 4 int32
successThreshold 5 int32
failureThreshold 6 int32
terminationGracePeriodSeconds 7 int64?

== ProbeHandler
exec 1 @ExecAction?
httpGet 2 @HTTPGetAction?
tcpSocket 3 @TCPSocketAction?
grpc 4 @GRPCAction?

== ProjectedVolumeSource
sources 1 list<@VolumeProjection> atomic
defaultMode 2 int32?
defaultUser 3 int64?

== QuobyteVolumeSource
registry 1 string!
volume 2 string!
readOnly 3 bool
user 4 string
group 5 string
tenant 6 string

== RBDPersistentVolumeSource
monitors 1 list<string>! atomic
image 2 string!
fsType 3 string
pool 4 string default="rbd"
user 5 string default="admin"
keyring 6 string default="/etc/ceph/keyring"
secretRef 7 @SecretReference?
readOnly 8 bool

== RBDVolumeSource
monitors 1 list<string>! atomic
image 2 string!
fsType 3 string
pool 4 string default="rbd"
user 5 string default="admin"
keyring 6 string default="/etc/ceph/keyring"
secretRef 7 @LocalObjectReference?
readOnly 8 bool

== ReplicationControllerCondition
type 1 string!
status 2 string!
lastTransitionTime 3 time
reason 4 string
message 5 string

== ReplicationControllerSpec
replicas 1 int32?
minReadySeconds 4 int32
selector 2 map<string> atomic
template 3 @PodTemplateSpec?

== ReplicationControllerStatus
replicas 1 int32!
fullyLabeledReplicas 2 int32
readyReplicas 4 int32
availableReplicas 5 int32
observedGeneration 3 int64
conditions 6 list<@ReplicationControllerCondition> keys=type merge=type

== ResourceClaim
name 1 string!
request 2 string

== ResourceFieldSelector atomic
containerName 1 string
resource 2 string!
divisor 3 quantity

== ResourceHealth
resourceID 1 string!
health 2 string
message 6 string?

== ResourceQuotaSpec
hard 1 map<quantity>
scopes 2 list<string> atomic
scopeSelector 3 @ScopeSelector?

== ResourceQuotaStatus
hard 1 map<quantity>
used 2 map<quantity>

== ResourceRequirements
limits 1 map<quantity>
requests 2 map<quantity>
claims 3 list<@ResourceClaim> keys=name

== ResourceStatus
name 1 string!
resources 2 list<@ResourceHealth> keys=resourceID

== SELinuxOptions
user 1 string
role 2 string
type 3 string
level 4 string

== ScaleIOPersistentVolumeSource
gateway 1 string!
system 2 string!
secretRef 3 @SecretReference?!
sslEnabled 4 bool
protectionDomain 5 string
storagePool 6 string
storageMode 7 string default="ThinProvisioned"
volumeName 8 string
fsType 9 string default="xfs"
readOnly 10 bool

== ScaleIOVolumeSource
gateway 1 string!
system 2 string!
secretRef 3 @LocalObjectReference?!
sslEnabled 4 bool
protectionDomain 5 string
storagePool 6 string
storageMode 7 string default="ThinProvisioned"
volumeName 8 string
fsType 9 string default="xfs"
readOnly 10 bool

== ScopeSelector atomic
matchExpressions 1 list<@ScopedResourceSelectorRequirement> atomic

== ScopedResourceSelectorRequirement
scopeName 1 string!
operator 2 string!
values 3 list<string> atomic

== SeccompProfile
type 1 string! enum=Localhost,RuntimeDefault,Unconfined
localhostProfile 2 string?

== SecretEnvSource
> 1 @LocalObjectReference
optional 2 bool?

== SecretKeySelector atomic
> 1 @LocalObjectReference
key 2 string!
optional 3 bool?

== SecretProjection
> 1 @LocalObjectReference
items 2 list<@KeyToPath> atomic
optional 4 bool?

== SecretReference atomic
name 1 string
namespace 2 string

== SecretVolumeSource
secretName 1 string
items 2 list<@KeyToPath> atomic
defaultMode 3 int32?
optional 4 bool?
defaultUser 5 int64?

== SecurityContext
capabilities 1 @Capabilities?
privileged 2 bool?
seLinuxOptions 3 @SELinuxOptions?
windowsOptions 10 @WindowsSecurityContextOptions?
runAsUser 4 int64?
runAsGroup 8 int64?
runAsNonRoot 5 bool?
readOnlyRootFilesystem 6 bool?
allowPrivilegeEscalation 7 bool?
procMount 9 string? enum=Default,Unmasked
seccompProfile 11 @SeccompProfile?
appArmorProfile 12 @AppArmorProfile?

== ServiceAccountTokenProjection
audience 1 string
expirationSeconds 2 int64?
path 3 string!
user 4 int64?

== ServicePort : A port of a Service.
name 1 string : Its name.
protocol 2 string default="TCP" enum=SCTP,TCP,UDP : TCP, UDP or SCTP.
appProtocol 6 string? : What is spoken there.
port 3 int32! : Its number.
targetPort 4 intstr : The port of the pods.
nodePort 5 int32 : The port of the machines.

== ServiceSpec : What a Service stands for.
ports 1 list<@ServicePort> keys=port,protocol merge=port : Its ports.
selector 2 map<string> atomic : Labels of its pods.
clusterIP 3 string : Its address in the cluster.
clusterIPs 18 list<string> atomic : Its addresses, of each family.
type 4 string enum=ClusterIP,ExternalName,LoadBalancer,NodePort : ClusterIP, NodePort, LoadBalancer or ExternalName.
externalIPs 5 list<string> atomic : Addresses from outside.
sessionAffinity 7 string enum=ClientIP,None : ClientIP or None.
loadBalancerIP 8 string : Address of the load balancer.
loadBalancerSourceRanges 9 list<string> atomic : Who may come through the load balancer.
externalName 10 string : The name it stands for.
externalTrafficPolicy 11 string enum=Cluster,Local : Cluster or Local.
healthCheckNodePort 12 int32 : Where a load balancer asks.
publishNotReadyAddresses 13 bool : Whether pods that are not ready are shown.
sessionAffinityConfig 14 @SessionAffinityConfig? : How long a client stays with a pod.
ipFamilies 19 list<string> atomic enum=IPv4,IPv6 : IPv4, IPv6.
ipFamilyPolicy 17 string? enum=PreferDualStack,RequireDualStack,SingleStack : How many families.
allocateLoadBalancerNodePorts 20 bool? : Whether a load balancer needs ports of the machines.
loadBalancerClass 21 string? : Which load balancer.
internalTrafficPolicy 22 string? enum=Cluster,Local : Cluster or Local.
trafficDistribution 23 string? : Which pods are preferred.

== ServiceStatus : How a Service is reached.
loadBalancer 1 @LoadBalancerStatus : Its load balancer.
conditions 2 list<@meta.Condition> keys=type merge=type : What is known about it.

== SessionAffinityConfig
clientIP 1 @ClientIPConfig?

== SleepAction
seconds 1 int64!

== StorageOSPersistentVolumeSource
volumeName 1 string
volumeNamespace 2 string
fsType 3 string
readOnly 4 bool
secretRef 5 @ObjectReference?

== StorageOSVolumeSource
volumeName 1 string
volumeNamespace 2 string
fsType 3 string
readOnly 4 bool
secretRef 5 @LocalObjectReference?

== Sysctl
name 1 string!
value 2 string!

== TCPSocketAction
port 1 intstr!
host 2 string

== Taint : Keeps pods away that do not tolerate it.
key 1 string! : Its key.
value 2 string : Its value.
effect 3 string! enum=NoExecute,NoSchedule,PreferNoSchedule : NoSchedule, PreferNoSchedule or NoExecute.
timeAdded 4 time? : When it was put.

== Toleration
key 1 string
operator 2 string enum=Equal,Exists,Gt,Lt
value 3 string
effect 4 string enum=NoExecute,NoSchedule,PreferNoSchedule
tolerationSeconds 5 int64?

== TopologySelectorLabelRequirement
key 1 string!
values 2 list<string>! atomic

== TopologySelectorTerm atomic
matchLabelExpressions 1 list<@TopologySelectorLabelRequirement> atomic

== TopologySpreadConstraint : How pods are spread.
maxSkew 1 int32! : How uneven it may become.
topologyKey 2 string! : Label of machines to spread over.
whenUnsatisfiable 3 string! enum=DoNotSchedule,ScheduleAnyway : DoNotSchedule or ScheduleAnyway.
labelSelector 4 @meta.LabelSelector? : The pods that are counted.
minDomains 5 int32? : The least number of places.
nodeAffinityPolicy 6 string? enum=Honor,Ignore : Whether affinity is honoured.
nodeTaintsPolicy 7 string? enum=Honor,Ignore : Whether taints are honoured.
matchLabelKeys 8 list<string> atomic : Labels whose values pods must share to be counted.

== TypedLocalObjectReference atomic
apiGroup 1 string?+
kind 2 string!
name 3 string!

== TypedObjectReference
apiGroup 1 string?+
kind 2 string!
name 3 string!
namespace 4 string?

== Volume : A directory for containers.
name 1 string! : Its name in the pod.
> 2 @VolumeSource

== VolumeDevice : Where a raw volume appears.
name 1 string! : The volume.
devicePath 2 string! : The device.

== VolumeHealthCondition
status 1 string! enum=DataLoss,Degraded,Inaccessible
reason 2 string!
message 3 string

== VolumeHealthStatus
healthConditions 1 list<@VolumeHealthCondition> keys=status,reason merge=status
lastTransitionTime 2 time

== VolumeMount : Where a volume appears.
name 1 string! : The volume.
readOnly 2 bool : Whether it cannot be written.
recursiveReadOnly 7 string? : Whether mounts inside cannot be written either.
mountPath 3 string! : The directory.
subPath 4 string : The part of the volume.
mountPropagation 5 string? enum=Bidirectional,HostToContainer,None : Whether mounts inside are seen outside.
subPathExpr 6 string : The part of the volume, with variables.
bindMountOptions 8 list<string> set

== VolumeMountStatus
name 1 string!
mountPath 2 string!
readOnly 3 bool
recursiveReadOnly 4 string?
volumeStatus 5 @VolumeStatus?

== VolumeNodeAffinity
required 1 @NodeSelector?

== VolumeProjection
secret 1 @SecretProjection?
downwardAPI 2 @DownwardAPIProjection?
configMap 3 @ConfigMapProjection?
serviceAccountToken 4 @ServiceAccountTokenProjection?
clusterTrustBundle 5 @ClusterTrustBundleProjection?
podCertificate 6 @PodCertificateProjection?

== VolumeResourceRequirements
limits 1 map<quantity>
requests 2 map<quantity>

== VolumeSource
hostPath 1 @HostPathVolumeSource? : A directory of the machine.
emptyDir 2 @EmptyDirVolumeSource? : An empty directory.
gcePersistentDisk 3 @GCEPersistentDiskVolumeSource? : A disk of GCE.
awsElasticBlockStore 4 @AWSElasticBlockStoreVolumeSource? : A disk of AWS.
gitRepo 5 @GitRepoVolumeSource? : Files of a git repository.
secret 6 @SecretVolumeSource? : Files from a Secret.
nfs 7 @NFSVolumeSource? : A directory of a file server.
iscsi 8 @ISCSIVolumeSource? : A disk over the network.
glusterfs 9 @GlusterfsVolumeSource? : A directory of Gluster.
persistentVolumeClaim 10 @PersistentVolumeClaimVolumeSource? : A claimed disk.
rbd 11 @RBDVolumeSource? : A disk of Ceph.
flexVolume 12 @FlexVolumeSource? : A disk of an older driver.
cinder 13 @CinderVolumeSource? : A disk of OpenStack.
cephfs 14 @CephFSVolumeSource? : A directory of Ceph.
flocker 15 @FlockerVolumeSource? : A disk of Flocker.
downwardAPI 16 @DownwardAPIVolumeSource? : Files about the pod.
fc 17 @FCVolumeSource? : A disk over fibre channel.
azureFile 18 @AzureFileVolumeSource? : A directory of Azure.
configMap 19 @ConfigMapVolumeSource? : Files from a ConfigMap.
vsphereVolume 20 @VsphereVirtualDiskVolumeSource? : A disk of vSphere.
quobyte 21 @QuobyteVolumeSource? : A directory of Quobyte.
azureDisk 22 @AzureDiskVolumeSource? : A disk of Azure.
photonPersistentDisk 23 @PhotonPersistentDiskVolumeSource? : A disk of Photon.
projected 26 @ProjectedVolumeSource? : Files from several sources.
portworxVolume 24 @PortworxVolumeSource? : A disk of Portworx.
scaleIO 25 @ScaleIOVolumeSource? : A disk of ScaleIO.
storageos 27 @StorageOSVolumeSource? : A disk of StorageOS.
csi 28 @CSIVolumeSource? : A disk of a driver.
ephemeral 29 @EphemeralVolumeSource? : A disk that lives as long as the pod.
image 30 @ImageVolumeSource? : Files of an image.

== VolumeStatus
image 1 @ImageVolumeStatus?

== VsphereVirtualDiskVolumeSource
volumePath 1 string!
fsType 2 string
storagePolicyName 3 string
storagePolicyID 4 string

== WeightedPodAffinityTerm
weight 1 int32!
podAffinityTerm 2 @PodAffinityTerm!

== WindowsSecurityContextOptions
gmsaCredentialSpecName 1 string?
gmsaCredentialSpec 2 string?
runAsUserName 3 string?
hostProcess 4 bool?
)";
}

}  // namespace capstan::apiserver
