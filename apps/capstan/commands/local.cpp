#include <gflags/gflags.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/logging.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/local/local_operator.hpp>
#include <capstan/apps/capstan/local/local_stack.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/apps/capstan/wiring/serving_flags.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/program/operations_handler.hpp>
#include <capstan/core/program/signals.hpp>
#include <capstan/local/digitalocean/contract_guard.hpp>
#include <capstan/local/digitalocean/switches.hpp>

DECLARE_string(data_dir);
DECLARE_int32(apiserver_port);
DECLARE_string(kubeconfig_out);
DECLARE_string(ready_file);
DEFINE_int32(digitalocean_port, 0, "port of the simulated DigitalOcean on 127.0.0.1; 0 takes a free one");
DEFINE_string(environment_out, "",
              "write a file for `. FILE` in a shell: KUBECONFIG, and the address and token of the simulated "
              "DigitalOcean for `capstan plan` and other clients");
DEFINE_int32(clusters_port, 0, "port of the simulated clusters' own APIs on 127.0.0.1; 0 takes a free one");
DEFINE_string(
    digitalocean_behaviour, "",
    "switches of the simulated DigitalOcean, NAME=VALUE[,NAME=VALUE...]: list lag, failures before and "
    "after the commit, latency, rate limits and more; `help` prints them with their values");
DEFINE_double(provisioning_seconds, 8, "seconds until a simulated cluster is running");
DEFINE_bool(operator, true, "also run the operator; false runs the two servers only");
DEFINE_string(local__web_address, "127.0.0.1:0",
              "address of the operator's page; port 0 takes a free one, empty serves none");

namespace capstan::app {
namespace {

Result<LocalStackOptions> StackOptions() {
  LocalStackOptions options;
  for (const int port : {FLAGS_apiserver_port, FLAGS_digitalocean_port, FLAGS_clusters_port}) {
    if (port < 0 || port > 65535)
      return Fail(Code::kInvalidArgument, StrCat("port ", port, " is not between 0 and 65535"));
  }
  if (!(FLAGS_provisioning_seconds >= 0 && FLAGS_provisioning_seconds <= 86400)) {
    return Fail(Code::kInvalidArgument, "--provisioning-seconds must be between 0 and 86400");
  }
  if (!FLAGS_local__web_address.empty()) {
    if (auto listen = program::ParseListenAddress(FLAGS_local__web_address); !listen)
      return Annotate(listen.error(), "--web-address");
  }
  options.data_dir = FLAGS_data_dir;
  options.apiserver_port = static_cast<std::uint16_t>(FLAGS_apiserver_port);
  options.digitalocean_port = static_cast<std::uint16_t>(FLAGS_digitalocean_port);
  options.clusters_port = static_cast<std::uint16_t>(FLAGS_clusters_port);
  options.digitalocean_behaviour = FLAGS_digitalocean_behaviour;
  {
    simulated_digitalocean::CloudOptions tried;
    Duration latency = Duration::zero();
    const Status understood =
        simulated_digitalocean::ApplySwitches(options.digitalocean_behaviour, tried, latency);
    if (!understood)
      return Fail(Code::kInvalidArgument, "--digitalocean-behaviour: " + understood.error().message);
  }
  options.provisioning =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(FLAGS_provisioning_seconds));
  options.kubeconfig_path = FLAGS_kubeconfig_out;
  // These files refer to a kubeconfig: without --kubeconfig-out it is written next to them.
  for (const std::string& beside : {FLAGS_environment_out, FLAGS_ready_file}) {
    if (options.kubeconfig_path.empty() && !beside.empty()) options.kubeconfig_path = beside + ".kubeconfig";
  }
  if (!options.kubeconfig_path.empty())
    options.kubeconfig_path = std::filesystem::absolute(options.kubeconfig_path).string();
  return options;
}

// Quotes a text as one word for a shell.
std::string ShellWord(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("/._-:").find(static_cast<char>(c)) != std::string_view::npos;
  });
  return plain ? std::string(text) : StrCat("'", Join(Split(text, '\''), "'\\''"), "'");
}

// Prints what is running and where. Prints only the files of credentials, because standard output
// may be a log.
void SayWhatRuns(const LocalAccess& access, const std::string& kubeconfig, const std::string& page,
                 const std::string& environment) {
  if (WantedFormat() != OutputFormat::kText) {
    Json document = Json::EmptyObject();
    document.Set("server", access.server).Set("digitalocean_url", access.digitalocean_url);
    if (!kubeconfig.empty()) document.Set("kubeconfig", kubeconfig);
    if (!page.empty()) document.Set("page", page);
    if (!environment.empty()) document.Set("environment", environment);
    document.Set("operator", FLAGS_operator);
    std::cout << Printed(document.ToText(), WantedFormat()) << std::flush;
    return;
  }
  std::cout << "Kubernetes API         " << access.server << "\n"
            << "simulated DigitalOcean " << access.digitalocean_url << "\n";
  if (!kubeconfig.empty()) std::cout << "kubeconfig             " << kubeconfig << "\n";
  if (!page.empty()) std::cout << "page                   " << page << "\n";
  if (!environment.empty()) std::cout << "for other terminals    . " << ShellWord(environment) << "\n";
  std::cout << (FLAGS_operator ? "operator               runs here\n"
                               : "operator               off (--operator=false)\n")
            << "Ctrl-C stops all of it." << std::endl;
}

std::string ReadyDocument(const LocalAccess& access, const std::string& kubeconfig, const std::string& page) {
  return StrCat("{\"kubeconfig\":", json::Quote(kubeconfig), ",\"server\":", json::Quote(access.server),
                ",\"digitalocean_url\":", json::Quote(access.digitalocean_url),
                ",\"digitalocean_token\":", json::Quote(access.digitalocean_token.Reveal()),
                ",\"page\":", json::Quote(page), "}\n");
}

std::string EnvironmentFile(const LocalAccess& access, const std::string& kubeconfig,
                            const std::string& page) {
  return StrCat("# The local stack, for a shell: . this file\nexport KUBECONFIG=", ShellWord(kubeconfig),
                "\nexport DIGITALOCEAN_API_URL=", ShellWord(access.digitalocean_url),
                "\nexport DIGITALOCEAN_ACCESS_TOKEN=", ShellWord(access.digitalocean_token.Reveal()),
                page.empty() ? "" : "\nexport CAPSTAN_OPERATOR_URL=" + ShellWord(page), "\n");
}

// Passes the page's URL from the operator's task to the thread that started it, once.
class PageAddress {
 public:
  void Say(const std::string& url) CAPSTAN_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (said_) return;
    said_ = true;
    url_ = url;
  }
  void Await(Scheduler& scheduler, const Context& context) CAPSTAN_EXCLUDES(mutex_) {
    while (!said() && scheduler.Sleep(std::chrono::milliseconds(20), context) == Woke::kTime) {
    }
  }
  std::string url() const CAPSTAN_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return url_;
  }

 private:
  bool said() const CAPSTAN_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return said_;
  }

  // Guarded by mutex_.
  mutable Mutex mutex_;
  bool said_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::string url_ CAPSTAN_GUARDED_BY(mutex_);
};

int ServeStack(Scheduler& scheduler, Random& random, Files& files, Process& process, Log& log,
               const LocalStackOptions& options, const Context& context) {
  ModuleLog servers_log(log, "local");
  auto stack = LocalStack::Start(options, scheduler, random, files, servers_log);
  if (!stack) return PrintError("local: " + stack.error().message);
  const LocalAccess& access = (*stack)->access();
  // The operator reports the page's URL before anything is reconciled, or ends.
  PageAddress page;
  const LocalPage served{FLAGS_local__web_address, [&page](const std::string& url) { page.Say(url); }};
  Task work;
  if (FLAGS_operator) {
    work = scheduler.Spawn("operator", [&](const Context& task) {
      const Status status =
          RunLocalOperator(access, PluginDirectory(), {scheduler, random, files, process, log}, task, served);
      if (!status && status.error().code != Code::kCancelled) PrintError("local: " + status.error().message);
      page.Say("");
    });
    if (!FLAGS_local__web_address.empty()) page.Await(scheduler, context);
  }
  std::string environment;
  if (!FLAGS_environment_out.empty()) {
    environment = std::filesystem::absolute(FLAGS_environment_out).string();
    if (const auto written = files.WriteAtomically(
            environment, EnvironmentFile(access, options.kubeconfig_path, page.url()), 0600);
        !written) {
      return PrintError("local: " + written.error().message);
    }
  }
  SayWhatRuns(access, options.kubeconfig_path, page.url(), environment);
  if (!FLAGS_ready_file.empty()) {
    if (const auto written = files.WriteAtomically(
            FLAGS_ready_file, ReadyDocument(access, options.kubeconfig_path, page.url()), 0600);
        !written) {
      return PrintError("local: " + written.error().message);
    }
  }
  while (scheduler.Sleep(std::chrono::hours(1), context) == Woke::kTime) {
  }
  return 0;
}

int RunLocalCommand(const std::vector<std::string>& operands) {
  if (!operands.empty()) return PrintError("local: unexpected argument \"" + operands[0] + "\"", 2);
  if (FLAGS_digitalocean_behaviour == "help") {
    std::cout << simulated_digitalocean::SwitchesHelp();
    return 0;
  }
  if (auto understood = CheckOutputFlag(); !understood)
    return PrintError("local: " + understood.error().message, 2);
  auto options = StackOptions();
  if (!options) return PrintError("local: " + options.error().message, 2);
  ThreadScheduler scheduler;
  program::Signals signals;
  auto logging = StartLogging("capstan", scheduler);
  if (!logging) return PrintError("local: " + logging.error().message, 2);
  const auto files = MakeSystemFiles();
  const auto process = MakeSystemProcess();
  const auto random = MakeSystemRandom();
  auto contract = simulated_digitalocean::ReadContract(*files, *process);
  if (!contract) return PrintError("local: " + contract.error().message, 2);
  options->contract = std::move(*contract);
  return signals.RunUntilSignal(scheduler, [&](const Context& context) {
    return ServeStack(scheduler, *random, *files, *process, (*logging)->log(), *options, context);
  });
}

}  // namespace

const CommandInfo kLocalCommand = {
    "local",
    "Run an embedded Kubernetes API, a simulated DigitalOcean and the operator in one process.",
    "local [-o text|json|yaml] [FLAGS]",
    {__FILE__, kServingFlags, kPluginFlags, kOutputFlag},
    RunLocalCommand};

}  // namespace capstan::app
