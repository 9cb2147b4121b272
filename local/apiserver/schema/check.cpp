// Checks that a schema is structural: one type for each value, no types below allOf, anyOf, oneOf
// and not, and nothing unspecified by accident.
#include <algorithm>
#include <array>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/check_keywords.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

enum class SchemaLevel { kRoot, kField, kItem };

class StructureCheck final {
 public:
  explicit StructureCheck(const Cancellation* cancellation) : cancellation_(cancellation) {}
  void Check(const SchemaNode& node, SchemaLevel level, const std::string& field);
  std::vector<FieldError> Take() && {
    std::stable_sort(errors_.begin(), errors_.end(),
                     [](const FieldError& a, const FieldError& b) { return ToText(a) < ToText(b); });
    return std::move(errors_);
  }

 private:
  void Required(const std::string& field, std::string detail) {
    errors_.push_back(RequiredField(field, std::move(detail)));
  }
  void Invalid(const std::string& field, const json::Tree& value, std::string detail) {
    errors_.push_back(InvalidField(field, value, std::move(detail)));
  }
  void CheckType(const SchemaNode& node, SchemaLevel level, const std::string& field);
  void CheckIdentity(const SchemaNode& node, const std::string& field);
  void CheckDefaultsPlace(const SchemaNode& node, const std::string& field);
  void ForbidDefaults(const SchemaNode& node, const std::string& field, const std::string& where);
  void CheckValueRules(const SchemaNode& node, const std::string& field);
  void CheckNested(const SchemaNode& node, const std::string& field, bool type_allowed);
  void CheckListItems(const SchemaNode& node, const std::string& field);

  const Cancellation* cancellation_;
  std::vector<FieldError> errors_;
};

void StructureCheck::CheckType(const SchemaNode& node, SchemaLevel level, const std::string& field) {
  const std::string type_field = field + ".type";
  if (level == SchemaLevel::kRoot) {
    if (node.type.empty()) {
      Required(type_field, "must not be empty at the root");
    } else if (node.type != "object") {
      Invalid(type_field, node.type, "must be object at the root");
    }
    if (node.nullable)
      errors_.push_back(ForbiddenField(field + ".nullable", "nullable cannot be true at the root"));
  } else if (node.embedded_resource && node.type != "object") {
    if (node.type.empty()) {
      Required(type_field, "must be object if x-kubernetes-embedded-resource is true");
    } else {
      Invalid(type_field, node.type, "must be object if x-kubernetes-embedded-resource is true");
    }
  } else if (node.type.empty() && !node.int_or_string && !node.preserve_unknown_fields) {
    Required(type_field, StrCat("must not be empty for specified ",
                                level == SchemaLevel::kItem ? "array items" : "object fields"));
  }
  if (node.embedded_resource && !node.preserve_unknown_fields && node.properties.empty()) {
    Required(field + ".properties",
             "must not be empty if x-kubernetes-embedded-resource is true without "
             "x-kubernetes-preserve-unknown-fields");
  }
  if (node.type == "array" && !node.items && !node.items_is_list)
    Required(field + ".items", "must be specified");
}

// apiVersion, kind and metadata of a resource have fixed types; of metadata only name and
// generateName can be restricted.
void StructureCheck::CheckIdentity(const SchemaNode& node, const std::string& field) {
  const auto of_type = [&](const char* name, const char* type) {
    const auto found = node.properties.find(name);
    if (found == node.properties.end() || found->second->type == type) return;
    Invalid(StrCat(field, ".properties[", name, "].type"), found->second->type, StrCat("must be ", type));
  };
  of_type("apiVersion", "string");
  of_type("kind", "string");
  of_type("metadata", "object");
}

void StructureCheck::ForbidDefaults(const SchemaNode& node, const std::string& field,
                                    const std::string& where) {
  if (node.has_default)
    errors_.push_back(ForbiddenField(field + ".default", "must not be set in top-level " + where));
  for (const auto& [name, child] : node.properties) {
    ForbidDefaults(*child, StrCat(field, ".properties[", name, "]"), where);
  }
}

void StructureCheck::CheckDefaultsPlace(const SchemaNode& node, const std::string& field) {
  for (const char* name : {"apiVersion", "kind", "metadata"}) {
    const auto found = node.properties.find(name);
    if (found != node.properties.end())
      ForbidDefaults(*found->second, StrCat(field, ".properties[", name, "]"), name);
  }
  const auto metadata = node.properties.find("metadata");
  if (metadata == node.properties.end()) return;
  const SchemaNode& limits = *metadata->second;
  const bool only_names = std::all_of(
      limits.properties.begin(), limits.properties.end(),
      [](const auto& property) { return property.first == "name" || property.first == "generateName"; });
  if (!only_names || limits.additional || limits.additional_allowed || limits.nullable ||
      limits.preserve_unknown_fields || limits.embedded_resource || limits.int_or_string) {
    errors_.push_back(ForbiddenField(
        field + ".properties[metadata]",
        "must not specify anything other than name and generateName, but metadata is implicitly specified"));
  }
}

// Generators write int-or-string as `anyOf: [{type: integer}, {type: string}]`, so types are
// allowed there.
bool IsIntOrStringChoice(const std::vector<std::shared_ptr<SchemaNode>>& choice) {
  return choice.size() == 2 && choice[0]->type == "integer" && choice[1]->type == "string";
}

void StructureCheck::CheckValueRules(const SchemaNode& node, const std::string& field) {
  const bool any_of_types = IsIntOrStringChoice(node.any_of);
  const bool all_of_types =
      !any_of_types && !node.all_of.empty() && IsIntOrStringChoice(node.all_of.front()->any_of);
  for (std::size_t i = 0; i < node.any_of.size(); ++i) {
    CheckNested(*node.any_of[i], StrCat(field, ".anyOf[", i, "]"), any_of_types);
  }
  for (std::size_t i = 0; i < node.all_of.size(); ++i) {
    const SchemaNode& part = *node.all_of[i];
    const std::string part_field = StrCat(field, ".allOf[", i, "]");
    if (all_of_types && i == 0) {
      for (std::size_t k = 0; k < 2; ++k)
        CheckNested(*part.any_of[k], StrCat(part_field, ".anyOf[", k, "]"), true);
    } else {
      CheckNested(part, part_field, false);
    }
  }
  for (std::size_t i = 0; i < node.one_of.size(); ++i) {
    CheckNested(*node.one_of[i], StrCat(field, ".oneOf[", i, "]"), false);
  }
  if (node.negated) CheckNested(*node.negated, field + ".not", false);
}

void StructureCheck::CheckNested(const SchemaNode& node, const std::string& field, bool type_allowed) {
  const auto forbid = [&](bool present, const char* key, const char* rule) {
    if (!present) return;
    errors_.push_back(ForbiddenField(StrCat(field, ".", key), StrCat("must be ", rule, " to be structural")));
  };
  forbid(!node.type.empty() && !type_allowed, "type", "empty");
  forbid(!node.description.empty(), "description", "empty");
  forbid(!node.title.empty(), "title", "empty");
  forbid(node.nullable, "nullable", "false");
  forbid(node.has_default, "default", "undefined");
  forbid(node.additional || node.additional_allowed.value_or(false), "additionalProperties", "undefined");
  forbid(node.preserve_unknown_fields, "x-kubernetes-preserve-unknown-fields", "false");
  forbid(node.embedded_resource, "x-kubernetes-embedded-resource", "false");
  forbid(node.int_or_string, "x-kubernetes-int-or-string", "false");
  forbid(!node.list_map_keys.empty(), "x-kubernetes-list-map-keys", "empty");
  forbid(!node.list_type.empty(), "x-kubernetes-list-type", "undefined");
  forbid(!node.map_type.empty(), "x-kubernetes-map-type", "undefined");
  forbid(!node.rules.empty(), "x-kubernetes-validations", "empty");
  for (const auto& [name, child] : node.properties) {
    CheckNested(*child, StrCat(field, ".properties[", name, "]"), false);
  }
  if (node.items) CheckNested(*node.items, field + ".items", false);
  CheckValueRules(node, field);
}

// Items of sets must be atomic; keys of maps must be required or have a default.
void StructureCheck::CheckListItems(const SchemaNode& node, const std::string& field) {
  if (!node.items) return;
  const SchemaNode& items = *node.items;
  if (node.list_type == "set") {
    const std::string detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
    const auto shown = [](const std::string& type) { return type.empty() ? json::Tree() : json::Tree(type); };
    if (items.nullable) {
      errors_.push_back(
          ForbiddenField(field + ".items.nullable", "cannot be nullable when x-kubernetes-list-type is set"));
    }
    if (items.type == "object" && items.map_type != "atomic") {
      Invalid(field + ".items.x-kubernetes-map-type", shown(items.map_type), detail);
    }
    if (items.type == "array" && !items.list_type.empty() && items.list_type != "atomic") {
      Invalid(field + ".items.x-kubernetes-list-type", items.list_type, detail);
    }
  }
  if (node.list_type != "map") return;
  if (items.nullable) {
    errors_.push_back(
        ForbiddenField(field + ".items.nullable", "cannot be nullable when x-kubernetes-list-type is map"));
  }
  for (const auto& key : node.list_map_keys) {
    const auto found = items.properties.find(key);
    if (found == items.properties.end()) continue;
    const std::string key_field = StrCat(field, ".items.properties[", key, "]");
    const bool required =
        std::find(items.required.begin(), items.required.end(), key) != items.required.end();
    if (!required && !found->second->has_default) {
      Required(key_field + ".default",
               "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required "
               "property");
    }
    if (found->second->nullable) {
      errors_.push_back(
          ForbiddenField(key_field + ".nullable",
                         "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
    }
  }
}

void StructureCheck::Check(const SchemaNode& node, SchemaLevel level, const std::string& field) {
  if (cancellation_ && cancellation_->RequestedSampled()) return;
  CheckType(node, level, field);
  if (level == SchemaLevel::kRoot || node.embedded_resource) CheckIdentity(node, field);
  if (level == SchemaLevel::kRoot) CheckDefaultsPlace(node, field);
  CheckValueRules(node, field);
  CheckListItems(node, field);
  for (const auto& [name, child] : node.properties) {
    Check(*child, SchemaLevel::kField, StrCat(field, ".properties[", name, "]"));
  }
  if (node.additional) Check(*node.additional, SchemaLevel::kField, field + ".additionalProperties");
  if (node.items) Check(*node.items, SchemaLevel::kItem, field + ".items");
}

bool HasUnstructured(const SchemaNode& node) {
  if (!node.unsupported.empty() || (node.preserve_unknown_fields_given && !node.preserve_unknown_fields))
    return true;
  const auto any = [](const std::vector<std::shared_ptr<SchemaNode>>& parts) {
    return std::any_of(parts.begin(), parts.end(), [](const auto& one) { return HasUnstructured(*one); });
  };
  return (node.items && HasUnstructured(*node.items)) ||
         (node.additional && HasUnstructured(*node.additional)) ||
         (node.negated && HasUnstructured(*node.negated)) || any(node.all_of) || any(node.any_of) ||
         any(node.one_of) || std::any_of(node.properties.begin(), node.properties.end(), [](const auto& one) {
           return HasUnstructured(*one.second);
         });
}

}  // namespace

void CheckStructure(SchemaNode& root, std::string_view field, std::vector<FieldError>& problems,
                    const Cancellation* cancellation) {
  const std::string path(field);
  StructureCheck check(cancellation);
  // A schema that cannot be structural is not checked further.
  if (!HasUnstructured(root)) check.Check(root, SchemaLevel::kRoot, path);
  std::vector<FieldError> found = std::move(check).Take();
  problems.insert(problems.end(), found.begin(), found.end());
  if (root.additional || root.additional_allowed) {
    problems.push_back(ForbiddenField(path + ".additionalProperties", "must not be used at the root"));
  }
  CheckKeywords(root, path, problems, cancellation);
}

}  // namespace capstan::apiserver
