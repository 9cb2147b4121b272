#include <capstan/local/apiserver/merge/apply_values.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/go_text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/metadata_node.hpp>

namespace capstan::apiserver {
namespace {

const SchemaNode& TextNode() {
  static const SchemaNode kNode = [] {
    SchemaNode text;
    text.type = "string";
    return text;
  }();
  return kNode;
}

const SchemaNode* ChildOf(const SchemaNode* node, const std::string& name) {
  if (!node) return nullptr;
  if (node->embedded_resource && name == "metadata") return &MetadataNode();
  if (node->embedded_resource && (name == "apiVersion" || name == "kind")) return &TextNode();
  const auto found = node->properties.find(name);
  return found != node->properties.end() ? found->second.get() : node->additional.get();
}
const SchemaNode* ItemsOf(const SchemaNode* node) { return node ? node->items.get() : nullptr; }

// Objects and lists whose parts have separate owners.
bool IsGranularObject(const json::Tree& value, const SchemaNode* node) {
  return ObjectOf(value) && !(node && node->map_type == "atomic");
}
bool IsGranularList(const json::Tree& value, const SchemaNode* node) {
  return ArrayOf(value) && node && (node->list_type == "set" || node->list_type == "map");
}

// The path element of an item; nullopt when all its keys are missing.
std::optional<std::string> ElementOf(const json::Tree& item, const SchemaNode& list) {
  if (list.list_type == "set") return "v:" + json::ToText(item);
  std::map<std::string, json::Tree> keys;
  for (const auto& key : list.list_map_keys) {
    if (const auto* value = Find(item, key)) {
      keys[key] = *value;
      continue;
    }
    const SchemaNode* child = ChildOf(list.items.get(), key);
    if (child && child->has_default) keys[key] = child->default_value;
  }
  if (keys.empty()) return std::nullopt;
  json::ObjectPtr object = json::MakeObject();
  for (const auto& [key, value] : keys) object->set(key, value);
  return "k:" + json::ToText(object);
}

// The items of a granular list by path element, in order.
std::vector<std::pair<std::string, json::Tree>> ItemsByElement(const json::Tree& list,
                                                               const SchemaNode& node) {
  std::vector<std::pair<std::string, json::Tree>> items;
  for (const auto& item : *ArrayOf(list)) {
    if (auto element = ElementOf(item, node)) items.emplace_back(*element, item);
  }
  return items;
}

using Elements = std::vector<std::pair<std::string, json::Tree>>;

// The first item of each path element. `items` must outlive this object.
class ElementIndex final {
 public:
  explicit ElementIndex(const Elements& items) {
    for (const auto& [element, item] : items) by_element_.emplace(element, &item);
  }
  const json::Tree* Find(const std::string& element) const {
    const auto found = by_element_.find(element);
    return found == by_element_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string_view, const json::Tree*> by_element_;
};

// Every path in a value, including the value itself.
FieldSet AllPlaces(const json::Tree& value, const SchemaNode* node) {
  FieldSet set;
  set.member = true;
  if (IsGranularObject(value, node)) {
    for (const auto& [name, child] : *ObjectOf(value))
      set.parts["f:" + name] = AllPlaces(child, ChildOf(node, name));
  } else if (IsGranularList(value, node)) {
    for (const auto& [element, item] : ItemsByElement(value, *node)) {
      set.parts[element] = node->list_type == "set" ? FieldSet{true, {}} : AllPlaces(item, ItemsOf(node));
    }
  }
  return set;
}

void Compare(const json::Tree& before, const json::Tree& after, const SchemaNode* node,
             const Cancellation* gone, Changes& changes);

void CompareParts(const std::string& element, const json::Tree* before, const json::Tree* after,
                  const SchemaNode* node, const Cancellation* gone, Changes& changes) {
  if (gone && gone->RequestedSampled()) return;
  if (!before) {
    changes.added.parts[element] = AllPlaces(*after, node);
  } else if (!after) {
    changes.removed.parts[element] = AllPlaces(*before, node);
  } else {
    Changes inside;
    Compare(*before, *after, node, gone, inside);
    if (!inside.added.Empty()) changes.added.parts[element] = std::move(inside.added);
    if (!inside.modified.Empty()) changes.modified.parts[element] = std::move(inside.modified);
    if (!inside.removed.Empty()) changes.removed.parts[element] = std::move(inside.removed);
  }
}

void Compare(const json::Tree& before, const json::Tree& after, const SchemaNode* node,
             const Cancellation* gone, Changes& changes) {
  // Null counts as an empty object or list.
  const auto empty_like = [node](const json::Tree& other) {
    return IsGranularObject(other, node) ? json::Tree(json::MakeObject()) : json::Tree(json::MakeArray());
  };
  const auto has_parts = [node](const json::Tree& value) {
    return IsGranularObject(value, node) || IsGranularList(value, node);
  };
  if (KindOf(after) == ValueKind::kNull && has_parts(before)) {
    Compare(before, empty_like(before), node, gone, changes);
  } else if (KindOf(before) == ValueKind::kNull && has_parts(after)) {
    Compare(empty_like(after), after, node, gone, changes);
  } else if (IsGranularObject(before, node) && IsGranularObject(after, node)) {
    const auto &old = *ObjectOf(before), &now = *ObjectOf(after);
    SortedLookup before_now(&old);
    for (const auto& [name, value] : now)
      CompareParts("f:" + name, before_now.Find(name), &value, ChildOf(node, name), gone, changes);
    for (const auto& [name, value] : old) {
      if (!now.has(name)) CompareParts("f:" + name, &value, nullptr, ChildOf(node, name), gone, changes);
    }
  } else if (IsGranularList(before, node) && IsGranularList(after, node)) {
    const Elements old = ItemsByElement(before, *node), now = ItemsByElement(after, *node);
    const ElementIndex old_index(old), now_index(now);
    for (const auto& [element, item] : now)
      CompareParts(element, old_index.Find(element), &item, ItemsOf(node), gone, changes);
    for (const auto& [element, item] : old) {
      if (!now_index.Find(element)) CompareParts(element, &item, nullptr, ItemsOf(node), gone, changes);
    }
  } else if (!json::Equal(before, after)) {
    changes.modified.member = true;
  }
}

json::Tree MergeLists(const json::Tree& live, const json::Tree& applied, const SchemaNode& node) {
  json::ArrayPtr merged = json::MakeArray();
  const Elements wanted = ItemsByElement(applied, node);
  const ElementIndex wanted_index(wanted);
  std::set<std::string> there;
  for (const auto& [element, item] : ItemsByElement(live, node)) {
    there.insert(element);
    const json::Tree* over = wanted_index.Find(element);
    merged->add(over && node.list_type == "map" ? MergeValues(item, *over, node.items.get()) : item);
  }
  for (const auto& [element, item] : wanted) {
    if (there.insert(element).second) merged->add(json::Clone(item));
  }
  return merged;
}

bool IsKey(const SchemaNode* list, const std::string& name) {
  return list &&
         std::find(list->list_map_keys.begin(), list->list_map_keys.end(), name) != list->list_map_keys.end();
}

// `list` is the list that contains the object, if any: the keys of an item stay as long as the item
// does.
bool RemoveFromObject(const json::Tree& value, const FieldSet& drop, const FieldSet& keep,
                      const SchemaNode* node, const SchemaNode* list, json::Tree& rest) {
  const json::ObjectPtr object = json::AsObject(value);
  json::ObjectPtr left = json::MakeObject(object->size());
  for (const auto& name : object->getNames()) {
    const json::Tree child = object->get(name);
    const auto dropped = drop.parts.find("f:" + name);
    const auto kept = keep.parts.find("f:" + name);
    json::Tree remaining = child;
    if (dropped == drop.parts.end() || IsKey(list, name) ||
        RemoveFields(child, dropped->second, kept == keep.parts.end() ? FieldSet{} : kept->second,
                     ChildOf(node, name), remaining)) {
      left->set(name, remaining);
    }
  }
  rest = left;
  return left->size() > 0;
}

bool RemoveFromList(const json::Tree& value, const FieldSet& drop, const FieldSet& keep,
                    const SchemaNode& node, json::Tree& rest) {
  json::ArrayPtr left = json::MakeArray();
  for (const auto& [element, item] : ItemsByElement(value, node)) {
    const auto dropped = drop.parts.find(element);
    const auto kept = keep.parts.find(element);
    if (dropped == drop.parts.end()) {
      left->add(item);
    } else if (!dropped->second.member || kept != keep.parts.end()) {
      json::Tree remaining = item;
      const FieldSet keeping = kept == keep.parts.end() ? FieldSet{} : kept->second;
      if (!ObjectOf(item) ||
          RemoveFromObject(item, dropped->second, keeping, node.items.get(), &node, remaining))
        left->add(remaining);
    }
  }
  rest = left;
  return left->size() > 0;
}

bool IsClosed(const SchemaNode& node) {
  // An object without declared fields is pruned later, not refused.
  return node.type == "object" && !node.properties.empty() && !node.preserve_unknown_fields &&
         !node.additional && node.additional_allowed != true && !node.embedded_resource;
}

// `open`: an object around it keeps unknown fields, and so do all objects in it.
void Check(const json::Tree& value, const SchemaNode* node, const std::string& path, bool open,
           std::vector<std::string>& wrong);

void CheckItems(const Poco::JSON::Array& array, const SchemaNode& node, const std::string& path, bool open,
                std::vector<std::string>& wrong) {
  std::set<std::string> seen;
  std::size_t index = 0;
  for (const auto& item : array) {
    const std::size_t at = index++;
    if (node.list_type == "set" && KindOf(item) == ValueKind::kNull) {
      wrong.push_back(StrCat(path, ": element ", at,
                             ": associative list without keys has an element that's an explicit null"));
      continue;
    }
    if (node.list_type == "map" && !ObjectOf(item)) {
      wrong.push_back(
          StrCat(path, ": element ", at, ": associative list with keys may not have non-map elements"));
      continue;
    }
    const auto element = ElementOf(item, node);
    if (!element) {
      json::ArrayPtr keys = json::MakeArray();
      for (const auto& key : node.list_map_keys) keys->add(key);
      wrong.push_back(StrCat(
          path, ": element ", at, ": associative list with keys has an element that omits all key fields ",
          json::ToText(json::Tree(keys)), " (and doesn't have default values for any key fields)"));
      continue;
    }
    FieldSet shown;
    shown.parts[*element].member = true;
    const std::string name = PathsOf(shown).front();
    if (!seen.insert(*element).second) wrong.push_back(StrCat(path, ": duplicate entries for key ", name));
    Check(item, node.items.get(), path + name, open, wrong);
  }
}

// A value as kube-apiserver's typed patches print it in an error.
std::string ShownScalar(const json::Tree& value) {
  return StrCat("&value.valueUnstructured{Value:", GoSyntax(value), "}");
}
std::string ShownPlain(const json::Tree& value) { return StrCat("&{", GoText(value), "}"); }

// Whether the value has the kind that the schema declares.
Status CheckType(const json::Tree& value, const SchemaNode& node, const std::string& path) {
  const ValueKind kind = KindOf(value);
  const bool scalar = kind != ValueKind::kObject && kind != ValueKind::kArray;
  // Quantities and int-or-strings of built-in kinds are scalars of any type.
  const bool untyped = node.format == "int-or-string" || node.format == "quantity";
  if (kind == ValueKind::kNull || node.int_or_string || (untyped && scalar)) return {};
  const auto refuse = [&path](const std::string& what) {
    return Failure(Fail(Code::kInvalidArgument, StrCat(path, ": ", what)));
  };
  const bool number = kind == ValueKind::kInteger || kind == ValueKind::kDouble;
  if (node.type == "string" && kind != ValueKind::kString)
    return refuse("expected string, got " + ShownScalar(value));
  if (node.type == "boolean" && kind != ValueKind::kBoolean)
    return refuse("expected boolean, got " + ShownPlain(value));
  if ((node.type == "integer" || node.type == "number") && !number)
    return refuse(StrCat("expected numeric (int or float), got ", GoTypeName(value)));
  if (node.type == "array" && kind != ValueKind::kArray)
    return refuse("expected list, got " + ShownPlain(value));
  if (node.type == "object" && kind != ValueKind::kObject)
    return refuse("expected map, got " + ShownPlain(value));
  return {};
}

void Check(const json::Tree& value, const SchemaNode* node, const std::string& path, bool open,
           std::vector<std::string>& wrong) {
  if (!node) return;
  open = open || node->preserve_unknown_fields;
  if (const Status fits = CheckType(value, *node, path); !fits) {
    wrong.push_back(fits.error().message);
    return;
  }
  if (const auto* object = ObjectOf(value)) {
    for (const auto& [name, child] : *object) {
      const SchemaNode* below = ChildOf(node, name);
      if (!below && !open && IsClosed(*node)) {
        // Kubernetes reports nothing else about an object with such a field.
        wrong.push_back(StrCat(path, ".", name, ": field not declared in schema"));
        return;
      } else {
        Check(child, below, StrCat(path, ".", name), open, wrong);
      }
    }
    return;
  }
  const auto* array = ArrayOf(value);
  if (!array) return;
  if (IsGranularList(value, node)) return CheckItems(*array, *node, path, open, wrong);
  std::size_t index = 0;
  for (const auto& item : *array)
    Check(item, node->items.get(), StrCat(path, "[", index++, "]"), open, wrong);
}

}  // namespace

FieldSet OwnedBy(const json::Tree& value, const SchemaNode* node) {
  FieldSet set;
  if (IsGranularObject(value, node)) {
    set.member = ObjectOf(value)->size() == 0;
    for (const auto& [name, child] : *ObjectOf(value)) {
      FieldSet part = OwnedBy(child, ChildOf(node, name));
      // Fields that the schema declares exist without an owner; keys of maps have one.
      const bool identity =
          node && node->embedded_resource && (name == "metadata" || name == "apiVersion" || name == "kind");
      if (!node || (node->properties.count(name) == 0 && !identity)) part.member = true;
      if (!part.Empty()) set.parts["f:" + name] = std::move(part);
    }
  } else if (IsGranularList(value, node)) {
    for (const auto& [element, item] : ItemsByElement(value, *node)) {
      FieldSet part = node->list_type == "map" ? OwnedBy(item, node->items.get()) : FieldSet{};
      part.member = true;
      set.parts[element] = std::move(part);
    }
  } else {
    set.member = true;
  }
  return set;
}

Changes CompareValues(const json::Tree& before, const json::Tree& after, const SchemaNode* node,
                      const Cancellation* cancellation) {
  Changes changes;
  Compare(before, after, node, cancellation, changes);
  return changes;
}

json::Tree MergeValues(const json::Tree& live, const json::Tree& applied, const SchemaNode* node) {
  if (IsGranularList(live, node) && IsGranularList(applied, node)) return MergeLists(live, applied, *node);
  if (!IsGranularObject(live, node) || !IsGranularObject(applied, node)) return json::Clone(applied);
  const json::ObjectPtr over = json::AsObject(applied);
  json::ObjectPtr merged = json::WithRoomFor(json::Clone(json::AsObject(live)), over->size());
  for (const auto& name : over->getNames()) {
    merged->set(name, merged->has(name) ? MergeValues(merged->get(name), over->get(name), ChildOf(node, name))
                                        : json::Clone(over->get(name)));
  }
  return merged;
}

bool RemoveFields(const json::Tree& value, const FieldSet& drop, const FieldSet& keep, const SchemaNode* node,
                  json::Tree& rest) {
  rest = value;
  if (drop.member && keep.Empty()) return false;
  if (drop.parts.empty()) return true;
  const bool object = IsGranularObject(value, node);
  if (!object && !IsGranularList(value, node)) return true;
  const bool left = object ? RemoveFromObject(value, drop, keep, node, nullptr, rest)
                           : RemoveFromList(value, drop, keep, *node, rest);
  if (left || keep.Empty()) return left;
  // As in Kubernetes, the value becomes null and stays owned. Types that do not allow null refuse
  // it.
  rest = json::Tree();
  return true;
}

Status CheckApplied(const json::Tree& value, const SchemaNode* node, const std::string& path) {
  std::vector<std::string> wrong;
  Check(value, node, path, false, wrong);
  if (wrong.empty()) return {};
  return Fail(Code::kInvalidArgument,
              wrong.size() == 1 ? wrong.front() : "errors:\n  " + Join(wrong, "\n  "));
}

}  // namespace capstan::apiserver
