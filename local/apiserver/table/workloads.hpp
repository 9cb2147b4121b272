// Columns of built-in kinds. For the table files only. Values; thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

struct BuiltinColumn {
  std::string name, type;
  int priority;  // above 0: only in wide tables
  std::string description;
  std::function<json::Tree(const json::ObjectPtr& object, double now)> cell;
};

// For kinds whose columns show one field each; empty for others.
std::vector<BuiltinColumn> FieldColumns(std::string_view group, std::string_view kind);
BuiltinColumn NameColumn(int priority);
BuiltinColumn AgeColumn();
// A string in a part of the object, "<none>" when missing.
BuiltinColumn TextColumn(const char* name, int priority, const char* description, const char* part,
                         const char* key);
std::vector<BuiltinColumn> PodColumns();
// For Node, Pod, Deployment, Service and Endpoints; empty for others.
std::vector<BuiltinColumn> WorkloadColumns(std::string_view group, std::string_view kind);

}  // namespace capstan::apiserver
