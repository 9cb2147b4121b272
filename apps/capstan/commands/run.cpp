#include <gflags/gflags.h>
#include <unistd.h>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/logging.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/operator/operator.hpp>
#include <capstan/apps/capstan/wiring/cluster_flags.hpp>
#include <capstan/apps/capstan/wiring/credential_flags.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/kube/following_transport.hpp>
#include <capstan/core/program/cluster_connection.hpp>
#include <capstan/core/program/operations_handler.hpp>
#include <capstan/core/program/process_memory.hpp>
#include <capstan/core/program/signals.hpp>
#include <capstan/core/program/tracing.hpp>
#include <capstan/core/shards/placement.hpp>

DEFINE_string(namespaces, "", "comma-separated namespaces to watch (default: all)");
DEFINE_int32(workers, 8, "concurrent reconciles per kind");
DEFINE_bool(install_crds, false, "install or update the plugins' CustomResourceDefinitions at start");
DEFINE_string(create_settle, "30s",
              "how long the cloud may take to list a new object: after a create whose outcome is unknown, "
              "the operator waits this long and then searches for the object");
DEFINE_string(owner_id, "",
              "identifies this installation among all that share a cloud account (default: the uid of "
              "namespace kube-system)");
DEFINE_string(
    operator_namespace, "",
    "namespace for the operator's own Leases and ConfigMaps (default: $POD_NAMESPACE, else capstan-system)");
DEFINE_bool(leader_elect, false,
            "elect a leader by Lease: one process reconciles, the others wait with warm caches");
DEFINE_int32(shards, 1,
             "divide the work into this many shards among all replicas with the same number, instead of "
             "electing one leader; four times the number of replicas spreads well (default: not divided)");
DEFINE_string(health_address, "",
              "address of /healthz, /readyz and /metrics, such as 127.0.0.1:8081; port 0 takes a free one, "
              "which the log names (default: not served)");
DEFINE_string(web_address, "",
              "address of the page that shows clusters, plans and effects, such as 127.0.0.1:8082; it has no "
              "login, so keep it on loopback or behind a reverse proxy (default: not served)");
DEFINE_string(orphan_interval, "10m",
              "how often to look for cloud objects of this installation without an owner; 0: never");
DEFINE_bool(allow_crd_deletion, false,
            "allow the deletion of a CRD to delete the cloud objects of its objects");

namespace capstan::app {
namespace {

// Unique to this process, and tells a user which host to look at.
std::string HolderName(Random& random) {
  char host[256] = "capstan";
  (void)::gethostname(host, sizeof host - 1);
  return std::string(host) + "_" + random.Uuid();
}

// The options from the flags, or a one-line error about the wrong flag.
Result<OperatorOptions> OptionsOfRun(Process& process) {
  OperatorOptions options;
  options.plugin_dir = PluginDirectory();
  options.allow_writable_plugins = WritablePluginsAreAllowed();
  options.namespaces = CommaList(FLAGS_namespaces);
  for (const std::string& name : options.namespaces) {
    if (!IsDnsLabel(name))
      return Fail(Code::kInvalidArgument, "--namespaces: \"" + name + "\" cannot be the name of a namespace");
  }
  if (FLAGS_workers < 1 || FLAGS_workers > 1024)
    return Fail(Code::kInvalidArgument, "--workers must be between 1 and 1024");
  options.workers = FLAGS_workers;
  options.install_crds = FLAGS_install_crds;
  const auto settle = ParseDuration(FLAGS_create_settle);
  if (!settle)
    return Fail(Code::kInvalidArgument,
                "--create-settle: \"" + FLAGS_create_settle + "\" is not a duration such as 30s or 2m");
  options.create_settle = *settle;
  options.environment_namespaces = EnvironmentNamespaces("");
  if (!FLAGS_health_address.empty()) {
    if (auto listen = program::ParseListenAddress(FLAGS_health_address); !listen)
      return Annotate(listen.error(), "--health-address");
  }
  options.health_address = FLAGS_health_address;
  if (!FLAGS_web_address.empty()) {
    if (auto listen = program::ParseListenAddress(FLAGS_web_address); !listen)
      return Annotate(listen.error(), "--web-address");
  }
  options.web_address = FLAGS_web_address;
  const auto orphans = ParseDuration(FLAGS_orphan_interval);
  if (!orphans)
    return Fail(Code::kInvalidArgument,
                "--orphan-interval: \"" + FLAGS_orphan_interval + "\" is not a duration such as 10m");
  options.orphan_interval = *orphans;
  options.leader_elect = FLAGS_leader_elect;
  if (FLAGS_shards < 1 || FLAGS_shards > shards::kMostShards)
    return Fail(Code::kInvalidArgument, StrCat("--shards must be between 1 and ", shards::kMostShards));
  options.shards = FLAGS_shards;
  options.owner_id = FLAGS_owner_id;
  options.allow_crd_deletion = FLAGS_allow_crd_deletion;
  const std::string own = process.Environment("POD_NAMESPACE").value_or("");
  options.operator_namespace = !FLAGS_operator_namespace.empty() ? FLAGS_operator_namespace
                               : own.empty()                     ? "capstan-system"
                                                                 : own;
  options.environment = [&process](const std::string& name) { return process.Environment(name); };
  return options;
}

int RunRunCommand(const std::vector<std::string>& operands) {
  if (!operands.empty()) return PrintError("run: unexpected argument \"" + operands[0] + "\"", 2);
  const auto process = MakeSystemProcess();
  auto options = OptionsOfRun(*process);
  if (!options) return PrintError("run: " + options.error().message, 2);
  program::LimitAllocator();
  ThreadScheduler scheduler;
  program::Signals signals;
  auto logging = StartLogging("capstan", scheduler);
  if (!logging) return PrintError("run: " + logging.error().message, 2);
  Log& log = (*logging)->log();
  options->dropped_log_lines = [&logging = **logging] { return logging.dropped_lines(); };
  const auto files = MakeSystemFiles();
  const auto random = MakeSystemRandom();
  const auto access = AccessByFlags(*files, *process);
  if (!access) return PrintError(access.error().message);
  ModuleLog kubernetes_log(log, "kubernetes");
  auto kubernetes = kube::MakeFollowingTransport(
      *access, [&] { return AccessByFlags(*files, *process); },
      [&](const kube::ClusterAccess& now) {
        return program::ConnectToCluster(now, *files, *process, scheduler, kubernetes_log);
      },
      scheduler, kubernetes_log);
  if (!kubernetes) return PrintError(kubernetes.error().message);
  auto clouds = program::ConnectToClouds(*process);
  if (!clouds) return PrintError(clouds.error().message);
  options->server = access->server;
  options->holder = HolderName(*random);
  program::Tracing tracing({"capstan", CAPSTAN_VERSION, options->holder}, *process, scheduler, *random, log);
  options->spans = [&tracing] { return tracing.counts(); };
  const auto traced_kubernetes = tracing.Traced(std::move(*kubernetes), trace::Propagation::kNone);
  const auto traced_clouds = tracing.Traced(std::move(*clouds), trace::Propagation::kTraceParent);
  const Task memory = program::ReturnFreeMemory(scheduler);
  return signals.RunUntilSignal(scheduler, [&](const Context& context) {
    const Status status = RunOperator(
        *options, {scheduler, *random, *files, log, *traced_kubernetes, *traced_clouds, &tracing.tracer()},
        context);
    if (status || status.error().code == Code::kCancelled) return 0;
    return PrintError("run: " + status.error().message);
  });
}

}  // namespace

const CommandInfo kRunCommand = {
    "run",         "Run the operator with its plugins on a Kubernetes cluster.",
    "run [FLAGS]", {__FILE__, kClusterFlags, kCredentialFlags, kPluginFlags},
    RunRunCommand, "it prints its log alone, which is JSON with --log-format=json"};

}  // namespace capstan::app
