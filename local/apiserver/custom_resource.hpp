// The API server's processing of a custom resource before storing it, without a server: for
// programs such as `capstan plan`. A pure function; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>

namespace capstan::apiserver {

// Checks `object` against the schema of its version, including the CEL rules, and returns it with
// the schema's defaults applied. All arguments are JSON: `crd` is a CustomResourceDefinition,
// `object` an object of version `version` of its kind, `old` the stored object that it replaces
// (for rules that use oldSelf), or empty.
//
// Returns `object` unchanged where only a server can decide: when `crd` is empty, has no such
// version or no schema, or when the schema does not compile.
// Errors: kInvalidArgument with the server's message (a field that the schema does not name, a
// value that violates a rule, text that is not a JSON object).
Result<std::string> AdmitCustomResource(std::string_view crd, std::string_view version,
                                        std::string_view object, std::string_view old);

}  // namespace capstan::apiserver
