// The types of Kubernetes' API group that this file is named after; the form is tables.hpp's.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view SchedulingTable() {
  return R"(
# scheduling io.k8s.api.scheduling.v1 scheduling.k8s.io/v1

== PriorityClass kind
metadata 1 @meta.ObjectMeta
value 2 int32+
globalDefault 3 bool
description 4 string
preemptionPolicy 5 string? enum=Never,PreemptLowerPriority
)";
}

}  // namespace capstan::apiserver
