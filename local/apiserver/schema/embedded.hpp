// Resources embedded in resources (x-kubernetes-embedded-resource). Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/local/apiserver/schema/compiled.hpp>

namespace capstan::apiserver {

// The first apiVersion, kind or metadata of an embedded resource that has the wrong type, in
// Kubernetes' words ("spec.template.kind: Invalid value: 5: must be a string"); "" when there is
// none.
std::string EmbeddedMismatch(const CompiledSchema& schema, const json::ObjectPtr& object);

}  // namespace capstan::apiserver
