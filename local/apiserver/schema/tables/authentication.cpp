// The types of Kubernetes' API group that this file is named after; the form is tables.hpp's.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view AuthenticationTable() {
  return R"(
# authentication io.k8s.api.authentication.v1 authentication.k8s.io/v1

== TokenReview kind : Asks whose a token is.
metadata 1 @meta.ObjectMeta
spec 2 @TokenReviewSpec! : The question.
status 3 @TokenReviewStatus : The answer.

== TokenRequest kind : Asks for a token of a service account.
metadata 1 @meta.ObjectMeta
spec 2 @TokenRequestSpec+ : What the token must be.
status 3 @TokenRequestStatus : The token.

== SelfSubjectReview kind : Asks who the caller is.
metadata 1 @meta.ObjectMeta
status 2 @SelfSubjectReviewStatus : The answer.

== BoundObjectReference
kind 1 string
apiVersion 2 string
name 3 string
uid 4 string

== SelfSubjectReviewStatus
userInfo 1 @UserInfo

== TokenRequestSpec : What a token must be.
audiences 1 list<string> atomic : For whom it is good.
expirationSeconds 4 int64?+ : How long it is good.
boundObjectRef 3 @BoundObjectReference?+ : The object with which it ends.
attestations 5 map<strings>

== TokenRequestStatus
token 1 string+
expirationTimestamp 2 time+

== TokenReviewSpec : The token asked for.
token 1 string : The token.
audiences 2 list<string> atomic : For whom it must be good.

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
