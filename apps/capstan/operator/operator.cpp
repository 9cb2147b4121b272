#include <capstan/apps/capstan/operator/operator.hpp>

#include <algorithm>
#include <map>

#include <capstan/apps/capstan/operator/cloud_metrics.hpp>
#include <capstan/apps/capstan/operator/operation_metrics.hpp>
#include <capstan/apps/capstan/operator/operations_handler.hpp>
#include <capstan/apps/capstan/operator/unserved_kinds.hpp>
#include <capstan/apps/capstan/wiring/crd_documents.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/quota.hpp>
#include <capstan/core/http/retrying.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/runtime/fenced_transport.hpp>
#include <capstan/core/runtime/kube_event_recorder.hpp>
#include <capstan/core/runtime/lease_elector.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/plugins/loader/directory.hpp>

namespace capstan::app {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// The hosts of the URLs that a plugin's configuration holds.
std::vector<std::string> HostsIn(const std::string& config) {
  std::vector<std::string> hosts;
  const auto object = json::ParseObject(config);
  if (!object) return hosts;
  for (const auto& [name, value] : **object) {
    if (value.isEmpty() || !value.isString()) continue;
    const auto text = value.convert<std::string>();
    if (!text.starts_with("http://") && !text.starts_with("https://")) continue;
    if (const auto url = http::ParseUrl(text)) hosts.push_back(url->authority());
  }
  return hosts;
}

class Operator {
 public:
  Operator(const OperatorOptions& options, const OperatorParts& parts)
      : options_(options),
        parts_(parts),
        metrics_(runtime::MakePrometheusMetrics()),
        measured_kubernetes_(MeasureKubernetes(parts.kubernetes, parts.scheduler, *metrics_)),
        kubernetes_(*measured_kubernetes_, parts.scheduler, parts.random),
        client_(kubernetes_, parts.scheduler, ClientSettings(options)),
        events_(client_, parts.scheduler, parts.random, parts.log, {"capstan", options.holder}),
        manager_({client_, parts.scheduler, parts.random, parts.log, *metrics_}, {options.namespaces}),
        unserved_({client_, parts.scheduler, parts.random, parts.log, *metrics_}, {options.namespaces}) {}

  Status Run(const Context& context) {
    MakeFence();
    OpenCloudDoor();
    CAPSTAN_RETURN_IF_ERROR(LoadPlugins());
    CAPSTAN_RETURN_IF_ERROR(ServeOperations());
    CAPSTAN_TRY(const std::string owner, WaitForOwnerId(context));
    MakeNamespace(context);
    if (options_.install_crds) CAPSTAN_RETURN_IF_ERROR(InstallCrds(context));
    for (auto& provider : providers_) AddKinds(*provider, owner);
    CAPSTAN_RETURN_IF_ERROR(AddUnservedKinds(context));
    if (elector_) {  // until we lead
      manager_.Pause();
      unserved_.Pause();
    }
    manager_.Start();
    unserved_.Start();
    if (elector_) elector_->Start();
    parts_.log.Info("the operator runs",
                    {{"server", options_.server}, {"holder", options_.holder}, {"owner", owner}});
    while (parts_.scheduler.Sleep(minutes(60), context) == Woke::kTime) {
    }
    Stop();
    return {};
  }

 private:
  static kube::ClientOptions ClientSettings(const OperatorOptions& options) {
    kube::ClientOptions settings;
    settings.server = options.server;
    return settings;
  }

  void MakeFence() {
    if (options_.leader_elect) {
      runtime::LeaseElectorOptions election;
      election.lease = {options_.operator_namespace, options_.lease_name};
      election.identity = options_.holder;
      election.on_started = [this] {
        manager_.Resume();
        unserved_.Resume();
      };
      election.on_stopped = [this] {
        manager_.Pause();
        unserved_.Pause();
      };
      elector_ = std::make_unique<runtime::LeaseElector>(client_, parts_.scheduler, parts_.random, parts_.log,
                                                         *metrics_, std::move(election));
      ready_.Add("lease", [this] { return elector_->Health(); });
      fence_ = elector_.get();
    } else {
      alone_ = std::make_unique<runtime::AlwaysLeader>(options_.holder);
      fence_ = alone_.get();
    }
  }

  // The order is explained in cloud_metrics.hpp.
  void OpenCloudDoor() {
    measured_cloud_ = MeasureClouds(parts_.cloud, parts_.scheduler, *metrics_);
    fenced_cloud_ = std::make_unique<runtime::FencedTransport>(*measured_cloud_, *fence_, parts_.scheduler);
    cloud_ = std::make_unique<http::QuotaTransport>(*fenced_cloud_, parts_.scheduler);
    quota_gauges_ = std::make_unique<QuotaGauges>(*cloud_, *metrics_);
  }

  Status LoadPlugins() {
    const loader::Seams seams{parts_.scheduler, *cloud_, parts_.random, parts_.log};
    const loader::Directory directory = loader::LoadDirectory(parts_.files, options_.plugin_dir, seams);
    for (const auto& refusal : directory.refusals) {
      parts_.log.Warning("a plugin is refused", {{"path", refusal.path}, {"error", refusal.error.message}});
    }
    for (const auto& plugin : directory.plugins) {
      const std::string config = loader::ConfigFromEnvironment(plugin->manifest(), Environment());
      auto provider = loader::MakeProvider(plugin, config, seams);
      if (!provider) {
        parts_.log.Warning("a plugin cannot be configured",
                           {{"plugin", plugin->manifest().name}, {"error", provider.error().message}});
        continue;
      }
      parts_.log.Info("a plugin is loaded", {{"plugin", plugin->manifest().name},
                                             {"version", plugin->manifest().version},
                                             {"path", plugin->path()}});
      for (const external::Quota& quota : (*provider)->manifest().quotas) {
        const http::QuotaHost known{quota.per_minute, quota.limit_header, quota.remaining_header,
                                    quota.reset_header};
        cloud_->Know(quota.host, known);
        // What the configuration names in that host's place keeps to the same.
        for (const std::string& host : HostsIn(config)) cloud_->Know(host, known);
      }
      providers_.push_back(MeasureOperations(std::move(*provider), parts_.scheduler, *metrics_));
    }
    if (!providers_.empty()) return {};
    return Fail(Code::kFailedPrecondition,
                "no plugin could be loaded from " + options_.plugin_dir +
                    (directory.refusals.empty() ? "" : ": " + directory.refusals.front().error.message));
  }

  std::function<std::optional<std::string>(const std::string&)> Environment() const {
    if (options_.environment) return options_.environment;
    return [](const std::string&) { return std::optional<std::string>(); };
  }

  // The first question to the API server: until it is answered there is nothing to do, and that is
  // said once a minute.
  Result<std::string> WaitForOwnerId(const Context& context) {
    Backoff backoff({seconds(1), seconds(15)}, parts_.random);
    Instant told{};
    for (;;) {
      auto owner = options_.owner_id.empty() ? managed::ReadOwnerId(client_, context) : Probe(context);
      if (owner || owner.error().code == Code::kCancelled) return owner;
      if (told == Instant{} || parts_.scheduler.Now() >= told + minutes(1)) {
        told = parts_.scheduler.Now();
        parts_.log.Warning("waiting for the Kubernetes API",
                           {{"server", options_.server}, {"error", owner.error().message}});
      }
      if (parts_.scheduler.Sleep(backoff.Next(), context) == Woke::kStopped)
        return Fail(Code::kCancelled, "stopped");
    }
  }

  Result<std::string> Probe(const Context& context) {
    CAPSTAN_TRY(const std::string version, client_.GetPath("/version", context));
    (void)version;
    return options_.owner_id;
  }

  // Leases and records need a place. Where it was made by a manifest, as in deploy/, we need not be
  // able to make it, and whoever needs it and does not find it says so.
  void MakeNamespace(const Context& context) {
    auto metadata = json::MakeObject();
    metadata->set("name", options_.operator_namespace);
    auto made = json::MakeObject();
    made->set("apiVersion", std::string("v1"));
    made->set("kind", std::string("Namespace"));
    made->set("metadata", metadata);
    if (client_.Create(kube::NamespaceKind(), "", json::ToText(made), context))
      parts_.log.Info("the operator's namespace is made", {{"namespace", options_.operator_namespace}});
  }

  Status InstallCrds(const Context& context) {
    for (const auto& provider : providers_) {
      for (const std::string& document : provider->manifest().crds) {
        CAPSTAN_TRY(const std::string crd, CrdAsJson(document, true));
        if (auto status = InstallCrd(crd, context); !status)
          return Annotate(status.error(), "installing the CRD of " + provider->manifest().name);
      }
    }
    return {};
  }

  Status InstallCrd(const std::string& crd, const Context& context) {
    const kube::Kind kind = kube::CustomResourceDefinitionKind();
    CAPSTAN_TRY(const kube::Object object, kube::Object::Parse(crd));
    for (int tries = 1;; ++tries) {
      const auto made = client_.Create(kind, "", crd, context);
      if (made) {
        parts_.log.Info("a CRD is installed", {{"crd", object.key()}});
        return {};
      }
      if (made.error().code == Code::kAlreadyExists) {
        CAPSTAN_RETURN_IF_ERROR(client_.Patch(kind, object.key(), kube::PatchType::kMerge, crd, {}, context));
        parts_.log.Info("a CRD is brought up to date", {{"crd", object.key()}});
        return {};
      }
      if (RetryClassOf(made.error().code) == RetryClass::kNever || made.error().code == Code::kCancelled ||
          tries >= 20) {
        return Fail(made.error());
      }
      if (parts_.scheduler.Sleep(seconds(1), context) == Woke::kStopped)
        return Fail(Code::kCancelled, "stopped");
    }
  }

  managed::ManagedOptions ManagedSettings(const std::string& owner) const {
    managed::ManagedOptions settings;
    settings.owner_id = owner;
    settings.operator_namespace = options_.operator_namespace;
    settings.namespaces = options_.namespaces;
    settings.create_settle = options_.create_settle;
    settings.poll_changing = options_.poll_changing;
    settings.allow_crd_deletion = options_.allow_crd_deletion;
    settings.environment_namespaces = options_.environment_namespaces;
    const auto environment = Environment();
    settings.environment = [environment](const std::string& name) -> std::optional<Secret> {
      auto value = environment(name);
      if (!value || value->empty()) return std::nullopt;
      return Secret(std::move(*value));
    };
    for (const auto& provider : providers_) {
      const auto& kinds = provider->manifest().kinds;
      settings.sharing.insert(settings.sharing.end(), kinds.begin(), kinds.end());
    }
    return settings;
  }

  void AddKinds(external::Provider& provider, const std::string& owner) {
    for (const external::KindInfo& info : provider.manifest().kinds) {
      runtime::ControllerOptions controller;
      controller.name = ToLower(info.kind);
      controller.workers = options_.workers;
      manager_.AddController(controller, managed::KindOf(info),
                             std::make_unique<managed::ManagedReconciler>(
                                 info,
                                 managed::ManagedParts{client_, provider, parts_.scheduler, parts_.random,
                                                       *fence_, events_, parts_.log},
                                 ManagedSettings(owner)));
    }
  }

  // What no plugin serves is told of, and never keeps the rest from working.
  Status AddUnservedKinds(const Context& context) {
    std::vector<std::string> loaded;
    for (const auto& provider : providers_) loaded.push_back(provider->manifest().name);
    auto found = FindUnservedKinds(client_, loaded, context);
    if (!found) {
      if (found.error().code == Code::kCancelled) return Fail(found.error());
      parts_.log.Warning(
          "cannot look for kinds whose plugin is missing: let the operator list "
          "CustomResourceDefinitions",
          {});
      return {};
    }
    for (const UnservedKind& kind : *found) {
      parts_.log.Warning("a kind is not served: its plugin is not loaded",
                         {{"kind", kind.kind.resource()}, {"plugin", kind.plugin}});
      metrics_
          ->gauge("capstan_unserved_kinds", "Kinds whose plugin is not loaded",
                  {{"plugin", kind.plugin}, {"resource", kind.kind.resource()}})
          .Set(1);
      runtime::ControllerOptions controller;
      controller.name = "unserved-" + ToLower(kind.kind.kind);
      controller.workers = 1;
      unserved_.AddMetadataController(
          controller, kind.kind, std::make_unique<UnservedReconciler>(kind, options_.plugin_dir, events_));
    }
    return {};
  }

  Status ServeOperations() {
    manager_.AddChecks(ready_);
    metrics_->OnText([this] {
      manager_.CollectMetrics();
      unserved_.CollectMetrics();
      quota_gauges_->Collect();
    });
    if (options_.health_address.empty()) return {};
    CAPSTAN_TRY(const ListenAddress listen, ParseListenAddress(options_.health_address));
    net::HttpServerOptions settings;
    settings.address = listen.host;
    settings.port = listen.port;
    // Whoever holds connections open must not make a probe fail, which would end the process.
    settings.max_connections = 64;
    settings.body_limit = 0;
    settings.idle_limit = settings.request_limit = settings.answer_limit = seconds(5);
    CAPSTAN_TRY(operations_listener_, net::StartHttpServer(operations_, settings));
    parts_.log.Info("health and metrics are served", {{"address", operations_listener_->url()}});
    return {};
  }

  void Stop() {
    parts_.log.Info("stopping: running reconciles may finish");
    unserved_.Stop(Duration::zero());
    if (!manager_.Stop(seconds(20))) parts_.log.Warning("a reconcile was cut short after 20 seconds");
    if (elector_) elector_->Stop();  // released only now: nothing of ours runs any more
  }

  const OperatorOptions& options_;
  const OperatorParts& parts_;
  std::unique_ptr<runtime::Metrics> metrics_;
  std::unique_ptr<http::Transport> measured_kubernetes_;
  http::RetryingTransport kubernetes_;
  kube::Client client_;
  runtime::KubeEventRecorder events_;
  std::unique_ptr<runtime::AlwaysLeader> alone_;
  runtime::Fence* fence_ = nullptr;
  std::unique_ptr<http::Transport> measured_cloud_;
  std::unique_ptr<http::Transport> fenced_cloud_;
  std::unique_ptr<http::QuotaTransport> cloud_;
  std::unique_ptr<QuotaGauges> quota_gauges_;
  std::vector<std::unique_ptr<external::Provider>> providers_;
  runtime::Manager manager_;                        // its controllers call all of the above
  runtime::Manager unserved_;                       // apart: health does not depend on it
  std::unique_ptr<runtime::LeaseElector> elector_;  // pauses and resumes the manager
  runtime::HealthChecks ready_;
  OperationsHandler operations_{ready_, *metrics_};
  std::unique_ptr<net::HttpServer> operations_listener_;  // last: it asks all of the above
};

}  // namespace

Status RunOperator(const OperatorOptions& options, const OperatorParts& parts, const Context& context) {
  return Operator(options, parts).Run(context);
}

}  // namespace capstan::app
