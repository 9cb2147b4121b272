// The schemas of Kubernetes' own kinds that this server knows, as one table in short form.
//
// From it come: unknown fields (Prune), merge keys of strategic patches, list types for server-side
// apply, and the definitions of the OpenAPI documents. Made once by whoever wires the server;
// immutable and thread-safe then.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/local/apiserver/schema/compiled.hpp>

namespace capstan::apiserver {

class BuiltinSchemas final {
 public:
  // REQUIRES nothing; the table is part of the program, and a test proves that it compiles.
  static std::shared_ptr<const BuiltinSchemas> Make();

  // The schema of a kind, or null when it is not in the table. Its Validate finds wrong types
  // (Kubernetes answers them with 400, see TypeMismatch), not the rules of each kind.
  const CompiledSchema* Find(std::string_view group, std::string_view version, std::string_view kind) const;

  // The name of the kind's definition: "io.k8s.api.core.v1.Secret"; empty when unknown.
  std::string DefinitionName(std::string_view group, std::string_view version, std::string_view kind) const;

  // All definitions by name, each with $ref NAME (nothing before it) to the others.
  const std::map<std::string, json::ObjectPtr, std::less<>>& definitions() const { return definitions_; }

  // What Kubernetes says (400) about a JSON body whose types do not fit a built-in kind, as in
  // `json: cannot unmarshal string into Go struct field Secret.data of type map[string][]uint8`;
  // empty when they fit.
  std::string TypeMismatch(std::string_view group, std::string_view version, std::string_view kind,
                           const json::ObjectPtr& object) const;

 private:
  BuiltinSchemas() = default;
  std::map<std::string, json::ObjectPtr, std::less<>> definitions_;
  std::map<std::string, std::string, std::less<>> names_;  // "group/version/kind" to definition
  std::map<std::string, std::shared_ptr<const CompiledSchema>, std::less<>> compiled_;
};

}  // namespace capstan::apiserver
