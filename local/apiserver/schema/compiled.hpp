// The schema of one version of a custom resource: checked when the CRD is stored, used at every
// write and read.
//
// A CompiledSchema is immutable and thread-safe. Prune and ApplyDefaults modify the object in
// place, which must not be shared with another thread meanwhile. The depth of schema
// (kMaxSchemaDepth) and object (the parser's limit) is bounded, so no input can overflow the stack.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

class Cancellation;
struct SchemaNode;  // node.hpp; for the other schema, cel and apply files

inline constexpr int kMaxSchemaDepth = 64;

class CompiledSchema final {
 public:
  explicit CompiledSchema(std::shared_ptr<const SchemaNode> root);
  ~CompiledSchema();
  CompiledSchema(const CompiledSchema&) = delete;
  CompiledSchema& operator=(const CompiledSchema&) = delete;

  // Removes every field that the schema does not name. apiVersion, kind and metadata at the top
  // (and below x-kubernetes-embedded-resource) always stay, and metadata is not pruned. Returns the
  // removed paths, sorted, such as `spec.nodePools[0].colour`: fieldValidation Warn reports
  // `unknown field "PATH"` for each, Strict refuses with 400 and
  // `strict decoding error: unknown field "A", unknown field "B"`.
  std::vector<std::string> Prune(const json::ObjectPtr& object) const;

  // Fills in `default`s, also below lists and maps; a null counts as missing where null is not
  // allowed and a default exists. Call after Prune, at every write and at every read (which makes
  // the defaults of a newer schema visible immediately).
  void ApplyDefaults(const json::ObjectPtr& object) const;

  // The nulls that are not allowed and that no default replaces. Call before ApplyDefaults, which
  // drops them.
  std::vector<FieldError> RefusedNulls(const json::ObjectPtr& object) const;

  // All problems of `object`: types, limits, lists and maps, then the CEL rules (only when
  // everything else is valid). `old` is the stored object of an update, or null: rules that use
  // oldSelf are evaluated with it, and problems that `old` already had and this update does not
  // touch are tolerated, as in Kubernetes since 1.30 (ratcheting).
  // Once `cancellation` (may be null) is requested, this ends early with the problems found so far.
  std::vector<FieldError> Validate(const json::ObjectPtr& object, const json::ObjectPtr& old,
                                   const Cancellation* cancellation = nullptr) const;

  const SchemaNode& root() const { return *root_; }
  // The root node plus apiVersion, kind and metadata, which every resource has; without its rules.
  // Used by apply. Built on first use.
  const SchemaNode& with_metadata() const;

 private:
  mutable std::once_flag completed_;
  mutable std::unique_ptr<const SchemaNode> with_metadata_;
  std::shared_ptr<const SchemaNode> root_;
};

// A schema, or its problems; then `schema` is null.
struct CompileOutcome {
  std::shared_ptr<const CompiledSchema> schema;
  std::vector<FieldError> problems;
};

// Which cost limits of rules to enforce: none for a schema that is already stored; only the sum for
// one that an update does not change; otherwise the sum and each rule.
enum class RuleBudget { kNone, kSum, kEachAndSum };

// Compiles the `openAPIV3Schema` of a CRD's version. `field` is its path in the CRD for problems
// (see SchemaField). Refuses schemas that are not structural, unknown or contradictory x-kubernetes
// extensions, patterns that do not compile, defaults that do not match, and CEL rules outside the
// language of cel/program.hpp. Tolerates unknown formats.
// Once `cancellation` (may be null) is requested, this ends early without a schema.
CompileOutcome CompileSchema(const json::ObjectPtr& open_api_v3_schema, std::string_view field,
                             RuleBudget budget = RuleBudget::kNone,
                             const Cancellation* cancellation = nullptr);

// Kubernetes' name in problems for the schema of version `index` of a CRD's spec.versions:
// "spec.validation. openAPIV3Schema" when all versions have the same schema, otherwise
// "spec.versions[1].schema.openAPIV3Schema".
std::string SchemaField(const json::ArrayPtr& versions, std::size_t index);

}  // namespace capstan::apiserver
