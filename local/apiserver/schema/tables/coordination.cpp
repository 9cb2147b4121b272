// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view CoordinationTable() {
  return R"(
# coordination io.k8s.api.coordination.v1 coordination.k8s.io/v1

== Lease kind : A lock that expires, for example for leader election.
metadata 1 @meta.ObjectMeta
spec 2 @LeaseSpec : Holder and times of the lease.

== LeaseSpec : Holder and times of a lease.
holderIdentity 1 string? : Identity of the holder.
leaseDurationSeconds 2 int32? : Seconds after renewTime when the lease expires.
acquireTime 3 microtime? : When the holder acquired the lease.
renewTime 4 microtime? : When the lease was last renewed.
leaseTransitions 5 int32? : Number of changes of the holder.
strategy 6 string? : How the next holder is chosen.
preferredHolder 7 string? : Preferred next holder.
)";
}

}  // namespace capstan::apiserver
