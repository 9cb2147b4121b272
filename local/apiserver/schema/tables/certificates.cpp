// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view CertificatesTable() {
  return R"(
# certificates io.k8s.api.certificates.v1 certificates.k8s.io/v1

== CertificateSigningRequest kind
metadata 1 @meta.ObjectMeta
spec 2 @CertificateSigningRequestSpec!
status 3 @CertificateSigningRequestStatus

== CertificateSigningRequestCondition
type 1 string!
status 6 string!
reason 2 string
message 3 string
lastUpdateTime 4 time
lastTransitionTime 5 time

== CertificateSigningRequestSpec
request 1 bytes!
signerName 7 string!
expirationSeconds 8 int32?
usages 5 list<string> atomic
username 2 string
uid 3 string
groups 4 list<string> atomic
extra 6 map<strings>

== CertificateSigningRequestStatus
conditions 1 list<@CertificateSigningRequestCondition> keys=type
certificate 2 bytes
)";
}

}  // namespace capstan::apiserver
