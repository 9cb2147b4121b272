// Lists that are sets or maps, and embedded objects: constraints that OpenAPI itself cannot
// express.
#include <set>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

// The keys of a list-map's item as an object; a missing key has its default, or is omitted.
json::ObjectPtr ListKeysOf(const SchemaNode& list, const json::Tree& item) {
  json::ObjectPtr keys = json::MakeObject();
  for (const auto& key : list.list_map_keys) {
    if (const auto* value = Find(item, key)) {
      keys->set(key, *value);
      continue;
    }
    const auto found = list.items->properties.find(key);
    if (found != list.items->properties.end() && found->second->has_default) {
      keys->set(key, found->second->default_value);
    }
  }
  return keys;
}

void CheckDoubles(const SchemaNode& node, const Poco::JSON::Array& array, const std::string& path,
                  std::vector<FieldError>& errors) {
  const bool is_map = node.list_type == "map";
  if (is_map && !node.items) return;
  std::set<std::string> seen;
  std::size_t index = 0;
  for (const auto& item : array) {
    const std::string field = StrCat(path, "[", index++, "]");
    if (is_map && !ObjectOf(item)) continue;  // already reported by the schema
    const json::Tree identity = is_map ? json::Tree(ListKeysOf(node, item)) : item;
    if (seen.insert(json::ToText(identity)).second) continue;
    errors.push_back({FieldErrorType::kDuplicate, field, identity, ""});
  }
}

}  // namespace

OldItems::OldItems(const SchemaNode& list, const json::Tree* old_list) : list_(list) {
  const auto* array = old_list ? ArrayOf(*old_list) : nullptr;
  if (!array || list.list_type != "map" || !list.items) return;
  for (const auto& old : *array) {
    if (ObjectOf(old)) by_keys_.emplace(json::ToText(ListKeysOf(list, old)), &old);
  }
}

const json::Tree* OldItems::Find(const json::Tree& item) const {
  if (by_keys_.empty() || !ObjectOf(item)) return nullptr;
  const auto found = by_keys_.find(json::ToText(ListKeysOf(list_, item)));
  return found == by_keys_.end() ? nullptr : found->second;
}

void ValidateLists(const SchemaNode& node, const json::Tree& value, const std::string& path,
                   std::vector<FieldError>& errors) {
  if (const auto* object = ObjectOf(value)) {
    for (const auto& [name, item] : *object) {
      const auto found = node.properties.find(name);
      const SchemaNode* child = found != node.properties.end() ? found->second.get() : node.additional.get();
      if (child) ValidateLists(*child, item, FieldPath(path, name), errors);
    }
    return;
  }
  const auto* array = ArrayOf(value);
  if (!array) return;
  if (node.list_type == "set" || node.list_type == "map") CheckDoubles(node, *array, path, errors);
  if (!node.items) return;
  std::size_t index = 0;
  for (const auto& item : *array) ValidateLists(*node.items, item, StrCat(path, "[", index++, "]"), errors);
}

void ValidateEmbedded(const SchemaNode& node, const json::Tree& value, const std::string& path,
                      std::vector<FieldError>& errors) {
  if (const auto* object = ObjectOf(value)) {
    if (node.embedded_resource) {
      for (const char* name : {"apiVersion", "kind"}) {
        const auto* text = Find(*object, name);
        const std::string field = FieldPath(path, name);
        if (!text || (KindOf(*text) == ValueKind::kString && TextOf(*text).empty())) {
          errors.push_back(RequiredField(field, text ? "must not be empty" : ""));
        }
      }
    }
    for (const auto& [name, item] : *object) {
      const auto found = node.properties.find(name);
      const SchemaNode* child = found != node.properties.end() ? found->second.get() : node.additional.get();
      if (child) ValidateEmbedded(*child, item, FieldPath(path, name), errors);
    }
  }
  const auto* array = ArrayOf(value);
  if (!array || !node.items) return;
  std::size_t index = 0;
  for (const auto& item : *array)
    ValidateEmbedded(*node.items, item, StrCat(path, "[", index++, "]"), errors);
}

}  // namespace capstan::apiserver
