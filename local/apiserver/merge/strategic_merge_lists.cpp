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

int ItemAt(const json::ArrayPtr& list, const json::Tree& item, const std::string& merge_key) {
  const auto* key = merge_key.empty() ? &item : Find(item, merge_key);
  if (!key || !list) return -1;
  int at = 0;
  for (const auto& candidate : *list) {
    const auto* other = merge_key.empty() ? &candidate : Find(candidate, merge_key);
    if (other && json::Equal(*other, *key)) return at;
    ++at;
  }
  return -1;
}

json::ArrayPtr UnionOfScalars(const json::ArrayPtr& original, const json::ArrayPtr& patch) {
  json::ArrayPtr merged = json::MakeArray();
  for (const auto& list : {original, patch}) {
    for (const auto& item : *list) {
      if (ItemAt(merged, item, "") < 0) merged->add(item);
    }
  }
  return OrderItems(merged, patch, original, "");
}

json::ArrayPtr WithoutScalars(const json::ArrayPtr& list, const json::ArrayPtr& deleted) {
  json::ArrayPtr kept = json::MakeArray();
  for (const auto& item : *list) {
    if (ItemAt(deleted, item, "") < 0) kept->add(item);
  }
  return kept;
}

json::ArrayPtr OrderItems(const json::ArrayPtr& merged, const json::ArrayPtr& order,
                          const json::ArrayPtr& original, const std::string& merge_key) {
  std::vector<json::Tree> ours, others;
  for (const auto& wanted : *order) {
    const int at = ItemAt(merged, wanted, merge_key);
    if (at >= 0) ours.push_back(merged->get(static_cast<unsigned int>(at)));
  }
  for (const auto& item : *merged) {
    if (ItemAt(order, item, merge_key) < 0) others.push_back(item);
  }
  json::ArrayPtr ordered = json::MakeArray();
  std::size_t ours_at = 0, others_at = 0;
  while (ours_at < ours.size() || others_at < others.size()) {
    bool take_other = ours_at == ours.size();
    if (!take_other && others_at < others.size()) {
      const int other_place = ItemAt(original, others[others_at], merge_key);
      const int our_place = ItemAt(original, ours[ours_at], merge_key);
      take_other = other_place >= 0 && our_place >= 0 && other_place < our_place;
    }
    ordered->add(take_other ? others[others_at++] : ours[ours_at++]);
  }
  return ordered;
}

Status CheckOrder(const json::ArrayPtr& patch, const json::ArrayPtr& order, const std::string& merge_key) {
  if (!patch) return {};
  int last = -1;
  for (const auto& item : *patch) {
    const auto* directive = Find(item, "$patch");
    if (directive) continue;
    const int at = ItemAt(order, item, merge_key);
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
