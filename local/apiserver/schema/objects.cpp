// What a schema does to an incoming object: prunes unknown fields, drops nulls and fills in
// defaults.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

template <std::size_t N>
bool IsListed(const std::string& name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 15> kMetadataFields = {"name",
                                                              "generateName",
                                                              "namespace",
                                                              "selfLink",
                                                              "uid",
                                                              "resourceVersion",
                                                              "generation",
                                                              "labels",
                                                              "annotations",
                                                              "finalizers",
                                                              "ownerReferences",
                                                              "managedFields",
                                                              "creationTimestamp",
                                                              "deletionTimestamp",
                                                              "deletionGracePeriodSeconds"};
constexpr std::array<std::string_view, 6> kOwnerFields = {"apiVersion", "kind",       "name",
                                                          "uid",        "controller", "blockOwnerDeletion"};

std::vector<std::string> NamesOf(const Poco::JSON::Object& object) {
  std::vector<std::string> keys;
  for (const auto& [name, value] : object) keys.push_back(name);
  return keys;
}

template <std::size_t N>
void Keep(const json::Tree& value, const std::string& path, const std::array<std::string_view, N>& names,
          std::vector<std::string>& pruned) {
  json::ObjectPtr object = json::AsObject(value);
  if (!object) return;
  for (const auto& key : NamesOf(*object)) {
    if (IsListed(key, names)) continue;
    pruned.push_back(FieldPath(path, key));
    object->remove(key);
  }
}

void PruneMetadata(const json::Tree& metadata, const std::string& path, std::vector<std::string>& pruned) {
  Keep(metadata, path, kMetadataFields, pruned);
  const auto* owners = Find(metadata, "ownerReferences");
  const auto* list = owners ? ArrayOf(*owners) : nullptr;
  if (!list) return;
  std::size_t index = 0;
  for (const auto& owner : *list) {
    Keep(owner, StrCat(path, ".ownerReferences[", index++, "]"), kOwnerFields, pruned);
  }
}

bool IsIdentity(const std::string& name) {
  return name == "apiVersion" || name == "kind" || name == "metadata";
}

// The default that replaces `value`, if any.
const json::Tree* DefaultFor(const SchemaNode& node, const json::Tree& value) {
  return node.has_default && !node.nullable && KindOf(value) == ValueKind::kNull ? &node.default_value
                                                                                 : nullptr;
}

// 2.0 is stored as 2 where both integers and doubles are allowed.
bool IsWholeDouble(const SchemaNode& node, const json::Tree& value) {
  if ((node.type != "integer" && node.type != "number") || KindOf(value) != ValueKind::kDouble) return false;
  const double number = NumberOf(value);
  return std::trunc(number) == number && std::fabs(number) < 9007199254740992.0;  // 2^53
}

// Whether `instead` must be stored in place of `value`.
bool Replaced(const SchemaNode& node, const json::Tree& value, json::Tree& instead) {
  if (const auto* standing_in = DefaultFor(node, value)) {
    instead = json::Clone(*standing_in);
    return true;
  }
  if (!IsWholeDouble(node, value)) return false;
  instead = static_cast<Poco::Int64>(NumberOf(value));
  return true;
}

void DefaultObject(const SchemaNode& node, json::ObjectPtr object, bool resource_root) {
  for (const auto& [name, child] : node.properties) {
    if (resource_root && IsIdentity(name)) continue;
    if (child->has_default && !object->has(name)) object->set(name, json::Clone(child->default_value));
  }
  for (const auto& name : NamesOf(*object)) {
    if (resource_root && IsIdentity(name)) continue;
    const auto found = node.properties.find(name);
    const SchemaNode* child = found != node.properties.end() ? found->second.get() : node.additional.get();
    if (!child) continue;
    const json::Tree value = object->get(name);
    json::Tree instead;
    if (Replaced(*child, value, instead)) {
      object->set(name, instead);
      DefaultValue(*child, instead, child->embedded_resource);
    } else if (KindOf(value) == ValueKind::kNull && !child->nullable) {
      object->remove(name);  // a null counts as absent
    } else {
      DefaultValue(*child, value, child->embedded_resource);
    }
  }
}

}  // namespace

void PruneValue(const SchemaNode& node, const json::Tree& value, const std::string& path,
                const PruneOptions& options, std::vector<std::string>& pruned) {
  const PruneOptions below{false};
  if (json::ArrayPtr array = json::AsArray(value)) {
    if (!node.items) return;
    std::size_t index = 0;
    for (const auto& item : *array)
      PruneValue(*node.items, item, StrCat(path, "[", index++, "]"), below, pruned);
    return;
  }
  json::ObjectPtr object = json::AsObject(value);
  if (!object) return;
  const bool is_resource = options.resource_root || node.embedded_resource;
  for (const auto& name : NamesOf(*object)) {
    const std::string field = FieldPath(path, name);
    if (is_resource && IsIdentity(name)) {
      if (name == "metadata") PruneMetadata(object->get(name), field, pruned);
      continue;
    }
    const auto found = node.properties.find(name);
    if (found != node.properties.end()) {
      PruneValue(*found->second, object->get(name), field, below, pruned);
    } else if (node.additional) {
      PruneValue(*node.additional, object->get(name), field, below, pruned);
    } else if (!node.preserve_unknown_fields && node.additional_allowed != true) {
      pruned.push_back(field);
      object->remove(name);
    }
  }
}

void FindRefusedNulls(const SchemaNode& node, const json::Tree& value, const std::string& path,
                      std::vector<FieldError>& errors) {
  if (const auto* object = ObjectOf(value)) {
    for (const auto& [name, item] : *object) {
      const auto found = node.properties.find(name);
      const SchemaNode* child = found != node.properties.end() ? found->second.get() : node.additional.get();
      if (!child || (path.empty() && IsIdentity(name))) continue;
      const std::string field = FieldPath(path, name);
      const bool typed = !child->type.empty() || child->int_or_string;
      if (KindOf(item) != ValueKind::kNull) {
        FindRefusedNulls(*child, item, field, errors);
      } else if (typed && !child->nullable && !child->has_default) {
        const std::string type = child->int_or_string ? "integer,string" : child->type;
        errors.push_back({FieldErrorType::kTypeInvalid, field, std::string("null"),
                          StrCat(field, " in body must be of type ", type, ": \"null\"")});
        if (child->has_enum) {
          std::vector<std::string> names;
          for (const auto& allowed : child->allowed)
            names.push_back(KindOf(allowed) == ValueKind::kString ? TextOf(allowed) : json::ToText(allowed));
          errors.push_back(UnsupportedField(field, json::Tree(), names));
        }
      }
    }
    return;
  }
  const auto* array = ArrayOf(value);
  if (!array || !node.items) return;
  std::size_t index = 0;
  for (const auto& item : *array)
    FindRefusedNulls(*node.items, item, StrCat(path, "[", index++, "]"), errors);
}

void DefaultValue(const SchemaNode& node, const json::Tree& value, bool resource_root) {
  if (json::ObjectPtr object = json::AsObject(value)) {
    DefaultObject(node, object, resource_root);
    return;
  }
  json::ArrayPtr array = json::AsArray(value);
  if (!array || !node.items) return;
  for (unsigned int i = 0; i < array->size(); ++i) {
    const json::Tree item = array->get(i);
    json::Tree instead;
    if (Replaced(*node.items, item, instead)) {
      array->set(i, instead);
      DefaultValue(*node.items, instead, node.items->embedded_resource);
    } else {
      DefaultValue(*node.items, item, node.items->embedded_resource);
    }
  }
}

}  // namespace capstan::apiserver
