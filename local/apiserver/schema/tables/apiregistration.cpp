// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view ApiRegistrationTable() {
  return R"(
# apiregistration io.k8s.kube-aggregator.pkg.apis.apiregistration.v1 apiregistration.k8s.io/v1

== APIService kind
metadata 1 @meta.ObjectMeta
spec 2 @APIServiceSpec
status 3 @APIServiceStatus

== APIServiceCondition
type 1 string!
status 2 string!
lastTransitionTime 3 time
reason 4 string
message 5 string

== APIServiceSpec
service 1 @ServiceReference?
group 2 string
version 3 string
insecureSkipTLSVerify 4 bool
caBundle 5 bytes atomic
groupPriorityMinimum 7 int32!
versionPriority 8 int32!

== APIServiceStatus
conditions 1 list<@APIServiceCondition> keys=type merge=type

== ServiceReference
namespace 1 string
name 2 string
port 3 int32?
)";
}

}  // namespace capstan::apiserver
