// Server-side apply on values, field by field, guided by the schema. For the apply files only.
// Pure; thread-safe.
//
// A null schema node means an unknown schema: objects are granular, lists atomic.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/local/apiserver/merge/apply_field_set.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {

// The fields that applying this value gives ownership of: its leaves, items of lists, and keys of
// maps.
FieldSet OwnedBy(const json::Tree& value, const SchemaNode* node);

struct Changes {
  // Values that appear or disappear count with every path inside them.
  FieldSet added, modified, removed;
};
// Ends early once `cancellation` (may be null) is requested.
Changes CompareValues(const json::Tree& before, const json::Tree& after, const SchemaNode* node,
                      const Cancellation* cancellation = nullptr);

// Merges `applied` into `live`: objects are merged, sets and list-maps gain the new items,
// everything else is replaced.
json::Tree MergeValues(const json::Tree& live, const json::Tree& applied, const SchemaNode* node);

// Copies `value` to `rest` without the fields in `drop`, but keeps those in `keep` and the keys of
// the items that contain them. False when nothing is left.
bool RemoveFields(const json::Tree& value, const FieldSet& drop, const FieldSet& keep, const SchemaNode* node,
                  json::Tree& rest);

// Errors: kInvalidArgument, which lists every problem: values of the wrong type, fields that the
// schema does not declare, items without keys or with duplicate keys.
Status CheckApplied(const json::Tree& value, const SchemaNode* node, const std::string& path);

}  // namespace capstan::apiserver
