#include <capstan/apps/capstan/wiring/session.hpp>

#include <utility>

#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/plan/read_only_transport.hpp>
#include <capstan/apps/capstan/wiring/cluster_flags.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/apps/capstan/wiring/view_flags.hpp>
#include <capstan/core/http/retrying.hpp>
#include <capstan/core/program/cluster_connection.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/plugins/loader/directory.hpp>

namespace capstan::app {

Session::Session() : files_(MakeSystemFiles()), process_(MakeSystemProcess()), random_(MakeSystemRandom()) {}
Session::~Session() = default;

Status Session::LoadKinds() {
  CAPSTAN_TRY(clouds_, program::ConnectToClouds(*process_));
  asking_clouds_ = std::make_unique<ReadOnlyTransport>(*clouds_, std::vector<std::string>{"GET", "HEAD"});
  patient_clouds_ = std::make_unique<http::RetryingTransport>(*asking_clouds_, scheduler_, *random_);
  const loader::Seams seams{scheduler_, *patient_clouds_, *random_, log_};
  const auto directory = loader::LoadDirectory(*files_, PluginDirectory(), seams,
                                               {.allow_writable = WritablePluginsAreAllowed()});
  for (const auto& refusal : directory.refusals) {
    if (directory.plugins.empty()) return Fail(refusal.error);
    PrintError(refusal.error.message);
  }
  for (const auto& plugin : directory.plugins) {
    const std::string config = loader::ConfigFromEnvironment(
        plugin->manifest(), [this](const std::string& name) { return process_->Environment(name); });
    auto provider = loader::MakeProvider(plugin, config, seams);
    if (!provider) return Annotate(provider.error(), "plugin " + plugin->manifest().name);
    for (auto& kind : KindsOf(**provider)) kinds_.push_back(std::move(kind));
    providers_.push_back(std::move(*provider));
  }
  return {};
}

Status Session::Connect() {
  CAPSTAN_TRY(const kube::ClusterAccess access, AccessByFlags(*files_, *process_));
  CAPSTAN_TRY(kubernetes_, program::ConnectToCluster(access, *files_, *process_, scheduler_, log_));
  asking_kubernetes_ = std::make_unique<ReadOnlyTransport>(*kubernetes_, std::vector<std::string>{"GET"});
  patient_kubernetes_ = std::make_unique<http::RetryingTransport>(*asking_kubernetes_, scheduler_, *random_);
  kube::ClientOptions options;
  options.server = access.server;
  client_ = std::make_unique<kube::Client>(*patient_kubernetes_, scheduler_, options);
  namespace_ = WantedNamespace().empty() ? access.namespace_ : WantedNamespace();
  return {};
}

}  // namespace capstan::app
