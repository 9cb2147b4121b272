#include <capstan/local/apiserver/merge/strategic_merge.hpp>

#include <set>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/merge/strategic_merge_lists.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::string_view kOrder = "$setElementOrder/";
constexpr std::string_view kDeleteItems = "$deleteFromPrimitiveList/";
constexpr const char* kDirective = "$patch";
constexpr const char* kRetain = "$retainKeys";

bool Starts(const std::string& text, std::string_view prefix) { return text.rfind(prefix, 0) == 0; }
bool IsDirective(const std::string& key) {
  return key == kDirective || key == kRetain || Starts(key, kOrder) || Starts(key, kDeleteItems);
}

Result<json::ObjectPtr> MergeObject(const json::ObjectPtr& original, const json::ObjectPtr& patch,
                                    const SchemaNode* node);

// The value that a patch adds where none was: without directives and nulls.
json::Tree Plain(const json::Tree& patch) {
  if (const json::ArrayPtr array = json::AsArray(patch)) {
    json::ArrayPtr copy = json::MakeArray();
    for (const auto& item : *array) {
      const auto* directive = Find(item, kDirective);
      if (!directive) copy->add(Plain(item));
    }
    return copy;
  }
  const json::ObjectPtr object = json::AsObject(patch);
  if (!object) return patch;
  json::ObjectPtr copy = json::MakeObject(object->size());
  for (const auto& key : object->getNames()) {
    const json::Tree value = object->get(key);
    if (!IsDirective(key) && !json::IsNull(value)) copy->set(key, Plain(value));
  }
  return copy;
}

const SchemaNode* SchemaOfKey(const SchemaNode* node, const std::string& key) {
  if (!node) return nullptr;
  const auto found = node->properties.find(key);
  return found != node->properties.end() ? found->second.get() : node->additional.get();
}

bool MergesLists(const SchemaNode* node) {
  return node && node->type == "array" && node->patch_strategy.rfind("merge", 0) == 0;
}

// Drops from `merged` whatever $retainKeys does not name. It must name every field of the patch.
Status Retain(json::ObjectPtr merged, const json::ObjectPtr& patch) {
  if (!patch->has(kRetain)) return {};
  const std::vector<std::string> names = json::StringsIn(patch, kRetain);
  const std::set<std::string> kept(names.begin(), names.end());
  const auto is_kept = [&kept](const std::string& key) { return kept.count(key) != 0; };
  for (const auto& key : patch->getNames()) {
    if (!IsDirective(key) && !json::IsNull(patch->get(key)) && !is_kept(key)) {
      return Fail(Code::kInvalidArgument, "invalid patch format of retainKeys");
    }
  }
  for (const auto& key : merged->getNames()) {
    if (!is_kept(key)) merged->remove(key);
  }
  return {};
}

Result<json::ArrayPtr> MergeItems(const json::ArrayPtr& original, const json::ArrayPtr& patch,
                                  const SchemaNode& node) {
  const std::string& key = node.patch_merge_key;
  if (key.empty()) return UnionOfScalars(original, patch);
  CAPSTAN_TRY(ListPatch split, SplitListPatch(patch, key));
  if (split.replaces) return json::AsArray(Plain(split.items));
  json::ArrayPtr merged = json::MakeArray();
  const ItemIndex deleted(split.deleted, key);
  ItemIndex places({}, key);
  for (const auto& item : *original) {
    if (deleted.Of(item) >= 0) continue;
    places.Add(item, static_cast<int>(merged->size()));
    merged->add(item);
  }
  for (const auto& item : *split.items) {
    const int at = places.Of(item);
    if (at < 0) {
      places.Add(item, static_cast<int>(merged->size()));
      merged->add(Plain(item));
      continue;
    }
    const auto index = static_cast<unsigned int>(at);
    CAPSTAN_TRY(const json::ObjectPtr both,
                MergeObject(json::AsObject(merged->get(index)), json::AsObject(item), node.items.get()));
    merged->set(index, both);
  }
  return OrderItems(merged, split.items, original, key);
}

// Merges one list of an object with the directives next to it.
Status MergeList(json::ObjectPtr merged, const json::ObjectPtr& patch, const std::string& name,
                 const SchemaNode* node) {
  json::ArrayPtr list = json::ArrayIn(merged, name);
  const json::ArrayPtr original = list ? list : json::MakeArray();
  const json::ArrayPtr deleted = json::ArrayIn(patch, std::string(kDeleteItems) + name);
  const json::ArrayPtr order = json::ArrayIn(patch, std::string(kOrder) + name);
  const json::ArrayPtr items = json::ArrayIn(patch, name);
  list = deleted ? WithoutScalars(original, deleted) : original;
  if (items && !MergesLists(node)) {
    merged->set(name, Plain(json::Tree(items)));
    return {};
  }
  if (items) {
    CAPSTAN_TRY(list, MergeItems(list, items, *node));
  }
  if (order && node) {
    CAPSTAN_RETURN_IF_ERROR(CheckOrder(items, order, node->patch_merge_key));
    list = OrderItems(list, order, original, node->patch_merge_key);
  }
  if (list->size() > 0 || merged->has(name) || items) merged->set(name, list);
  return {};
}

Status MergeField(json::ObjectPtr merged, const json::ObjectPtr& patch, const std::string& key,
                  const SchemaNode* node) {
  const json::Tree value = patch->get(key);
  if (json::IsNull(value)) {
    merged->remove(key);
    return {};
  }
  if (json::AsArray(value)) return MergeList(merged, patch, key, node);
  const json::ObjectPtr wanted = json::AsObject(value), there = json::ObjectIn(merged, key);
  if (!wanted || !there || (node && node->patch_strategy == "replace")) {
    merged->set(key, Plain(value));
    return {};
  }
  CAPSTAN_TRY(const json::ObjectPtr both, MergeObject(there, wanted, node));
  merged->set(key, both);
  return {};
}

Result<json::ObjectPtr> MergeObject(const json::ObjectPtr& original, const json::ObjectPtr& patch,
                                    const SchemaNode* node) {
  if (const auto directive = json::StringIn(patch, kDirective)) {
    if (*directive == "replace") return json::AsObject(Plain(patch));
    if (*directive == "delete") return json::MakeObject();
    if (*directive != "merge") {
      return Fail(Code::kInvalidArgument,
                  StrCat("unknown patch type: ", *directive, " in map: ", json::ToText(patch)));
    }
  }
  json::ObjectPtr merged = json::WithRoomFor(json::Clone(original), patch->size());
  CAPSTAN_RETURN_IF_ERROR(Retain(merged, patch));
  for (const auto& key : patch->getNames()) {
    const bool ordered = Starts(key, kOrder), deleting = Starts(key, kDeleteItems);
    if (ordered || deleting) {
      // A list that the patch contains as well is merged there, with these directives.
      const std::string name = key.substr(ordered ? kOrder.size() : kDeleteItems.size());
      const bool later = patch->has(name) || (ordered && patch->has(std::string(kDeleteItems) + name));
      if (later || !merged->has(name)) continue;
      CAPSTAN_RETURN_IF_ERROR(MergeList(merged, patch, name, SchemaOfKey(node, name)));
    } else if (!IsDirective(key)) {
      CAPSTAN_RETURN_IF_ERROR(MergeField(merged, patch, key, SchemaOfKey(node, key)));
    }
  }
  return merged;
}

}  // namespace

Result<json::ObjectPtr> StrategicMergePatch(const json::ObjectPtr& document, const json::ObjectPtr& patch,
                                            const CompiledSchema& schema) {
  return MergeObject(document, patch, &schema.root());
}

}  // namespace capstan::apiserver
