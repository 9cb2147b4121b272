// SchemaReader turns an OpenAPI v3 schema of a CustomResourceDefinition (structural, as apiserver
// demands) or definitions of a server's OpenAPI v2 document into a Model.
//
// Not thread-safe. Errors: kInvalidArgument with the path in the document, what is wrong there and
// what to do; kTooLarge above kDeepest levels or kMostStructs structs.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/sdk/generate/model.hpp>
#include <capstan/sdk/generate/names.hpp>

namespace capstan::generate {

inline constexpr int kDeepest = 64;
inline constexpr std::size_t kMostStructs = 4096;

// One version of a CRD. `version` empty: the only served one, or the storage version where there
// are several. Errors also: the document is no CustomResourceDefinition of apiextensions.k8s.io/v1,
// or has no such version (the message lists those it has).
Result<Model> ReadCrd(const Json& crd, const std::string& version);

// The named kinds ("apps/v1/Deployment", "v1/ConfigMap") of an OpenAPI v2 document and all they
// contain. Definitions that contain themselves become kJson where the circle closes.
Result<Model> ReadOpenApi(const Json& document, const std::vector<std::string>& kinds);

}  // namespace capstan::generate
