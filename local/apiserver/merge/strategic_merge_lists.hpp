// What strategic merge patches do to lists. For strategic_merge.cpp only. Pure; thread-safe.
#pragma once

#include <string>
#include <unordered_map>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// A list of a patch, taken apart by its $patch directives.
struct ListPatch {
  json::ArrayPtr items;    // to be merged, without directives
  json::ArrayPtr deleted;  // whose like is to go
  bool replaces = false;   // items are the whole new list
};
// Errors: kInvalidArgument (an item without `merge_key`, an unknown directive).
Result<ListPatch> SplitListPatch(const json::ArrayPtr& patch, const std::string& merge_key);

// Where the first item with a value of `merge_key` (or, when that is empty, with a value) is in a
// list.
class ItemPlaces final {
 public:
  ItemPlaces(const json::ArrayPtr& list, std::string merge_key);  // null: empty
  void Add(const json::Tree& item, int place);
  int Of(const json::Tree& item) const;  // -1: nowhere

 private:
  std::string KeyOf(const json::Tree& item) const;  // empty: it has none
  std::string merge_key_;
  std::unordered_map<std::string, int> places_;
};

// Both, each value once, ordered as OrderItems does.
json::ArrayPtr UnionOfScalars(const json::ArrayPtr& original, const json::ArrayPtr& patch);
json::ArrayPtr WithoutScalars(const json::ArrayPtr& list, const json::ArrayPtr& deleted);

// Items named in `order` come in its order; the others keep their place of `original` among them.
json::ArrayPtr OrderItems(const json::ArrayPtr& merged, const json::ArrayPtr& order,
                          const json::ArrayPtr& original, const std::string& merge_key);
// Errors: kInvalidArgument when the patch (may be null) has an item that the order does not name,
// or in another order.
Status CheckOrder(const json::ArrayPtr& patch, const json::ArrayPtr& order, const std::string& merge_key);

}  // namespace capstan::apiserver
