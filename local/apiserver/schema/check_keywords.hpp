// Part of CheckStructure, for the schema files only. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {

// Keywords that contradict each other, are unknown or unsupported, here and below. Compiles
// patterns. Ends early once `cancellation` (may be null) is requested.
void CheckKeywords(SchemaNode& node, const std::string& field, std::vector<FieldError>& problems,
                   const Cancellation* cancellation);

}  // namespace capstan::apiserver
