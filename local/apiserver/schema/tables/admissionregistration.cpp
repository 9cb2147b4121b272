// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view AdmissionRegistrationTable() {
  return R"(
# admissionregistration io.k8s.api.admissionregistration.v1 admissionregistration.k8s.io/v1

== ValidatingWebhookConfiguration kind
metadata 1 @meta.ObjectMeta
webhooks 2 list<@ValidatingWebhook> keys=name merge=name

== MutatingWebhookConfiguration kind
metadata 1 @meta.ObjectMeta
webhooks 2 list<@MutatingWebhook> keys=name merge=name

== ValidatingAdmissionPolicy kind
metadata 1 @meta.ObjectMeta
spec 2 @ValidatingAdmissionPolicySpec
status 3 @ValidatingAdmissionPolicyStatus

== ValidatingAdmissionPolicyBinding kind
metadata 1 @meta.ObjectMeta
spec 2 @ValidatingAdmissionPolicyBindingSpec

== AuditAnnotation
key 1 string!
valueExpression 2 string!

== ExpressionWarning
fieldRef 2 string!
warning 3 string!

== MatchCondition
name 1 string!
expression 2 string!

== MatchResources atomic
namespaceSelector 1 @meta.LabelSelector?
objectSelector 2 @meta.LabelSelector?
resourceRules 3 list<@NamedRuleWithOperations> atomic
excludeResourceRules 4 list<@NamedRuleWithOperations> atomic
matchPolicy 7 string? enum=Equivalent,Exact

== MutatingWebhook
name 1 string!
clientConfig 2 @WebhookClientConfig!
rules 3 list<@RuleWithOperations> atomic
failurePolicy 4 string? enum=Fail,Ignore
matchPolicy 9 string? enum=Equivalent,Exact
namespaceSelector 5 @meta.LabelSelector?
objectSelector 11 @meta.LabelSelector?
sideEffects 6 string?! enum=None,NoneOnDryRun,Some,Unknown
timeoutSeconds 7 int32?
admissionReviewVersions 8 list<string>! atomic
reinvocationPolicy 10 string? enum=IfNeeded,Never
matchConditions 12 list<@MatchCondition> keys=name merge=name

== NamedRuleWithOperations atomic
resourceNames 1 list<string> atomic
> 2 @RuleWithOperations

== ParamKind atomic
apiVersion 1 string
kind 2 string

== ParamRef atomic
name 1 string
namespace 2 string
selector 3 @meta.LabelSelector?
parameterNotFoundAction 4 string?

== Rule
apiGroups 1 list<string> atomic
apiVersions 2 list<string> atomic
resources 3 list<string> atomic
scope 4 string? enum=*,Cluster,Namespaced

== RuleWithOperations
operations 1 list<string> atomic enum=*,CONNECT,CREATE,DELETE,UPDATE
> 2 @Rule

== ServiceReference
namespace 1 string!
name 2 string!
path 3 string?
port 4 int32?

== TypeChecking
expressionWarnings 1 list<@ExpressionWarning> atomic

== ValidatingAdmissionPolicyBindingSpec
policyName 1 string
paramRef 2 @ParamRef?
matchResources 3 @MatchResources?
validationActions 4 list<string> set enum=Audit,Deny,Warn

== ValidatingAdmissionPolicySpec
paramKind 1 @ParamKind?
matchConstraints 2 @MatchResources?
validations 3 list<@Validation> atomic
failurePolicy 4 string? enum=Fail,Ignore
auditAnnotations 5 list<@AuditAnnotation> atomic
matchConditions 6 list<@MatchCondition> keys=name merge=name
variables 7 list<@Variable> keys=name merge=name

== ValidatingAdmissionPolicyStatus
observedGeneration 1 int64
typeChecking 2 @TypeChecking?
conditions 3 list<@meta.Condition> keys=type

== ValidatingWebhook
name 1 string!
clientConfig 2 @WebhookClientConfig!
rules 3 list<@RuleWithOperations> atomic
failurePolicy 4 string? enum=Fail,Ignore
matchPolicy 9 string? enum=Equivalent,Exact
namespaceSelector 5 @meta.LabelSelector?
objectSelector 10 @meta.LabelSelector?
sideEffects 6 string?! enum=None,NoneOnDryRun,Some,Unknown
timeoutSeconds 7 int32?
admissionReviewVersions 8 list<string>! atomic
matchConditions 11 list<@MatchCondition> keys=name merge=name

== Validation
expression 1 string!
message 2 string
reason 3 string?
messageExpression 4 string

== Variable atomic
name 1 string!
expression 2 string!

== WebhookClientConfig
url 3 string?
service 1 @ServiceReference?
caBundle 2 bytes
)";
}

}  // namespace capstan::apiserver
