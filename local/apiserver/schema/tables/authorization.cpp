// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view AuthorizationTable() {
  return R"(
# authorization io.k8s.api.authorization.v1 authorization.k8s.io/v1

== SubjectAccessReview kind : Checks whether a user is allowed to do something.
metadata 1 @meta.ObjectMeta
spec 2 @SubjectAccessReviewSpec! : The action to check.
status 3 @SubjectAccessReviewStatus : The result.

== SelfSubjectAccessReview kind : Checks whether the caller is allowed to do something.
metadata 1 @meta.ObjectMeta
spec 2 @SelfSubjectAccessReviewSpec! : The action to check.
status 3 @SubjectAccessReviewStatus : The result.

== LocalSubjectAccessReview kind : Checks whether a user is allowed to do something in a namespace.
metadata 1 @meta.ObjectMeta
spec 2 @SubjectAccessReviewSpec! : The action to check.
status 3 @SubjectAccessReviewStatus : The result.

== SelfSubjectRulesReview kind : Lists everything that the caller is allowed to do in a namespace.
metadata 1 @meta.ObjectMeta
spec 2 @SelfSubjectRulesReviewSpec! : The namespace to check.
status 3 @SubjectRulesReviewStatus : The result.

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

== ResourceAttributes : An action on a resource.
namespace 1 string : Namespace of the resource.
verb 2 string : Verb of the action.
group 3 string : Group of the resource.
version 4 string : Version of the resource.
resource 5 string : Plural name of the resource.
subresource 6 string : Subresource, if any.
name 7 string : Name of the object.
fieldSelector 8 @FieldSelectorAttributes? : Field selector of a list.
labelSelector 9 @LabelSelectorAttributes? : Label selector of a list.

== ResourceRule
verbs 1 list<string>! atomic
apiGroups 2 list<string> atomic
resources 3 list<string> atomic
resourceNames 4 list<string> atomic

== SelfSubjectAccessReviewSpec
resourceAttributes 1 @ResourceAttributes? : An action on a resource.
nonResourceAttributes 2 @NonResourceAttributes? : An action on a path.

== SelfSubjectRulesReviewSpec : The namespace to check.
namespace 1 string : Name of the namespace.

== SubjectAccessReviewSpec
resourceAttributes 1 @ResourceAttributes? : An action on a resource.
nonResourceAttributes 2 @NonResourceAttributes? : An action on a path.
user 3 string : Name of the user.
groups 4 list<string> atomic : Groups of the user.
extra 5 map<strings> : Further attributes of the user.
uid 6 string : UID of the user.

== SubjectAccessReviewStatus : The result of an access review.
allowed 1 bool! : Whether the action is allowed.
denied 4 bool : Whether the action is explicitly denied.
reason 2 string : Explanation of the result.
evaluationError 3 string : Error during the evaluation.

== SubjectRulesReviewStatus
resourceRules 1 list<@ResourceRule>! atomic
nonResourceRules 2 list<@NonResourceRule>! atomic
incomplete 3 bool!
evaluationError 4 string
)";
}

}  // namespace capstan::apiserver
