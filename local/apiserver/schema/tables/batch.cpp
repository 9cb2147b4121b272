// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view BatchTable() {
  return R"(
# batch io.k8s.api.batch.v1 batch/v1

== Job kind
metadata 1 @meta.ObjectMeta
spec 2 @JobSpec
status 3 @JobStatus

== CronJob kind
metadata 1 @meta.ObjectMeta
spec 2 @CronJobSpec
status 3 @CronJobStatus

== CronJobSpec
schedule 1 string!
timeZone 8 string?
startingDeadlineSeconds 2 int64?
concurrencyPolicy 3 string enum=Allow,Forbid,Replace
suspend 4 bool?
jobTemplate 5 @JobTemplateSpec!
successfulJobsHistoryLimit 6 int32?
failedJobsHistoryLimit 7 int32?

== CronJobStatus
active 1 list<@core.ObjectReference> atomic
lastScheduleTime 4 time?
lastSuccessfulTime 5 time?

== JobCondition
type 1 string!
status 2 string!
lastProbeTime 3 time
lastTransitionTime 4 time
reason 5 string
message 6 string

== JobSchedulingConfiguration

== JobSpec
parallelism 1 int32?
completions 2 int32?
activeDeadlineSeconds 3 int64?
podFailurePolicy 11 @PodFailurePolicy?
successPolicy 16 @SuccessPolicy?
backoffLimit 7 int32?
backoffLimitPerIndex 12 int32?
maxFailedIndexes 13 int32?
selector 4 @meta.LabelSelector?
manualSelector 5 bool?
template 6 @core.PodTemplateSpec!
ttlSecondsAfterFinished 8 int32?
completionMode 9 string? enum=Indexed,NonIndexed
suspend 10 bool?
podReplacementPolicy 14 string? enum=Failed,TerminatingOrFailed
managedBy 15 string?
scheduling 17 @JobSchedulingConfiguration?

== JobStatus
conditions 1 list<@JobCondition> atomic merge=type
startTime 2 time?
completionTime 3 time?
active 4 int32
succeeded 5 int32
failed 6 int32
terminating 11 int32?
completedIndexes 7 string
failedIndexes 10 string?
uncountedTerminatedPods 8 @UncountedTerminatedPods?
ready 9 int32?

== JobTemplateSpec
metadata 1 @meta.ObjectMeta
spec 2 @JobSpec

== PodFailurePolicy
rules 1 list<@PodFailurePolicyRule>! atomic

== PodFailurePolicyOnExitCodesRequirement
containerName 1 string?
operator 2 string! enum=In,NotIn
values 3 list<int32>! set

== PodFailurePolicyOnPodConditionsPattern
type 1 string!
status 2 string+

== PodFailurePolicyRule
action 1 string! enum=Count,FailIndex,FailJob,Ignore
onExitCodes 2 @PodFailurePolicyOnExitCodesRequirement?
onPodConditions 3 list<@PodFailurePolicyOnPodConditionsPattern> atomic

== SuccessPolicy
rules 1 list<@SuccessPolicyRule>! atomic

== SuccessPolicyRule
succeededIndexes 1 string?
succeededCount 2 int32?

== UncountedTerminatedPods
succeeded 1 list<string> set
failed 2 list<string> set
)";
}

}  // namespace capstan::apiserver
