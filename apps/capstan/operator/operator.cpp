#include <capstan/apps/capstan/operator/operator.hpp>

#include <algorithm>
#include <utility>

#include <capstan/apps/capstan/web/debug_handler.hpp>
#include <capstan/apps/capstan/web/page.hpp>
#include <capstan/apps/capstan/wiring/crd_documents.hpp>
#include <capstan/core/assembly/managed_operator.hpp>
#include <capstan/core/http/message.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/program/operations_handler.hpp>
#include <capstan/core/program/tracing.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/plugins/loader/directory.hpp>

namespace capstan::app {
namespace {

// The hosts of the URLs in a plugin's configuration.
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

std::vector<std::string> QualifiedKinds(const external::Manifest& manifest) {
  std::vector<std::string> names;
  for (const external::KindInfo& kind : manifest.kinds)
    names.push_back(kind.kind + "." + kind.version + "." + kind.group);
  return names;
}

// The optional capabilities that some kind of the plugin has.
std::vector<std::string> Capabilities(const external::Manifest& manifest) {
  std::vector<std::string> found;
  const auto any = [&](const char* what, const std::function<bool(const external::KindInfo&)>& can) {
    if (std::any_of(manifest.kinds.begin(), manifest.kinds.end(), can)) found.emplace_back(what);
  };
  any("find its objects by tag",
      [](const auto& kind) { return kind.identity == external::IdentityKept::kTag; });
  any("find its objects by name",
      [](const auto& kind) { return kind.identity == external::IdentityKept::kName; });
  any("plan changes", [](const auto& kind) { return !kind.plan_status_field.empty(); });
  any("write a connection Secret", [](const auto& kind) { return !kind.connection_suffix.empty(); });
  any("delete what belongs to an object",
      [](const auto& kind) { return !kind.associated_status_field.empty(); });
  if (!manifest.quotas.empty()) found.emplace_back("keep within quotas");
  return found;
}

class Operator {
 public:
  Operator(const OperatorOptions& options, const OperatorParts& parts)
      : options_(options),
        parts_(parts),
        managed_(Settings(),
                 {parts.scheduler, parts.random, parts.log, parts.kubernetes, parts.cloud, parts.tracer}) {}

  Status Run(const Context& context) {
    CAPSTAN_RETURN_IF_ERROR(LoadPlugins());
    CAPSTAN_RETURN_IF_ERROR(ServeOperations());
    CAPSTAN_RETURN_IF_ERROR(managed_.Prepare(context));
    managed_.Start();
    while (parts_.scheduler.Sleep(std::chrono::minutes(60), context) == Woke::kTime) {
    }
    (void)managed_.Stop();
    return {};
  }

 private:
  assembly::ManagedOperatorOptions Settings() {
    assembly::ManagedOperatorOptions settings;
    settings.server = options_.server;
    settings.holder = options_.holder;
    settings.leader_elect = options_.leader_elect;
    settings.lease_name = options_.lease_name;
    settings.shards = options_.shards;
    settings.workers = options_.workers;
    settings.plugin_dir = options_.plugin_dir;
    settings.orphan_interval = options_.orphan_interval;
    managed::ManagedOptions& managed = settings.managed;
    managed.owner_id = options_.owner_id;
    managed.operator_namespace = options_.operator_namespace;
    managed.namespaces = options_.namespaces;
    managed.create_settle = options_.create_settle;
    managed.poll_changing = options_.poll_changing;
    managed.allow_crd_deletion = options_.allow_crd_deletion;
    managed.environment_namespaces = options_.environment_namespaces;
    managed.environment = [environment = Environment()](const std::string& name) -> std::optional<Secret> {
      auto value = environment(name);
      if (!value || value->empty()) return std::nullopt;
      return Secret(std::move(*value));
    };
    if (options_.install_crds) {
      settings.before_kinds = [this](kube::Client& client, const Context& context) {
        return InstallCrds(client, context);
      };
    }
    return settings;
  }

  Status LoadPlugins() {
    const loader::Seams seams{parts_.scheduler, managed_.cloud(), parts_.random, cloud_log_};
    const loader::Directory directory = loader::LoadDirectory(
        parts_.files, options_.plugin_dir, seams, {.allow_writable = options_.allow_writable_plugins});
    for (const auto& refusal : directory.refusals) {
      parts_.log.Warning("refused a plugin", {{"path", refusal.path}, {"error", refusal.error.message}});
    }
    for (const auto& plugin : directory.plugins) {
      const std::string config = loader::ConfigFromEnvironment(plugin->manifest(), Environment());
      auto provider = loader::MakeProvider(plugin, config, seams);
      if (!provider) {
        parts_.log.Warning("cannot configure a plugin",
                           {{"plugin", plugin->manifest().name}, {"error", provider.error().message}});
        continue;
      }
      parts_.log.Info("loaded a plugin", {{"plugin", plugin->manifest().name},
                                          {"version", plugin->manifest().version},
                                          {"path", plugin->path()}});
      plugins_.push_back({plugin->manifest().name, plugin->manifest().version, plugin->manifest().description,
                          QualifiedKinds(plugin->manifest()), Capabilities(plugin->manifest())});
      managed_.Add(std::move(*provider), HostsIn(config));
    }
    if (!managed_.providers().empty()) return {};
    return Fail(Code::kFailedPrecondition,
                "no plugin could be loaded from " + options_.plugin_dir +
                    (directory.refusals.empty() ? "" : ": " + directory.refusals.front().error.message));
  }

  std::function<std::optional<std::string>(const std::string&)> Environment() const {
    if (options_.environment) return options_.environment;
    return [](const std::string&) { return std::optional<std::string>(); };
  }

  Status InstallCrds(kube::Client& client, const Context& context) {
    for (const auto& provider : managed_.providers()) {
      for (const std::string& document : provider->manifest().crds) {
        CAPSTAN_TRY(const std::string crd, CrdAsJson(document, provider->manifest(), true));
        if (auto status = InstallCrd(client, crd, context); !status)
          return Annotate(status.error(), "installing the CRD of " + provider->manifest().name);
      }
    }
    return {};
  }

  Status InstallCrd(kube::Client& client, const std::string& crd, const Context& context) {
    const kube::Kind kind = kube::CustomResourceDefinitionKind();
    CAPSTAN_TRY(const kube::Object object, kube::Object::Parse(crd));
    for (int tries = 1;; ++tries) {
      const auto made = client.Create(kind, "", crd, context);
      if (made) {
        parts_.log.Info("installed a CustomResourceDefinition", {{"crd", object.key()}});
        return {};
      }
      if (made.error().code == Code::kAlreadyExists) {
        CAPSTAN_RETURN_IF_ERROR(client.Patch(kind, object.key(), kube::PatchType::kMerge, crd, {}, context));
        parts_.log.Info("updated a CustomResourceDefinition", {{"crd", object.key()}});
        return {};
      }
      if (RetryClassOf(made.error().code) == RetryClass::kNever || made.error().code == Code::kCancelled ||
          tries >= 20) {
        return Fail(made.error());
      }
      if (parts_.scheduler.Sleep(std::chrono::seconds(1), context) == Woke::kStopped)
        return Fail(Code::kCancelled, "stopped");
    }
  }

  Status ServeOperations() {
    managed_.AddChecks(ready_);
    managed_.metrics().OnText([this] {
      managed_.CollectMetrics();
      if (options_.dropped_log_lines) {
        dropped_log_lines_.Follow(static_cast<double>(options_.dropped_log_lines()));
      }
      if (options_.spans) spans_.Follow(options_.spans());
    });
    if (!options_.health_address.empty()) {
      CAPSTAN_TRY(operations_listener_, program::ServeOperations(operations_, options_.health_address));
      parts_.log.Info("serving health and metrics", {{"address", operations_listener_->url()}});
    }
    if (!options_.web_address.empty()) {
      page_.emplace(managed_, parts_.scheduler, plugins_);
      CAPSTAN_TRY(page_listener_, ServePage(*page_, options_.web_address));
      parts_.log.Info("serving the page", {{"address", page_listener_->url()}});
    }
    if (options_.serving) {
      options_.serving(operations_listener_ ? operations_listener_->url() : "",
                       page_listener_ ? page_listener_->url() : "");
    }
    return {};
  }

  const OperatorOptions& options_;
  const OperatorParts& parts_;
  ModuleLog cloud_log_{parts_.log, "cloud"};
  assembly::ManagedOperator managed_;
  program::SpanCounters spans_{managed_.metrics()};
  runtime::FollowingCounter dropped_log_lines_{managed_.metrics().counter(
      "capstan_log_lines_dropped_total", "Log lines that were dropped because nobody read them in time")};
  runtime::HealthChecks ready_;
  DebugHandler debug_{managed_.recorder(), CachedVersionsOf(managed_), PartOf(managed_)};
  program::OperationsHandler operations_{ready_, managed_.metrics(), &debug_};
  std::vector<PluginView> plugins_;
  std::optional<Page> page_;
  // Last: they use everything above.
  std::unique_ptr<net::HttpServer> operations_listener_, page_listener_;
};

}  // namespace

Status RunOperator(const OperatorOptions& options, const OperatorParts& parts, const Context& context) {
  return Operator(options, parts).Run(context);
}

}  // namespace capstan::app
