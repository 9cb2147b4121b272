// The schemas inside a CustomResourceDefinition as Go reads and writes them: JSONSchemaProps is a
// structure with fields of its own, however deep it is nested. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// What is of the wrong type, in the words of Go's decoder; "" when all fits.
std::string SchemaMismatch(const json::ObjectPtr& crd);

// Takes out of the schemas what no field of JSONSchemaProps is, and what Go does not write: nulls,
// empty lists and texts, and flags that are off. What a default, an example or an enumeration holds
// is data. The paths of unknown fields, in their order.
std::vector<std::string> ShapeSchemas(const json::ObjectPtr& crd);

}  // namespace capstan::apiserver
