// Private: one JSON value against one schema of an OpenAPI 3.0 document.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::simulated_digitalocean {

struct SchemaLeniency {
  bool required_may_miss = false;  // do not insist on `required` at the top: partial updates
  bool null_means_absent = false;  // clients send null for what they do not set
};

// Appends a sentence to `violations` for each thing that does not fit; `where` is the JSON pointer
// so far.
void CheckSchema(const json::ObjectPtr& document, const json::ObjectPtr& schema, const json::Tree& value,
                 const std::string& where, const SchemaLeniency& leniency,
                 std::vector<std::string>& violations);
// The same for each field whose name no schema at its place has, except those in `also`. Objects
// without listed properties, and those with additionalProperties, may have any.
void CheckKnownFields(const json::ObjectPtr& document, const json::ObjectPtr& schema, const json::Tree& value,
                      const std::set<std::string>& also, std::vector<std::string>& violations);
// What "$ref" leads to, however many steps; the object itself when it has none; null when it leads
// nowhere.
json::ObjectPtr Resolve(const json::ObjectPtr& document, json::ObjectPtr object);

}  // namespace capstan::simulated_digitalocean
