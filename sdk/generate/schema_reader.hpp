// SchemaReader converts the OpenAPI v3 schema of a CustomResourceDefinition (structural, as the API
// server requires) or definitions in a server's OpenAPI v2 document to a Model.
//
// Not thread-safe. Errors: kInvalidArgument with the path in the document, the problem there and
// the remedy; kTooLarge above kDeepest levels or kMostStructs structs.
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

// One version of a CRD. An empty `version` selects the only served one, or the storage version if
// there are several. Further errors: the document is not a CustomResourceDefinition of
// apiextensions.k8s.io/v1, or lacks that version (the message lists the existing ones).
Result<Model> ReadCrd(const Json& crd, const std::string& version);

// The named kinds ("apps/v1/Deployment", "v1/ConfigMap") of an OpenAPI v2 document and everything
// they contain. Recursive definitions become kJson where they recurse.
Result<Model> ReadOpenApi(const Json& document, const std::vector<std::string>& kinds);

}  // namespace capstan::generate
