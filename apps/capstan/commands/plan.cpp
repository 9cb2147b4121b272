// `capstan plan`: what the operator would do, found out by questions alone. Both doors, to the
// cloud and to Kubernetes, let nothing else through.
#include <gflags/gflags.h>

#include <iostream>
#include <iterator>
#include <map>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/complain.hpp>
#include <capstan/apps/capstan/plan/credentials.hpp>
#include <capstan/apps/capstan/plan/documents.hpp>
#include <capstan/apps/capstan/plan/forecast.hpp>
#include <capstan/apps/capstan/plan/kinds.hpp>
#include <capstan/apps/capstan/plan/read_only_transport.hpp>
#include <capstan/apps/capstan/plan/text.hpp>
#include <capstan/apps/capstan/wiring/cluster_flags.hpp>
#include <capstan/apps/capstan/wiring/credential_flags.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/http/retrying.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/program/cluster_connection.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/plugins/loader/directory.hpp>

DEFINE_string(
    namespace, "",
    "namespace of the object, also -n (default: what the file says, else that of the kubeconfig context)");
DEFINE_string(output, "text", "output format: text or json, also -o");
DEFINE_bool(detailed_exitcode, false, "exit with 3 when the plan is not empty");

namespace capstan::app {
namespace {

constexpr int kChanges = 3;                           // 2 is for wrong flags, which must not look like a plan
constexpr auto kPatience = std::chrono::seconds(60);  // with the questions about one object

class Planner {
 public:
  // Errors: what keeps anything at all from being planned.
  Status Start() {
    CAPSTAN_TRY(clouds_, program::ConnectToClouds(*process_));
    asking_clouds_ = std::make_unique<ReadOnlyTransport>(*clouds_, std::vector<std::string>{"GET", "HEAD"});
    patient_clouds_ = std::make_unique<http::RetryingTransport>(*asking_clouds_, scheduler_, *random_);
    return LoadPlugins();
  }

  Status Connect() {
    CAPSTAN_TRY(const kube::ClusterAccess access, AccessByFlags(*files_, *process_));
    CAPSTAN_TRY(kubernetes_, program::ConnectToCluster(access, *files_, *process_, scheduler_, log_));
    asking_kubernetes_ = std::make_unique<ReadOnlyTransport>(*kubernetes_, std::vector<std::string>{"GET"});
    patient_kubernetes_ =
        std::make_unique<http::RetryingTransport>(*asking_kubernetes_, scheduler_, *random_);
    kube::ClientOptions options;
    options.server = access.server;
    client_ = std::make_unique<kube::Client>(*patient_kubernetes_, scheduler_, options);
    namespace_ = FLAGS_namespace.empty() ? access.namespace_ : FLAGS_namespace;
    return {};
  }

  Result<Subject> What(const std::string& argument) { return ParseSubject(argument, kinds_, *files_); }

  // Each of these prints, and gives the exit status.
  int PlanObject(const Subject& subject) {
    const auto key = KeyOf(*subject.kind, subject.name);
    auto live = Live(*subject.kind, key);
    if (!live) return Complain("plan: " + live.error().message);
    if (!*live) {
      return Complain(StrCat("plan: there is no ", subject.kind->info.kind, " ", key.ToString(),
                             " in the cluster; a file can be planned too: capstan plan FILE"));
    }
    Add(*subject.kind, key, Forecast_(*subject.kind, **live, &**live), true);
    return Finish();
  }

  int PlanFile(const std::string& path) {
    auto text = Read(path);
    if (!text) return Complain("plan: " + text.error().message);
    const std::string origin = path == "-" ? "standard input" : path;
    auto documents = ReadDocuments(*text, origin, FLAGS_namespace, namespace_);
    if (!documents) return Complain("plan: " + documents.error().message);
    for (const auto& document : *documents)
      if (document.kind == "Secret" && document.api_version == "v1")
        secrets_.emplace(document.object.key(), document.object);
    int known = 0;
    for (const auto& document : *documents) {
      const ServedKind* kind = FindKind(kinds_, document.api_version, document.kind);
      if (kind == nullptr) continue;
      ++known;
      PlanDocument(*kind, document);
    }
    if (known == 0) {
      return Complain(
          StrCat("plan: ", origin, " holds no object of a kind that a plugin serves: ", KindNames(kinds_)));
    }
    return Finish();
  }

 private:
  Status LoadPlugins() {
    const loader::Seams seams{scheduler_, *patient_clouds_, *random_, log_};
    const auto directory = loader::LoadDirectory(*files_, PluginDirectory(), seams,
                                                 {.allow_writable = WritablePluginsAreAllowed()});
    for (const auto& refusal : directory.refusals) {
      if (directory.plugins.empty()) return Fail(refusal.error);
      Complain(refusal.error.message);
    }
    for (const auto& plugin : directory.plugins) {
      const std::string config = loader::ConfigFromEnvironment(plugin->manifest(), Environment());
      auto provider = loader::MakeProvider(plugin, config, seams);
      if (!provider) return Annotate(provider.error(), "plugin " + plugin->manifest().name);
      for (auto& kind : KindsOf(**provider)) kinds_.push_back(std::move(kind));
      providers_.push_back(std::move(*provider));
    }
    return {};
  }

  std::function<std::optional<std::string>(const std::string&)> Environment() {
    return [this](const std::string& name) { return process_->Environment(name); };
  }

  kube::ObjectKey KeyOf(const ServedKind& kind, const std::string& name) const {
    return {kind.info.namespaced ? namespace_ : "", name};
  }

  Context Patient() const { return Context{}.Within(scheduler_, kPatience); }

  Result<std::string> Read(const std::string& path) {
    if (path != "-") return files_->Read(path);
    std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    return text;
  }

  Result<std::optional<kube::Object>> Live(const ServedKind& kind, const kube::ObjectKey& key) {
    auto object = client_->Get(managed::KindOf(kind.info), key, Patient());
    if (object) return std::optional<kube::Object>(std::move(*object));
    if (object.error().code == Code::kNotFound) return std::optional<kube::Object>();
    return Annotate(object.error(), StrCat("cannot read ", kind.info.kind, " ", key.ToString()));
  }

  // An operator on this cluster would carry this tag; not knowing it costs a note and nothing else.
  const std::string& Owner() {
    if (!owner_) {
      const auto id = managed::ReadOwnerId(*client_, Patient());
      owner_ = id ? managed::kOwnerPrefix + *id : std::string();
    }
    return *owner_;
  }

  void PlanDocument(const ServedKind& kind, const Document& document) {
    kube::ObjectKey key = document.object.key();
    if (!kind.info.namespaced) key.namespace_.clear();
    auto live = Live(kind, key);
    if (!live) return Add(kind, key, Failure(live.error()), false);
    const kube::Object* there = *live ? &**live : nullptr;
    auto desired = Admit(document, kind.crd, there);
    if (!desired) return Add(kind, key, Failure(desired.error()), there != nullptr);
    Add(kind, key, Forecast_(kind, *desired, there), there != nullptr);
  }

  std::function<std::optional<Secret>(const std::string&)> SecretEnvironment() {
    return [this](const std::string& name) -> std::optional<Secret> {
      auto value = process_->Environment(name);
      return value ? std::optional<Secret>(Secret(std::move(*value))) : std::nullopt;
    };
  }

  Result<Forecast> Forecast_(const ServedKind& kind, const kube::Object& desired, const kube::Object* live) {
    const Context context = Patient();
    CAPSTAN_TRY(const auto credentials,
                CredentialsFor(desired, kind.info,
                               {*client_, secrets_, SecretEnvironment(), environment_namespaces_}, context));
    CAPSTAN_TRY(const auto cloud, kind.provider->Connect(kind.info.kind, credentials, context));
    return MakeForecast({*cloud, kind.info, desired, live, Owner()}, context);
  }

  void Add(const ServedKind& kind, const kube::ObjectKey& key, const Result<Forecast>& forecast,
           bool in_cluster) {
    if (!forecast) {
      failed_ = true;
      Complain(StrCat("plan: ", kind.info.kind, " ", key.ToString(), ": ", forecast.error().message));
      return;
    }
    changes_ = changes_ || !forecast->nothing_to_do();
    const Planned planned{kind, key, in_cluster};
    printed_.push_back(FLAGS_output == "json" ? ForecastToJson(planned, *forecast)
                                              : ForecastToText(planned, *forecast));
  }

  int Finish() const {
    if (FLAGS_output == "json") {
      std::cout << "{\"plans\":[" << Join(printed_, ",") << "]}" << std::endl;
    } else {
      std::cout << Join(printed_, "\n") << std::flush;
    }
    if (failed_) return 1;
    return changes_ && FLAGS_detailed_exitcode ? kChanges : 0;
  }

  ThreadScheduler scheduler_;
  std::unique_ptr<Files> files_ = MakeSystemFiles();
  std::unique_ptr<Process> process_ = MakeSystemProcess();
  std::unique_ptr<Random> random_ = MakeSystemRandom();
  SilentLog log_;
  // Each is decorated by the next.
  std::unique_ptr<http::Transport> clouds_, asking_clouds_, patient_clouds_;
  std::unique_ptr<http::Transport> kubernetes_, asking_kubernetes_, patient_kubernetes_;
  std::unique_ptr<kube::Client> client_;
  std::string namespace_;
  std::optional<std::string> owner_;
  std::vector<std::unique_ptr<external::Provider>> providers_;
  std::vector<ServedKind> kinds_;
  std::map<kube::ObjectKey, kube::Object> secrets_;  // of the file
  const std::vector<std::string> environment_namespaces_ = EnvironmentNamespaces("*");
  std::vector<std::string> printed_;
  bool changes_ = false, failed_ = false;
};

int Run(const std::vector<std::string>& operands) {
  if (operands.size() != 1) return Complain("plan takes one FILE or KIND/NAME; see `capstan plan --help`", 2);
  if (FLAGS_output != "text" && FLAGS_output != "json")
    return Complain("plan: --output is text or json, not \"" + Shorten(FLAGS_output, 60) + "\"", 2);
  if (!FLAGS_namespace.empty() && !IsDnsLabel(FLAGS_namespace))
    return Complain(
        "plan: --namespace: \"" + Shorten(FLAGS_namespace, 100) + "\" cannot be the name of a namespace", 2);
  Planner planner;
  if (auto started = planner.Start(); !started) return Complain("plan: " + started.error().message);
  const auto subject = planner.What(operands[0]);
  if (!subject) return Complain("plan: " + subject.error().message);
  if (auto connected = planner.Connect(); !connected) return Complain("plan: " + connected.error().message);
  return subject->kind ? planner.PlanObject(*subject) : planner.PlanFile(subject->path);
}

}  // namespace

const CommandInfo kPlanCommand = {
    "plan",
    "Show what the operator would change for an object or a file; changes nothing.",
    "plan FILE|KIND/NAME [-n NAMESPACE] [-o text|json] [--detailed_exitcode]",
    {__FILE__, kClusterFlags, kCredentialFlags, kPluginFlags},
    Run};

}  // namespace capstan::app
