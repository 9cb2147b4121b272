// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view CoreTable() {
  return R"(
# core io.k8s.api.core.v1 v1

== ConfigMap kind : Configuration for programs, as keys and values.
metadata 1 @meta.ObjectMeta
immutable 4 bool? : Makes the content immutable.
data 2 map<string> : Strings by key.
binaryData 3 map<bytes> : Binary values by key, base64-encoded.

== Endpoints kind : The addresses of the pods behind a Service.
metadata 1 @meta.ObjectMeta
subsets 2 list<@EndpointSubset> atomic : Groups of addresses with the same ports.

== Event kind : Something that happened to an object.
metadata 1 @meta.ObjectMeta!
involvedObject 2 @ObjectReference! : The object of the event.
reason 3 string : A machine-readable reason in one word.
message 4 string : A description for users.
source 5 @EventSource : The component that reported the event.
firstTimestamp 6 time : Time of the first occurrence.
lastTimestamp 7 time : Time of the latest occurrence.
count 8 int32 : Number of occurrences.
type 9 string : Normal or Warning.
eventTime 10 microtime : Time of the first observation.
series 11 @EventSeries? : Further occurrences of the event.
action 12 string : The action that was taken.
related 13 @ObjectReference? : Another object involved in the event.
reportingComponent 14 string+ : The controller that reported the event.
reportingInstance 15 string+ : The instance of that controller.

== LimitRange kind
metadata 1 @meta.ObjectMeta
spec 2 @LimitRangeSpec

== Namespace kind : A scope in which names are unique.
metadata 1 @meta.ObjectMeta
spec 2 @NamespaceSpec : The behavior of the namespace.
status 3 @NamespaceStatus : The state of the namespace.

== Node kind : A machine in the cluster.
metadata 1 @meta.ObjectMeta
spec 2 @NodeSpec : Configuration of the node.
status 3 @NodeStatus : The state of the node.

== PersistentVolume kind
metadata 1 @meta.ObjectMeta
spec 2 @PersistentVolumeSpec
status 3 @PersistentVolumeStatus

== PersistentVolumeClaim kind
metadata 1 @meta.ObjectMeta
spec 2 @PersistentVolumeClaimSpec
status 3 @PersistentVolumeClaimStatus

== Pod kind : Containers that run together on one node.
metadata 1 @meta.ObjectMeta
spec 2 @PodSpec : The containers and how to run them.
status 3 @PodStatus : The observed state of the pod.

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

== Secret kind : Confidential data, as keys and values.
metadata 1 @meta.ObjectMeta
immutable 5 bool? : Makes the content immutable.
data 2 map<bytes> : Binary values by key, base64-encoded.
stringData 4 map<string> : Strings by key, merged into data on writes; never returned.
type 3 string : The purpose of the Secret, such as Opaque.

== Service kind : A stable address for a set of pods.
metadata 1 @meta.ObjectMeta
spec 2 @ServiceSpec : The pods behind the Service and how to reach them.
status 3 @ServiceStatus : The observed state of the Service.

== ServiceAccount kind : An identity for programs in the cluster.
metadata 1 @meta.ObjectMeta
secrets 2 list<@ObjectReference> keys=name merge=name : Secrets that pods of this account can use.
imagePullSecrets 3 list<@LocalObjectReference> atomic : Secrets for pulling images.
automountServiceAccountToken 4 bool? : Whether pods get a token for the account automatically.

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

== Container : A container of a pod.
name 1 string! : Name of the container, unique in the pod.
image 2 string : Image to run.
command 3 list<string> atomic : Replaces the entrypoint of the image.
args 4 list<string> atomic : Arguments of the command.
workingDir 5 string : Working directory.
ports 6 list<@ContainerPort> keys=containerPort,protocol merge=containerPort : Ports on which the container listens.
envFrom 19 list<@EnvFromSource> atomic : Sources of further environment variables.
env 7 list<@EnvVar> keys=name merge=name : Environment variables.
resources 8 @ResourceRequirements : Requested and maximum resources.
resizePolicy 23 list<@ContainerResizePolicy> atomic : How resizing affects the container.
restartPolicy 24 string? : When the container is restarted.
restartPolicyRules 25 list<@ContainerRestartRule> atomic
volumeMounts 9 list<@VolumeMount> keys=mountPath merge=mountPath : Volumes to mount.
volumeDevices 21 list<@VolumeDevice> keys=devicePath merge=devicePath : Block devices to attach.
livenessProbe 10 @Probe? : Checks that the container is alive.
readinessProbe 11 @Probe? : Checks that the container is ready for traffic.
startupProbe 22 @Probe? : Checks that the container has started.
lifecycle 12 @Lifecycle? : Hooks that run after its start and before its end.
terminationMessagePath 13 string : File to which the container writes its final status.
terminationMessagePolicy 20 string enum=FallbackToLogsOnError,File : Where the final message is read from.
imagePullPolicy 14 string enum=Always,IfNotPresent,Never : Always, IfNotPresent or Never.
securityContext 15 @SecurityContext? : Security settings of the container.
stdin 16 bool : Whether standard input stays open.
stdinOnce 17 bool : Whether standard input closes after the first client disconnects.
tty 18 bool : Whether the container gets a terminal.

== ContainerExtendedResourceRequest
containerName 1 string!
resourceName 2 string!
requestName 3 string!

== ContainerImage
names 1 list<string> atomic
sizeBytes 2 int64

== ContainerPort : A port of a container.
name 1 string : Name of the port.
hostPort 2 int32 : Port on the node.
containerPort 3 int32! : Port number in the container.
protocol 4 string default="TCP" enum=SCTP,TCP,UDP : TCP, UDP or SCTP.
hostIP 5 string : Address of the node to bind.

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

== ContainerStatus : The state of a container.
name 1 string! : Name of the container.
state 2 @ContainerState : Current state of the container.
lastState 3 @ContainerState
ready 4 bool! : Whether the container is ready.
restartCount 5 int32! : Number of restarts.
image 6 string! : Image of the container.
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

== EndpointAddress atomic : An address of an endpoint.
ip 1 string! : IP address.
hostname 3 string : Host name.
nodeName 4 string? : Node of the endpoint.
targetRef 2 @ObjectReference? : Object behind the address.

== EndpointPort atomic : A port of an endpoint.
name 1 string : Name of the port.
port 2 int32! : Port number.
protocol 3 string enum=SCTP,TCP,UDP : TCP, UDP or SCTP.
appProtocol 4 string? : Application protocol of the port.

== EndpointSubset : Addresses that share the same ports.
addresses 1 list<@EndpointAddress> atomic : Addresses that are ready.
notReadyAddresses 2 list<@EndpointAddress> atomic : Addresses that are not ready.
ports 3 list<@EndpointPort> atomic : Ports of the addresses.

== EnvFromSource
prefix 1 string
configMapRef 2 @ConfigMapEnvSource?
secretRef 3 @SecretEnvSource?

== EnvVar : An environment variable.
name 1 string! : Name of the variable.
value 2 string : Value of the variable.
valueFrom 3 @EnvVarSource? : Source of the value.

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
name 1 string! : Name of the container, unique in the pod.
image 2 string : Image to run.
command 3 list<string> atomic : Replaces the entrypoint of the image.
args 4 list<string> atomic : Arguments of the command.
workingDir 5 string : Working directory.
ports 6 list<@ContainerPort> keys=containerPort,protocol merge=containerPort : Ports on which the container listens.
envFrom 19 list<@EnvFromSource> atomic : Sources of further environment variables.
env 7 list<@EnvVar> keys=name merge=name : Environment variables.
resources 8 @ResourceRequirements : Requested and maximum resources.
resizePolicy 23 list<@ContainerResizePolicy> atomic : How resizing affects the container.
restartPolicy 24 string? : When the container is restarted.
restartPolicyRules 25 list<@ContainerRestartRule> atomic
volumeMounts 9 list<@VolumeMount> keys=mountPath merge=mountPath : Volumes to mount.
volumeDevices 21 list<@VolumeDevice> keys=devicePath merge=devicePath : Block devices to attach.
livenessProbe 10 @Probe? : Checks that the container is alive.
readinessProbe 11 @Probe? : Checks that the container is ready for traffic.
startupProbe 22 @Probe? : Checks that the container has started.
lifecycle 12 @Lifecycle? : Hooks that run after its start and before its end.
terminationMessagePath 13 string : File to which the container writes its final status.
terminationMessagePolicy 20 string enum=FallbackToLogsOnError,File : Where the final message is read from.
imagePullPolicy 14 string enum=Always,IfNotPresent,Never : Always, IfNotPresent or Never.
securityContext 15 @SecurityContext? : Security settings of the container.
stdin 16 bool : Whether standard input stays open.
stdinOnce 17 bool : Whether standard input closes after the first client disconnects.
tty 18 bool : Whether the container gets a terminal.

== EphemeralVolumeSource
volumeClaimTemplate 1 @PersistentVolumeClaimTemplate?

== EventSeries : Repeated occurrences of an event.
count 1 int32 : Number of occurrences so far.
lastObservedTime 2 microtime : Time of the latest occurrence.

== EventSource : The origin of an event.
component 1 string : Name of the component.
host 2 string : Node of the component.

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

== HostAlias : An entry in the hosts file of a pod.
ip 1 string! : IP address.
hostnames 2 list<string> atomic : Host names for the address.

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

== LocalObjectReference atomic : Reference to an object in the same namespace.
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

== NamespaceCondition : A condition of a namespace.
type 1 string! : Type of the condition.
status 2 string! : True, False or Unknown.
lastTransitionTime 4 time : When the status last changed.
reason 5 string : A machine-readable reason.
message 6 string : A message for users.

== NamespaceSpec : The behavior of a namespace.
finalizers 1 list<string> atomic : Finalizers that must be removed before the namespace is deleted.

== NamespaceStatus : The state of a namespace.
phase 1 string : Active or Terminating.
conditions 2 list<@NamespaceCondition> keys=type merge=type : Progress and problems of its deletion.

== NodeAddress : An address of a node.
type 1 string! : Type of the address.
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

== NodeCondition : A condition of a node.
type 1 string! : Type of the condition.
status 2 string! : True, False or Unknown.
lastHeartbeatTime 3 time : When the node last reported it.
lastTransitionTime 4 time : When the status last changed.
reason 5 string : A machine-readable reason.
message 6 string : A message for users.

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

== NodeSpec : Configuration of a node.
podCIDR 1 string : Address range of its pods.
podCIDRs 7 list<string> set merge : Address ranges of its pods, one for each IP family.
providerID 3 string : ID of the machine at its cloud provider.
unschedulable 4 bool : Whether the scheduler skips this node.
taints 5 list<@Taint> atomic : Taints that pods must tolerate.
configSource 6 @NodeConfigSource? : No longer used.
externalID 2 string : No longer used.
podPreemptionPolicy 8 @NodePodPreemptionPolicy?

== NodeStatus : The state of a node.
capacity 1 map<quantity> : Total resources of the node.
allocatable 2 map<quantity> : Resources available for pods.
phase 3 string
conditions 4 list<@NodeCondition> keys=type merge=type : Conditions of the node.
addresses 5 list<@NodeAddress> keys=type merge=type : Addresses of the node.
daemonEndpoints 6 @NodeDaemonEndpoints
nodeInfo 7 @NodeSystemInfo : Software versions of the node.
images 8 list<@ContainerImage> atomic
volumesInUse 9 list<string> atomic
volumesAttached 10 list<@AttachedVolume> atomic
config 11 @NodeConfigStatus?
runtimeHandlers 12 list<@NodeRuntimeHandler> atomic
features 13 @NodeFeatures?
declaredFeatures 14 list<string> atomic

== NodeSwapStatus
capacity 1 int64?

== NodeSystemInfo : Software versions of a node.
machineID 1 string!
systemUUID 2 string!
bootID 3 string!
kernelVersion 4 string! : Version of the kernel.
osImage 5 string! : Name of the operating system.
containerRuntimeVersion 6 string! : Container runtime and its version.
kubeletVersion 7 string! : Version of the kubelet.
kubeProxyVersion 8 string!
operatingSystem 9 string!
architecture 10 string!
swap 11 @NodeSwapStatus?

== ObjectFieldSelector atomic
apiVersion 1 string
fieldPath 2 string!

== ObjectReference atomic : Reference to an object or to a part of it.
kind 1 string : Kind of the object.
namespace 2 string : Namespace of the object.
name 3 string : Name of the object.
uid 4 string : UID of the object.
apiVersion 5 string : API version of the object.
resourceVersion 6 string : The resourceVersion of the referenced object.
fieldPath 7 string : The referenced part of the object.

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

== PodCondition : A condition of a pod.
type 1 string! : Type of the condition.
observedGeneration 7 int64
status 2 string! : True, False or Unknown.
lastProbeTime 3 time : When the condition was last probed.
lastTransitionTime 4 time : When the status last changed.
reason 5 string : A machine-readable reason.
message 6 string : A message for users.

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

== PodIP : An IP address of a pod.
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

== PodSpec : The containers of a pod and how to run them.
volumes 1 list<@Volume> keys=name merge=name,retain : Volumes that containers can mount.
initContainers 20 list<@Container> keys=name merge=name : Containers that run to completion before the others start.
containers 2 list<@Container>! keys=name merge=name : Containers of the pod.
ephemeralContainers 34 list<@EphemeralContainer> keys=name merge=name : Temporary containers for debugging.
restartPolicy 3 string enum=Always,Never,OnFailure : Always, OnFailure or Never.
terminationGracePeriodSeconds 4 int64? : Grace period for termination, in seconds.
activeDeadlineSeconds 5 int64? : Maximum run time in seconds.
dnsPolicy 6 string enum=ClusterFirst,ClusterFirstWithHostNet,Default,None : How DNS is configured in the pod.
nodeSelector 7 map<string> atomic : Labels that a node must have.
serviceAccountName 8 string : Service account of the pod.
serviceAccount 9 string : Deprecated alias of serviceAccountName.
automountServiceAccountToken 21 bool? : Whether the pod gets a token for its service account.
nodeName 10 string : Node of the pod.
hostNetwork 11 bool : Whether the pod uses the network of the node.
hostPID 12 bool : Whether the pod shares the process namespace of the node.
hostIPC 13 bool : Whether the pod shares the IPC namespace of the node.
shareProcessNamespace 27 bool? : Whether the containers share one process namespace.
securityContext 14 @PodSecurityContext? : Security settings for all containers.
imagePullSecrets 15 list<@LocalObjectReference> keys=name merge=name : Secrets for pulling images.
hostname 16 string : Host name of the pod.
subdomain 17 string : Subdomain in the fully qualified name of the pod.
affinity 18 @Affinity? : Preferences and requirements for nodes and neighbors.
schedulerName 19 string : Scheduler that assigns the node.
tolerations 22 list<@Toleration> atomic : Taints that the pod tolerates.
hostAliases 23 list<@HostAlias> keys=ip merge=ip : Additional entries in the hosts file.
priorityClassName 24 string : Name of the PriorityClass.
priority 25 int32? : Priority; higher values are more important.
dnsConfig 26 @PodDNSConfig? : Additional DNS settings.
readinessGates 28 list<@PodReadinessGate> atomic : Additional conditions for readiness.
runtimeClassName 29 string? : Name of the RuntimeClass.
enableServiceLinks 30 bool? : Whether environment variables describe the Services of the namespace.
preemptionPolicy 31 string? enum=Never,PreemptLowerPriority : Whether the pod can preempt pods of lower priority.
overhead 32 map<quantity> : Resources that the pod needs in addition to its containers.
topologySpreadConstraints 33 list<@TopologySpreadConstraint> keys=topologyKey,whenUnsatisfiable merge=topologyKey : How replicas are spread over the cluster.
setHostnameAsFQDN 35 bool? : Whether the host name is the fully qualified name.
os 36 @PodOS? : Required operating system.
hostUsers 37 bool? : Whether the pod shares the user namespace of the node.
schedulingGates 38 list<@PodSchedulingGate> keys=name merge=name : Gates that must be removed before scheduling.
resourceClaims 39 list<@PodResourceClaim> keys=name merge=name,retain : Device claims of the pod.
resources 40 @ResourceRequirements? : Requested and maximum resources of the whole pod.
hostnameOverride 41 string?
schedulingGroup 43 @PodSchedulingGroup?
evictionResponders 44 list<@EvictionResponder> keys=name merge=name

== PodStatus : The observed state of a pod.
observedGeneration 17 int64
phase 1 string : Pending, Running, Succeeded, Failed or Unknown.
conditions 2 list<@PodCondition> keys=type merge=type : Conditions of the pod.
message 3 string : A message for users.
reason 4 string : A machine-readable reason.
nominatedNodeName 11 string
hostIP 5 string : IP address of the node.
hostIPs 16 list<@HostIP> atomic merge=ip
podIP 6 string : IP address of the pod.
podIPs 12 list<@PodIP> keys=ip merge=ip : IP addresses of the pod, one for each family.
startTime 7 time? : When the kubelet accepted the pod.
initContainerStatuses 10 list<@ContainerStatus> atomic : States of the init containers.
containerStatuses 8 list<@ContainerStatus> atomic : States of the containers.
qosClass 9 string enum=BestEffort,Burstable,Guaranteed
ephemeralContainerStatuses 13 list<@ContainerStatus> atomic
resize 14 string
resourceClaimStatuses 15 list<@PodResourceClaimStatus> keys=name merge=name,retain
extendedResourceClaimStatus 18 @PodExtendedResourceClaimStatus?
allocatedResources 19 map<quantity>
resources 20 @ResourceRequirements?
nodeAllocatableResourceClaimStatuses 21 list<@NodeAllocatableResourceClaimStatus> keys=resourceClaimName merge=resourceClaimName
volumeHealth 22 list<@PodVolumeHealth> keys=name

== PodTemplateSpec : Template for new pods.
metadata 1 @meta.ObjectMeta : Labels and annotations of the pods.
spec 2 @PodSpec : Spec of the pods.

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
name 1 string : Name of the port.
protocol 2 string default="TCP" enum=SCTP,TCP,UDP : TCP, UDP or SCTP.
appProtocol 6 string? : Application protocol of the port.
port 3 int32! : Port number of the Service.
targetPort 4 intstr : Port number or name in the pods.
nodePort 5 int32 : Port on every node.

== ServiceSpec : The pods behind a Service and how to reach them.
ports 1 list<@ServicePort> keys=port,protocol merge=port : Ports of the Service.
selector 2 map<string> atomic : Labels of the pods behind the Service.
clusterIP 3 string : IP address inside the cluster.
clusterIPs 18 list<string> atomic : IP addresses inside the cluster, one for each family.
type 4 string enum=ClusterIP,ExternalName,LoadBalancer,NodePort : ClusterIP, NodePort, LoadBalancer or ExternalName.
externalIPs 5 list<string> atomic : Additional external addresses.
sessionAffinity 7 string enum=ClientIP,None : ClientIP or None.
loadBalancerIP 8 string : Requested address of the load balancer.
loadBalancerSourceRanges 9 list<string> atomic : Client addresses that can use the load balancer.
externalName 10 string : DNS name that the Service refers to.
externalTrafficPolicy 11 string enum=Cluster,Local : Cluster or Local.
healthCheckNodePort 12 int32 : Port for health checks by load balancers.
publishNotReadyAddresses 13 bool : Whether pods that are not ready get traffic.
sessionAffinityConfig 14 @SessionAffinityConfig? : Settings of session affinity.
ipFamilies 19 list<string> atomic enum=IPv4,IPv6 : IPv4, IPv6 or both.
ipFamilyPolicy 17 string? enum=PreferDualStack,RequireDualStack,SingleStack : Whether one or two IP families are used.
allocateLoadBalancerNodePorts 20 bool? : Whether a load balancer gets node ports.
loadBalancerClass 21 string? : Implementation of the load balancer.
internalTrafficPolicy 22 string? enum=Cluster,Local : Cluster or Local.
trafficDistribution 23 string? : Preference for nearby pods.

== ServiceStatus : The observed state of a Service.
loadBalancer 1 @LoadBalancerStatus : State of the load balancer.
conditions 2 list<@meta.Condition> keys=type merge=type : Conditions of the Service.

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

== Taint : Keeps pods without a matching toleration away from a node.
key 1 string! : Key of the taint.
value 2 string : Value of the taint.
effect 3 string! enum=NoExecute,NoSchedule,PreferNoSchedule : NoSchedule, PreferNoSchedule or NoExecute.
timeAdded 4 time? : When the taint was added.

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

== TopologySpreadConstraint : How pods are spread over the cluster.
maxSkew 1 int32! : Maximum difference in the number of pods between two domains.
topologyKey 2 string! : Node label whose values are the domains.
whenUnsatisfiable 3 string! enum=DoNotSchedule,ScheduleAnyway : DoNotSchedule or ScheduleAnyway.
labelSelector 4 @meta.LabelSelector? : Pods to count.
minDomains 5 int32? : Minimum number of domains.
nodeAffinityPolicy 6 string? enum=Honor,Ignore : Whether node affinity and selector are considered.
nodeTaintsPolicy 7 string? enum=Honor,Ignore : Whether taints of nodes are considered.
matchLabelKeys 8 list<string> atomic : Labels whose values counted pods must share with the new one.

== TypedLocalObjectReference atomic
apiGroup 1 string?+
kind 2 string!
name 3 string!

== TypedObjectReference
apiGroup 1 string?+
kind 2 string!
name 3 string!
namespace 4 string?

== Volume : A volume of a pod.
name 1 string! : Name of the volume, unique in the pod.
> 2 @VolumeSource

== VolumeDevice : A block device in a container.
name 1 string! : Name of the volume.
devicePath 2 string! : Path of the device in the container.

== VolumeHealthCondition
status 1 string! enum=DataLoss,Degraded,Inaccessible
reason 2 string!
message 3 string

== VolumeHealthStatus
healthConditions 1 list<@VolumeHealthCondition> keys=status,reason merge=status
lastTransitionTime 2 time

== VolumeMount : A mounted volume in a container.
name 1 string! : Name of the volume.
readOnly 2 bool : Whether the mount is read-only.
recursiveReadOnly 7 string? : Whether nested mounts are read-only, too.
mountPath 3 string! : Path in the container.
subPath 4 string : Path in the volume.
mountPropagation 5 string? enum=Bidirectional,HostToContainer,None : Whether nested mounts are visible outside of the container.
subPathExpr 6 string : Path in the volume, with environment variables.
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
hostPath 1 @HostPathVolumeSource? : A path on the node.
emptyDir 2 @EmptyDirVolumeSource? : An empty directory that lives as long as the pod.
gcePersistentDisk 3 @GCEPersistentDiskVolumeSource? : A disk of Google Compute Engine.
awsElasticBlockStore 4 @AWSElasticBlockStoreVolumeSource? : A disk of Amazon EBS.
gitRepo 5 @GitRepoVolumeSource? : A clone of a git repository.
secret 6 @SecretVolumeSource? : Files from a Secret.
nfs 7 @NFSVolumeSource? : A directory on an NFS server.
iscsi 8 @ISCSIVolumeSource? : A disk attached by iSCSI.
glusterfs 9 @GlusterfsVolumeSource? : A Gluster volume.
persistentVolumeClaim 10 @PersistentVolumeClaimVolumeSource? : A PersistentVolumeClaim.
rbd 11 @RBDVolumeSource? : A Ceph block device.
flexVolume 12 @FlexVolumeSource? : A volume of a FlexVolume driver.
cinder 13 @CinderVolumeSource? : A disk of OpenStack Cinder.
cephfs 14 @CephFSVolumeSource? : A Ceph file system.
flocker 15 @FlockerVolumeSource? : A Flocker volume.
downwardAPI 16 @DownwardAPIVolumeSource? : Files with information about the pod.
fc 17 @FCVolumeSource? : A disk attached by Fibre Channel.
azureFile 18 @AzureFileVolumeSource? : An Azure file share.
configMap 19 @ConfigMapVolumeSource? : Files from a ConfigMap.
vsphereVolume 20 @VsphereVirtualDiskVolumeSource? : A vSphere disk.
quobyte 21 @QuobyteVolumeSource? : A Quobyte volume.
azureDisk 22 @AzureDiskVolumeSource? : An Azure disk.
photonPersistentDisk 23 @PhotonPersistentDiskVolumeSource? : A Photon disk.
projected 26 @ProjectedVolumeSource? : Files from several sources.
portworxVolume 24 @PortworxVolumeSource? : A Portworx volume.
scaleIO 25 @ScaleIOVolumeSource? : A ScaleIO volume.
storageos 27 @StorageOSVolumeSource? : A StorageOS volume.
csi 28 @CSIVolumeSource? : A volume of a CSI driver.
ephemeral 29 @EphemeralVolumeSource? : A claim that is created and deleted with the pod.
image 30 @ImageVolumeSource? : Files of an OCI image.

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
