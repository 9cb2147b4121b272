// The definitions of the OpenAPI documents. For the openapi files only. Pure; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/local/apiserver/openapi/documents.hpp>

namespace capstan::apiserver {

// The two documents differ in where definitions are, in how $ref combines with other keys, and in
// how they express null and any.
enum class OpenApiStyle { kV2, kV3 };

using Definitions = std::map<std::string, json::ObjectPtr, std::less<>>;

// Prefix of the definitions of meta/v1.
inline constexpr const char* kMetaDefinitions = "io.k8s.apimachinery.pkg.apis.meta.v1.";

// The definitions of all resources and, transitively, of what those reference. Kinds and lists of
// kinds have x-kubernetes-group-version-kind.
Definitions MakeDefinitions(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins,
                            OpenApiStyle style);

// "io.k8s.api.core.v1.Secret"; for a custom resource the group is reversed:
// "dev.anutosh491.v1alpha1.DigitalOceanCluster".
std::string DefinitionNameOf(const ServedResource& resource, const BuiltinSchemas& builtins);

// {"$ref": "#/definitions/NAME"} or {"$ref": "#/components/schemas/NAME"}.
json::ObjectPtr ReferenceTo(const std::string& name, OpenApiStyle style);
json::ObjectPtr GroupVersionKind(std::string_view group, std::string_view version, std::string_view kind);

}  // namespace capstan::apiserver
