// Static types of CEL expressions, as far as schema and literals tell them. For the cel files only.
// Values; thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

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
    kDuration
  };
  Kind kind = Kind::kDyn;
  std::shared_ptr<const Type> element = {};  // of kList and kMap (whose keys are strings, or `key`)
  std::shared_ptr<const Type> key = {};      // of kMap; null: string
  const SchemaNode* node = nullptr;          // of kObject
  bool root = false;  // kObject that is a whole resource: has apiVersion, kind and metadata
};

// "int", "list(string)", "map(string, int)", as CEL's compiler says it.
std::string TypeName(const Type& type);
Type TypeOfSchema(const SchemaNode& node, bool root);

// The type of `expression`. Errors: kInvalidArgument, written by ErrorAt: names and fields that do
// not exist, functions outside the subset, operands that do not fit.
Result<Type> CheckCel(std::string_view source, const Expression& expression, const SchemaNode& self,
                      bool root);

// Whether the name is used anywhere.
bool Uses(const Expression& expression, std::string_view name);

}  // namespace capstan::apiserver::cel
