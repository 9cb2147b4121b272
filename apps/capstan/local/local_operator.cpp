#include <capstan/apps/capstan/local/local_operator.hpp>

#include <capstan/apps/capstan/operator/operator.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/core/program/cluster_connection.hpp>
#include <capstan/core/program/tracing.hpp>

namespace capstan::app {

kube::ClusterAccess ClusterAccessOf(const LocalAccess& access) {
  kube::ClusterAccess cluster;
  cluster.origin = "the local stack";
  cluster.server = access.server;
  cluster.ca_pem = access.ca_pem;
  cluster.token = access.token;
  return cluster;
}

Status RunLocalOperator(const LocalAccess& access, const std::string& plugin_dir,
                        const LocalOperatorParts& parts, const Context& context, const LocalPage& page) {
  CAPSTAN_TRY(auto kubernetes, program::ConnectToCluster(ClusterAccessOf(access), parts.files, parts.process,
                                                         parts.scheduler, parts.log));
  CAPSTAN_TRY(auto clouds, program::ConnectToClouds(parts.process));
  OperatorOptions options;
  options.server = access.server;
  options.holder = "local_" + parts.random.Uuid();
  program::Tracing tracing({"capstan", CAPSTAN_VERSION, options.holder}, parts.process, parts.scheduler,
                           parts.random, parts.log);
  options.spans = [&tracing] { return tracing.counts(); };
  const auto traced_kubernetes = tracing.Traced(std::move(kubernetes), trace::Propagation::kNone);
  const auto traced_clouds = tracing.Traced(std::move(clouds), trace::Propagation::kTraceParent);
  options.plugin_dir = plugin_dir;
  options.allow_writable_plugins = WritablePluginsAreAllowed();
  options.install_crds = true;
  options.poll_changing = std::chrono::seconds(1);
  // The simulated cloud lists new objects immediately.
  options.create_settle = std::chrono::seconds(3);
  options.web_address = page.address;
  options.serving = [&page](const std::string&, const std::string& url) {
    if (page.serving) page.serving(url);
  };
  options.environment_namespaces = {"*"};
  // The simulated cloud replaces the real one, whatever the user's own environment says.
  options.environment = [&access, &parts](const std::string& name) -> std::optional<std::string> {
    if (name == "DIGITALOCEAN_API_URL") return access.digitalocean_url;
    if (name == "DIGITALOCEAN_ACCESS_TOKEN") return std::string(access.digitalocean_token.Reveal());
    return parts.process.Environment(name);
  };
  return RunOperator(options,
                     {parts.scheduler, parts.random, parts.files, parts.log, *traced_kubernetes,
                      *traced_clouds, &tracing.tracer()},
                     context);
}

}  // namespace capstan::app
