#include <capstan/core/operator/managed_kinds.hpp>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/quota.hpp>
#include <capstan/core/managed/held_secrets.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/operator/running_operator.hpp>
#include <capstan/core/runtime/fenced_transport.hpp>

namespace capstan {
namespace {

// What all kinds of one provider share in one life: the door to the cloud, the provider behind it,
// and which Secrets its objects use. The quota is outermost since it may wait: the fence is asked
// after the wait.
class LinkedProvider {
 public:
  LinkedProvider(RunningOperator& running, const ProviderFactory& make)
      : fenced_(running.parts().outside, running.fence(), running.parts().scheduler),
        cloud_(fenced_, running.parts().scheduler),
        provider_(make(cloud_)) {
    for (const external::Quota& quota : provider_->manifest().quotas) {
      cloud_.Know(quota.host,
                  {quota.per_minute, quota.limit_header, quota.remaining_header, quota.reset_header});
    }
  }
  external::Provider& provider() { return *provider_; }
  managed::HeldSecrets& held() { return *held_; }
  void HoldSecrets(RunningOperator& running, const managed::ManagedOptions& options) {
    const OperatorParts& parts = running.parts();
    held_ = std::make_unique<managed::HeldSecrets>(
        running.client(), parts.scheduler, running.fence(), parts.log,
        managed::HeldSecretsOptions{options.operator_namespace, options.namespaces, options.sharing,
                                    running.description().options().name});
  }

 private:
  runtime::FencedTransport fenced_;
  http::QuotaTransport cloud_;
  const std::unique_ptr<external::Provider> provider_;
  std::unique_ptr<managed::HeldSecrets> held_;
};

// A ManagedReconciler that is made when the first object comes: before, nobody asked the API server
// who we are.
class LateReconciler final : public runtime::Reconciler {
 public:
  LateReconciler(RunningOperator& running, std::shared_ptr<LinkedProvider> linked, external::KindInfo info,
                 managed::ManagedOptions options)
      : running_(running), linked_(std::move(linked)), info_(std::move(info)), options_(std::move(options)) {}

  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override {
    CAPSTAN_TRY(managed::ManagedReconciler* const reconciler, Made(context));
    return reconciler->Reconcile(request, context);
  }

 private:
  Result<managed::ManagedReconciler*> Made(const Context& context) {
    {
      MutexLock lock(mutex_);
      if (made_) return made_.get();
    }
    managed::ManagedOptions options = options_;
    if (options.owner_id.empty()) {
      CAPSTAN_TRY(options.owner_id, managed::ReadOwnerId(running_.client(), context));
    }
    const OperatorParts& parts = running_.parts();
    MutexLock lock(mutex_);
    if (!made_) {
      made_ = std::make_unique<managed::ManagedReconciler>(
          info_,
          managed::ManagedParts{running_.client(), linked_->provider(), parts.scheduler, parts.random,
                                running_.fence(), running_.events(), parts.log, &running_.metrics(),
                                &linked_->held()},
          std::move(options));
    }
    return made_.get();
  }

  // Constant after construction.
  RunningOperator& running_;
  const std::shared_ptr<LinkedProvider> linked_;
  const external::KindInfo info_;
  const managed::ManagedOptions options_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::unique_ptr<managed::ManagedReconciler> made_ CAPSTAN_GUARDED_BY(mutex_);
};

// For a provider that is only asked for its manifest.
class NoNetwork final : public http::Transport {
 public:
  Result<http::Response> Send(const http::Request&, const Context&) override { return Refused(); }
  Result<http::StreamResponse> Open(const http::Request&, const Context&) override { return Refused(); }

 private:
  static Failure Refused() { return Fail(Code::kUnavailable, "there is no network here"); }
};

// What core/managed does for such kinds.
std::vector<AccessRule> RulesOf(const ProviderFactory& make) {
  NoNetwork nowhere;
  const auto provider = make(nowhere);
  std::vector<AccessRule> rules;
  for (const external::KindInfo& info : provider->manifest().kinds) {
    const kube::Kind kind = managed::KindOf(info);
    rules.push_back({kind.group, kind.plural, {"get", "list", "watch", "patch"}});
    rules.push_back({kind.group, kind.plural + "/status", {"patch"}});
    rules.push_back({kind.group, kind.plural + "/finalizers", {"update"}});
  }
  rules.push_back({"", "secrets", {"get", "create", "patch"}});
  rules.push_back({"", "namespaces", {"get"}});
  rules.push_back({"apiextensions.k8s.io", "customresourcedefinitions", {"get"}});
  rules.push_back({"", "configmaps", {"create", "patch"}, false});
  return rules;
}

}  // namespace

void Manage(Operator& all, ProviderFactory make, managed::ManagedOptions options) {
  auto rules = [make] { return RulesOf(make); };
  const auto extend = [make = std::move(make), options = std::move(options)](RunningOperator& running) {
    const auto linked = std::make_shared<LinkedProvider>(running, make);
    const auto& kinds = linked->provider().manifest().kinds;
    managed::ManagedOptions settings = options;
    settings.namespaces = running.description().options().namespaces;
    settings.operator_namespace = running.parts().lease_namespace;
    settings.sharing.insert(settings.sharing.end(), kinds.begin(), kinds.end());
    linked->HoldSecrets(running, settings);
    running.AddTask("credentials in use", [linked](const Context& context) { linked->held().Run(context); });
    for (const external::KindInfo& info : kinds) {
      runtime::ControllerOptions controller;
      controller.name = ToLower(info.kind);
      controller.workers = running.description().options().workers;
      running.AddController(std::move(controller), managed::KindOf(info),
                            std::make_shared<LateReconciler>(running, linked, info, settings));
    }
  };
  all.Extend(extend, std::move(rules));
}

}  // namespace capstan
