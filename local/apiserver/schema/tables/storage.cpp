// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view StorageTable() {
  return R"(
# storage io.k8s.api.storage.v1 storage.k8s.io/v1

== StorageClass kind
metadata 1 @meta.ObjectMeta
provisioner 2 string!
parameters 3 map<string>
reclaimPolicy 4 string? enum=Delete,Recycle,Retain
mountOptions 5 list<string> atomic
allowVolumeExpansion 6 bool?
volumeBindingMode 7 string? enum=Immediate,WaitForFirstConsumer
allowedTopologies 8 list<@core.TopologySelectorTerm> atomic

== CSIDriver kind
metadata 1 @meta.ObjectMeta
spec 2 @CSIDriverSpec!

== CSINode kind
metadata 1 @meta.ObjectMeta
spec 2 @CSINodeSpec!
status 3 @CSINodeStatus

== CSIStorageCapacity kind
metadata 1 @meta.ObjectMeta
nodeTopology 2 @meta.LabelSelector?
storageClassName 3 string!
capacity 4 quantity?
maximumVolumeSize 5 quantity?

== VolumeAttachment kind
metadata 1 @meta.ObjectMeta
spec 2 @VolumeAttachmentSpec!
status 3 @VolumeAttachmentStatus

== CSIDriverSpec
attachRequired 1 bool?
podInfoOnMount 2 bool?
volumeLifecycleModes 3 list<string> set
storageCapacity 4 bool?
fsGroupPolicy 5 string?
tokenRequests 6 list<@TokenRequest> atomic
requiresRepublish 7 bool?
seLinuxMount 8 bool?
nodeAllocatableUpdatePeriodSeconds 9 int64?
serviceAccountTokenInSecrets 10 bool?
preventPodSchedulingIfMissing 11 bool?

== CSINodeDriver
name 1 string!
nodeID 2 string!
topologyKeys 3 list<string> atomic
allocatable 4 @VolumeNodeResources?

== CSINodeSpec
drivers 1 list<@CSINodeDriver>! keys=name merge=name

== CSINodeStatus
storageHealth 1 list<@StorageHealth> keys=name merge=name

== StorageHealth
name 1 string!
healthConditions 2 list<@StorageHealthCondition> atomic

== StorageHealthCondition
status 1 string! enum=StorageDegraded,StorageUnreachable
reason 2 string!
message 3 string
accessMode 4 string? enum=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod
volumeMode 5 string? enum=Block,Filesystem
lastTransitionTime 6 time

== TokenRequest
audience 1 string!
expirationSeconds 2 int64?

== VolumeAttachmentSource
persistentVolumeName 1 string?
inlineVolumeSpec 2 @core.PersistentVolumeSpec?

== VolumeAttachmentSpec
attacher 1 string!
source 2 @VolumeAttachmentSource!
nodeName 3 string!

== VolumeAttachmentStatus
attached 1 bool!
attachmentMetadata 2 map<string>
attachError 3 @VolumeError?
detachError 4 @VolumeError?

== VolumeError
time 1 time
message 2 string
errorCode 3 int32?

== VolumeNodeResources
count 1 int32?
)";
}

}  // namespace capstan::apiserver
