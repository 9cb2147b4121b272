// The types of Kubernetes' API group that this file is named after; the form is tables.hpp's.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view AuthorizationTable() {
  return R"(
# authorization io.k8s.api.authorization.v1 authorization.k8s.io/v1

== SubjectAccessReview kind : Asks whether somebody may do something.
metadata 1 @meta.ObjectMeta
spec 2 @SubjectAccessReviewSpec! : The question.
status 3 @SubjectAccessReviewStatus : The answer.

== SelfSubjectAccessReview kind : Asks whether the caller may do something.
metadata 1 @meta.ObjectMeta
spec 2 @SelfSubjectAccessReviewSpec! : The question.
status 3 @SubjectAccessReviewStatus : The answer.

== LocalSubjectAccessReview kind : Asks whether somebody may do something in a namespace.
metadata 1 @meta.ObjectMeta
spec 2 @SubjectAccessReviewSpec! : The question.
status 3 @SubjectAccessReviewStatus : The answer.

== SelfSubjectRulesReview kind : Asks for all that the caller may do in a namespace.
metadata 1 @meta.ObjectMeta
spec 2 @SelfSubjectRulesReviewSpec! : The question.
status 3 @SubjectRulesReviewStatus : The answer.

== FieldSelectorAttributes
rawSelector 1 string
requirements 2 list<@meta.FieldSelectorRequirement> atomic

== LabelSelectorAttributes
rawSelector 1 string
requirements 2 list<@meta.LabelSelectorRequirement> atomic

== NonResourceAttributes
path 1 string
verb 2 string

== NonResourceRule
verbs 1 list<string>! atomic
nonResourceURLs 2 list<string> atomic

== ResourceAttributes : What is to be done with which resource.
namespace 1 string : Its namespace.
verb 2 string : What is to be done.
group 3 string : Group of the resource.
version 4 string : Version of the resource.
resource 5 string : The resource.
subresource 6 string : Its subresource.
name 7 string : The object.
fieldSelector 8 @FieldSelectorAttributes? : Which objects of a list, by field.
labelSelector 9 @LabelSelectorAttributes? : Which objects of a list, by label.

== ResourceRule
verbs 1 list<string>! atomic
apiGroups 2 list<string> atomic
resources 3 list<string> atomic
resourceNames 4 list<string> atomic

== SelfSubjectAccessReviewSpec
resourceAttributes 1 @ResourceAttributes? : About resources.
nonResourceAttributes 2 @NonResourceAttributes? : About paths.

== SelfSubjectRulesReviewSpec : Which namespace is asked for.
namespace 1 string : The namespace.

== SubjectAccessReviewSpec
resourceAttributes 1 @ResourceAttributes? : About resources.
nonResourceAttributes 2 @NonResourceAttributes? : About paths.
user 3 string : Who; the caller when it asks for itself.
groups 4 list<string> atomic : The groups of who.
extra 5 map<strings> : More about who.
uid 6 string : The UID of who.

== SubjectAccessReviewStatus : The answer to a question about rights.
allowed 1 bool! : Whether it is allowed.
denied 4 bool : Whether it is forbidden outright.
reason 2 string : Why.
evaluationError 3 string : What went wrong while judging.

== SubjectRulesReviewStatus
resourceRules 1 list<@ResourceRule>! atomic
nonResourceRules 2 list<@NonResourceRule>! atomic
incomplete 3 bool!
evaluationError 4 string
)";
}

}  // namespace capstan::apiserver
