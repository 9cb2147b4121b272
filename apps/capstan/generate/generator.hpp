// What `capstan generate` does with files: a document in, C++ or YAML out. Either all files of a
// run are written or none is changed.
//
// Errors: those of reading and writing files, and kInvalidArgument with the file, the path in the
// document and what is wrong there.
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
  std::string version;             // of a CRD; empty: the only one, else the storage version
  std::vector<std::string> kinds;  // of an OpenAPI document: "apps/v1/Deployment"
  std::string namespace_;          // empty: from group and version
  std::string name;                // of the files, without ending; empty: from the kind
};

// Name to content: the header and the source.
Result<std::map<std::string, std::string>> GenerateTypes(Files& files, const TypesRequest& request);

// A short schema (sdk/generate/short_schema.hpp) as a CustomResourceDefinition.
Result<std::vector<Json>> GenerateCrd(Files& files, const std::string& file);

// The rules that an operator built on capstan/operator.hpp prints with --print-rules: a
// ServiceAccount, a ClusterRole (or a Role in each of `namespaces`) and their bindings, and a Role
// for what it does in its own namespace.
Result<std::vector<Json>> RbacManifest(const Json& rules, const std::string& name,
                                       const std::string& operator_namespace,
                                       const std::vector<std::string>& namespaces);

// Objects as kubectl takes them: a stream of YAML documents; or JSON, of several a List.
Result<std::string> ManifestAsYaml(const std::vector<Json>& objects);
std::string ManifestAsJson(const std::vector<Json>& objects);

// Puts each file into `directory`, which is made if need be. Where one cannot be written, those
// already there are as before.
Status WriteFiles(Files& files, const std::string& directory,
                  const std::map<std::string, std::string>& contents);

}  // namespace capstan::app
