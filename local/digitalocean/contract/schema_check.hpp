// Private: checks one JSON value against one schema of an OpenAPI 3.0 document. Pure; thread-safe.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::simulated_digitalocean {

struct SchemaLeniency {
  bool required_may_miss = false;  // ignore `required` at the top level: partial updates
  bool null_means_absent = false;  // clients send null for fields that they do not set
};

// Appends one sentence to `violations` for each violation; `where` is the JSON pointer of the
// value.
void CheckSchema(const json::ObjectPtr& document, const json::ObjectPtr& schema, const json::Tree& value,
                 const std::string& where, const SchemaLeniency& leniency,
                 std::vector<std::string>& violations);
// Likewise for each field that no schema at its place defines, except those in `also`. Objects
// without declared properties, and those with additionalProperties, can have any field.
void CheckKnownFields(const json::ObjectPtr& document, const json::ObjectPtr& schema, const json::Tree& value,
                      const std::set<std::string>& also, std::vector<std::string>& violations);
// Follows "$ref", any number of steps; returns the object itself when it has none, and null when
// the reference is dangling.
json::ObjectPtr Resolve(const json::ObjectPtr& document, json::ObjectPtr object);

}  // namespace capstan::simulated_digitalocean
