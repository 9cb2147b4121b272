// Operator::Run: the operator on threads, sockets and signals. Wiring only.
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <optional>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/kube/following_transport.hpp>
#include <capstan/core/kube/kubeconfig.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/core/operator/operator.hpp>
#include <capstan/core/operator/running_operator.hpp>
#include <capstan/core/program/cluster_connection.hpp>
#include <capstan/core/program/log_line.hpp>
#include <capstan/core/program/operations_handler.hpp>
#include <capstan/core/program/process_memory.hpp>
#include <capstan/core/program/signals.hpp>
#include <capstan/core/program/standard_error_log.hpp>
#include <capstan/core/program/tracing.hpp>

namespace capstan {
namespace {

int PrintError(const Operator& description, const std::string& message, int status) {
  program::WriteToStandardError(StrCat(description.options().name, ": ", program::OnOneLine(message), "\n"));
  return status;
}

// Serves /healthz, /readyz and /metrics of one run; does nothing without an address.
class Operations {
 public:
  Operations(RunningOperator& running, const program::StandardErrorLog& log, const program::Tracing& tracing)
      : dropped_(running.metrics().counter("capstan_log_lines_dropped_total",
                                           "Log lines that were dropped because nobody read them in time")),
        spans_(running.metrics()),
        handler_(ready_, running.metrics()) {
    running.AddChecks(ready_);
    running.metrics().OnText([this, &running, &log, &tracing] {
      running.CollectMetrics();
      dropped_.Follow(static_cast<double>(log.dropped_lines()));
      spans_.Follow(tracing.counts());
    });
  }
  Status Listen(const std::string& address, Log& log) {
    if (address.empty()) return {};
    CAPSTAN_TRY(server_, program::ServeOperations(handler_, address));
    log.Info("serving health and metrics", {{"address", server_->url()}});
    return {};
  }

 private:
  runtime::FollowingCounter dropped_;
  program::SpanCounters spans_;
  runtime::HealthChecks ready_;
  program::OperationsHandler handler_;
  std::unique_ptr<net::HttpServer> server_;
};

std::string HolderName(Random& random) {
  char host[256] = "operator";
  (void)::gethostname(host, sizeof host - 1);
  return StrCat(host, "_", random.Uuid());
}

Status RunUntilStopped(const Operator& description, const OperatorParts& parts,
                       const program::StandardErrorLog& log, const program::Tracing& tracing,
                       const Context& context) {
  RunningOperator running(description, parts);
  Operations operations(running, log, tracing);
  CAPSTAN_RETURN_IF_ERROR(operations.Listen(description.options().health_address, parts.log));
  CAPSTAN_RETURN_IF_ERROR(running.CheckAlone(context));
  running.Start();
  parts.log.Info("the operator is running", {{"operator", description.options().name},
                                             {"version", description.options().version},
                                             {"server", parts.server},
                                             {"holder", parts.holder}});
  const Task memory = program::ReturnFreeMemory(parts.scheduler);
  while (parts.scheduler.Sleep(std::chrono::hours(1), context) == Woke::kTime) {
  }
  parts.log.Info("stopping: running reconciles may finish");
  if (!running.Stop()) parts.log.Warning("a reconcile was cut short after 20 seconds");
  return {};
}

// Creates all dependencies on the local machine according to the options, and runs the operator.
int RunOnThisMachine(const Operator& description, Files& files, Process& process) {
  const OperatorOptions& options = description.options();
  ThreadScheduler scheduler;
  program::Signals signals;
  const auto settings = program::ParseLogSettings(options.log_format, options.log_level, options.log_levels);
  if (!settings) return PrintError(description, settings.error().message, 2);
  program::StandardErrorLog log(scheduler, *settings);
  const auto random = MakeSystemRandom();
  const auto load = [&] {
    return kube::LoadClusterAccess(files, process, options.kubeconfig, options.context);
  };
  const auto access = load();
  if (!access) return PrintError(description, access.error().message, 1);
  auto kubernetes = kube::MakeFollowingTransport(
      *access, load,
      [&](const kube::ClusterAccess& now) {
        return program::ConnectToCluster(now, files, process, scheduler, log);
      },
      scheduler, log);
  if (!kubernetes) return PrintError(description, kubernetes.error().message, 1);
  auto outside = program::ConnectToClouds(process);
  if (!outside) return PrintError(description, outside.error().message, 1);
  const std::string holder = HolderName(*random);
  program::Tracing tracing({options.name, options.version, holder}, process, scheduler, *random, log);
  const auto traced_kubernetes = tracing.Traced(std::move(*kubernetes), trace::Propagation::kNone);
  const auto traced_outside = tracing.Traced(std::move(*outside), trace::Propagation::kTraceParent);
  const std::string pod = process.Environment("POD_NAMESPACE").value_or("");
  const OperatorParts parts{scheduler,
                            *random,
                            log,
                            *traced_kubernetes,
                            *traced_outside,
                            access->server,
                            holder,
                            !options.operator_namespace.empty() ? options.operator_namespace
                            : !pod.empty()                      ? pod
                                                                : access->namespace_,
                            true,
                            &tracing.tracer()};
  return signals.RunUntilSignal(scheduler, [&](const Context& context) {
    const Status status = RunUntilStopped(description, parts, log, tracing, context);
    if (status || status.error().code == Code::kCancelled) return 0;
    return PrintError(description, status.error().message, 1);
  });
}

}  // namespace

int Operator::Run(const std::vector<std::string>& arguments) {
  // A client that closes its connection must cause an error value, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  program::LimitAllocator();
  net::InitializeNetwork();
  const auto files = MakeSystemFiles();
  const auto process = MakeSystemProcess();
  const auto parsed = flags_.Parse(arguments, *files);
  if (!parsed) return PrintError(*this, parsed.error().message, 2);
  if (parsed->help) {
    std::cout << "usage: " << options_.name << " [FLAGS]\n\n" << flags_.Help();
    return 0;
  }
  if (show_version_) {
    std::cout << options_.name << " " << options_.version << "\n";
    return 0;
  }
  if (!parsed->operands.empty())
    return PrintError(*this, "unexpected argument \"" + Shorten(parsed->operands[0], 100) + "\"", 2);
  if (const Status fit = Check(); !fit) return PrintError(*this, fit.error().message, 2);
  if (print_rules_) {
    std::cout << RulesText() << "\n";
    return 0;
  }
  if (!options_.health_address.empty()) {
    const auto listen = program::ParseListenAddress(options_.health_address);
    if (!listen) return PrintError(*this, "--health-address: " + listen.error().message, 2);
  }
  return RunOnThisMachine(*this, *files, *process);
}

}  // namespace capstan
