// Rules of names beyond those of metadata (object_meta.hpp). Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

// The problem with a DNS-1035 label, which starts with a letter, or "".
std::string CheckDns1035Label(std::string_view name);
// Adds the problems with the keys and values of labels, which may be null; errors name `path`.
void CheckLabels(const json::ObjectPtr& labels, const std::string& path, std::vector<FieldError>& errors);

}  // namespace capstan::apiserver
