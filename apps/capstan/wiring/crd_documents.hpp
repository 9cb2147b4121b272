// CustomResourceDefinitions as plugins carry them (JSON), for people and for servers. Pure
// functions.
#pragma once

#include <string>

#include <capstan/core/base/result.hpp>

namespace capstan::app {

// As YAML; without x-kubernetes-validations unless `cel`. Errors: kInvalidArgument when it is not a
// CRD.
Result<std::string> CrdAsYaml(const std::string& crd, bool cel);
// The same as JSON, for the API.
Result<std::string> CrdAsJson(const std::string& crd, bool cel);

}  // namespace capstan::app
