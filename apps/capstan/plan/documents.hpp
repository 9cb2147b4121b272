// The documents of a file as `kubectl apply -f` would read it: desired objects before any server
// has seen them. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::app {

struct Document {
  std::string api_version, kind;
  kube::Object object;  // metadata.namespace is set for whatever named none
};

// YAML or JSON; several documents, and kinds List, are taken apart. Objects without a namespace get
// `otherwise`; another one than `only` (unless empty) is an error, as for kubectl. Empty documents
// do not count. Errors, one line that names `origin`: kInvalidArgument, kTooLarge.
Result<std::vector<Document>> ReadDocuments(std::string_view text, const std::string& origin,
                                            const std::string& only, const std::string& otherwise);

// The object as the API server would hold it after `kubectl apply`: `live` (null: there is none)
// with what the document says, without what an earlier apply said and this one does not; then the
// CRD's defaults, schema and rules. `crd` may be empty: then nothing is checked. Errors:
// kInvalidArgument in the server's words.
Result<kube::Object> Admit(const Document& document, const std::string& crd, const kube::Object* live);

}  // namespace capstan::app
