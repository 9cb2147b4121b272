// Reads and writes the schemas inside a CustomResourceDefinition as Go does: JSONSchemaProps is a
// structure with a fixed set of fields at every depth. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// The first value of the wrong type, in the words of Go's decoder; "" when all types are right.
std::string SchemaMismatch(const json::ObjectPtr& crd);

// Removes from the schemas whatever is no field of JSONSchemaProps, and what Go omits: nulls, empty
// lists and strings, and false flags. The values of default, example and enum are data and stay.
// Returns the paths of unknown fields, in document order.
std::vector<std::string> ShapeSchemas(const json::ObjectPtr& crd);

}  // namespace capstan::apiserver
