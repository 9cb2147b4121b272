// Quotas and limits of a namespace: allowed resources, and consistency of amounts.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/quantity.hpp>
#include <capstan/local/apiserver/schema/kinds/judges.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

bool IsStandardForQuota(std::string_view name) {
  constexpr std::string_view kNames[] = {"cpu",
                                         "memory",
                                         "ephemeral-storage",
                                         "requests.cpu",
                                         "requests.memory",
                                         "requests.storage",
                                         "requests.ephemeral-storage",
                                         "limits.cpu",
                                         "limits.memory",
                                         "limits.ephemeral-storage",
                                         "pods",
                                         "resourcequotas",
                                         "services",
                                         "replicationcontrollers",
                                         "secrets",
                                         "persistentvolumeclaims",
                                         "configmaps",
                                         "services.nodeports",
                                         "services.loadbalancers"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) ||
         name.rfind("hugepages-", 0) == 0 || name.rfind("requests.hugepages-", 0) == 0;
}

bool IsScope(std::string_view name) {
  constexpr std::string_view kScopes[] = {
      "BestEffort",  "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass",
      "Terminating", "VolumeAttributesClass"};
  return std::find(std::begin(kScopes), std::end(kScopes), name) != std::end(kScopes);
}

// Whether a scope can restrict what a name counts: all scopes apply to pods, and BestEffort pods
// have no amounts.
bool CanBeScoped(std::string_view scope, std::string_view name) {
  constexpr std::string_view kAmounts[] = {"cpu",        "memory",       "requests.cpu", "requests.memory",
                                           "limits.cpu", "limits.memory"};
  const bool amount = std::find(std::begin(kAmounts), std::end(kAmounts), name) != std::end(kAmounts);
  if (!IsStandardForQuota(name) || name == "pods") return true;
  if (scope == "BestEffort") return false;
  const bool of_pods = scope == "Terminating" || scope == "NotTerminating" || scope == "NotBestEffort" ||
                       scope == "PriorityClass";
  return !of_pods || amount;
}

bool HasBoth(const std::vector<std::string>& words, std::string_view one, std::string_view other) {
  return std::find(words.begin(), words.end(), one) != words.end() &&
         std::find(words.begin(), words.end(), other) != words.end();
}

void JudgeTogether(const std::vector<std::string>& scopes, const std::string& at, const json::Tree& shown,
                   Errors& errors) {
  if (HasBoth(scopes, "BestEffort", "NotBestEffort") || HasBoth(scopes, "Terminating", "NotTerminating"))
    errors.push_back(InvalidField(at, shown, "conflicting scopes"));
}

void JudgeApplied(const ObjectPtr& hard, const std::string& scope, const std::string& at,
                  const json::Tree& shown, Errors& errors) {
  if (!hard) return;
  for (const auto& [name, amount] : *hard) {
    if (!CanBeScoped(scope, name))
      errors.push_back(InvalidField(at, shown, "unsupported scope applied to resource"));
  }
}

void JudgeScopes(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const std::string at = path + ".scopes";
  const json::ArrayPtr shown = json::ArrayIn(spec, "scopes");
  const auto scopes = json::StringsIn(spec, "scopes");
  for (const std::string& scope : scopes) {
    if (!IsScope(scope)) errors.push_back(InvalidField(at, shown, "unsupported scope"));
    JudgeApplied(json::ObjectIn(spec, "hard"), scope, at, shown, errors);
  }
  JudgeTogether(scopes, at, shown, errors);
}

void JudgeScopeOperator(const ObjectPtr& one, const std::string& at, Errors& errors) {
  const std::string scope = TextIn(one, "scopeName"), word = TextIn(one, "operator");
  const std::size_t values = json::StringsIn(one, "values").size();
  if (IsScope(scope) && scope != "PriorityClass" && scope != "VolumeAttributesClass" && word != "Exists") {
    errors.push_back(
        InvalidField(at + ".operator", word,
                     "must be 'Exist' only operator when scope is any of ResourceQuotaScopeTerminating, "
                     "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort and "
                     "ResourceQuotaScopeNotBestEffort"));
  }
  if (word == "In" || word == "NotIn") {
    if (values == 0) {
      errors.push_back(
          RequiredField(at + ".values",
                        "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    }
  } else if (word == "Exists" || word == "DoesNotExist") {
    if (values > 0) {
      errors.push_back(
          InvalidField(at + ".values", one->get("values"),
                       "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    }
  } else {
    errors.push_back(InvalidField(at + ".operator", word, "not a valid selector operator"));
  }
}

void JudgeScopeSelector(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const ObjectPtr selector = json::ObjectIn(spec, "scopeSelector");
  const std::string at = path + ".scopeSelector.matchExpressions";
  std::vector<std::string> scopes;
  for (const ObjectPtr& one : json::ObjectsIn(selector, "matchExpressions")) {
    const std::string scope = TextIn(one, "scopeName");
    if (!IsScope(scope)) errors.push_back(InvalidField(at + ".scopeName", scope, "unsupported scope"));
    JudgeApplied(json::ObjectIn(spec, "hard"), scope, at, selector, errors);
    JudgeScopeOperator(one, at, errors);
    scopes.push_back(scope);
  }
  JudgeTogether(scopes, at, selector, errors);
}

void JudgeHard(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const ObjectPtr hard = json::ObjectIn(spec, "hard");
  if (!hard) return;
  for (const auto& [name, amount] : *hard) {
    const std::string at = StrCat(path, ".hard[", name, "]"), text = amount.toString();
    if (name.find('/') == std::string::npos && !IsStandardForQuota(name)) {
      errors.push_back(InvalidField(at, name, "must be a standard resource type or fully qualified"));
      errors.push_back(InvalidField(at, name, "must be a standard resource for quota"));
    }
    if (CompareQuantities(text, "0") < 0)
      errors.push_back(InvalidField(at, text, "must be greater than or equal to 0"));
  }
}

void JudgeQuota(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  JudgeHard(spec, path, errors);
  JudgeScopes(spec, path, errors);
  JudgeScopeSelector(spec, path, errors);
}

// The amounts in `low` must not exceed those in `high`.
void JudgeOrder(const ObjectPtr& item, const char* low, const char* high, const char* low_word,
                const char* high_word, const std::string& path, Errors& errors) {
  const ObjectPtr lower = json::ObjectIn(item, low), upper = json::ObjectIn(item, high);
  if (!lower || !upper) return;
  for (const auto& [name, amount] : *lower) {
    if (!upper->has(name)) continue;
    const std::string least = amount.toString(), most = upper->get(name).toString();
    if (CompareQuantities(least, most) > 0) {
      errors.push_back(
          InvalidField(StrCat(path, ".", low, "[", name, "]"), least,
                       StrCat(low_word, " value ", least, " is greater than ", high_word, " value ", most)));
    }
  }
}

void JudgeLimit(const ObjectPtr& item, const std::string& path, Errors& errors) {
  if (TextIn(item, "type") == "Pod") {
    for (const char* field : {"default", "defaultRequest"}) {
      const ObjectPtr given = json::ObjectIn(item, field);
      if (given && given->size() > 0)
        errors.push_back(
            ForbiddenField(StrCat(path, ".", field), "may not be specified when `type` is 'Pod'"));
    }
  }
  JudgeOrder(item, "min", "max", "min", "max", path, errors);
  JudgeOrder(item, "defaultRequest", "max", "default request", "max", path, errors);
  JudgeOrder(item, "defaultRequest", "default", "default request", "default limit", path, errors);
  JudgeOrder(item, "default", "max", "default", "max", path, errors);
}

}  // namespace

std::vector<KindJudge> LimitJudges() {
  return {{"core.ResourceQuotaSpec", JudgeQuota}, {"core.LimitRangeItem", JudgeLimit}};
}

}  // namespace capstan::apiserver
