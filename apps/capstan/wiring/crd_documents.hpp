// CustomResourceDefinitions of plugins for users and for servers: the plugin's own (JSON),
// completed with the fields that the operator reads and writes (core/managed/crd.hpp). Pure
// functions; thread-safe.
#pragma once

#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::app {

// As YAML; without x-kubernetes-validations unless `cel`. `manifest` is that of the plugin. Errors:
// kInvalidArgument when it is not a CRD, or conflicts with the operator's own fields.
Result<std::string> CrdAsYaml(const std::string& crd, const external::Manifest& manifest, bool cel);
// Likewise as JSON, for the API.
Result<std::string> CrdAsJson(const std::string& crd, const external::Manifest& manifest, bool cel);

}  // namespace capstan::app
