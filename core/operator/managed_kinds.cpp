#include <capstan/core/operator/managed_kinds.hpp>

#include <capstan/core/assembly/managed_kinds.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/operator/running_operator.hpp>

namespace capstan {
namespace {

// For a provider of which only the manifest is needed.
class NoNetwork final : public http::Transport {
 public:
  Result<http::Response> Send(const http::Request&, const Context&) override { return Refused(); }
  Result<http::StreamResponse> Open(const http::Request&, const Context&) override { return Refused(); }

 private:
  static Failure Refused() { return Fail(Code::kUnavailable, "there is no network here"); }
};

// The permissions core/managed needs for these kinds.
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
  // It also works without list and watch of Secrets: an edit of a connection Secret is then
  // repaired later.
  rules.push_back({"", "secrets", {"get", "create", "patch"}});
  rules.push_back({"", "namespaces", {"get"}});
  rules.push_back({"apiextensions.k8s.io", "customresourcedefinitions", {"get"}});
  // What was abandoned is recorded, and listed to distinguish it from orphans.
  rules.push_back({"", "configmaps", {"create", "list", "patch"}, false});
  // One Lease per adopted cloud object, so that no two objects adopt it.
  rules.push_back(
      {kube::LeaseKind().group, kube::LeaseKind().plural, {"get", "create", "patch", "delete"}, false});
  return rules;
}

}  // namespace

void Manage(Operator& all, ProviderFactory make, managed::ManagedOptions options) {
  auto rules = [make] { return RulesOf(make); };
  const auto extend = [make = std::move(make), options = std::move(options)](RunningOperator& running) {
    const OperatorParts& parts = running.parts();
    const OperatorOptions& described = running.description().options();
    assembly::ManagedKindsOptions settings;
    settings.workers = described.workers;
    settings.field_manager = described.name;
    settings.managed = options;
    settings.managed.namespaces = described.namespaces;
    settings.managed.operator_namespace = parts.lease_namespace;
    const auto kinds = std::make_shared<assembly::ManagedKinds>(
        std::move(settings),
        assembly::ManagedKindsParts{running.client(), parts.scheduler, parts.random, parts.log,
                                    running.events(), running.metrics(), running.fence(), parts.outside});
    kinds->Add(make(kinds->cloud()));
    kinds->AddControllers(
        [&running](runtime::ControllerOptions controller, const kube::Kind& kind,
                   std::shared_ptr<runtime::Reconciler> reconciler) -> assembly::ManagedKinds::ReconcileNow {
          runtime::Controller& added =
              running.AddController(std::move(controller), kind, std::move(reconciler));
          return [&added](const kube::ObjectKey& object) { added.Enqueue(object); };
        });
    for (auto& [name, work] : kinds->Tasks()) running.AddTask(name, std::move(work));
    running.OnCollect([kinds = kinds.get()] { kinds->CollectMetrics(); });
    running.Keep(kinds);
  };
  all.Extend(extend, std::move(rules));
}

}  // namespace capstan
