#include <gflags/gflags.h>
#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/logging.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/console/progress_display.hpp>
#include <capstan/apps/capstan/console/terminal.hpp>
#include <capstan/apps/capstan/local/local_operator.hpp>
#include <capstan/apps/capstan/local/tour.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/http/retrying.hpp>
#include <capstan/core/program/cluster_connection.hpp>
#include <capstan/core/program/signals.hpp>

DEFINE_double(cluster_seconds, 6, "seconds until the simulated cluster is running");

namespace capstan::app {
namespace {

// The tour's own connection to the API, as kubectl would have one; the operator has a separate one.
Status Guide(const LocalAccess& access, const LocalOperatorParts& parts, ProgressDisplay& display,
             const Context& context) {
  CAPSTAN_TRY(const auto transport, program::ConnectToCluster(ClusterAccessOf(access), parts.files,
                                                              parts.process, parts.scheduler, parts.log));
  CAPSTAN_TRY(const auto clouds, program::ConnectToClouds(parts.process));
  http::RetryingTransport retrying(*transport, parts.scheduler, parts.random);
  kube::ClientOptions options;
  options.server = access.server;
  kube::Client client(retrying, parts.scheduler, options);
  return RunTour(
      {parts.scheduler, client, *clouds, access.digitalocean_url, access.digitalocean_token, display,
       std::chrono::duration_cast<Duration>(std::chrono::duration<double>(FLAGS_cluster_seconds))},
      context);
}

int ShowTour(const LocalOperatorParts& parts, ProgressDisplay& display, const Context& context) {
  display.Begin("starting the Kubernetes API, DigitalOcean and the operator");
  LocalStackOptions options;
  options.provisioning =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(FLAGS_cluster_seconds));
  auto stack = LocalStack::Start(options, parts.scheduler, parts.random, parts.files, parts.log);
  if (!stack) return PrintError("quickstart: " + stack.error().message);
  const LocalAccess& access = (*stack)->access();
  display.Done("Kubernetes API is up at " + access.server + ", a simulated DigitalOcean at " +
               access.digitalocean_url);
  Status operator_ended;
  std::stop_source failed;
  std::stop_callback forward(context.stop, [&failed] { failed.request_stop(); });
  Status toured;
  {
    Task work = parts.scheduler.Spawn("operator", [&](const Context& task) {
      operator_ended = RunLocalOperator(access, PluginDirectory(), parts, task);
      if (!operator_ended) failed.request_stop();
    });
    toured = Guide(access, parts, display, Context{failed.get_token(), context.deadline});
  }
  if (!operator_ended && operator_ended.error().code != Code::kCancelled) {
    display.Failed("the operator could not run");
    return PrintError("quickstart: " + operator_ended.error().message);
  }
  if (!toured) {
    display.Failed("the tour ended early");
    return PrintError("quickstart: " + toured.error().message);
  }
  return 0;
}

int RunQuickstartCommand(const std::vector<std::string>& operands) {
  if (!operands.empty()) return PrintError("quickstart: unexpected argument \"" + operands[0] + "\"", 2);
  if (!(FLAGS_cluster_seconds >= 0 && FLAGS_cluster_seconds <= 60))
    return PrintError("--cluster-seconds must be between 0 and 60", 2);
  ThreadScheduler scheduler;
  program::Signals signals;
  // Only errors and warnings: the tour itself reports what happens.
  gflags::SetCommandLineOptionWithMode("log_level", "warning", gflags::SET_FLAG_IF_DEFAULT);
  auto logging = StartLogging("capstan", scheduler);
  if (!logging) return PrintError("quickstart: " + logging.error().message, 2);
  const auto files = MakeSystemFiles();
  const auto process = MakeSystemProcess();
  const auto random = MakeSystemRandom();
  ProgressDisplay display(scheduler, StandardOutput(*process));
  return signals.RunUntilSignal(scheduler, [&](const Context& context) {
    return ShowTour({scheduler, *random, *files, *process, (*logging)->log()}, display, context);
  });
}

}  // namespace

const CommandInfo kQuickstartCommand = {
    "quickstart",
    "Create and delete a cluster on the local stack: a tour of half a minute.",
    "quickstart [FLAGS]",
    {__FILE__, kPluginFlags},
    RunQuickstartCommand,
    "it is a tour for people; `capstan local -o json` starts the same servers for a script"};

}  // namespace capstan::app
