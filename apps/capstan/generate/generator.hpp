// The file side of `capstan generate`: reads a document and produces C++ or YAML. A run writes
// either all of its files or none.
//
// Errors: those of reading and writing files, and kInvalidArgument with the file, the path in the
// document and the problem. Thread-safe as long as `files` is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::app {

struct TypesRequest {
  std::string file;                // a CRD in YAML or JSON, or an OpenAPI v2 document
  std::string version;             // of a CRD; empty: the only one, otherwise the storage version
  std::vector<std::string> kinds;  // of an OpenAPI document: "apps/v1/Deployment"
  std::string namespace_;          // empty: derived from group and version
  std::string name;                // base name of the files; empty: derived from the kind
};

// File name to content: the header and the source.
Result<std::map<std::string, std::string>> GenerateTypes(Files& files, const TypesRequest& request);

// Converts a short schema (sdk/generate/short_schema.hpp) to a CustomResourceDefinition.
Result<std::vector<Json>> GenerateCrd(Files& files, const std::string& file);

// RBAC objects for the rules that an operator built on capstan/operator.hpp prints with
// --print-rules: a ServiceAccount, a ClusterRole (or a Role in each of `namespaces`), their
// bindings, and a Role for its own namespace.
Result<std::vector<Json>> RbacManifest(const Json& rules, const std::string& name,
                                       const std::string& operator_namespace,
                                       const std::vector<std::string>& namespaces);

// Objects as kubectl accepts them: a stream of YAML documents; or JSON, with a List for several
// objects.
Result<std::string> ManifestAsYaml(const std::vector<Json>& objects);
std::string ManifestAsJson(const std::vector<Json>& objects);

// Writes the files to `directory`, which is created if necessary. If one cannot be written, those
// already written are restored.
Status WriteFiles(Files& files, const std::string& directory,
                  const std::map<std::string, std::string>& contents);

}  // namespace capstan::app
