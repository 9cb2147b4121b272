// ValidatingAdmissionPolicies: CEL expressions about an object, applied through bindings.
#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/admission/webhook_question.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/schema/cel/meter.hpp>
#include <capstan/local/apiserver/schema/cel/program.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;

std::vector<ObjectPtr> All(const ObjectStore& store, std::string_view plural) {
  const std::string prefix = ResourcePrefix(kAdmissionGroup, plural);
  const auto listing = store.List(prefix, prefix, prefix, 0, 0);
  std::vector<ObjectPtr> objects;
  if (!listing) return objects;
  for (const RecordPtr& record : listing->records) {
    if (auto object = json::ParseObject(record->text, kStoredDepth)) objects.push_back(*object);
  }
  return objects;
}

template <class T>
Result<T> Evaluated(const std::string& expression, const CelVariables& variables, cel::Program::Wanted wanted,
                    Result<T> (cel::Program::*evaluate)(const cel::Program::Variables&, cel::Meter&) const) {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables.values) names.push_back(name);
  if (variables.authorizer) names.emplace_back("authorizer");
  CAPSTAN_TRY(const auto program, cel::Program::CompileAbout(expression, names, wanted));
  std::int64_t steps = cel::kObjectCost;
  cel::Meter meter(steps, nullptr);
  if (variables.authorizer) meter.SetAuthorizer(&variables.authorizer, &variables.request);
  return ((*program).*evaluate)(variables.values, meter);
}

}  // namespace

Result<bool> EvaluateCondition(const std::string& expression, const CelVariables& variables) {
  return Evaluated<bool>(expression, variables, cel::Program::Wanted::kRule, &cel::Program::EvaluateRule);
}

Result<std::string> EvaluateText(const std::string& expression, const CelVariables& variables) {
  return Evaluated<std::string>(expression, variables, cel::Program::Wanted::kMessage,
                                &cel::Program::EvaluateMessage);
}

Result<json::Tree> EvaluateValue(const std::string& expression, const CelVariables& variables) {
  return Evaluated<json::Tree>(expression, variables, cel::Program::Wanted::kValue,
                               &cel::Program::EvaluateValue);
}

bool AdmissionWebhooks::HasPolicies() const {
  return !All(store_, "validatingadmissionpolicybindings").empty();
}

Done AdmissionWebhooks::JudgeByPolicies(const Question& question) {
  const auto policies = All(store_, "validatingadmissionpolicies");
  if (policies.empty()) return {};
  for (const ObjectPtr& binding : All(store_, "validatingadmissionpolicybindings")) {
    const ObjectPtr spec = json::ObjectIn(binding, "spec");
    for (const ObjectPtr& policy : policies) {
      if (MetaString(policy, "name") != TextIn(spec, "policyName")) continue;
      const ObjectPtr where = json::ObjectIn(spec, "matchResources");
      const auto narrower = json::ObjectsIn(where, "resourceRules");
      if (!narrower.empty() && !RulesCover(narrower, question.call, question.operation)) continue;
      if (where && !SelectorsFit(question, where)) continue;
      CAPSTAN_ANSWER_OK(JudgeByPolicy(question, policy, binding));
    }
  }
  return {};
}

namespace {

struct Verdict {
  std::string message, reason;
};

// The message of a failed validation.
std::string MessageOf(const ObjectPtr& validation, const CelVariables& variables) {
  std::string message = TextIn(validation, "message");
  if (const std::string text = TextIn(validation, "messageExpression"); !text.empty()) {
    if (auto made = EvaluateText(text, variables)) message = *made;
  }
  return message.empty() ? "failed expression: " + std::string(Trim(TextIn(validation, "expression")))
                         : message;
}

Refusal RefusedBy(const WriteCall& call, const std::string& name, const Verdict& verdict) {
  const std::string reason = verdict.reason.empty() ? "Invalid" : verdict.reason;
  const int code = reason == "Forbidden"               ? 403
                   : reason == "Unauthorized"          ? 401
                   : reason == "RequestEntityTooLarge" ? 413
                                                       : 422;
  const Resource& resource = *call.resource;
  return RefuseAbout(code, reason,
                     StrCat(resource.Qualified(), " \"", name, "\" is forbidden: ", verdict.message),
                     resource.group, resource.plural, name);
}

}  // namespace

Result<std::vector<ObjectPtr>> AdmissionWebhooks::ParamsOf(const Question& question, const ObjectPtr& policy,
                                                           const ObjectPtr& binding) const {
  const ObjectPtr kind = json::ObjectIn(json::ObjectIn(policy, "spec"), "paramKind"),
                  ref = json::ObjectIn(json::ObjectIn(binding, "spec"), "paramRef");
  if (!kind || !ref) return std::vector<ObjectPtr>{nullptr};
  const auto bad = [](std::string why) { return Fail(Code::kInvalidArgument, std::move(why)); };
  const std::string api_version = TextIn(kind, "apiVersion"), name = TextIn(ref, "name");
  const std::size_t slash = api_version.find('/');
  const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  const ResourcePtr resource = catalog_.Current()->FindKind(group, TextIn(kind, "kind"));
  const Version* version =
      resource
          ? resource->FindServed(slash == std::string::npos ? api_version : api_version.substr(slash + 1))
          : nullptr;
  if (!version) {
    return bad(StrCat("failed to configure policy: failed to find resource referenced by paramKind: '",
                      api_version, ", Kind=", TextIn(kind, "kind"), "'"));
  }
  std::string space = TextIn(ref, "namespace");
  if (!resource->namespaced && !space.empty()) {
    return bad(
        "failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped "
        "`paramKind`");
  }
  if (resource->namespaced && space.empty()) space = question.call.namespace_;
  if (resource->namespaced && space.empty()) {
    return bad(
        "failed to configure binding: cannot use namespaced paramRef in policy binding that matches "
        "cluster-scoped resources");
  }
  const ObjectPtr selector = json::ObjectIn(ref, "selector");
  const std::string inside = resource->NamespacePrefix(resource->namespaced ? space : "");
  std::vector<ObjectPtr> params;
  const auto listing = store_.List(resource->key_prefix, inside, inside, 0, 0);
  for (const RecordPtr& record : listing->records) {
    if (!name.empty() && record->meta.name != name) continue;
    auto object = json::ParseObject(TextInVersion(*record, *resource, *version), kStoredDepth);
    const ObjectPtr labels = object ? json::ObjectIn(json::ObjectIn(*object, "metadata"), "labels") : nullptr;
    if (object && (!name.empty() || SelectorTakes(selector, labels))) params.push_back(*object);
  }
  if (params.empty() && TextIn(ref, "parameterNotFoundAction") == "Deny") {
    return bad(
        "failed to configure binding: no params found for policy binding with `Deny` "
        "parameterNotFoundAction");
  }
  return params;
}

Done AdmissionWebhooks::JudgeByPolicy(const Question& question, const ObjectPtr& policy,
                                      const ObjectPtr& binding) {
  const ObjectPtr spec = json::ObjectIn(policy, "spec"), where = json::ObjectIn(spec, "matchConstraints");
  if (!RulesCover(json::ObjectsIn(where, "resourceRules"), question.call, question.operation)) return {};
  const auto excluded = json::ObjectsIn(where, "excludeResourceRules");
  if (RulesCover(excluded, question.call, question.operation) || !SelectorsFit(question, where)) return {};
  const auto params = ParamsOf(question, policy, binding);
  if (!params) {
    if (json::StringIn(spec, "failurePolicy") == "Ignore") return {};
    const std::string name = MetaString(question.object ? question.object : question.old_object, "name");
    return RefusedBy(question.call, name,
                     {StrCat("ValidatingAdmissionPolicy '", MetaString(policy, "name"), "' with binding '",
                             MetaString(binding, "name"), "' denied request: ", params.error().message),
                      ""});
  }
  for (const ObjectPtr& one : *params) CAPSTAN_ANSWER_OK(JudgeWith(question, policy, binding, one));
  return {};
}

Done AdmissionWebhooks::JudgeWith(const Question& question, const ObjectPtr& policy, const ObjectPtr& binding,
                                  const ObjectPtr& params) {
  const ObjectPtr spec = json::ObjectIn(policy, "spec");
  CelVariables variables{
      {{"object", question.object ? json::Tree(question.object) : json::Tree()},
       {"oldObject", question.old_object ? json::Tree(question.old_object) : json::Tree()},
       {"request", question.request},
       {"params", params ? json::Tree(params) : json::Tree()},
       {"namespaceObject", question.namespace_object ? json::Tree(question.namespace_object) : json::Tree()}},
      question.authorizer,
      question.Asked()};
  const bool ignore = json::StringIn(spec, "failurePolicy") == "Ignore";
  const std::string name = MetaString(question.object ? question.object : question.old_object, "name");
  const std::string start = StrCat("ValidatingAdmissionPolicy '", MetaString(policy, "name"),
                                   "' with binding '", MetaString(binding, "name"), "' denied request: ");
  const auto actions = json::StringsIn(json::ObjectIn(binding, "spec"), "validationActions");
  const auto act = [&](const Verdict& verdict) -> Done {
    for (const std::string& action : actions) {
      if (action == "Warn" && question.call.warnings)
        question.call.warnings->push_back(StrCat("Validation failed for ", start.substr(0, start.size() - 18),
                                                 ": ", verdict.message.substr(start.size())));
      if (action == "Deny") return RefusedBy(question.call, name, verdict);
    }
    return {};
  };
  for (const ObjectPtr& condition : json::ObjectsIn(spec, "matchConditions")) {
    auto met = EvaluateCondition(TextIn(condition, "expression"), variables);
    if (met && !*met) return {};
    if (!met && !ignore) return act({StrCat(start, met.error().message), ""});
    if (!met) return {};
  }
  ObjectPtr named = json::MakeObject();
  for (const ObjectPtr& variable : json::ObjectsIn(spec, "variables")) {
    CelVariables known = variables;
    known.values.emplace_back("variables", named);
    auto value = EvaluateValue(TextIn(variable, "expression"), known);
    if (value) {
      named->set(TextIn(variable, "name"), *value);
    } else if (!ignore) {
      return act({StrCat(start, "expression '", TextIn(variable, "expression"),
                         "' resulted in error: ", value.error().message),
                  ""});
    }
  }
  variables.values.emplace_back("variables", named);
  for (const ObjectPtr& validation : json::ObjectsIn(spec, "validations")) {
    const std::string expression = TextIn(validation, "expression");
    auto holds = EvaluateCondition(expression, variables);
    if (!holds && ignore) continue;
    if (!holds) {
      CAPSTAN_ANSWER_OK(act(
          {StrCat(start, "expression '", expression, "' resulted in error: ", holds.error().message), ""}));
      continue;
    }
    if (*holds) continue;
    CAPSTAN_ANSWER_OK(act({start + MessageOf(validation, variables), TextIn(validation, "reason")}));
  }
  return {};
}

}  // namespace capstan::apiserver
