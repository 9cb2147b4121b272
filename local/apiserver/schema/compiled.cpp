#include <capstan/local/apiserver/schema/compiled.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/metadata_node.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

// After these errors a rule could see a value that it was not written for.
bool Blocks(const FieldError& error) {
  return error.type == FieldErrorType::kRequired || error.type == FieldErrorType::kTooLong ||
         error.type == FieldErrorType::kTooMany || error.type == FieldErrorType::kTypeInvalid ||
         error.type == FieldErrorType::kNotSupported;
}

FieldError NotChecked() {
  return InvalidField("<nil>", {},
                      "some validation rules were not checked because the object was invalid; correct the "
                      "existing errors to complete validation");
}

bool HasRules(const SchemaNode& node) {
  if (!node.rules.empty()) return true;
  if (node.items && HasRules(*node.items)) return true;
  if (node.additional && HasRules(*node.additional)) return true;
  return std::any_of(node.properties.begin(), node.properties.end(),
                     [](const auto& property) { return HasRules(*property.second); });
}

}  // namespace

const SchemaNode& MetadataNode() {
  static const std::shared_ptr<const SchemaNode> node = [] {
    std::vector<FieldError> problems;
    auto schema = json::ParseObject(R"({"type":"object","properties":{
      "name":{"type":"string"},"generateName":{"type":"string"},"namespace":{"type":"string"},"uid":{"type":"string"},
      "selfLink":{"type":"string"},"resourceVersion":{"type":"string"},"clusterName":{"type":"string"},
      "creationTimestamp":{"type":"string"},"deletionTimestamp":{"type":"string"},
      "generation":{"type":"integer"},"deletionGracePeriodSeconds":{"type":"integer"},
      "managedFields":{"type":"array","items":{"type":"object","x-kubernetes-preserve-unknown-fields":true}},
      "labels":{"type":"object","additionalProperties":{"type":"string"}},
      "annotations":{"type":"object","additionalProperties":{"type":"string"}},
      "finalizers":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
      "ownerReferences":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["uid"],
        "items":{"type":"object","x-kubernetes-map-type":"atomic","x-kubernetes-preserve-unknown-fields":true}}}})");
    return std::shared_ptr<const SchemaNode>(
        ParseSchema(schema ? *schema : json::MakeObject(), "metadata", problems));
  }();
  return *node;
}

CompiledSchema::CompiledSchema(std::shared_ptr<const SchemaNode> root) : root_(std::move(root)) {}
CompiledSchema::~CompiledSchema() = default;

const SchemaNode& CompiledSchema::with_metadata() const {
  std::call_once(completed_, [this] {
    auto node = std::make_unique<SchemaNode>(*root_);
    node->rules.clear();
    node->properties["metadata"] = std::make_shared<SchemaNode>(MetadataNode());
    auto text = std::make_shared<SchemaNode>();
    text->type = "string";
    node->properties["apiVersion"] = node->properties["kind"] = text;
    with_metadata_ = std::move(node);
  });
  return *with_metadata_;
}

std::vector<std::string> CompiledSchema::Prune(const json::ObjectPtr& object) const {
  std::vector<std::string> pruned;
  PruneValue(*root_, object, "", {}, pruned);
  std::sort(pruned.begin(), pruned.end());
  return pruned;
}

void CompiledSchema::ApplyDefaults(const json::ObjectPtr& object) const {
  DefaultValue(*root_, object, true);
}

std::vector<FieldError> CompiledSchema::RefusedNulls(const json::ObjectPtr& object) const {
  std::vector<FieldError> errors;
  FindRefusedNulls(*root_, object, "", errors);
  if (!errors.empty() && HasRules(*root_)) errors.push_back(NotChecked());
  return errors;
}

std::vector<FieldError> CompiledSchema::Validate(const json::ObjectPtr& object, const json::ObjectPtr& old,
                                                 const Cancellation* cancellation) const {
  const json::Tree value = object;
  const json::Tree old_value = old ? json::Tree(old) : json::Tree();
  const json::Tree* before = old ? &old_value : nullptr;
  std::vector<FieldError> errors;
  ValidateValue(*root_, value, before, "", cancellation, errors);
  if (cancellation && cancellation->seen()) return errors;
  ValidateEmbedded(*root_, value, "", errors);
  std::vector<FieldError> old_doubles;
  if (before) ValidateLists(*root_, *before, "", old_doubles);
  if (old_doubles.empty()) ValidateLists(*root_, value, "", errors);
  if (!HasRules(*root_)) return errors;
  if (std::any_of(errors.begin(), errors.end(), Blocks)) {
    errors.push_back(NotChecked());
    return errors;
  }
  ValidateRules(*root_, value, before, cancellation, errors);
  return errors;
}

CompileOutcome CompileSchema(const json::ObjectPtr& open_api_v3_schema, std::string_view field,
                             RuleBudget budget, const Cancellation* cancellation) {
  CompileOutcome outcome;
  const auto goes_on = [&] { return outcome.problems.empty() && !(cancellation && cancellation->seen()); };
  const std::shared_ptr<SchemaNode> root =
      ParseSchema(open_api_v3_schema, field, outcome.problems, cancellation);
  if (goes_on()) CheckStructure(*root, field, outcome.problems, cancellation);
  if (goes_on()) CheckDefaults(*root, field, outcome.problems, cancellation);
  if (goes_on()) CompileRules(*root, field, budget, outcome.problems, cancellation);
  if (cancellation && cancellation->seen()) return {};
  if (outcome.problems.empty()) outcome.schema = std::make_shared<const CompiledSchema>(root);
  return outcome;
}

std::string SchemaField(const json::ArrayPtr& versions, std::size_t index) {
  bool same = true;
  json::ObjectPtr first;
  for (unsigned int i = 0; versions && i < versions->size(); ++i) {
    const json::ObjectPtr schema = json::ObjectIn(json::AsObject(versions->get(i)), "schema");
    if (i == 0) first = schema;
    same = same && json::Equal(json::Tree(first), json::Tree(schema));
  }
  if (same) return "spec.validation.openAPIV3Schema";
  return StrCat("spec.versions[", index, "].schema.openAPIV3Schema");
}

}  // namespace capstan::apiserver
