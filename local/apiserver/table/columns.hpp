// For the table files only: how columns and cells are written. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

json::ObjectPtr TableColumn(std::string_view name, std::string_view type, std::string_view format,
                            std::string_view description, int priority);
// Age of an RFC 3339 time: "<unknown>" for none, "<invalid>" for what is no time.
std::string AgeCell(const std::string& time, double now);
// metadata.name and metadata.creationTimestamp, "" when missing.
std::string NameOf(const json::ObjectPtr& object);
std::string CreationOf(const json::ObjectPtr& object);

}  // namespace capstan::apiserver
