// The types of the API group that names this file, in the notation of tables.hpp.
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
