#include <capstan/local/apiserver/merge/strategic_merge_lists.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>

namespace capstan::apiserver {

Result<ListPatch> SplitListPatch(const json::ArrayPtr& patch, const std::string& merge_key) {
  ListPatch split;
  split.items = json::MakeArray();
  split.deleted = json::MakeArray();
  for (const auto& item : *patch) {
    const json::ObjectPtr object = json::AsObject(item);
    const auto directive = json::StringIn(object, "$patch");
    if (directive == "replace") {
      split.replaces = true;
      continue;
    }
    if (!object || !object->has(merge_key)) {
      return Fail(Code::kInvalidArgument,
                  StrCat("map: ", json::ToText(item), " does not contain declared merge key: ", merge_key));
    }
    if (directive == "delete") {
      split.deleted->add(item);
    } else if (!directive || directive == "merge") {
      split.items->add(item);
    } else {
      return Fail(Code::kInvalidArgument,
                  StrCat("unknown patch type: ", *directive, " in map: ", json::ToText(item)));
    }
  }
  return split;
}

ItemIndex::ItemIndex(const json::ArrayPtr& list, std::string merge_key) : merge_key_(std::move(merge_key)) {
  if (!list) return;
  int at = 0;
  for (const auto& item : *list) Add(item, at++);
}

std::string ItemIndex::KeyOf(const json::Tree& item) const {
  const auto* key = merge_key_.empty() ? &item : Find(item, merge_key_);
  if (!key) return {};
  // 1 and 1.0 are the same value.
  const ValueKind kind = KindOf(*key);
  return kind == ValueKind::kDouble ? NumberText(NumberOf(*key)) : json::ToText(*key);
}

void ItemIndex::Add(const json::Tree& item, int place) {
  if (std::string key = KeyOf(item); !key.empty()) places_.emplace(std::move(key), place);
}

int ItemIndex::Of(const json::Tree& item) const {
  const auto found = places_.find(KeyOf(item));
  return found == places_.end() ? -1 : found->second;
}

json::ArrayPtr UnionOfScalars(const json::ArrayPtr& original, const json::ArrayPtr& patch) {
  json::ArrayPtr merged = json::MakeArray();
  ItemIndex places({}, "");
  for (const auto& list : {original, patch}) {
    for (const auto& item : *list) {
      if (places.Of(item) >= 0) continue;
      places.Add(item, static_cast<int>(merged->size()));
      merged->add(item);
    }
  }
  return OrderItems(merged, patch, original, "");
}

json::ArrayPtr WithoutScalars(const json::ArrayPtr& list, const json::ArrayPtr& deleted) {
  json::ArrayPtr kept = json::MakeArray();
  const ItemIndex gone(deleted, "");
  for (const auto& item : *list) {
    if (gone.Of(item) < 0) kept->add(item);
  }
  return kept;
}

json::ArrayPtr OrderItems(const json::ArrayPtr& merged, const json::ArrayPtr& order,
                          const json::ArrayPtr& original, const std::string& merge_key) {
  const ItemIndex in_merged(merged, merge_key), in_order(order, merge_key), in_original(original, merge_key);
  std::vector<json::Tree> ours, others;
  for (const auto& wanted : *order) {
    const int at = in_merged.Of(wanted);
    if (at >= 0) ours.push_back(merged->get(static_cast<unsigned int>(at)));
  }
  for (const auto& item : *merged) {
    if (in_order.Of(item) < 0) others.push_back(item);
  }
  json::ArrayPtr ordered = json::MakeArray();
  std::size_t ours_at = 0, others_at = 0;
  while (ours_at < ours.size() || others_at < others.size()) {
    bool take_other = ours_at == ours.size();
    if (!take_other && others_at < others.size()) {
      const int other_place = in_original.Of(others[others_at]);
      const int our_place = in_original.Of(ours[ours_at]);
      take_other = other_place >= 0 && our_place >= 0 && other_place < our_place;
    }
    ordered->add(take_other ? others[others_at++] : ours[ours_at++]);
  }
  return ordered;
}

Status CheckOrder(const json::ArrayPtr& patch, const json::ArrayPtr& order, const std::string& merge_key) {
  if (!patch) return {};
  const ItemIndex places(order, merge_key);
  int last = -1;
  for (const auto& item : *patch) {
    const auto* directive = Find(item, "$patch");
    if (directive) continue;
    const int at = places.Of(item);
    if (at <= last) {
      return Fail(Code::kInvalidArgument,
                  StrCat("The order in patch list:\n", json::ToText(json::Tree(patch)),
                         "\n doesn't match $setElementOrder list:\n", json::ToText(json::Tree(order)), "\n"));
    }
    last = at;
  }
  return {};
}

}  // namespace capstan::apiserver
