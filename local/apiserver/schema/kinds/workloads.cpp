// Update strategies of workloads, and amounts that are a number or a percentage.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/field_of.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/kinds/judges.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

bool IsPercent(const std::string& text) {
  return text.size() > 1 && text.back() == '%' &&
         std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
}

// A number of pods, or a percentage.
void JudgeShare(const ObjectPtr& object, const char* field, const std::string& path, bool may_exceed,
                Errors& errors) {
  const json::Tree value = FieldOf(object, field);
  const std::string at = StrCat(path, ".", field);
  if (KindOf(value) == ValueKind::kInteger && IntegerOf(value) < 0) {
    errors.push_back(InvalidField(at, value, "must be greater than or equal to 0"));
  } else if (KindOf(value) == ValueKind::kString && !IsPercent(TextOf(value))) {
    errors.push_back(InvalidField(at, value,
                                  "a valid percent string must be a numeric string followed by an ending '%' "
                                  "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"));
  } else if (KindOf(value) == ValueKind::kString && !may_exceed && std::atoll(TextOf(value).c_str()) > 100) {
    errors.push_back(InvalidField(at, value, "must not be greater than 100%"));
  }
}

bool IsNone(const json::Tree& value) {
  if (KindOf(value) == ValueKind::kString) return std::atoll(TextOf(value).c_str()) == 0;
  return KindOf(value) != ValueKind::kInteger || IntegerOf(value) == 0;
}

void JudgeRollingDeployment(const ObjectPtr& rolling, const std::string& path, Errors& errors) {
  JudgeShare(rolling, "maxUnavailable", path, false, errors);
  JudgeShare(rolling, "maxSurge", path, true, errors);
  if (IsNone(FieldOf(rolling, "maxUnavailable")) && IsNone(FieldOf(rolling, "maxSurge"))) {
    errors.push_back(InvalidField(path + ".maxUnavailable", FieldOf(rolling, "maxUnavailable"),
                                  "may not be 0 when `maxSurge` is 0"));
  }
}

void JudgeRollingDaemonSet(const ObjectPtr& rolling, const std::string& path, Errors& errors) {
  JudgeShare(rolling, "maxUnavailable", path, false, errors);
  JudgeShare(rolling, "maxSurge", path, false, errors);
  const bool none = IsNone(FieldOf(rolling, "maxUnavailable")), stays = IsNone(FieldOf(rolling, "maxSurge"));
  if (none && stays) {
    errors.push_back(InvalidField(path + ".maxUnavailable", FieldOf(rolling, "maxUnavailable"),
                                  "cannot be 0 when maxSurge is 0"));
  } else if (!none && !stays) {
    errors.push_back(InvalidField(path + ".maxSurge", FieldOf(rolling, "maxSurge"),
                                  "may not be set when maxUnavailable is non-zero"));
  }
}

void JudgeStatefulSetStrategy(const ObjectPtr& strategy, const std::string& path, Errors& errors) {
  const ObjectPtr rolling = json::ObjectIn(strategy, "rollingUpdate");
  if (TextIn(strategy, "type") == "OnDelete" && rolling) {
    errors.push_back(InvalidField(path + ".rollingUpdate", json::Tree(rolling),
                                  "only allowed for updateStrategy 'RollingUpdate'"));
  }
}

void JudgeDeployment(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const auto deadline = json::IntegerIn(spec, "progressDeadlineSeconds");
  if (deadline && *deadline <= json::IntegerIn(spec, "minReadySeconds").value_or(0)) {
    errors.push_back(
        InvalidField(path + ".progressDeadlineSeconds", *deadline, "must be greater than minReadySeconds"));
  }
}

void JudgeBudget(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  JudgeShare(spec, "minAvailable", path, false, errors);
  JudgeShare(spec, "maxUnavailable", path, false, errors);
}

}  // namespace

std::vector<KindJudge> WorkloadJudges() {
  return {{"apps.RollingUpdateDeployment", JudgeRollingDeployment},
          {"apps.RollingUpdateDaemonSet", JudgeRollingDaemonSet},
          {"apps.StatefulSetUpdateStrategy", JudgeStatefulSetStrategy},
          {"apps.DeploymentSpec", JudgeDeployment},
          {"policy.PodDisruptionBudgetSpec", JudgeBudget}};
}

}  // namespace capstan::apiserver
