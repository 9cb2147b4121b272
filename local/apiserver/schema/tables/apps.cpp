// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view AppsTable() {
  return R"(
# apps io.k8s.api.apps.v1 apps/v1

== ControllerRevision kind
metadata 1 @meta.ObjectMeta
data 2 raw!
revision 3 int64+

== DaemonSet kind
metadata 1 @meta.ObjectMeta
spec 2 @DaemonSetSpec
status 3 @DaemonSetStatus

== Deployment kind : Replicated pods with rolling updates.
metadata 1 @meta.ObjectMeta
spec 2 @DeploymentSpec : Desired pods.
status 3 @DeploymentStatus : Observed state.

== ReplicaSet kind
metadata 1 @meta.ObjectMeta
spec 2 @ReplicaSetSpec
status 3 @ReplicaSetStatus

== StatefulSet kind
metadata 1 @meta.ObjectMeta
spec 2 @StatefulSetSpec
status 3 @StatefulSetStatus

== DaemonSetCondition
type 1 string+
status 2 string+
lastTransitionTime 3 time
reason 4 string
message 5 string

== DaemonSetSpec
selector 1 @meta.LabelSelector?!
template 2 @core.PodTemplateSpec!
updateStrategy 3 @DaemonSetUpdateStrategy
minReadySeconds 4 int32
revisionHistoryLimit 6 int32?

== DaemonSetStatus
currentNumberScheduled 1 int32!
numberMisscheduled 2 int32!
desiredNumberScheduled 3 int32!
numberReady 4 int32!
observedGeneration 5 int64
updatedNumberScheduled 6 int32
numberAvailable 7 int32
numberUnavailable 8 int32
collisionCount 9 int32?
conditions 10 list<@DaemonSetCondition> keys=type merge=type

== DaemonSetUpdateStrategy
type 1 string enum=OnDelete,RollingUpdate
rollingUpdate 2 @RollingUpdateDaemonSet?

== DeploymentCondition : A condition of a Deployment.
type 1 string+ : Type of the condition.
status 2 string+ : True, False or Unknown.
lastUpdateTime 6 time : When the condition was last updated.
lastTransitionTime 7 time : When the status last changed.
reason 4 string : A machine-readable reason.
message 5 string : A message for users.

== DeploymentSpec : Desired pods of a Deployment.
replicas 1 int32? : Number of pods.
selector 2 @meta.LabelSelector?! : Selects the pods of the Deployment.
template 3 @core.PodTemplateSpec! : Template for the pods.
strategy 4 @DeploymentStrategy retain : How pods are replaced.
minReadySeconds 5 int32 : Seconds for which a pod must be ready to count as available.
revisionHistoryLimit 6 int32? : Number of old revisions to keep.
paused 7 bool : Whether updates are paused.
progressDeadlineSeconds 9 int32? : Seconds after which an update counts as stuck.

== DeploymentStatus : Observed state of a Deployment.
observedGeneration 1 int64 : The latest observed generation.
replicas 2 int32 : Number of pods.
updatedReplicas 3 int32 : Number of pods with the current template.
readyReplicas 7 int32 : Number of ready pods.
availableReplicas 4 int32 : Number of pods that have been ready for minReadySeconds.
unavailableReplicas 5 int32 : Number of missing pods.
terminatingReplicas 9 int32?
conditions 6 list<@DeploymentCondition> keys=type merge=type : Conditions of the Deployment.
collisionCount 8 int32? : Number of name collisions.

== DeploymentStrategy
type 1 string enum=Recreate,RollingUpdate
rollingUpdate 2 @RollingUpdateDeployment?

== ReplicaSetCondition
type 1 string+
status 2 string+
lastTransitionTime 3 time
reason 4 string
message 5 string

== ReplicaSetSpec
replicas 1 int32?
minReadySeconds 4 int32
selector 2 @meta.LabelSelector?!
template 3 @core.PodTemplateSpec

== ReplicaSetStatus
replicas 1 int32!
fullyLabeledReplicas 2 int32
readyReplicas 4 int32
availableReplicas 5 int32
terminatingReplicas 7 int32?
observedGeneration 3 int64
conditions 6 list<@ReplicaSetCondition> keys=type merge=type

== RollingUpdateDaemonSet
maxUnavailable 1 intstr?
maxSurge 2 intstr?

== RollingUpdateDeployment
maxUnavailable 1 intstr?
maxSurge 2 intstr?

== RollingUpdateStatefulSetStrategy
partition 1 int32?
maxUnavailable 2 intstr?

== StatefulSetCondition
type 1 string+
status 2 string+
lastTransitionTime 3 time
reason 4 string
message 5 string

== StatefulSetOrdinals
start 1 int32+

== StatefulSetPersistentVolumeClaimRetentionPolicy
whenDeleted 1 string
whenScaled 2 string

== StatefulSetSpec
replicas 1 int32?
selector 2 @meta.LabelSelector?!
template 3 @core.PodTemplateSpec!
volumeClaimTemplates 4 list<@core.PersistentVolumeClaim> atomic
serviceName 5 string+
podManagementPolicy 6 string enum=OrderedReady,Parallel
updateStrategy 7 @StatefulSetUpdateStrategy
revisionHistoryLimit 8 int32?
minReadySeconds 9 int32
persistentVolumeClaimRetentionPolicy 10 @StatefulSetPersistentVolumeClaimRetentionPolicy?
ordinals 11 @StatefulSetOrdinals?

== StatefulSetStatus
observedGeneration 1 int64
replicas 2 int32!
readyReplicas 3 int32
currentReplicas 4 int32
updatedReplicas 5 int32
currentRevision 6 string
updateRevision 7 string
collisionCount 9 int32?
conditions 10 list<@StatefulSetCondition> keys=type merge=type
availableReplicas 11 int32+

== StatefulSetUpdateStrategy
type 1 string enum=OnDelete,Recreate,RollingUpdate
rollingUpdate 2 @RollingUpdateStatefulSetStrategy?
)";
}

}  // namespace capstan::apiserver
