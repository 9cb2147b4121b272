// Private to webhooks.cpp and policies.cpp: one write as webhooks and policies see it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/local/apiserver/admission/webhooks.hpp>
#include <capstan/local/apiserver/schema/cel/authorizer.hpp>

namespace capstan::apiserver {

inline constexpr std::string_view kAdmissionGroup = "admissionregistration.k8s.io";

struct AdmissionWebhooks::Question {
  const WriteCall& call;
  std::string operation;
  json::ObjectPtr object, old_object;  // in the version of the request; null: none
  json::ObjectPtr request;             // AdmissionReview's request without the objects
  json::ObjectPtr namespace_object;    // null for cluster-scoped objects
  cel::Authorizer authorizer = {};     // answers checks of the writing user's permissions
  cel::AccessCheck Asked() const;
};

// Whether a rule (which also names operations) matches the write.
bool RulesCover(const std::vector<json::ObjectPtr>& rules, const WriteCall& call, std::string_view operation);
// Whether a label selector matches the labels; a missing selector matches everything.
bool SelectorTakes(const json::ObjectPtr& selector, const json::ObjectPtr& labels);
// The variables of a CEL expression in a match condition or a policy.
struct CelVariables {
  std::vector<std::pair<std::string, json::Tree>> values;
  // Implements the variable `authorizer`; empty: the variable does not exist.
  cel::Authorizer authorizer = {};
  cel::AccessCheck request = {};  // the write itself: authorizer.requestResource
};
Result<bool> EvaluateCondition(const std::string& expression, const CelVariables& variables);
Result<std::string> EvaluateText(const std::string& expression, const CelVariables& variables);
Result<json::Tree> EvaluateValue(const std::string& expression, const CelVariables& variables);

}  // namespace capstan::apiserver
