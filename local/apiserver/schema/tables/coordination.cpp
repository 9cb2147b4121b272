// The types of Kubernetes' API group that this file is named after; the form is tables.hpp's.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view CoordinationTable() {
  return R"(
# coordination io.k8s.api.coordination.v1 coordination.k8s.io/v1

== Lease kind : Who leads, and until when.
metadata 1 @meta.ObjectMeta
spec 2 @LeaseSpec : The claim.

== LeaseSpec : A claim to lead.
holderIdentity 1 string? : Who holds it.
leaseDurationSeconds 2 int32? : How long it lasts after renewTime.
acquireTime 3 microtime? : Since when.
renewTime 4 microtime? : When it was last renewed.
leaseTransitions 5 int32? : How often the holder changed.
strategy 6 string? : How the next holder is chosen.
preferredHolder 7 string? : Who should take it over.
)";
}

}  // namespace capstan::apiserver
