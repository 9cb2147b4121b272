// The schemas of Kubernetes' own kinds that this server knows, out of the tables (tables/).
//
// From them come: unknown fields (Prune), merge keys of strategic patches, list types for
// server-side apply, protobuf, and the definitions of the OpenAPI documents. Made once by the code
// that wires the server; immutable and thread-safe then.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/local/apiserver/schema/compiled.hpp>
#include <capstan/local/apiserver/schema/kinds/rules.hpp>
#include <capstan/local/apiserver/schema/tables/types.hpp>

namespace capstan::apiserver {

class BuiltinSchemas final {
 public:
  using Definitions = std::map<std::string, json::ObjectPtr, std::less<>>;

  // The tables are part of the program, and a test proves that they are whole.
  static std::shared_ptr<const BuiltinSchemas> Make();

  // The schema of a kind, or null when it is not in the table. Its Validate finds wrong types
  // (Kubernetes answers them with 400, see TypeMismatch), not the rules of each kind.
  const CompiledSchema* Find(std::string_view group, std::string_view version, std::string_view kind) const;

  // The name of the kind's definition: "io.k8s.api.core.v1.Secret"; empty when unknown.
  std::string DefinitionName(std::string_view group, std::string_view version, std::string_view kind) const;

  // The type in the tables, or null.
  const BuiltinType* Type(std::string_view group, std::string_view version, std::string_view kind) const;
  const BuiltinTypes& types() const { return types_; }
  const KindRules& rules() const { return rules_; }

  // All definitions by name, each with $ref NAME (nothing before it) to the others. Made when first
  // asked for.
  const Definitions& definitions() const;

  // What Kubernetes says (400) about a JSON body whose types do not fit a built-in kind, as in
  // `json: cannot unmarshal string into Go struct field Secret.data of type map[string][]uint8`;
  // empty when they fit.
  std::string TypeMismatch(std::string_view group, std::string_view version, std::string_view kind,
                           const json::ObjectPtr& object) const;

 private:
  BuiltinSchemas() = default;
  BuiltinTypes types_;
  KindRules rules_{types_};
  mutable std::once_flag documented_;
  mutable Definitions definitions_;
  std::map<std::string, std::shared_ptr<const CompiledSchema>, std::less<>> compiled_;
};

}  // namespace capstan::apiserver
