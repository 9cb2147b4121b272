// One node of a compiled schema: an OpenAPI schema in the form that the checks traverse.
//
// For the schema, cel, apply, merge and OpenAPI files only. Built once by ParseSchema and immutable
// after compilation; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

class Cancellation;
class Pattern;
enum class RuleBudget;
namespace cel {
class Program;
}

// One entry of x-kubernetes-validations.
struct SchemaRule {
  std::string source;
  std::string message;  // trimmed; empty: "failed rule: SOURCE"
  std::string message_source;
  std::optional<std::string> reason;  // FieldValueInvalid when absent
  std::string field_path;             // as written: ".spec.name"
  std::optional<bool> optional_old_self;
  std::shared_ptr<const cel::Program> program;
  std::shared_ptr<const cel::Program> message_program;  // may be null
};

struct SchemaNode {
  // "" where x-kubernetes-int-or-string or preserve-unknown-fields is used without a type
  std::string type;
  std::string format;
  std::string description;
  std::string title;
  bool nullable = false;
  bool preserve_unknown_fields = false;
  bool preserve_unknown_fields_given = false;  // the extension is present, true or false
  bool int_or_string = false;
  bool embedded_resource = false;

  std::map<std::string, std::shared_ptr<SchemaNode>, std::less<>> properties;
  std::shared_ptr<SchemaNode> additional;  // additionalProperties as a schema
  std::optional<bool> additional_allowed;  // additionalProperties as true or false
  std::shared_ptr<SchemaNode> items;
  bool items_is_list = false;  // items: [..], which is refused
  std::vector<std::string> required;

  std::optional<double> minimum, maximum, multiple_of;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::optional<std::int64_t> min_length, max_length, min_items, max_items, min_properties, max_properties;
  bool unique_items = false;
  std::string pattern;
  std::shared_ptr<const Pattern> matcher;  // null without a pattern
  bool has_enum = false;
  std::vector<json::Tree> allowed;  // enum
  bool has_default = false;
  json::Tree default_value;

  std::vector<std::shared_ptr<SchemaNode>> all_of, any_of, one_of;
  std::shared_ptr<SchemaNode> negated;  // not

  std::string list_type;  // "", atomic, set, map
  std::vector<std::string> list_map_keys;
  std::string map_type;  // "", atomic, granular
  std::vector<SchemaRule> rules;

  // Of built-in kinds: "merge", "replace", "retainKeys", joined by commas.
  std::string patch_strategy;
  std::string patch_merge_key;
  std::string definition;  // $ref; of built-in kinds the full name of the definition

  // $ref, id, definitions and so on: keywords that CRDs must not use
  std::vector<std::string> unsupported;
};

// Reads an OpenAPI v3 schema. Adds to `problems` what is not a valid schema (wrong types, nesting
// too deep); the node then contains what could be read. Patterns and rules stay text until
// CheckStructure and CompileRules compile them.
// This and the next three functions end early once `cancellation` (may be null) is requested.
std::shared_ptr<SchemaNode> ParseSchema(const json::ObjectPtr& schema, std::string_view field,
                                        std::vector<FieldError>& problems,
                                        const Cancellation* cancellation = nullptr);

// Finds what a CRD's schema must not contain, in Kubernetes' words. Compiles patterns.
void CheckStructure(SchemaNode& root, std::string_view field, std::vector<FieldError>& problems,
                    const Cancellation* cancellation = nullptr);
// Finds defaults that do not match the schema. REQUIRES: CheckStructure found nothing.
void CheckDefaults(const SchemaNode& root, std::string_view field, std::vector<FieldError>& problems,
                   const Cancellation* cancellation = nullptr);
// Compiles x-kubernetes-validations. REQUIRES: CheckStructure found nothing.
void CompileRules(SchemaNode& root, std::string_view field, RuleBudget budget,
                  std::vector<FieldError>& problems, const Cancellation* cancellation = nullptr);

// The parts of CompiledSchema's methods, for a value at a path.
struct PruneOptions {
  bool resource_root = true;  // apiVersion, kind and metadata stay
};
void PruneValue(const SchemaNode& node, const json::Tree& value, const std::string& path,
                const PruneOptions& options, std::vector<std::string>& pruned);
// Finds nulls where the type does not allow null and no default replaces it: apply refuses them,
// other writes drop them.
void FindRefusedNulls(const SchemaNode& node, const json::Tree& value, const std::string& path,
                      std::vector<FieldError>& errors);
void DefaultValue(const SchemaNode& node, const json::Tree& value, bool resource_root);
// Checks types, limits, enums, formats and all/any/one of. Skips what equals `old`, which may be
// null. Ends early once `cancellation` (may be null) is requested.
void ValidateValue(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                   const std::string& path, const Cancellation* cancellation,
                   std::vector<FieldError>& errors);
// Finds duplicates in lists that are sets or maps.
void ValidateLists(const SchemaNode& node, const json::Tree& value, const std::string& path,
                   std::vector<FieldError>& errors);
// Checks apiVersion, kind and metadata below x-kubernetes-embedded-resource.
void ValidateEmbedded(const SchemaNode& node, const json::Tree& value, const std::string& path,
                      std::vector<FieldError>& errors);
// Evaluates the CEL rules.
void ValidateRules(const SchemaNode& root, const json::Tree& value, const json::Tree* old,
                   const Cancellation* cancellation, std::vector<FieldError>& errors);

// Finds the counterpart of an item in the old list: the item with the same keys in a list-map,
// otherwise nothing. Schema and old list must outlive this object.
class OldItems final {
 public:
  OldItems(const SchemaNode& list, const json::Tree* old_list);
  const json::Tree* Find(const json::Tree& item) const;

 private:
  const SchemaNode& list_;
  std::unordered_map<std::string, const json::Tree*> by_keys_;
};

// "a" and "b" become "a.b"; "" and "b" become "b".
std::string FieldPath(const std::string& path, const std::string& name);

}  // namespace capstan::apiserver
