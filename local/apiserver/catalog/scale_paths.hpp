// The fields of an object that its scale subresource shows. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>

namespace capstan::apiserver {

// The object that contains the last step of ".spec.replicas"; missing objects on the way are
// created when `make`.
json::ObjectPtr ScaleParent(json::ObjectPtr object, const std::string& path, std::string& last, bool make);

// The problems with the numbers at the paths: each must be absent or an integer between 0 and
// 2147483647.
std::vector<FieldError> ValidateScale(const json::ObjectPtr& object, const ScalePaths& paths);

}  // namespace capstan::apiserver
