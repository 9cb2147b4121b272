// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view NetworkingTable() {
  return R"(
# networking io.k8s.api.networking.v1 networking.k8s.io/v1

== Ingress kind
metadata 1 @meta.ObjectMeta
spec 2 @IngressSpec
status 3 @IngressStatus

== IngressClass kind
metadata 1 @meta.ObjectMeta
spec 2 @IngressClassSpec

== NetworkPolicy kind
metadata 1 @meta.ObjectMeta
spec 2 @NetworkPolicySpec

== HTTPIngressPath
path 1 string
pathType 3 string?!
backend 2 @IngressBackend!

== HTTPIngressRuleValue
paths 1 list<@HTTPIngressPath>! atomic

== IPBlock
cidr 1 string!
except 2 list<string> atomic

== IngressBackend
service 4 @IngressServiceBackend?
resource 3 @core.TypedLocalObjectReference?

== IngressClassParametersReference
apiGroup 1 string?
kind 2 string!
name 3 string!
scope 4 string?+
namespace 5 string?

== IngressClassSpec
controller 1 string
parameters 2 @IngressClassParametersReference?

== IngressLoadBalancerIngress
ip 1 string
hostname 2 string
ports 4 list<@IngressPortStatus> atomic

== IngressLoadBalancerStatus
ingress 1 list<@IngressLoadBalancerIngress> atomic

== IngressPortStatus
port 1 int32!
protocol 2 string! enum=SCTP,TCP,UDP
error 3 string?

== IngressRule
host 1 string
> 2 @IngressRuleValue

== IngressRuleValue
http 1 @HTTPIngressRuleValue?

== IngressServiceBackend
name 1 string!
port 2 @ServiceBackendPort

== IngressSpec
ingressClassName 4 string?
defaultBackend 1 @IngressBackend?
tls 2 list<@IngressTLS> atomic
rules 3 list<@IngressRule> atomic

== IngressStatus
loadBalancer 1 @IngressLoadBalancerStatus

== IngressTLS
hosts 1 list<string> atomic
secretName 2 string

== NetworkPolicyEgressRule
ports 1 list<@NetworkPolicyPort> atomic
to 2 list<@NetworkPolicyPeer> atomic

== NetworkPolicyIngressRule
ports 1 list<@NetworkPolicyPort> atomic
from 2 list<@NetworkPolicyPeer> atomic

== NetworkPolicyPeer
podSelector 1 @meta.LabelSelector?
namespaceSelector 2 @meta.LabelSelector?
ipBlock 3 @IPBlock?

== NetworkPolicyPort
protocol 1 string? enum=SCTP,TCP,UDP
port 2 intstr?
endPort 3 int32?

== NetworkPolicySpec
podSelector 1 @meta.LabelSelector+
ingress 2 list<@NetworkPolicyIngressRule> atomic
egress 3 list<@NetworkPolicyEgressRule> atomic
policyTypes 4 list<string> atomic enum=Egress,Ingress

== ServiceBackendPort atomic
name 1 string
number 2 int32
)";
}

}  // namespace capstan::apiserver
