// Kubernetes' strategic merge patch: a merge patch that merges lists of built-in kinds by key.
//
// Pure; thread-safe. Only built-in kinds have merge keys; for a custom resource such a patch gets
// 415.
#pragma once

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>

namespace capstan::apiserver {

// Returns a patched copy of `document`; changes neither argument. `schema` provides the merge keys
// (x-kubernetes-patch-merge-key, x-kubernetes-patch-strategy); fields that it does not know are
// merged as in RFC 7386, which replaces whole lists. Directives: $patch (replace, delete, merge),
// $retainKeys, $setElementOrder/LIST, $deleteFromPrimitiveList/LIST. Errors: kInvalidArgument in
// Kubernetes' words (an element without its merge key, an unknown directive, an order that omits
// elements).
Result<json::ObjectPtr> StrategicMergePatch(const json::ObjectPtr& document, const json::ObjectPtr& patch,
                                            const CompiledSchema& schema);

}  // namespace capstan::apiserver
