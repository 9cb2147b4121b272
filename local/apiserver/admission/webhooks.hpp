// Calls the webhooks that Validating- and MutatingWebhookConfigurations name, and judges by the
// ValidatingAdmissionPolicies that are bound.
//
// A webhook costs its own timeout at most; what its failure means its failurePolicy says. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

// A transport to servers whose certificates these authorities (PEM; empty: the system's) vouch for.
using WebhookTransports = std::function<Result<std::unique_ptr<http::Transport>>(const std::string& ca_pem)>;

class AdmissionWebhooks final : public Admission {
 public:
  // All must outlive it. `transports` may be empty: then every call fails.
  AdmissionWebhooks(Scheduler& scheduler, Random& random, ObjectStore& store, WebhookTransports transports)
      : scheduler_(scheduler), random_(random), store_(store), transports_(std::move(transports)) {}

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
  Result<json::ObjectPtr> Exchange(const Question& question, const json::ObjectPtr& hook);
  Result<http::Transport*> TransportFor(const std::string& ca_pem);
  Done JudgeByPolicies(const Question& question);
  Done JudgeByPolicy(const Question& question, const json::ObjectPtr& policy, const json::ObjectPtr& binding);

  Scheduler& scheduler_;
  Random& random_;
  ObjectStore& store_;
  const WebhookTransports transports_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<http::Transport>> connected_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::apiserver
