// Private to providers/digitalocean: the settings of a cluster, how .spec and the API call them,
// and what shape they have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::digitalocean {

enum class Shape { kText, kSwitch, kNumber, kTexts, kBlock };

// A field of the spec and of the API. `inner`: its own fields, when it is a block.
struct Field {
  std::string_view spec, api;
  Shape shape = Shape::kText;
  const std::vector<Field>* inner = nullptr;
};
// Fields of the cluster that can be changed later with PUT, and those that are fixed at creation
// (docs/digitalocean_api.md, "Fixed and changeable fields").
const std::vector<Field>& ChangeableFields();
const std::vector<Field>& FixedFields();

// The given fields of `object` that are there and not null, under the spec's names, each of its
// shape. Errors: kInvalidArgument naming the field.
Result<json::ObjectPtr> TakeFields(const json::ObjectPtr& object, const std::vector<Field>& fields,
                                   const std::string& path);
// `object` under the API's names, the given fields only.
json::ObjectPtr Translate(const json::ObjectPtr& object, const std::vector<Field>& fields);

}  // namespace capstan::digitalocean
