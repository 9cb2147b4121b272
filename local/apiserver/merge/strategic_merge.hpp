// Kubernetes' strategic merge patch: a merge patch in which lists of built-in kinds are merged by
// key.
//
// Pure; thread-safe. Only built-in kinds know their keys; a custom resource answers such a patch
// with 415.
#pragma once

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>

namespace capstan::apiserver {

// The patched copy of `document`; neither argument is changed. `schema` names the merge keys
// (x-kubernetes-patch-merge-key, x-kubernetes-patch-strategy); fields it does not know merge as in
// RFC 7386, lists replaced whole. Directives: $patch (replace, delete, merge), $retainKeys,
// $setElementOrder/LIST, $deleteFromPrimitiveList/LIST. Errors: kInvalidArgument in Kubernetes'
// words (an element without its merge key, an unknown directive, order that misses elements).
Result<json::ObjectPtr> StrategicMergePatch(const json::ObjectPtr& document, const json::ObjectPtr& patch,
                                            const CompiledSchema& schema);

}  // namespace capstan::apiserver
