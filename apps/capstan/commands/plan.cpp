// `capstan plan`: what the operator would do, found by reads alone. The connections to the cloud
// and to Kubernetes both refuse everything else.
#include <gflags/gflags.h>

#include <iostream>
#include <iterator>
#include <map>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/plan/credentials.hpp>
#include <capstan/apps/capstan/plan/documents.hpp>
#include <capstan/apps/capstan/plan/forecast.hpp>
#include <capstan/apps/capstan/plan/kinds.hpp>
#include <capstan/apps/capstan/plan/text.hpp>
#include <capstan/apps/capstan/wiring/cluster_flags.hpp>
#include <capstan/apps/capstan/wiring/credential_flags.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/apps/capstan/wiring/view_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/reconciler.hpp>

DEFINE_bool(detailed_exitcode, false, "exit with 3 when the plan is not empty");

namespace capstan::app {
namespace {

constexpr int kChanges = 3;  // 2 means wrong flags, which must not look like a plan
constexpr auto kPlanTimeout = std::chrono::seconds(60);  // for all requests about one object

class Planner {
 public:
  explicit Planner(Session& session)
      : session_(session), client_(session.client()), namespace_(session.default_namespace()) {}

  // Each of these prints, and returns the exit status.
  int PlanObject(const Subject& subject) {
    const auto key = KeyOf(*subject.kind, subject.name);
    auto live = Live(*subject.kind, key);
    if (!live) return PrintError("plan: " + live.error().message);
    if (!*live) {
      return PrintError(StrCat("plan: there is no ", subject.kind->info.kind, " ", key.ToString(),
                               " in the cluster; a file can be planned too: capstan plan FILE"));
    }
    Add(*subject.kind, key, Forecast_(*subject.kind, **live, &**live), true);
    return Finish();
  }

  int PlanFile(const std::string& path) {
    auto text = Read(path);
    if (!text) return PrintError("plan: " + text.error().message);
    const std::string origin = path == "-" ? "standard input" : path;
    auto documents = ReadDocuments(*text, origin, WantedNamespace(), namespace_);
    if (!documents) return PrintError("plan: " + documents.error().message);
    for (const auto& document : *documents)
      if (document.kind == "Secret" && document.api_version == "v1")
        secrets_.emplace(document.object.key(), document.object);
    int known = 0;
    for (const auto& document : *documents) {
      const ServedKind* kind = FindKind(session_.kinds(), document.api_version, document.kind);
      if (kind == nullptr) continue;
      ++known;
      PlanDocument(*kind, document);
    }
    if (known == 0) {
      return PrintError(StrCat("plan: ", origin, " holds no object of a kind that a plugin serves: ",
                               KindNames(session_.kinds())));
    }
    return Finish();
  }

 private:
  kube::ObjectKey KeyOf(const ServedKind& kind, const std::string& name) const {
    return {kind.info.namespaced ? namespace_ : "", name};
  }

  Context Patient() const { return Context{}.Within(session_.scheduler(), kPlanTimeout); }

  Result<std::string> Read(const std::string& path) {
    if (path != "-") return session_.files().Read(path);
    std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    return text;
  }

  Result<std::optional<kube::Object>> Live(const ServedKind& kind, const kube::ObjectKey& key) {
    auto object = client_.Get(managed::KindOf(kind.info), key, Patient());
    if (object) return std::optional<kube::Object>(std::move(*object));
    if (object.error().code == Code::kNotFound) return std::optional<kube::Object>();
    return Annotate(object.error(), StrCat("cannot read ", kind.info.kind, " ", key.ToString()));
  }

  // The owner tag of an operator on this cluster; if it is unknown, the plan only gets a note.
  const std::string& Owner() {
    if (!owner_) {
      const auto id = managed::ReadOwnerId(client_, Patient());
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
      auto value = session_.process().Environment(name);
      return value ? std::optional<Secret>(Secret(std::move(*value))) : std::nullopt;
    };
  }

  Result<Forecast> Forecast_(const ServedKind& kind, const kube::Object& desired, const kube::Object* live) {
    const Context context = Patient();
    CAPSTAN_TRY(const auto credentials,
                CredentialsFor(desired, kind.info,
                               {client_, secrets_, SecretEnvironment(), environment_namespaces_}, context));
    CAPSTAN_TRY(const auto cloud, kind.provider->Connect(kind.info.kind, credentials, context));
    return MakeForecast({*cloud, kind.info, desired, live, Owner()}, context);
  }

  void Add(const ServedKind& kind, const kube::ObjectKey& key, const Result<Forecast>& forecast,
           bool in_cluster) {
    if (!forecast) {
      failed_ = true;
      PrintError(StrCat("plan: ", kind.info.kind, " ", key.ToString(), ": ", forecast.error().message));
      return;
    }
    changes_ = changes_ || !forecast->nothing_to_do();
    const Planned planned{kind, key, in_cluster};
    printed_.push_back(WantedFormat() == OutputFormat::kText ? ForecastToText(planned, *forecast)
                                                             : ForecastToJson(planned, *forecast));
  }

  int Finish() const {
    if (WantedFormat() != OutputFormat::kText) {
      std::cout << Printed(StrCat("{\"plans\":[", Join(printed_, ","), "]}"), WantedFormat()) << std::flush;
    } else {
      std::cout << Join(printed_, "\n") << std::flush;
    }
    if (failed_) return 1;
    return changes_ && FLAGS_detailed_exitcode ? kChanges : 0;
  }

  Session& session_;
  kube::Client& client_;
  const std::string namespace_;
  std::optional<std::string> owner_;
  std::map<kube::ObjectKey, kube::Object> secrets_;  // of the file
  const std::vector<std::string> environment_namespaces_ = EnvironmentNamespaces("*");
  std::vector<std::string> printed_;
  bool changes_ = false, failed_ = false;
};

int RunPlanCommand(const std::vector<std::string>& operands) {
  if (operands.size() != 1)
    return PrintError("plan takes one FILE or KIND/NAME; see `capstan plan --help`", 2);
  if (auto understood = CheckViewFlags(); !understood)
    return PrintError("plan: " + understood.error().message, 2);
  Session session;
  if (auto loaded = session.LoadKinds(); !loaded) return PrintError("plan: " + loaded.error().message);
  const auto subject = ParseSubject(operands[0], session.kinds(), session.files());
  if (!subject) return PrintError("plan: " + subject.error().message);
  if (auto connected = session.Connect(); !connected) return PrintError("plan: " + connected.error().message);
  Planner planner(session);
  return subject->kind ? planner.PlanObject(*subject) : planner.PlanFile(subject->path);
}

}  // namespace

const CommandInfo kPlanCommand = {
    "plan",
    "Show what the operator would change for an object or a file; changes nothing.",
    "plan FILE|KIND/NAME [-n NAMESPACE] [-o text|json|yaml] [--detailed-exitcode]",
    {__FILE__, kOutputFlag, kViewFlags, kClusterFlags, kCredentialFlags, kPluginFlags},
    RunPlanCommand};

}  // namespace capstan::app
