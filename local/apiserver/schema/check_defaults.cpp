// Checks that the defaults of a schema match the schema.
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

void CheckOne(const SchemaNode& node, const std::string& field, std::vector<FieldError>& problems,
              const Cancellation* cancellation) {
  // Pruning works in place on fields, so the copy is wrapped in a field.
  const json::Tree copy = json::Clone(node.default_value);
  std::vector<std::string> pruned;
  PruneOptions options;
  options.resource_root = false;
  PruneValue(node, copy, "", options, pruned);
  if (!pruned.empty()) {
    problems.push_back(InvalidField(field, json::Clone(node.default_value), "must not have unknown fields"));
  }
  // As a default, a fraction is accepted for an int-or-string; stored objects are stricter.
  if (node.int_or_string && KindOf(node.default_value) == ValueKind::kDouble) return;
  std::vector<FieldError> errors;
  ValidateValue(node, node.default_value, nullptr, "", cancellation, errors);
  ValidateEmbedded(node, node.default_value, "", errors);
  for (auto& error : errors) {
    error.field = error.field.empty() || error.field == "<nil>" ? field : FieldPath(field, error.field);
    problems.push_back(std::move(error));
  }
}

}  // namespace

void CheckDefaults(const SchemaNode& root, std::string_view field, std::vector<FieldError>& problems,
                   const Cancellation* cancellation) {
  if (cancellation && cancellation->RequestedSampled()) return;
  const std::string path(field);
  if (root.has_default) CheckOne(root, path + ".default", problems, cancellation);
  for (const auto& [name, child] : root.properties) {
    CheckDefaults(*child, StrCat(path, ".properties[", name, "]"), problems, cancellation);
  }
  if (root.additional)
    CheckDefaults(*root.additional, path + ".additionalProperties", problems, cancellation);
  if (root.items) CheckDefaults(*root.items, path + ".items", problems, cancellation);
}

}  // namespace capstan::apiserver
