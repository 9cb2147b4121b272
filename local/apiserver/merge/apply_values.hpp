// What apply does to values, field by field, as the schema sees them. For the apply files only.
// Pure; thread-safe.
//
// A null schema node means that nothing is known: objects are granular, lists atomic.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/local/apiserver/merge/apply_field_set.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {

// What the applier of this value owns: its leaves, items of lists, and keys of maps.
FieldSet OwnedBy(const json::Tree& value, const SchemaNode* node);

struct Changes {
  FieldSet added, modified, removed;  // of what came or went whole, every place in it
};
// Ends early once `cancellation` (may be null) is requested.
Changes CompareValues(const json::Tree& before, const json::Tree& after, const SchemaNode* node,
                      const Cancellation* cancellation = nullptr);

// `applied` laid over `live`: objects merge, sets and list-maps take what is new, all else is
// replaced.
json::Tree MergeValues(const json::Tree& live, const json::Tree& applied, const SchemaNode* node);

// `value` without what `drop` names; whatever `keep` names stays, with the keys of the items it is
// in. False when nothing is left of it.
bool RemoveFields(const json::Tree& value, const FieldSet& drop, const FieldSet& keep, const SchemaNode* node,
                  json::Tree& rest);

// Errors: kInvalidArgument, which lists all: values of another type, fields that the schema does
// not declare, items without their keys or of the same keys.
Status CheckApplied(const json::Tree& value, const SchemaNode* node, const std::string& path);

}  // namespace capstan::apiserver
