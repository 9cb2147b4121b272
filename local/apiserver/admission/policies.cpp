// ValidatingAdmissionPolicies: CEL about an object, bound to where it holds.
#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/admission/webhook_question.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/schema/cel/meter.hpp>
#include <capstan/local/apiserver/schema/cel/program.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;

constexpr std::string_view kGroup = "admissionregistration.k8s.io";
constexpr int kStoredDepth = 512;

std::vector<ObjectPtr> All(const ObjectStore& store, std::string_view plural) {
  const std::string prefix = ResourcePrefix(kGroup, plural);
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
                    Result<T> (cel::Program::*evaluate)(const CelVariables&, cel::Meter&) const) {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) names.push_back(name);
  CAPSTAN_TRY(const auto program, cel::Program::CompileAbout(expression, names, wanted));
  std::int64_t steps = cel::kObjectCost;
  cel::Meter meter(steps, nullptr);
  return ((*program).*evaluate)(variables, meter);
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

Done AdmissionWebhooks::JudgeByPolicy(const Question& question, const ObjectPtr& policy,
                                      const ObjectPtr& binding) {
  const ObjectPtr spec = json::ObjectIn(policy, "spec"), where = json::ObjectIn(spec, "matchConstraints");
  if (!RulesCover(json::ObjectsIn(where, "resourceRules"), question.call, question.operation)) return {};
  const auto excluded = json::ObjectsIn(where, "excludeResourceRules");
  if (RulesCover(excluded, question.call, question.operation) || !SelectorsFit(question, where)) return {};
  CelVariables variables{
      {"object", question.object ? json::Tree(question.object) : json::Tree()},
      {"oldObject", question.old_object ? json::Tree(question.old_object) : json::Tree()},
      {"request", question.request},
      {"params", json::Tree()},
      {"namespaceObject", question.namespace_object ? json::Tree(question.namespace_object) : json::Tree()}};
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
    known.emplace_back("variables", named);
    auto value = EvaluateValue(TextIn(variable, "expression"), known);
    if (value) {
      named->set(TextIn(variable, "name"), *value);
    } else if (!ignore) {
      return act({StrCat(start, "expression '", TextIn(variable, "expression"),
                         "' resulted in error: ", value.error().message),
                  ""});
    }
  }
  variables.emplace_back("variables", named);
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
    std::string message = TextIn(validation, "message");
    if (const std::string text = TextIn(validation, "messageExpression"); !text.empty()) {
      if (auto made = EvaluateText(text, variables)) message = *made;
    }
    if (message.empty()) message = "failed expression: " + std::string(Trim(expression));
    CAPSTAN_ANSWER_OK(act({start + message, TextIn(validation, "reason")}));
  }
  return {};
}

}  // namespace capstan::apiserver
