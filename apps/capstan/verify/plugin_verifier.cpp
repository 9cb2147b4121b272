#include <capstan/apps/capstan/verify/plugin_verifier.hpp>

#include <gflags/gflags.h>

#include <iostream>
#include <optional>

#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/plan/read_only_transport.hpp>
#include <capstan/apps/capstan/verify/crd_check.hpp>
#include <capstan/apps/capstan/verify/plugin_machine.hpp>
#include <capstan/apps/capstan/verify/plugin_verification.hpp>
#include <capstan/apps/capstan/verify/supervised.hpp>
#include <capstan/apps/capstan/verify/verification_report.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/program/signals.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/sdk/conformance/conformance.hpp>

DEFINE_string(kind, "", "kind to verify (default: the plugin's only kind)");
DEFINE_string(object, "",
              "file with an object of that kind, YAML or JSON; the run creates what its spec describes");
DEFINE_string(
    changed, "",
    "file with the same object after an edit that the provider can carry out (default: no edit is tried)");
DEFINE_string(config, "", "the plugin's configuration, a JSON object; takes precedence over the environment");
DEFINE_string(absent_id, "00000000-0000-4000-8000-000000000000",
              "an id in the cloud's format that no object has");
DEFINE_bool(dry, false, "make no request to the cloud: run only the checks that need none");
DEFINE_bool(yes, false, "create and delete real objects in the account of the credentials");
DEFINE_double(poll_seconds, 5, "seconds between two observations while something is created or deleted");
DEFINE_double(patience_seconds, 1800, "seconds after which a creation or deletion counts as stuck");
DEFINE_double(visible_seconds, 60, "seconds for which a new object may be missing from searches and lists");
DEFINE_int32(fill, -1,
             "additional objects to create, so that lists have a second page; -1: 12 with a simulator on "
             "this machine, "
             "otherwise none");

namespace capstan::app {

const char kVerifierFlags[] = __FILE__;
namespace {

Duration DurationOf(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

// One verification: the plugin, and everything it needs of this machine.
class Verifier {
 public:
  Verifier(Scheduler& scheduler, std::string file) : machine_(scheduler), file_(std::move(file)) {}

  // The error is one sentence about what is missing or wrong.
  Status Prepare() {
    CAPSTAN_RETURN_IF_ERROR(machine_.Connect());
    CAPSTAN_TRY(plugin_, loader::LoadPlugin(machine_.files(), file_,
                                            machine_.SeamsOver(machine_.clouds(), machine_.log()),
                                            {.allow_writable = WritablePluginsAreAllowed()}));
    const external::Manifest& manifest = plugin_->manifest();
    CAPSTAN_TRY(kind_, KindToVerify(manifest, FLAGS_kind));
    CAPSTAN_TRY(config_, ConfigToVerify(manifest, FLAGS_config, machine_.environment()));
    reach_ = ReachOf(manifest, config_);
    CAPSTAN_RETURN_IF_ERROR(Consent(manifest, reach_));
    uses_http_ = reach_ != Reach::kNowhere;
    way_ = &machine_.clouds();
    if (FLAGS_dry) {
      nobody_.emplace(machine_.clouds(), std::vector<std::string>());
      way_ = &*nobody_;
    } else if (!FLAGS_yes) {
      way_ = &machine_.loopback();
    }
    if (FLAGS_object.empty()) {
      return Fail(Code::kInvalidArgument,
                  StrCat("name a file with a ", kind_.kind, " whose spec can be made: --object=FILE"));
    }
    CAPSTAN_TRY(desired_, Desired(FLAGS_object, &object_));
    if (!FLAGS_changed.empty()) {
      CAPSTAN_TRY(changed_, Desired(FLAGS_changed));
    }
    auto credentials = CredentialsToVerify(kind_, machine_.environment());
    // A dry run reaches no cloud, so placeholders are enough.
    if (!credentials && FLAGS_dry) credentials = Placeholders();
    CAPSTAN_TRY(credentials_, std::move(credentials));
    return {};
  }

  int Run(const Context& context, Progress& progress) {
    const auto make = [this](http::Transport& transport, Log& log) {
      loader::AdaptOptions options;
      options.remedy = "fix the plugin";
      return loader::MakeProvider(plugin_, config_, machine_.SeamsOver(transport, log), options);
    };
    conformance::Subject subject{machine_.scheduler(), *way_, make,     kind_.kind,
                                 credentials_,         {},    desired_, changed_};
    if (!credentials_.data.empty()) subject.refused_credentials = NobodysCredentials(credentials_);
    subject.absent_id = FLAGS_absent_id;
    subject.uses_http = uses_http_;
    subject.asks_the_cloud = !FLAGS_dry;
    subject.poll = DurationOf(FLAGS_poll_seconds);
    subject.ready_within = subject.gone_within = DurationOf(FLAGS_patience_seconds);
    subject.visible_within = DurationOf(FLAGS_visible_seconds);
    subject.fill = FLAGS_fill >= 0 ? FLAGS_fill : reach_ == Reach::kLoopback ? 12 : 0;
    subject.begins = [&progress](const std::string& check) { progress.Begins(check); };
    VerificationReport report(file_, kind_.kind, WantedFormat(), progress, std::cout);
    subject.on_finding = [&report](const conformance::Finding& finding) { report.Add(finding); };
    subject.status_not_kept = [this](const std::string& status) {
      return UnstorableFields(plugin_->manifest(), kind_, status);
    };
    auto findings = conformance::Verify(subject, context);
    if (!findings.empty() && findings.back().bails_out) {
      report.End();
      return 1;
    }
    progress.Begins("the CRD on an API server");
    for (conformance::Finding& finding :
         CheckCrd(machine_.scheduler(), machine_.random(), plugin_->manifest(), kind_, object_, context)) {
      subject.on_finding(finding);
      findings.push_back(std::move(finding));
    }
    report.End();
    return conformance::AllPassed(findings) ? 0 : 1;
  }

 private:
  static Status Consent(const external::Manifest& manifest, Reach reach) {
    if (FLAGS_dry || FLAGS_yes || reach == Reach::kLoopback) return {};
    std::string simulator;
    for (const auto& [field, variable] : manifest.config_environment) {
      if (reach == Reach::kClouds && variable.ends_with("URL"))
        simulator = StrCat(", or point it at a simulator (", variable, "=http://127.0.0.1:PORT)");
    }
    return Fail(Code::kFailedPrecondition,
                StrCat("this creates and deletes real objects, which may cost money; add --yes to go ahead",
                       simulator, ", or send no request at all: --dry"));
  }

  external::Credentials Placeholders() const {
    external::Credentials credentials;
    for (const std::string& key : kind_.credential_keys) credentials.data.emplace(key, Secret("placeholder"));
    return credentials;
  }

  Result<std::function<std::string(const std::string&)>> Desired(const std::string& path,
                                                                 std::string* object = nullptr) {
    CAPSTAN_TRY(const std::string text, machine_.files().Read(path));
    return DesiredOf(text, path, kind_, Crd(), object);
  }
  // Also "" when the provider cannot be opened: the suite's first finding says why.
  std::string Crd() {
    const auto provider = loader::MakeProvider(plugin_, config_, machine_.SeamsOver(*way_, machine_.log()));
    return provider ? CrdOf(**provider, kind_) : "";
  }

  PluginMachine machine_;
  const std::string file_;
  std::optional<ReadOnlyTransport> nobody_;
  http::Transport* way_ = nullptr;
  Reach reach_ = Reach::kClouds;
  bool uses_http_ = true;
  std::shared_ptr<const loader::Plugin> plugin_;
  external::KindInfo kind_;
  std::string object_;  // of --object, unchanged
  std::string config_;
  external::Credentials credentials_;
  std::function<std::string(const std::string&)> desired_, changed_;
};

}  // namespace

int VerifyPlugin(const std::string& file) {
  if (!(FLAGS_poll_seconds > 0 && FLAGS_poll_seconds <= 3600))
    return PrintError("plugins verify: --poll-seconds must be above 0 and at most 3600", 2);
  if (!(FLAGS_patience_seconds > 0 && FLAGS_patience_seconds <= 86400))
    return PrintError("plugins verify: --patience-seconds must be above 0 and at most 86400", 2);
  if (!(FLAGS_visible_seconds > 0 && FLAGS_visible_seconds <= 3600))
    return PrintError("plugins verify: --visible-seconds must be above 0 and at most 3600", 2);
  if (FLAGS_fill > 1000) return PrintError("plugins verify: --fill must be at most 1000", 2);
  const auto verify = [&](Progress& progress) {
    progress.Begins("loading the plugin");
    program::Signals signals;
    ThreadScheduler scheduler;
    Verifier verifier(scheduler, file);
    if (const auto ready = verifier.Prepare(); !ready)
      return PrintError("plugins verify: " + ready.error().message);
    return signals.RunUntilSignal(scheduler,
                                  [&](const Context& context) { return verifier.Run(context, progress); });
  };
  return RunSupervised(verify, [&](const Death& death) {
    ReportDeath(file, death, WantedFormat(), std::cout);
    return 1;
  });
}

}  // namespace capstan::app
