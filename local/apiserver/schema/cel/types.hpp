// Static types of CEL expressions, as far as schema and literals determine them. For the cel files
// only. Values; thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/local/apiserver/schema/cel/syntax.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver::cel {

struct Type {
  enum class Kind {
    kDyn,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kList,
    kMap,
    kObject,
    kTimestamp,
    kDuration,
    kOptional,
    kType,
    kUrl,
    kIp,
    kCidr,
    kQuantity,
    kSemver,
    kFormat
  };
  Kind kind = Kind::kDyn;
  // Of kOptional, kList and kMap (for the type of its keys see `key`).
  std::shared_ptr<const Type> element = {};
  std::shared_ptr<const Type> key = {};  // of kMap; null: string
  const SchemaNode* node = nullptr;      // of kObject
  bool root = false;    // a kObject that is a whole resource: has apiVersion, kind and metadata
  bool failed = false;  // the kDyn of an expression with an error
};

using TypeKind = Type::Kind;

Type Of(TypeKind kind);
Type ListOf(Type element);
Type MapOf(Type element);  // with string keys
Type OptionalOf(Type element);
Type ElementOf(const Type& type);
bool IsDyn(const Type& type);
bool IsNumber(const Type& type);
bool IsOrdered(const Type& type);
// Whether values of the two types can be compared: dyn with everything, null with every type that
// is not a scalar.
bool Meet(const Type& a, const Type& b);

// "int", "list(string)", "map(string, int)", as CEL's compiler prints it.
std::string TypeName(const Type& type);
Type TypeOfSchema(const SchemaNode& node, bool root);

// The type of `expression`. Errors: kInvalidArgument with all problems, formatted by ErrorAt and in
// source order: names and fields that do not exist, unsupported functions, operands of the wrong
// type.
// `optional_old`: oldSelf is an optional. `types` (may be null) receives the type of each part.
using TypesOf = std::unordered_map<const Expression*, Type>;
Result<Type> CheckCel(std::string_view source, const Expression& expression, const SchemaNode& self,
                      bool root, bool optional_old = false, TypesOf* types = nullptr);

// Likewise for an expression over `names`, whose types are unknown, instead of self.
Result<Type> CheckCelAbout(std::string_view source, const Expression& expression,
                           const std::vector<std::string>& names);

// Whether the expression uses the name.
bool Uses(const Expression& expression, std::string_view name);

}  // namespace capstan::apiserver::cel
