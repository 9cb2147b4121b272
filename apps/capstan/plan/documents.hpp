// The documents of a file as `kubectl apply -f` reads them: desired objects that no server has
// processed yet. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::app {

struct Document {
  std::string api_version, kind;
  kube::Object object;  // metadata.namespace is set by default
};

// Parses YAML or JSON; splits several documents and kinds List. Objects without a namespace get
// `otherwise`; a namespace other than `only` (unless empty) is an error, as in kubectl. Empty
// documents are skipped. Errors, one line that names `origin`: kInvalidArgument, kTooLarge.
Result<std::vector<Document>> ReadDocuments(std::string_view text, const std::string& origin,
                                            const std::string& only, const std::string& otherwise);

// The object as the API server would store it after `kubectl apply`: `live` (null: none) merged
// with the document, without fields that an earlier apply set and this one does not; then the CRD's
// defaults, schema and rules. An empty `crd` skips validation. Errors: kInvalidArgument with the
// server's message.
Result<kube::Object> Admit(const Document& document, const std::string& crd, const kube::Object* live);

}  // namespace capstan::app
