// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view ApiExtensionsTable() {
  return R"(
# apiextensions io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 apiextensions.k8s.io/v1

== CustomResourceDefinition kind : Defines a custom kind.
metadata 1 @meta.ObjectMeta
spec 2 @CustomResourceDefinitionSpec! : Definition of the kind.
status 3 @CustomResourceDefinitionStatus : State of the definition.

== CustomResourceColumnDefinition : A column of a table.
name 1 string! : Heading of the column.
type 2 string! : integer, number, string, boolean or date.
format 3 string : Format of the value.
description 4 string : Description of the column.
priority 5 int32 : Above 0: only in wide tables.
jsonPath 6 string! : Path of the value.

== CustomResourceConversion : How objects are converted between versions.
strategy 1 string! : None or Webhook.
webhook 2 @WebhookConversion? : The webhook that converts.

== CustomResourceDefinitionCondition : A condition of a CRD.
type 1 string! : Established, NamesAccepted, NonStructuralSchema, Terminating.
status 2 string! : True, False or Unknown.
lastTransitionTime 3 time : When the status last changed.
reason 4 string : A machine-readable reason.
message 5 string : A message for users.
observedGeneration 6 int64 : The generation that the condition is about.

== CustomResourceDefinitionNames : Names of a kind.
plural 1 string! : Plural name for paths; lower case.
singular 2 string : Singular name for the command line; lower case.
shortNames 3 list<string> atomic : Short names for the command line.
kind 4 string! : Name in objects.
listKind 5 string : Name of lists.
categories 6 list<string> atomic : Groups of kinds that contain it, such as all.

== CustomResourceDefinitionSpec : Definition of a kind.
group 1 string! : API group of the kind.
names 3 @CustomResourceDefinitionNames! : Names of the kind.
scope 4 string! : Cluster or Namespaced.
versions 7 list<@CustomResourceDefinitionVersion>! atomic : Versions of the kind.
conversion 9 @CustomResourceConversion? : How objects are converted between versions.
preserveUnknownFields 10 bool : Must be false.

== CustomResourceDefinitionStatus : State of a definition.
conditions 1 list<@CustomResourceDefinitionCondition> keys=type : Conditions of the CRD.
acceptedNames 2 @CustomResourceDefinitionNames+ : Names in use.
storedVersions 3 list<string> atomic : Versions in which objects were ever stored.
observedGeneration 4 int64 : The latest observed generation.

== CustomResourceDefinitionVersion : A version of a kind.
name 1 string! : Name of the version, such as v1.
served 2 bool! : Whether the version is served.
storage 3 bool! : Whether objects are stored in this version; true for exactly one.
deprecated 7 bool : Whether using the version causes a warning.
deprecationWarning 8 string? : Text of the warning.
schema 4 @CustomResourceValidation? : Schema of the objects.
subresources 5 @CustomResourceSubresources? : The status and scale subresources.
additionalPrinterColumns 6 list<@CustomResourceColumnDefinition> atomic : Additional columns of tables.
selectableFields 9 list<@SelectableField> atomic : Fields that field selectors can use.

== CustomResourceSubresourceScale : Paths of the scale subresource.
specReplicasPath 1 string! : Path of the desired number.
statusReplicasPath 2 string! : Path of the observed number.
labelSelectorPath 3 string? : Path of the label selector.

== CustomResourceSubresourceStatus

== CustomResourceSubresources : Subresources of a version.
status 1 @CustomResourceSubresourceStatus? : Enables /status.
scale 2 @CustomResourceSubresourceScale? : Enables /scale.

== CustomResourceValidation : Schema of a version.
openAPIV3Schema 1 @JSONSchemaProps? : The schema.

== ExternalDocumentation
description 1 string
url 2 string

== JSONSchemaProps open : An OpenAPI v3 schema.
id 1 string
$schema 2 string
$ref 3 string?
description 4 string
type 5 string
format 6 string
title 7 string
default 8 json?
maximum 9 number?
exclusiveMaximum 10 bool
minimum 11 number?
exclusiveMinimum 12 bool
maxLength 13 int64?
minLength 14 int64?
pattern 15 string
maxItems 16 int64?
minItems 17 int64?
uniqueItems 18 bool
multipleOf 19 number?
enum 20 list<json> atomic
maxProperties 21 int64?
minProperties 22 int64?
required 23 list<string> atomic
items 24 schema|list?
allOf 25 list<@JSONSchemaProps> atomic
oneOf 26 list<@JSONSchemaProps> atomic
anyOf 27 list<@JSONSchemaProps> atomic
not 28 @JSONSchemaProps?
properties 29 map<@JSONSchemaProps>
additionalProperties 30 schema|bool?
patternProperties 31 map<@JSONSchemaProps>
dependencies 32 map<schema|strings>
additionalItems 33 schema|bool?
definitions 34 map<@JSONSchemaProps>
externalDocs 35 @ExternalDocumentation?
example 36 json?
nullable 37 bool
x-kubernetes-preserve-unknown-fields 38 bool?
x-kubernetes-embedded-resource 39 bool
x-kubernetes-int-or-string 40 bool
x-kubernetes-list-map-keys 41 list<string> atomic
x-kubernetes-list-type 42 string?
x-kubernetes-map-type 43 string?
x-kubernetes-validations 44 list<@ValidationRule> keys=rule merge=rule

== SelectableField : A field that field selectors can use.
jsonPath 1 string! : Path of the field.

== ServiceReference
namespace 1 string!
name 2 string!
path 3 string?
port 4 int32?

== ValidationRule
rule 1 string!
message 2 string
messageExpression 3 string
reason 4 string? enum=FieldValueDuplicate,FieldValueForbidden,FieldValueInvalid,FieldValueRequired
fieldPath 5 string
optionalOldSelf 6 bool?

== WebhookClientConfig
url 3 string?
service 1 @ServiceReference?
caBundle 2 bytes

== WebhookConversion
clientConfig 2 @WebhookClientConfig?
conversionReviewVersions 3 list<string>! atomic
)";
}

}  // namespace capstan::apiserver
