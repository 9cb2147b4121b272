// Calls the webhooks that Validating- and MutatingWebhookConfigurations name, and judges by the
// ValidatingAdmissionPolicies that are bound.
//
// A webhook costs its own timeout at most; what its failure means its failurePolicy says.
// Thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/random.hpp>
#include <capstan/local/apiserver/admission/webhook_caller.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

class AdmissionWebhooks final : public Admission {
 public:
  // All must outlive it.
  AdmissionWebhooks(WebhookCaller& caller, Random& random, ObjectStore& store)
      : caller_(caller), random_(random), store_(store) {}

  Answer<json::ObjectPtr> Mutate(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
                                 json::ObjectPtr live) override;
  Done Judge(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
             json::ObjectPtr live) override;
  void Stored(const WriteCall&) override {}

 private:
  struct Question;  // one write, as webhooks and policies are asked about it
  Question Ask(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
               json::ObjectPtr live);
  std::vector<json::ObjectPtr> HooksOf(std::string_view plural) const;
  Answer<bool> Concerns(const Question& question, const json::ObjectPtr& hook);
  bool SelectorsFit(const Question& question, const json::ObjectPtr& matcher) const;
  // The hook's `response`; a Refusal when it could not be had.
  Answer<json::ObjectPtr> Call(const Question& question, const json::ObjectPtr& hook);
  // Errors: what went wrong between here and the webhook, in words.
  Result<json::ObjectPtr> Review(const Question& question, const json::ObjectPtr& hook);
  bool HasPolicies() const;
  Done JudgeByPolicies(const Question& question);
  Done JudgeByPolicy(const Question& question, const json::ObjectPtr& policy, const json::ObjectPtr& binding);

  WebhookCaller& caller_;
  Random& random_;
  ObjectStore& store_;
};

}  // namespace capstan::apiserver
