// A set of fields as managedFields writes one (FieldsV1): a tree of path elements. For the apply
// files only. Values; thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// Elements are written as FieldsV1 writes them: `f:NAME` a field, `k:{"name":"a"}` an item of a
// list-map, `v:"a"` one of a set.
struct FieldSet {
  bool member = false;  // the place itself is in the set
  std::map<std::string, FieldSet> parts;

  bool Empty() const { return !member && parts.empty(); }
  friend bool operator==(const FieldSet&, const FieldSet&) = default;
};

FieldSet Union(const FieldSet& a, const FieldSet& b);
FieldSet Difference(const FieldSet& a, const FieldSet& b);
FieldSet Intersection(const FieldSet& a, const FieldSet& b);

// {"f:spec":{".":{},"f:a":{}}} and back. A malformed set (no object) reads as empty.
json::ObjectPtr ToFieldsV1(const FieldSet& set);
FieldSet FromFieldsV1(const json::ObjectPtr& fields);

// The members as Kubernetes names fields in conflicts: `.spec.pools[name="a"].count`, sorted.
std::vector<std::string> PathsOf(const FieldSet& set);

}  // namespace capstan::apiserver
