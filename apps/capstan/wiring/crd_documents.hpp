// CustomResourceDefinitions of plugins for people and for servers: as a plugin carries them (JSON),
// completed with what the operator itself reads and writes (core/managed/crd.hpp). Pure functions.
#pragma once

#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::app {

// As YAML; without x-kubernetes-validations unless `cel`. `manifest` is that of the plugin. Errors:
// kInvalidArgument when it is not a CRD, or clashes with the operator's own fields.
Result<std::string> CrdAsYaml(const std::string& crd, const external::Manifest& manifest, bool cel);
// The same as JSON, for the API.
Result<std::string> CrdAsJson(const std::string& crd, const external::Manifest& manifest, bool cel);

}  // namespace capstan::app
