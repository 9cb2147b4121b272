// The types of Kubernetes' API group that this file is named after; the form is tables.hpp's.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view ApiExtensionsTable() {
  return R"(
# apiextensions io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 apiextensions.k8s.io/v1

== CustomResourceDefinition kind : Adds a kind to the API.
metadata 1 @meta.ObjectMeta
spec 2 @CustomResourceDefinitionSpec! : What the kind is.
status 3 @CustomResourceDefinitionStatus : How far it is served.

== CustomResourceColumnDefinition : A column of a table.
name 1 string! : Its heading.
type 2 string! : integer, number, string, boolean or date.
format 3 string : Its form.
description 4 string : What it shows.
priority 5 int32 : Above 0: only shown in wide tables.
jsonPath 6 string! : Where the value is.

== CustomResourceConversion : How one version becomes another.
strategy 1 string! : None or Webhook.
webhook 2 @WebhookConversion? : Who converts.

== CustomResourceDefinitionCondition : One aspect of the state of a CRD.
type 1 string! : Established, NamesAccepted, NonStructuralSchema, Terminating.
status 2 string! : True, False or Unknown.
lastTransitionTime 3 time : When status last changed.
reason 4 string : One word for the cause.
message 5 string : The cause for people.
observedGeneration 6 int64 : The generation that was judged.

== CustomResourceDefinitionNames : What a kind is called.
plural 1 string! : In paths; lower case.
singular 2 string : On the command line; lower case.
shortNames 3 list<string> atomic : Short forms for the command line.
kind 4 string! : In objects.
listKind 5 string : In lists.
categories 6 list<string> atomic : Groups of kinds, such as all.

== CustomResourceDefinitionSpec : What a kind is.
group 1 string! : The group it belongs to.
names 3 @CustomResourceDefinitionNames! : What it is called.
scope 4 string! : Cluster or Namespaced.
versions 7 list<@CustomResourceDefinitionVersion>! atomic : The versions it is served in.
conversion 9 @CustomResourceConversion? : How one version becomes another.
preserveUnknownFields 10 bool : Must be false.

== CustomResourceDefinitionStatus : How far a kind is served.
conditions 1 list<@CustomResourceDefinitionCondition> keys=type : What is known about it.
acceptedNames 2 @CustomResourceDefinitionNames+ : The names in use.
storedVersions 3 list<string> atomic : Versions that objects were ever stored in.
observedGeneration 4 int64 : The generation that was seen.

== CustomResourceDefinitionVersion : A version of a kind.
name 1 string! : Such as v1.
served 2 bool! : Whether it is served.
storage 3 bool! : Whether objects are stored in it; true for exactly one.
deprecated 7 bool : Whether use of the version is warned of.
deprecationWarning 8 string? : The warning.
schema 4 @CustomResourceValidation? : What an object may hold.
subresources 5 @CustomResourceSubresources? : Paths for status and scale.
additionalPrinterColumns 6 list<@CustomResourceColumnDefinition> atomic : What is shown in tables.
selectableFields 9 list<@SelectableField> atomic : Fields that objects may be selected by.

== CustomResourceSubresourceScale : Where the numbers are.
specReplicasPath 1 string! : The wanted number.
statusReplicasPath 2 string! : The number there is.
labelSelectorPath 3 string? : The labels of what is counted.

== CustomResourceSubresourceStatus

== CustomResourceSubresources : Paths for status and scale.
status 1 @CustomResourceSubresourceStatus? : Serves /status.
scale 2 @CustomResourceSubresourceScale? : Serves /scale.

== CustomResourceValidation : What an object may hold.
openAPIV3Schema 1 @JSONSchemaProps? : The schema.

== ExternalDocumentation
description 1 string
url 2 string

== JSONSchemaProps open : A schema in OpenAPI v3.
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

== SelectableField : A field that objects may be selected by.
jsonPath 1 string! : The field.

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
