// The schemas of the built-in kinds, read from the tables (tables/).
//
// They provide unknown fields (Prune), merge keys of strategic merge patches, list types for
// server-side apply, protobuf, and the definitions of the OpenAPI documents. Built once by the code
// that wires the server; then immutable and thread-safe.
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

  // Cannot fail: the tables are compiled in, and a test proves that they are complete.
  static std::shared_ptr<const BuiltinSchemas> Make();

  // The schema of a kind, or null when it is not in the tables. Its Validate finds wrong types (to
  // which Kubernetes answers 400, see TypeMismatch), but does not apply the rules of the kind.
  const CompiledSchema* Find(std::string_view group, std::string_view version, std::string_view kind) const;

  // The name of the kind's definition: "io.k8s.api.core.v1.Secret"; empty when unknown.
  std::string DefinitionName(std::string_view group, std::string_view version, std::string_view kind) const;

  // The type in the tables, or null.
  const BuiltinType* Type(std::string_view group, std::string_view version, std::string_view kind) const;
  const BuiltinTypes& types() const { return types_; }
  const KindRules& rules() const { return rules_; }

  // All definitions by name; each refers to others as $ref NAME, without a prefix. Built on first
  // use.
  const Definitions& definitions() const;

  // Kubernetes' message (400) for a JSON body whose types do not match a built-in kind, such as
  // `json: cannot unmarshal string into Go struct field Secret.data of type map[string][]uint8`;
  // empty when they match.
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
