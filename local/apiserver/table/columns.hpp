// Columns and cells of tables. For the table files only. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

json::ObjectPtr TableColumn(std::string_view name, std::string_view type, std::string_view format,
                            std::string_view description, int priority);
// The age of an RFC 3339 time: "<unknown>" when empty, "<invalid>" when malformed.
std::string AgeCell(const std::string& time, double now);
// metadata.name and metadata.creationTimestamp, "" when missing.
std::string NameOf(const json::ObjectPtr& object);
std::string CreationOf(const json::ObjectPtr& object);

// What a row says besides its cells: that a pod has ended, and how; null where there is nothing.
json::ArrayPtr RowConditions(const json::ObjectPtr& object);

}  // namespace capstan::apiserver
