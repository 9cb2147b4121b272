// A part of CheckStructure. For the schema files only. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {

// Finds keywords that contradict each other, are unknown or unsupported, in this node and below.
// Compiles patterns. Ends early once `cancellation` (may be null) is requested.
void CheckKeywords(SchemaNode& node, const std::string& field, std::vector<FieldError>& problems,
                   const Cancellation* cancellation);

}  // namespace capstan::apiserver
