#include <capstan/local/apiserver/schema/check_keywords.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/pattern/pattern.hpp>

namespace capstan::apiserver {
namespace {

using Problems = std::vector<FieldError>;

constexpr std::size_t kStepsOfPattern = 32;  // of compiling a pattern

constexpr const char* kListType = ".x-kubernetes-list-type";
constexpr const char* kListKeys = ".x-kubernetes-list-map-keys";

// "must be …": Required when the value is empty, otherwise Invalid.
void MustBe(const std::string& field, const std::string& value, const std::string& detail,
            Problems& problems) {
  problems.push_back(value.empty() ? RequiredField(field, detail) : InvalidField(field, value, detail));
}

void CheckUnsupported(const SchemaNode& node, const std::string& field, Problems& problems) {
  for (const auto& key : node.unsupported) {
    problems.push_back(ForbiddenField(StrCat(field, ".", key), key + " is not supported"));
  }
  if (node.unique_items) {
    problems.push_back(
        ForbiddenField(field + ".uniqueItems",
                       "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
  }
  if ((node.additional || node.additional_allowed == false) && !node.properties.empty()) {
    problems.push_back(ForbiddenField(field + ".additionalProperties",
                                      "additionalProperties and properties are mutual exclusive"));
  }
  if (node.items_is_list) {
    problems.push_back(ForbiddenField(field + ".items", "items must be a schema object and not an array"));
  }
  if (node.preserve_unknown_fields_given && !node.preserve_unknown_fields) {
    problems.push_back(
        InvalidField(field + ".x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"));
  }
}

void CheckTypeName(const SchemaNode& node, const std::string& field, Problems& problems) {
  static const std::vector<std::string> types = {"array", "boolean", "integer", "number", "object", "string"};
  if (node.type.empty() || std::find(types.begin(), types.end(), node.type) != types.end()) return;
  problems.push_back(UnsupportedField(field + ".type", node.type, types));
  if (node.type == "null") {
    problems.push_back(
        ForbiddenField(field + ".type", "type cannot be set to null, use nullable as an alternative"));
  }
}

void CheckListKeys(const SchemaNode& node, const std::string& field, Problems& problems) {
  if (node.list_map_keys.empty()) {
    problems.push_back(
        RequiredField(field + kListKeys, "must not be empty if x-kubernetes-list-type is map"));
  }
  if (!node.items) {
    problems.push_back(
        RequiredField(field + ".items", "must have a schema if x-kubernetes-list-type is map"));
    return;
  }
  if (node.items->type != "object") {
    problems.push_back(InvalidField(field + ".items.type", node.items->type,
                                    "must be object if parent array's x-kubernetes-list-type is map"));
  }
  json::ArrayPtr shown = json::MakeArray();
  for (const auto& key : node.list_map_keys) shown->add(key);
  std::set<std::string> seen;
  for (const auto& key : node.list_map_keys) {
    const auto found = node.items->properties.find(key);
    if (found == node.items->properties.end()) {
      if (node.items->type != "object") continue;
      problems.push_back(
          InvalidField(field + kListKeys, shown, "entries must all be names of item properties"));
    } else if (seen.count(key) == 0 && (found->second->type == "array" || found->second->type == "object")) {
      problems.push_back(
          InvalidField(StrCat(field, ".items.properties[", key, "].type"), node.items->type,
                       "must be a scalar type if parent array's x-kubernetes-list-type is map"));
    }
    if (!seen.insert(key).second) {
      problems.push_back(InvalidField(field + kListKeys, shown, "must not contain duplicate entries"));
    }
  }
}

void CheckCollections(const SchemaNode& node, const std::string& field, Problems& problems) {
  if (!node.map_type.empty()) {
    if (node.type != "object") {
      MustBe(field + ".type", node.type, "must be object if x-kubernetes-map-type is specified", problems);
    }
    if (node.map_type != "atomic" && node.map_type != "granular") {
      problems.push_back(
          UnsupportedField(field + ".x-kubernetes-map-type", node.map_type, {"atomic", "granular"}));
    }
  }
  if (!node.list_type.empty()) {
    if (node.type != "array") {
      MustBe(field + ".type", node.type, "must be array if x-kubernetes-list-type is specified", problems);
    } else if (node.list_type != "atomic" && node.list_type != "set" && node.list_type != "map") {
      problems.push_back(UnsupportedField(field + kListType, node.list_type, {"atomic", "set", "map"}));
    }
  }
  if (!node.list_map_keys.empty() && node.list_type != "map") {
    MustBe(field + kListType, node.list_type, "must be map if x-kubernetes-list-map-keys is non-empty",
           problems);
  }
  if (node.list_type == "map") CheckListKeys(node, field, problems);
}

void CompilePattern(SchemaNode& node, const std::string& field, Problems& problems) {
  if (node.pattern.empty()) return;
  auto compiled = Pattern::Compile(node.pattern);
  if (compiled) {
    node.matcher = std::move(compiled).value();
    return;
  }
  problems.push_back(
      InvalidField(field + ".pattern", node.pattern,
                   "must be a valid regular expression, but isn't: " + compiled.error().message));
}

}  // namespace

void CheckKeywords(SchemaNode& node, const std::string& field, Problems& problems,
                   const Cancellation* cancellation) {
  if (cancellation && cancellation->RequestedSampled(node.pattern.empty() ? 1 : kStepsOfPattern)) return;
  CheckUnsupported(node, field, problems);
  for (const auto& [name, child] : node.properties) {
    CheckKeywords(*child, StrCat(field, ".properties[", name, "]"), problems, cancellation);
  }
  if (node.additional)
    CheckKeywords(*node.additional, field + ".additionalProperties", problems, cancellation);
  if (node.negated) CheckKeywords(*node.negated, field + ".not", problems, cancellation);
  const auto each = [&](const char* key, const std::vector<std::shared_ptr<SchemaNode>>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      CheckKeywords(*parts[i], StrCat(field, ".", key, "[", i, "]"), problems, cancellation);
    }
  };
  each("allOf", node.all_of);
  each("oneOf", node.one_of);
  each("anyOf", node.any_of);
  CheckCollections(node, field, problems);
  if (node.items) CheckKeywords(*node.items, field + ".items", problems, cancellation);
  CheckTypeName(node, field, problems);
  CompilePattern(node, field, problems);
}

}  // namespace capstan::apiserver
