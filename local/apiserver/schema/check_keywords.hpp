// Part of CheckStructure, for the schema files only. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {

// Keywords that contradict each other, are unknown or unsupported, here and below. Compiles
// patterns.
void CheckKeywords(SchemaNode& node, const std::string& field, std::vector<FieldError>& problems);

}  // namespace capstan::apiserver
