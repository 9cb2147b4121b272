// What the API server makes of a custom resource before it stores it: for programs that want to
// know without a server, as `capstan plan` does. A pure function; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>

namespace capstan::apiserver {

// `object` with the defaults of its schema, after the schema and its CEL rules have been checked.
// All are JSON: `crd` a CustomResourceDefinition, `object` of version `version` of its kind, `old`
// the stored object that it replaces (for rules about oldSelf), or empty.
//
// What cannot be judged here comes back as it is, for the server to judge: a CRD without this
// version or without a schema (also an empty `crd`), and a schema that does not compile.
// Errors: kInvalidArgument in the server's words (a field that the schema does not name, a value
// that breaks a rule, text that is not a JSON object).
Result<std::string> AdmitCustomResource(std::string_view crd, std::string_view version,
                                        std::string_view object, std::string_view old);

}  // namespace capstan::apiserver
