// A set of fields as managedFields stores it (FieldsV1): a tree of path elements. For the apply
// files only. Values; thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// Elements are spelled as in FieldsV1: `f:NAME` is a field, `k:{"name":"a"}` an item of a list-map,
// `v:"a"` an item of a set.
struct FieldSet {
  bool member = false;  // this path itself is in the set
  std::map<std::string, FieldSet> parts;

  bool Empty() const { return !member && parts.empty(); }
  friend bool operator==(const FieldSet&, const FieldSet&) = default;
};

FieldSet Union(const FieldSet& a, const FieldSet& b);
FieldSet Difference(const FieldSet& a, const FieldSet& b);
FieldSet Intersection(const FieldSet& a, const FieldSet& b);

// {"f:spec":{".":{},"f:a":{}}} and back. A malformed set (not an object) reads as empty.
json::ObjectPtr ToFieldsV1(const FieldSet& set);
FieldSet FromFieldsV1(const json::ObjectPtr& fields);

// The members as conflicts name them: `.spec.pools[name="a"].count`, sorted.
std::vector<std::string> PathsOf(const FieldSet& set);

}  // namespace capstan::apiserver
