// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view NodeTable() {
  return R"(
# node io.k8s.api.node.v1 node.k8s.io/v1

== RuntimeClass kind
metadata 1 @meta.ObjectMeta
handler 2 string!
overhead 3 @Overhead?
scheduling 4 @Scheduling?

== Overhead
podFixed 1 map<quantity>

== Scheduling
nodeSelector 1 map<string> atomic
tolerations 2 list<@core.Toleration> atomic
)";
}

}  // namespace capstan::apiserver
