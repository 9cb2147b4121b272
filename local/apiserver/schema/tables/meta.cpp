// The types of Kubernetes' API group that this file is named after; the form is tables.hpp's.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view MetaTable() {
  return R"(
# meta io.k8s.apimachinery.pkg.apis.meta.v1 meta.k8s.io/v1

== Condition : One aspect of the state of an object.
type 1 string! : The aspect.
status 2 string! : True, False or Unknown.
observedGeneration 3 int64 : The generation that was judged.
lastTransitionTime 4 time! : When status last changed.
reason 5 string! : One word for the cause.
message 6 string! : The cause for people.

== DeleteOptions body : How an object is to be deleted.
gracePeriodSeconds 1 int64? : Seconds before the object goes; 0 at once.
preconditions 2 @Preconditions? : Delete only if these hold.
orphanDependents 3 bool? : Older form of propagationPolicy.
propagationPolicy 4 string? : Orphan, Background or Foreground.
dryRun 5 list<string> atomic : All: go through the motions only.
ignoreStoreReadErrorWithClusterBreakingPotential 6 bool?

== FieldSelectorRequirement
key 1 string!
operator 2 string!
values 3 list<string> atomic

== LabelSelector atomic : Chooses objects by label; all of it must hold.
matchLabels 1 map<string> : Labels with exactly these values.
matchExpressions 2 list<@LabelSelectorRequirement> atomic : Further conditions.

== LabelSelectorRequirement : One condition on a label.
key 1 string! : The label.
operator 2 string! : In, NotIn, Exists or DoesNotExist.
values 3 list<string> atomic : Values for In and NotIn.

== ListMeta : What a list says about itself.
selfLink 1 string : No longer filled in.
resourceVersion 2 string : The state of the store that the list shows.
continue 3 string : Token for the next page; empty on the last.
remainingItemCount 4 int64? : How many items are behind this page.
shardInfo 5 @ShardInfo?

== ManagedFieldsEntry : The fields that one writer owns.
manager 1 string : The writer.
operation 2 string : Apply or Update.
apiVersion 3 string : The version in which the fields are named.
time 4 time? : When the writer last changed what it owns.
fieldsType 6 string : FieldsV1.
fieldsV1 7 fields? : The fields.
subresource 8 string : The subresource written through, if any.

== ObjectMeta : What every stored object carries: its name, its marks and its history.
name 1 string : Unique within a namespace; cannot be changed.
generateName 2 string : Start of a name that the server completes when name is empty.
namespace 3 string : The space in which name is unique; empty for objects of the whole cluster.
selfLink 4 string : No longer filled in.
uid 5 string : Unique in time and space; given by the server.
resourceVersion 6 string : Changes with every write; opaque to clients.
generation 7 int64 : Counts the changes of what is wanted.
creationTimestamp 8 time : When the server made the object.
deletionTimestamp 9 time? : When deletion was asked for; set by the server.
deletionGracePeriodSeconds 10 int64? : Seconds from the request to the removal.
labels 11 map<string> : Short marks by which objects are selected.
annotations 12 map<string> : Notes of tools; nothing is selected by them.
ownerReferences 13 list<@OwnerReference> keys=uid merge=uid : Objects that this one depends on; with the last of them it goes too.
finalizers 14 list<string> set merge : Who must finish before the object may go.
managedFields 17 list<@ManagedFieldsEntry> atomic : Which writer owns which fields.

== OwnerReference atomic : Names an object in the same namespace, or of the whole cluster.
apiVersion 5 string! : API version of the owner.
kind 1 string! : Kind of the owner.
name 3 string! : Name of the owner.
uid 4 string! : UID of the owner.
controller 6 bool? : Whether the owner is the one that manages this object.
blockOwnerDeletion 7 bool? : Whether a foreground deletion of the owner waits for this object.

== Preconditions : What must hold for a deletion.
uid 1 string? : The expected UID.
resourceVersion 2 string? : The expected resourceVersion.

== ShardInfo
selector 1 string!

== Status body : The answer to a request that returns no object.
metadata 1 @ListMeta : About the answer.
status 2 string : Success or Failure.
message 3 string : What happened, for people.
reason 4 string : What happened, in one word.
details 5 @StatusDetails? : Whom it concerns.
code 6 int32 : The HTTP code.

== StatusCause : One thing that is wrong.
reason 1 string : In one word.
message 2 string : For people.
field 3 string : The field, as a path.

== StatusDetails : Whom a Status concerns.
name 1 string : Name of the object.
group 2 string : Its group.
kind 3 string : Its kind or resource.
uid 6 string : Its UID.
causes 4 list<@StatusCause> atomic : One entry for each thing that is wrong.
retryAfterSeconds 5 int32 : When to try again.
)";
}

}  // namespace capstan::apiserver
