// Private to webhooks.cpp and policies.cpp: one write as others are asked about it.
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
  json::ObjectPtr object, old_object;  // in the request's version; null: none
  json::ObjectPtr request;             // as AdmissionReview has it, without the objects
  json::ObjectPtr namespace_object;    // null for what is in none
  cel::Authorizer authorizer = {};     // about the rights of who writes
  cel::AccessCheck Asked() const;
};

// Whether rules (with operations) name the write.
bool RulesCover(const std::vector<json::ObjectPtr>& rules, const WriteCall& call, std::string_view operation);
// Whether a label selector takes these labels; no selector takes all.
bool SelectorTakes(const json::ObjectPtr& selector, const json::ObjectPtr& labels);
// What CEL calls by name in a condition or a policy.
struct CelVariables {
  std::vector<std::pair<std::string, json::Tree>> values;
  // Who answers `authorizer`; empty: there is no such variable.
  cel::Authorizer authorizer = {};
  cel::AccessCheck request = {};  // what is asked for: authorizer.requestResource
};
Result<bool> EvaluateCondition(const std::string& expression, const CelVariables& variables);
Result<std::string> EvaluateText(const std::string& expression, const CelVariables& variables);
Result<json::Tree> EvaluateValue(const std::string& expression, const CelVariables& variables);

}  // namespace capstan::apiserver
