// `capstan versions|sizes|regions`: the offers of the clouds of the installed plugins.
#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/console/terminal.hpp>
#include <capstan/apps/capstan/plan/credentials.hpp>
#include <capstan/apps/capstan/view/offer_view.hpp>
#include <capstan/apps/capstan/wiring/cluster_flags.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/apps/capstan/wiring/view_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/credential_secret.hpp>
#include <capstan/core/managed/reconciler.hpp>

namespace capstan::app {
namespace {

constexpr auto kOffersTimeout = std::chrono::seconds(60);

// What to list: all kinds with the catalog, one kind, or one kind with an object's credentials.
struct Question {
  std::vector<const ServedKind*> kinds;
  std::string object;
};

bool Has(const ServedKind& kind, const std::string& catalog) {
  const auto& all = kind.info.catalogs;
  return std::find(all.begin(), all.end(), catalog) != all.end();
}

// The name that users type, such as "doks".
std::string ShortName(const ServedKind& kind) {
  return *std::min_element(kind.names.begin(), kind.names.end(),
                           [](const auto& a, const auto& b) { return a.size() < b.size(); });
}

std::string PluginOf(const ServedKind& kind) { return kind.provider->manifest().name; }

Result<Question> ReadQuestion(const std::vector<std::string>& operands, const std::string& catalog,
                              const Session& session) {
  Question question;
  if (operands.empty()) {
    std::set<std::string> plugins;
    for (const ServedKind& kind : session.kinds()) {
      plugins.insert(PluginOf(kind));
      if (Has(kind, catalog)) question.kinds.push_back(&kind);
    }
    if (!question.kinds.empty()) return question;
    return Fail(Code::kUnimplemented,
                StrCat("no installed plugin has a list of ", catalog, "; there are: ",
                       Join(std::vector<std::string>(plugins.begin(), plugins.end()), ", ")));
  }
  const std::size_t slash = operands[0].find('/');
  const std::string name = operands[0].substr(0, slash);
  const ServedKind* kind = FindKind(session.kinds(), name);
  if (kind == nullptr) {
    return Fail(Code::kNotFound, StrCat("no plugin serves the kind \"", Shorten(name, 60),
                                        "\"; they serve: ", KindNames(session.kinds())));
  }
  if (slash != std::string::npos) {
    question.object = operands[0].substr(slash + 1);
    if (!IsDnsSubdomain(question.object))
      return Fail(Code::kInvalidArgument,
                  StrCat("\"", Shorten(question.object, 100), "\" cannot be the name of an object"));
  }
  if (!Has(*kind, catalog)) {
    return Fail(Code::kUnimplemented,
                StrCat("plugin ", PluginOf(*kind), " has no list of ", catalog, " for ", kind->info.kind,
                       kind->info.catalogs.empty() ? "" : "; it has " + Join(kind->info.catalogs, ", ")));
  }
  question.kinds.push_back(kind);
  return question;
}

class Asker {
 public:
  Asker(Session& session, std::string catalog) : session_(session), catalog_(std::move(catalog)) {}

  Result<std::vector<external::Offer>> Ask(const ServedKind& kind, const std::string& object) {
    const Context context = Context{}.Within(session_.scheduler(), kOffersTimeout);
    auto credentials = object.empty() ? OfEnvironment(kind) : OfObject(kind, object, context);
    if (!credentials) return Failure(std::move(credentials).error());
    CAPSTAN_TRY(const auto cloud, kind.provider->Connect(kind.info.kind, *credentials, context));
    return cloud->Offers(catalog_, context);
  }

 private:
  std::optional<Secret> Variable(const std::string& name) {
    auto value = session_.process().Environment(name);
    if (!value || value->empty()) return std::nullopt;
    return Secret(std::move(*value));
  }
  Result<external::Credentials> OfEnvironment(const ServedKind& kind) {
    if (kind.info.credential_keys.empty()) return external::Credentials{};
    auto read = managed::CredentialsFromEnvironment(
        kind.info, [this](const std::string& name) { return Variable(name); });
    if (read.missing.empty()) return std::move(read.credentials);
    return Fail(Code::kFailedPrecondition,
                StrCat("set ", read.missing, ", or name an object whose credentials are used: capstan ",
                       catalog_, " ", ShortName(kind), "/NAME"));
  }
  Result<external::Credentials> OfObject(const ServedKind& kind, const std::string& name,
                                         const Context& context) {
    CAPSTAN_RETURN_IF_ERROR(session_.Connect());
    const kube::ObjectKey key{kind.info.namespaced ? session_.default_namespace() : "", name};
    auto object = session_.client().Get(managed::KindOf(kind.info), key, context);
    if (!object && object.error().code == Code::kNotFound)
      return Fail(Code::kNotFound, StrCat("there is no ", kind.info.kind, " ", key, " in the cluster"));
    if (!object) return Failure(std::move(object).error());
    const std::vector<std::string> everywhere = {"*"};
    const std::map<kube::ObjectKey, kube::Object> none;
    return CredentialsFor(*object, kind.info,
                          {session_.client(), none,
                           [this](const std::string& variable) { return Variable(variable); }, everywhere},
                          context);
  }

  Session& session_;
  const std::string catalog_;
};

int ListOffers(const std::string& catalog, const std::vector<std::string>& operands) {
  if (operands.size() > 1)
    return PrintError(
        StrCat(catalog, " takes at most one KIND or KIND/NAME; see `capstan ", catalog, " --help`"), 2);
  if (auto understood = CheckViewFlags(); !understood)
    return PrintError(StrCat(catalog, ": ", understood.error().message), 2);
  Session session;
  if (auto loaded = session.LoadKinds(); !loaded)
    return PrintError(StrCat(catalog, ": ", loaded.error().message));
  const auto question = ReadQuestion(operands, catalog, session);
  if (!question) return PrintError(StrCat(catalog, ": ", question.error().message));
  Asker asker(session, catalog);
  std::vector<OffersOfKind> all;
  int failed = 0;
  for (const ServedKind* kind : question->kinds) {
    auto offers = asker.Ask(*kind, question->object);
    if (offers) {
      all.push_back({PluginOf(*kind), kind->info.kind, *std::move(offers)});
      continue;
    }
    PrintError(StrCat(catalog, ": ", kind->info.kind, ": ", offers.error().message));
    ++failed;
  }
  if (all.empty()) return 1;
  if (WantedFormat() == OutputFormat::kText) {
    const std::size_t width = StandardOutput(session.process()).width;
    for (const std::string& line : OffersToLines(all, question->kinds.size() > 1, width))
      std::cout << line << "\n";
  } else {
    std::cout << Printed(OffersToJson(all), WantedFormat());
  }
  return failed == 0 ? 0 : 1;
}

int RunVersions(const std::vector<std::string>& operands) { return ListOffers("versions", operands); }
int RunSizes(const std::vector<std::string>& operands) { return ListOffers("sizes", operands); }
int RunRegions(const std::vector<std::string>& operands) { return ListOffers("regions", operands); }

}  // namespace

const CommandInfo kVersionsCommand = {
    "versions",
    "List the versions that a cloud offers for new objects, the newest first.",
    "versions [KIND | KIND/NAME [-n NAMESPACE]] [-o table|json|yaml]",
    {kOutputFlag, kViewFlags, kClusterFlags, kPluginFlags},
    RunVersions};

const CommandInfo kSizesCommand = {
    "sizes",
    "List the sizes of machines that a cloud offers, with what they cost where it says so.",
    "sizes [KIND | KIND/NAME [-n NAMESPACE]] [-o table|json|yaml]",
    {kOutputFlag, kViewFlags, kClusterFlags, kPluginFlags},
    RunSizes};

const CommandInfo kRegionsCommand = {"regions",
                                     "List the regions that a cloud offers.",
                                     "regions [KIND | KIND/NAME [-n NAMESPACE]] [-o table|json|yaml]",
                                     {kOutputFlag, kViewFlags, kClusterFlags, kPluginFlags},
                                     RunRegions};

}  // namespace capstan::app
