// A complete provider for a cloud with an HTTP API: virtual servers, with labels instead of tags,
// whole numbers as ids, and paginated lists. tests/abi/simulated_servers.hpp simulates that cloud.
#include <capstan/sdk/cpp/json_api.hpp>

namespace provider_servers {
using namespace capstan::sdk;

constexpr char kCrd[] = R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
  "metadata": {"name": "servers.servers.example"},
  "spec": {"group": "servers.example", "scope": "Namespaced",
    "names": {"kind": "Server", "listKind": "ServerList", "plural": "servers"},
    "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"properties": {
      "spec": {"type": "object", "required": ["serverType"], "properties": {"serverType": {"type": "string"}}},
      "status": {"type": "object", "properties": {"serverType": {"type": "string"}}}}}}}]}})";

const Listing kServers{
    .items = "/servers", .next = "/meta/pagination/next_page", .total = "/meta/pagination/total_entries"};

class Servers final : public External {
 public:
  static Manifest Describe() {
    KindInfo kind;
    kind.group = "servers.example";
    kind.version = "v1";
    kind.kind = "Server";
    kind.plural = "servers";
    kind.credentials_field = "spec.tokenSecret";
    kind.credential_keys = {"token"};
    kind.credential_environment = {{"token", "SERVERS_TOKEN"}};
    kind.id_status_field = "serverID";
    kind.phase_status_field = "progress";
    kind.plan_status_field = "plan";

    Manifest manifest;
    manifest.name = "servers";
    manifest.version = "0.1.0";
    manifest.description = "Virtual servers.";
    manifest.kinds = {kind};
    manifest.crds = {kCrd};
    manifest.allowed_hosts = {"api.servers.example"};
    manifest.config_environment = {{"apiURL", "SERVERS_API_URL"}};
    return manifest;
  }
  static Result<std::unique_ptr<External>> Open(const Setup& setup, const std::string&,
                                                const Credentials& credentials) {
    CAPSTAN_TRY(Secret token, CredentialIn(credentials, "token"));
    return std::make_unique<Servers>(setup, std::move(token));
  }
  Servers(const Setup& setup, Secret token)
      : api_(setup, {.url = "https://api.servers.example/v1",
                     .token = std::move(token),
                     .message = "/error/message",
                     .reason = "/error/code",
                     .request_id = "x-correlation-id"}) {}

  // this cloud has no such endpoint
  Result<Account> WhoAmI(const Context&) override { return Account{}; }

  Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                     const Context& context) override {
    CAPSTAN_TRY(const Json wanted, Json::Parse(desired));
    const std::string ours = "capstan=" + LabelsOf(identity)["capstan"];
    return api_.Observe({"servers"}, kServers,
                        {{{"label_selector", ours}}, {{"name", wanted["name"].AsString()}}}, &Read, context);
  }
  Result<std::optional<Observed>> Get(const std::string& id, const Context& context) override {
    CAPSTAN_TRY(const auto answer, api_.GetIfThere({"servers", id}, context));
    if (!answer) return std::optional<Observed>();
    return Read((*answer)["server"]);
  }
  Outcome Create(const Identity& identity, const std::string& desired, const Context& context) override {
    const auto wanted = Json::Parse(desired);
    if (!wanted) return Failed(wanted.error());
    Json body;
    body.Set("name", (*wanted)["name"]).Set("server_type", (*wanted)["spec"]["serverType"]);
    return api_.Create({"servers"}, body.Set("labels", JsonOf(LabelsOf(identity))), "/server/id", context);
  }
  Outcome Delete(const std::string& id, const DeleteOptions&, const Context& context) override {
    return api_.Remove({"servers", id}, context);
  }
  Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    CAPSTAN_TRY(const Json wanted, Json::Parse(desired));
    CAPSTAN_TRY(const Json state, Json::Parse(observed.state.empty() ? "{}" : observed.state));
    Plan plan = observed.id.empty() ? PlanToCreate("server", "there is no server yet") : Plan{};
    AddChange(plan, observed, "resize", "spec.serverType", wanted["spec"]["serverType"], state["serverType"],
              "server_type");
    return plan;
  }
  Outcome Apply(const std::string& id, const Step& step, const Identity&, const Context& context) override {
    const auto arguments = Json::Parse(step.arguments);
    return arguments ? api_.Change("POST", {"servers", id, "actions", "change_type"}, *arguments, context)
                     : Failed(arguments.error());
  }
  Outcome Adopt(const std::string& id, const Identity& identity, const Context& context) override {
    const auto answer = api_.GetIfThere({"servers", id}, context);
    if (!answer) return NotBegun(answer.error());
    if (!*answer) return NotFound();
    Json labels = (**answer)["server"]["labels"];
    for (const auto& [key, value] : LabelsOf(identity)) labels.Set(key, value);
    return api_.Change("PUT", {"servers", id}, Json().Set("labels", labels), context);
  }

 private:
  static Result<Observed> Read(const Json& server) {
    const Identity identity = IdentityIn(TextMapIn(server["labels"]));
    Observed seen;
    seen.id = IdIn(server["id"]);
    seen.name = server["name"].AsString();
    seen.identity = identity.tag;
    seen.owner = identity.owner;
    if (seen.id.empty()) return Fail(Code::kDataLoss, "the cloud shows a server without an id");
    const std::string status = server["status"].AsString();
    seen.phase = PhaseOf(
        status,
        {{"running", Phase::kReady}, {"initializing", Phase::kCreating}, {"deleting", Phase::kDeleting}},
        Phase::kUpdating);
    seen.created_at = server["created"].AsString();
    seen.status = seen.state =
        Json().Set("serverType", server["server_type"]).Set("progress", status).ToText();
    return seen;
  }
  const JsonApi api_;
};

}  // namespace provider_servers

CAPSTAN_PLUGIN(provider_servers::Servers, "servers", "0.1.0", "servers.example/Server");
