// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view PolicyTable() {
  return R"(
# policy io.k8s.api.policy.v1 policy/v1

== PodDisruptionBudget kind
metadata 1 @meta.ObjectMeta
spec 2 @PodDisruptionBudgetSpec
status 3 @PodDisruptionBudgetStatus

== Eviction kind
metadata 1 @meta.ObjectMeta
deleteOptions 2 @meta.DeleteOptions?

== PodDisruptionBudgetSpec
minAvailable 1 intstr?
selector 2 @meta.LabelSelector?
maxUnavailable 3 intstr?
unhealthyPodEvictionPolicy 4 string? enum=AlwaysAllow,IfHealthyBudget

== PodDisruptionBudgetStatus
observedGeneration 1 int64
disruptedPods 2 map<time>
disruptionsAllowed 3 int32+
currentHealthy 4 int32+
desiredHealthy 5 int32+
expectedPods 6 int32+
conditions 7 list<@meta.Condition> keys=type merge=type
)";
}

}  // namespace capstan::apiserver
