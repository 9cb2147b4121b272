// Private to providers/digitalocean: the settings of a cluster, their names in .spec and in the
// API, and their types.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::digitalocean {

enum class Shape { kText, kSwitch, kNumber, kTexts, kBlock };

// A field of the spec and of the API. `inner`: its subfields, if it is a block.
struct Field {
  std::string_view spec, api;
  Shape shape = Shape::kText;
  const std::vector<Field>* inner = nullptr;
};
// Fields of the cluster that can be changed later with PUT, and those that are fixed at creation
// (docs/digitalocean_api.md, "Fixed and changeable fields").
const std::vector<Field>& ChangeableFields();
const std::vector<Field>& FixedFields();

// The given fields of `object` that are present and not null, under their names in the spec; types
// are checked. Errors: kInvalidArgument naming the field.
Result<json::ObjectPtr> TakeFields(const json::ObjectPtr& object, const std::vector<Field>& fields,
                                   const std::string& path);
// The given fields of `object` under their names in the API.
json::ObjectPtr Translate(const json::ObjectPtr& object, const std::vector<Field>& fields);

}  // namespace capstan::digitalocean
