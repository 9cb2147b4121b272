// For the schema and apply files only. Thread-safe.
#pragma once

#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {

// The schema of a resource's metadata, as far as its lists and maps are concerned.
const SchemaNode& MetadataNode();

}  // namespace capstan::apiserver
