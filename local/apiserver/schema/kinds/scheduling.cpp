// Scheduling of pods: tolerations, affinities, selectors.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/names.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/kinds/judges.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

void JudgeToleration(const ObjectPtr& toleration, const std::string& path, Errors& errors) {
  const std::string key = TextIn(toleration, "key"), word = TextIn(toleration, "operator");
  if (const std::string why = key.empty() ? "" : CheckQualifiedName(key); !why.empty())
    errors.push_back(InvalidField(path + ".key", key, why));
  if (key.empty() && word != "Exists") {
    errors.push_back(
        InvalidField(path + ".operator", word,
                     "operator must be Exists when `key` is empty, which means \"match all values "
                     "and all keys\""));
  }
  const std::string effect = TextIn(toleration, "effect");
  if (toleration->has("tolerationSeconds") && effect != "NoExecute") {
    errors.push_back(
        InvalidField(path + ".effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  const std::string value = TextIn(toleration, "value");
  if (word == "Exists" && !value.empty()) {
    errors.push_back(InvalidField(path + ".operator", json::Tree(toleration),
                                  "value must be empty when `operator` is 'Exists'"));
  } else if (const std::string why = CheckLabelValue(value); !why.empty()) {
    errors.push_back(InvalidField(path + ".operator", value, why));
  }
}

void JudgeWeight(const ObjectPtr& term, const std::string& path, Errors& errors) {
  const auto weight = json::IntegerIn(term, "weight").value_or(0);
  if (weight < 1 || weight > 100)
    errors.push_back(InvalidField(path + ".weight", weight, "must be in the range 1-100"));
}

void JudgePodTerm(const ObjectPtr& term, const std::string& path, Errors& errors) {
  const std::string key = TextIn(term, "topologyKey");
  if (key.empty()) {
    errors.push_back(RequiredField(path + ".topologyKey", "can not be empty"));
  } else if (const std::string why = CheckQualifiedName(key); !why.empty()) {
    errors.push_back(InvalidField(path + ".topologyKey", key, why));
  }
}

void JudgeNodeSelector(const ObjectPtr& selector, const std::string& path, Errors& errors) {
  if (json::ObjectsIn(selector, "nodeSelectorTerms").empty()) {
    errors.push_back(RequiredField(path + ".nodeSelectorTerms", "must have at least one node selector term"));
  }
}

// `ordered`: numeric operators are allowed as well, as for nodes.
void JudgeOperator(const ObjectPtr& one, const std::string& path, bool ordered, Errors& errors) {
  const std::string word = TextIn(one, "operator");
  const std::size_t values = json::StringsIn(one, "values").size();
  if (word == "In" || word == "NotIn") {
    if (values == 0) {
      errors.push_back(
          RequiredField(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (word == "Exists" || word == "DoesNotExist") {
    if (values > 0) {
      errors.push_back(ForbiddenField(path + ".values",
                                      "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else if (ordered && (word == "Gt" || word == "Lt")) {
    if (values != 1) {
      errors.push_back(
          RequiredField(path + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
  } else {
    errors.push_back(InvalidField(path + ".operator", word, "not a valid selector operator"));
  }
}

void JudgeNodeRequirement(const ObjectPtr& one, const std::string& path, Errors& errors) {
  JudgeOperator(one, path, true, errors);
}

void JudgeLabelRequirement(const ObjectPtr& one, const std::string& path, Errors& errors) {
  JudgeOperator(one, path, false, errors);
  const std::string key = TextIn(one, "key");
  if (const std::string why = CheckQualifiedName(key); !why.empty())
    errors.push_back(InvalidField(path + ".key", key, why));
}

void JudgeLabelSelector(const ObjectPtr& selector, const std::string& path, Errors& errors) {
  CheckLabels(json::ObjectIn(selector, "matchLabels"), path + ".matchLabels", errors);
}

}  // namespace

std::vector<KindJudge> SchedulingJudges() {
  return {{"core.Toleration", JudgeToleration},
          {"core.PreferredSchedulingTerm", JudgeWeight},
          {"core.WeightedPodAffinityTerm", JudgeWeight},
          {"core.PodAffinityTerm", JudgePodTerm},
          {"core.NodeSelector", JudgeNodeSelector},
          {"core.NodeSelectorRequirement", JudgeNodeRequirement},
          {"meta.LabelSelectorRequirement", JudgeLabelRequirement},
          {"meta.LabelSelector", JudgeLabelSelector}};
}

}  // namespace capstan::apiserver
