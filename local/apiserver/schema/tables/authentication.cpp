// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view AuthenticationTable() {
  return R"(
# authentication io.k8s.api.authentication.v1 authentication.k8s.io/v1

== TokenReview kind : Authenticates a token.
metadata 1 @meta.ObjectMeta
spec 2 @TokenReviewSpec! : The token to review.
status 3 @TokenReviewStatus : The result.

== TokenRequest kind : Requests a token for a service account.
metadata 1 @meta.ObjectMeta
spec 2 @TokenRequestSpec+ : Properties of the token.
status 3 @TokenRequestStatus : The issued token.

== SelfSubjectReview kind : Returns the identity of the caller.
metadata 1 @meta.ObjectMeta
status 2 @SelfSubjectReviewStatus : The result.

== BoundObjectReference
kind 1 string
apiVersion 2 string
name 3 string
uid 4 string

== SelfSubjectReviewStatus
userInfo 1 @UserInfo

== TokenRequestSpec : Properties of a token.
audiences 1 list<string> atomic : Intended recipients of the token.
expirationSeconds 4 int64?+ : Lifetime in seconds.
boundObjectRef 3 @BoundObjectReference?+ : Object whose deletion invalidates the token.
attestations 5 map<strings>

== TokenRequestStatus
token 1 string+
expirationTimestamp 2 time+

== TokenReviewSpec : The token to review.
token 1 string : The token.
audiences 2 list<string> atomic : Recipients for which the token must be valid.

== TokenReviewStatus
authenticated 1 bool
user 2 @UserInfo
audiences 4 list<string> atomic
error 3 string

== UserInfo
username 1 string
uid 2 string
groups 3 list<string> atomic
extra 4 map<strings>
)";
}

}  // namespace capstan::apiserver
