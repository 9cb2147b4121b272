// Admission by the webhooks that Validating- and MutatingWebhookConfigurations name, and by bound
// ValidatingAdmissionPolicies.
//
// A webhook call takes at most its own timeout; its failurePolicy decides what a failure means.
// Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/random.hpp>
#include <capstan/local/apiserver/admission/webhook_caller.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>
#include <capstan/local/apiserver/schema/cel/authorizer.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

class AdmissionWebhooks final : public Admission {
 public:
  // Decides what a user may do, for the variable `authorizer`.
  using Rights = std::function<std::optional<std::string>(const User& user, const cel::AccessCheck& check)>;
  // The references must outlive this object.
  AdmissionWebhooks(WebhookCaller& caller, Random& random, ObjectStore& store, const Catalog& catalog,
                    Rights rights)
      : caller_(caller), random_(random), store_(store), catalog_(catalog), rights_(std::move(rights)) {}

  Answer<json::ObjectPtr> Mutate(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
                                 json::ObjectPtr live) override;
  Done Judge(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
             json::ObjectPtr live) override;
  void Stored(const WriteCall&) override {}

 private:
  struct Question;  // one write, as webhooks and policies see it
  Question Ask(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
               json::ObjectPtr live);
  std::vector<json::ObjectPtr> HooksOf(std::string_view plural) const;
  Answer<bool> Concerns(const Question& question, const json::ObjectPtr& hook);
  bool SelectorsFit(const Question& question, const json::ObjectPtr& matcher) const;
  Answer<json::ObjectPtr> MutateBy(const json::ObjectPtr& hook, const Question& question);
  // The `response` of the hook; a Refusal when the call failed.
  Answer<json::ObjectPtr> Call(const Question& question, const json::ObjectPtr& hook);
  // Errors: what went wrong in the call, as text.
  Result<json::ObjectPtr> Review(const Question& question, const json::ObjectPtr& hook);
  bool HasPolicies() const;
  Done JudgeByPolicies(const Question& question);
  Done JudgeByPolicy(const Question& question, const json::ObjectPtr& policy, const json::ObjectPtr& binding);
  // `params`: the parameter object that the binding names; null: none.
  Done JudgeWith(const Question& question, const json::ObjectPtr& policy, const json::ObjectPtr& binding,
                 const json::ObjectPtr& params);
  // The parameter objects to evaluate the policy with, one after the other; a single null when the
  // policy takes none.
  Result<std::vector<json::ObjectPtr>> ParamsOf(const Question& question, const json::ObjectPtr& policy,
                                                const json::ObjectPtr& binding) const;

  WebhookCaller& caller_;
  Random& random_;
  ObjectStore& store_;
  const Catalog& catalog_;
  const Rights rights_;
};

}  // namespace capstan::apiserver
