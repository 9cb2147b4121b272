// Rules of names beyond those of metadata (object_meta.hpp). Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

// What is wrong with a label that begins with a letter, or "".
std::string CheckDns1035Label(std::string_view name);
// Adds what is wrong with the keys and values of labels, which may be null; both errors name
// `path`.
void CheckLabels(const json::ObjectPtr& labels, const std::string& path, std::vector<FieldError>& errors);

}  // namespace capstan::apiserver
