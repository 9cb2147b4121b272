// Quotas and limits of a namespace: which resources they may name, and amounts that fit together.
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

void JudgeQuota(const ObjectPtr& spec, const std::string& path, Errors& errors) {
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

// The amounts of `low` must not be above those of `high`.
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
