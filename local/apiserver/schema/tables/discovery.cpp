// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view DiscoveryTable() {
  return R"(
# discovery io.k8s.api.discovery.v1 discovery.k8s.io/v1

== EndpointSlice kind
metadata 1 @meta.ObjectMeta
addressType 4 string!
endpoints 2 list<@Endpoint> atomic
ports 3 list<@EndpointPort> atomic

== Endpoint
addresses 1 list<string>! set
conditions 2 @EndpointConditions
hostname 3 string?
targetRef 4 @core.ObjectReference?
deprecatedTopology 5 map<string>
nodeName 6 string?
zone 7 string?
hints 8 @EndpointHints?

== EndpointConditions
ready 1 bool?
serving 2 bool?
terminating 3 bool?

== EndpointHints
forZones 1 list<@ForZone> atomic
forNodes 2 list<@ForNode> atomic

== EndpointPort atomic
name 1 string?
protocol 2 string? enum=SCTP,TCP,UDP
port 3 int32?
appProtocol 4 string?

== ForNode
name 1 string!

== ForZone
name 1 string!
)";
}

}  // namespace capstan::apiserver
