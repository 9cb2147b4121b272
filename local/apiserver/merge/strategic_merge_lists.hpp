// Strategic merge patches of lists. For strategic_merge.cpp only. Pure; thread-safe.
#pragma once

#include <string>
#include <unordered_map>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// A list in a patch, split by its $patch directives.
struct ListPatch {
  json::ArrayPtr items;    // to merge, without directives
  json::ArrayPtr deleted;  // items whose counterparts are deleted
  bool replaces = false;   // `items` replaces the whole list
};
// Errors: kInvalidArgument (an item without `merge_key`, an unknown directive).
Result<ListPatch> SplitListPatch(const json::ArrayPtr& patch, const std::string& merge_key);

// Index of a list by the value of `merge_key`, or by the whole item when that is empty. The first
// item of each value counts.
class ItemIndex final {
 public:
  ItemIndex(const json::ArrayPtr& list, std::string merge_key);  // null: empty
  void Add(const json::Tree& item, int place);
  int Of(const json::Tree& item) const;  // -1: not in the list

 private:
  std::string KeyOf(const json::Tree& item) const;  // empty: the item has no key
  std::string merge_key_;
  std::unordered_map<std::string, int> places_;
};

// The union, each value once, ordered as OrderItems does.
json::ArrayPtr UnionOfScalars(const json::ArrayPtr& original, const json::ArrayPtr& patch);
json::ArrayPtr WithoutScalars(const json::ArrayPtr& list, const json::ArrayPtr& deleted);

// Items named in `order` come in that order; the others keep their position in `original` among
// them.
json::ArrayPtr OrderItems(const json::ArrayPtr& merged, const json::ArrayPtr& order,
                          const json::ArrayPtr& original, const std::string& merge_key);
// Errors: kInvalidArgument when the patch (may be null) has an item that `order` does not name, or
// has items in a different order.
Status CheckOrder(const json::ArrayPtr& patch, const json::ArrayPtr& order, const std::string& merge_key);

}  // namespace capstan::apiserver
