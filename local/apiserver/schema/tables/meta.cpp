// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view MetaTable() {
  return R"(
# meta io.k8s.apimachinery.pkg.apis.meta.v1 meta.k8s.io/v1

== Condition : A condition of an object.
type 1 string! : Type of the condition.
status 2 string! : True, False or Unknown.
observedGeneration 3 int64 : The generation that the condition is about.
lastTransitionTime 4 time! : When the status last changed.
reason 5 string! : A machine-readable reason.
message 6 string! : A message for users.

== DeleteOptions body : Options of a deletion.
gracePeriodSeconds 1 int64? : Grace period in seconds; 0 deletes immediately.
preconditions 2 @Preconditions? : Conditions for the deletion.
orphanDependents 3 bool? : Deprecated form of propagationPolicy.
propagationPolicy 4 string? : Orphan, Background or Foreground.
dryRun 5 list<string> atomic : All: process the request without storing anything.
ignoreStoreReadErrorWithClusterBreakingPotential 6 bool?

== FieldSelectorRequirement
key 1 string!
operator 2 string!
values 3 list<string> atomic

== LabelSelector atomic : Selects objects by label; all requirements must be met.
matchLabels 1 map<string> : Labels with exactly these values.
matchExpressions 2 list<@LabelSelectorRequirement> atomic : Further requirements.

== LabelSelectorRequirement : One requirement on a label.
key 1 string! : Key of the label.
operator 2 string! : In, NotIn, Exists or DoesNotExist.
values 3 list<string> atomic : Values for In and NotIn.

== ListMeta : Metadata of a list.
selfLink 1 string : No longer set.
resourceVersion 2 string : The resourceVersion of the list.
continue 3 string : Token for the next page; empty on the last page.
remainingItemCount 4 int64? : Number of items after this page.
shardInfo 5 @ShardInfo?

== ManagedFieldsEntry : The fields that one manager owns.
manager 1 string : Name of the manager.
operation 2 string : Apply or Update.
apiVersion 3 string : API version of the field names.
time 4 time? : When the manager last changed its fields.
fieldsType 6 string : FieldsV1.
fieldsV1 7 fields? : The owned fields.
subresource 8 string : The subresource of the write, if any.

== ObjectMeta : Metadata of every stored object.
name 1 string : Unique in the namespace; immutable.
generateName 2 string : Prefix of a name that the server generates if name is empty.
namespace 3 string : Scope of the name; empty for cluster-scoped objects.
selfLink 4 string : No longer set.
uid 5 string : Globally unique ID, assigned by the server.
resourceVersion 6 string : Changes with every write; opaque to clients.
generation 7 int64 : Counts changes of the desired state.
creationTimestamp 8 time : When the server created the object.
deletionTimestamp 9 time? : When the deletion was requested; set by the server.
deletionGracePeriodSeconds 10 int64? : Seconds between the request and the removal.
labels 11 map<string> : Keys and values for selecting objects.
annotations 12 map<string> : Keys and values for tools; not used for selection.
ownerReferences 13 list<@OwnerReference> keys=uid merge=uid : Objects that own this one; it is deleted with the last of them.
finalizers 14 list<string> set merge : Tasks that must be completed before the object is deleted.
managedFields 17 list<@ManagedFieldsEntry> atomic : Which manager owns which fields.

== OwnerReference atomic : Reference to an owner in the same namespace, or to a cluster-scoped one.
apiVersion 5 string! : API version of the owner.
kind 1 string! : Kind of the owner.
name 3 string! : Name of the owner.
uid 4 string! : UID of the owner.
controller 6 bool? : Whether the owner is the managing controller.
blockOwnerDeletion 7 bool? : Whether a foreground deletion of the owner waits for this object.

== Preconditions : Conditions for a deletion.
uid 1 string? : The expected UID.
resourceVersion 2 string? : The expected resourceVersion.

== ShardInfo
selector 1 string!

== Status body : The result of a request that returns no object.
metadata 1 @ListMeta : Metadata of the result.
status 2 string : Success or Failure.
message 3 string : A message for users.
reason 4 string : A machine-readable reason.
details 5 @StatusDetails? : The affected object and the causes.
code 6 int32 : HTTP status code.

== StatusCause : A single error.
reason 1 string : A machine-readable reason.
message 2 string : A message for users.
field 3 string : Path of the field.

== StatusDetails : The affected object and the causes of a failure.
name 1 string : Name of the object.
group 2 string : Group of the object.
kind 3 string : Kind or resource of the object.
uid 6 string : UID of the object.
causes 4 list<@StatusCause> atomic : One entry for each error.
retryAfterSeconds 5 int32 : Seconds to wait before a retry.
)";
}

}  // namespace capstan::apiserver
