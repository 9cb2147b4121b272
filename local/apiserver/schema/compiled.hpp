// The schema of one version of a custom resource: checked when the CRD is stored, used at every
// write and read.
//
// A CompiledSchema never changes; all of it is thread-safe. Objects handed in are changed in place
// by Prune and ApplyDefaults and must not be shared with another thread meanwhile. Depth of schema
// and object is limited, so no input can overflow the stack: kMaxSchemaDepth here, the parser's
// limit for objects.
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
  // (and below x-kubernetes-embedded-resource) always stay, and metadata is not looked into. The
  // paths removed, sorted, as `spec.nodePools[0].colour`: fieldValidation Warn says `unknown field
  // "PATH"` once each, Strict refuses with 400 and `strict decoding error: unknown field "A",
  // unknown field "B"`.
  std::vector<std::string> Prune(const json::ObjectPtr& object) const;

  // Fills in `default`s, also below lists and maps; a null where null is not allowed and a default
  // exists counts as missing. To be done after Prune, at every write and also at every read
  // (defaults of a newer schema show at once).
  void ApplyDefaults(const json::ObjectPtr& object) const;

  // Nulls that are not allowed and that no default replaces. To be asked before ApplyDefaults,
  // which drops them.
  std::vector<FieldError> RefusedNulls(const json::ObjectPtr& object) const;

  // Everything that is wrong with `object`: types, limits, lists and maps, then the CEL rules
  // (those only when the rest is right). `old` is the stored object of an update, or null: rules
  // about oldSelf are judged with it, and what an old object already had wrong and this update does
  // not touch is forgiven, as Kubernetes does since 1.30.
  // Once `cancellation` (may be null) is requested, this ends early, with whatever it has found.
  std::vector<FieldError> Validate(const json::ObjectPtr& object, const json::ObjectPtr& old,
                                   const Cancellation* cancellation = nullptr) const;

  const SchemaNode& root() const { return *root_; }
  // The root with what every resource has besides: apiVersion, kind and metadata; without its
  // rules. What apply goes by. Made when first asked for.
  const SchemaNode& with_metadata() const;

 private:
  mutable std::once_flag completed_;
  mutable std::unique_ptr<const SchemaNode> with_metadata_;
  std::shared_ptr<const SchemaNode> root_;
};

// A schema, or what is wrong with it; then `schema` is null.
struct CompileOutcome {
  std::shared_ptr<const CompiledSchema> schema;
  std::vector<FieldError> problems;
};

// What rules may cost by estimate: for a schema that is stored already anything goes; of one that
// an update leaves as it is only the sum is judged.
enum class RuleBudget { kNone, kSum, kEachAndSum };

// Compiles the `openAPIV3Schema` of a CRD's version. `field` is its path in the CRD for the
// problems (SchemaField below). Refused are: what is not a structural schema, unknown or
// contradictory x-kubernetes extensions, patterns that do not compile, defaults that do not fit,
// CEL rules outside the subset of cel/program.hpp. Unknown formats are tolerated.
// Once `cancellation` (may be null) is requested, this ends early, without a schema.
CompileOutcome CompileSchema(const json::ObjectPtr& open_api_v3_schema, std::string_view field,
                             RuleBudget budget = RuleBudget::kNone,
                             const Cancellation* cancellation = nullptr);

// How Kubernetes names the schema of version `index` of a CRD's spec.versions in its problems:
// "spec.validation. openAPIV3Schema" when all versions have the same schema, else
// "spec.versions[1].schema.openAPIV3Schema".
std::string SchemaField(const json::ArrayPtr& versions, std::size_t index);

}  // namespace capstan::apiserver
