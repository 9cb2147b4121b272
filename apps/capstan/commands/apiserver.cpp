#include <gflags/gflags.h>

#include <filesystem>
#include <iostream>

#include <capstan/apps/capstan/apiserver/standalone.hpp>
#include <capstan/apps/capstan/apiserver/test_binaries.hpp>
#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/logging.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/apps/capstan/wiring/serving_flags.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/program/process_memory.hpp>
#include <capstan/core/program/signals.hpp>

DEFINE_bool(rbac, false,
            "users and service accounts may do what roles and bindings allow them, as in a cluster");
DEFINE_string(client_ca_file, "", "PEM of authorities whose client certificates name users");
DEFINE_string(
    write_test_binaries, "",
    "write kube-apiserver and etcd, which start this program, into this folder, for KUBEBUILDER_ASSETS; "
    "then end");

namespace capstan::app {
namespace {

Result<StandaloneApiOptions> ApiOptions(Files& files) {
  StandaloneApiOptions options;
  const ServingFlags flags = ReadServingFlags();
  if (flags.apiserver_port < 0 || flags.apiserver_port > 65535)
    return Fail(Code::kInvalidArgument, StrCat("port ", flags.apiserver_port, " is not between 0 and 65535"));
  options.port = static_cast<std::uint16_t>(flags.apiserver_port);
  options.data_dir = flags.data_dir;
  options.rbac = FLAGS_rbac;
  if (!FLAGS_client_ca_file.empty()) {
    CAPSTAN_TRY(options.client_ca_pem, files.Read(FLAGS_client_ca_file));
  }
  return options;
}

void SayWhereItIs(const std::string& url, const std::string& kubeconfig) {
  if (WantedFormat() != OutputFormat::kText) {
    Json document = Json::EmptyObject();
    document.Set("server", url);
    if (!kubeconfig.empty()) document.Set("kubeconfig", kubeconfig);
    std::cout << Printed(document.ToText(), WantedFormat()) << std::flush;
    return;
  }
  std::cout << "Kubernetes API         " << url << "\n";
  if (!kubeconfig.empty()) std::cout << "kubeconfig             " << kubeconfig << "\n";
  std::cout << "Ctrl-C stops it." << std::endl;
}

int MakeTestBinaries(Files& files) {
  const Status written = WriteTestBinaries(FLAGS_write_test_binaries, files);
  if (!written) return PrintError("apiserver: " + written.error().message);
  const std::string folder = std::filesystem::absolute(FLAGS_write_test_binaries).lexically_normal().string();
  if (WantedFormat() == OutputFormat::kText) {
    std::cout << "export KUBEBUILDER_ASSETS=" << folder << "\n";
  } else {
    const Json variables = Json::EmptyObject().Set("KUBEBUILDER_ASSETS", folder);
    std::cout << Printed(Json::EmptyObject().Set("environment", variables).ToText(), WantedFormat());
  }
  return 0;
}

int ServeStandalone(const StandaloneApiOptions& options, Scheduler& scheduler, Files& files, Log& log,
                    const Context& context) {
  const auto random = MakeSystemRandom();
  auto api = StandaloneApi::Start(options, scheduler, *random, log);
  if (!api) return PrintError("apiserver: " + api.error().message);
  const ServingFlags flags = ReadServingFlags();
  std::string kubeconfig = flags.kubeconfig_out;
  if (kubeconfig.empty() && !flags.ready_file.empty()) kubeconfig = flags.ready_file + ".kubeconfig";
  if (!kubeconfig.empty()) {
    kubeconfig = std::filesystem::absolute(kubeconfig).string();
    if (const auto written = files.WriteAtomically(kubeconfig, (*api)->kubeconfig(), 0600); !written)
      return PrintError("apiserver: " + written.error().message);
  }
  SayWhereItIs((*api)->url(), kubeconfig);
  if (!flags.ready_file.empty()) {
    const std::string ready = StrCat("{\"kubeconfig\":", json::Quote(kubeconfig),
                                     ",\"server\":", json::Quote((*api)->url()), "}\n");
    if (const auto written = files.WriteAtomically(flags.ready_file, ready, 0600); !written)
      return PrintError("apiserver: " + written.error().message);
  }
  while (scheduler.Sleep(std::chrono::hours(1), context) == Woke::kTime) {
  }
  return 0;
}

int RunApiserverCommand(const std::vector<std::string>& operands) {
  if (!operands.empty()) return PrintError("apiserver: unexpected argument \"" + operands[0] + "\"", 2);
  if (auto understood = CheckOutputFlag(); !understood)
    return PrintError("apiserver: " + understood.error().message, 2);
  const auto files = MakeSystemFiles();
  if (!FLAGS_write_test_binaries.empty()) return MakeTestBinaries(*files);
  auto options = ApiOptions(*files);
  if (!options) return PrintError("apiserver: " + options.error().message, 2);
  program::LimitAllocator();
  ThreadScheduler scheduler;
  program::Signals signals;
  const Task memory = program::ReturnFreeMemory(scheduler);
  auto logging = StartLogging("capstan", scheduler);
  if (!logging) return PrintError("apiserver: " + logging.error().message, 2);
  return signals.RunUntilSignal(scheduler, [&](const Context& context) {
    return ServeStandalone(*options, scheduler, *files, (*logging)->log(), context);
  });
}

}  // namespace

const CommandInfo kApiserverCommand = {"apiserver",
                                       "Run the embedded Kubernetes API alone, for tests in any language.",
                                       "apiserver [-o text|json|yaml] [FLAGS]",
                                       {__FILE__, kServingFlags, kOutputFlag},
                                       RunApiserverCommand};

}  // namespace capstan::app
