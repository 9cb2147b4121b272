// A starting point for a provider: clusters of a cloud with a JSON API. Copy this folder, insert
// your cloud's names, paths and fields, and build it:
//   cmake -B build -DCMAKE_PREFIX_PATH=<where capstan is installed> && cmake --build build
// capstan/core/external/external.hpp states the rules; the host checks most of them.
#include <capstan/sdk/cpp/json_api.hpp>

namespace my_cloud {
using namespace capstan::sdk;

// The CustomResourceDefinition of this kind. The host adds the fields that the operator itself
// reads and writes (deletionPolicy, adopt, conditions, the Secret's name, ...).
constexpr char kCrd[] = R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
  "metadata": {"name": "mycloudclusters.mycloud.example"},
  "spec": {"group": "mycloud.example", "scope": "Namespaced",
    "names": {"kind": "MyCloudCluster", "listKind": "MyCloudClusterList", "plural": "mycloudclusters"},
    "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"properties": {
      "spec": {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer", "minimum": 1}}},
      "status": {"type": "object", "properties": {"size": {"type": "integer"}}}}}}}]}})";

const Listing kClusters{.items = "/clusters", .pages = "/pages", .total = "/total"};

class Clusters final : public External {
 public:
  static Manifest Describe() {
    KindInfo kind;
    kind.group = "mycloud.example";
    kind.version = "v1";
    kind.kind = "MyCloudCluster";
    kind.plural = "mycloudclusters";
    kind.credentials_field = "spec.tokenSecret";
    kind.credential_keys = {"token"};
    // For objects that name no Secret.
    kind.credential_environment = {{"token", "MYCLOUD_TOKEN"}};
    kind.id_status_field = "clusterID";
    kind.phase_status_field = "progress";
    kind.plan_status_field = "plan";

    Manifest manifest;
    manifest.name = "mycloud";
    manifest.version = "0.1.0";
    manifest.description = "Clusters of my cloud.";
    manifest.kinds = {kind};
    manifest.crds = {kCrd};
    manifest.allowed_hosts = {"api.mycloud.example"};
    manifest.config_environment = {{"apiURL", "MYCLOUD_API_URL"}};
    return manifest;
  }

  // Sends no requests: WhoAmI is the first to use the credentials.
  static Result<std::unique_ptr<External>> Open(const Setup& setup, const std::string&,
                                                const Credentials& credentials) {
    CAPSTAN_TRY(Secret token, CredentialIn(credentials, "token"));
    return std::make_unique<Clusters>(setup, std::move(token));
  }

  Clusters(const Setup& setup, Secret token)
      : api_(setup, {.url = "https://api.mycloud.example", .token = std::move(token), .reason = "/reason"}) {}

  Result<Account> WhoAmI(const Context& context) override {
    CAPSTAN_TRY(const Json account, api_.Get({"account"}, context));
    if (IdIn(account["id"]).empty()) return Fail(Code::kDataLoss, "the cloud shows an account without an id");
    return Account{IdIn(account["id"]), account["email"].AsString()};
  }

  // Complete, or an error: reads every page, and the number of items must match the total.
  Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                     const Context& context) override {
    CAPSTAN_TRY(const Json wanted, Json::Parse(desired));
    CAPSTAN_TRY(std::vector<Observed> found, api_.Observe({"clusters"}, kClusters, {{}}, &Read, context));
    std::erase_if(found, [&](const Observed& one) {
      return one.identity != identity.tag && one.name != wanted["name"].AsString();
    });
    return found;
  }

  Result<std::optional<Observed>> Get(const std::string& id, const Context& context) override {
    CAPSTAN_TRY(const auto cluster, api_.GetIfThere({"clusters", id}, context));
    if (!cluster) return std::optional<Observed>();
    return Read(*cluster);
  }

  // One request that contains both tags.
  Outcome Create(const Identity& identity, const std::string& desired, const Context& context) override {
    const auto wanted = Json::Parse(desired);
    if (!wanted) return Failed(wanted.error());
    Json body;
    body.Set("name", (*wanted)["name"]).Set("size", (*wanted)["spec"]["size"]);
    body.Set("tags", JsonOf(WithIdentity({}, identity)));
    return api_.Create({"clusters"}, body, "/id", context);
  }

  Outcome Delete(const std::string& id, const DeleteOptions&, const Context& context) override {
    return api_.Remove({"clusters", id}, context);
  }

  // The differences, and the steps that remove them; sends no requests.
  Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    CAPSTAN_TRY(const Json wanted, Json::Parse(desired));
    const Json size = wanted["spec"]["size"];
    // empty: the object has yet to be created
    const Json state = Json::Parse(observed.state).value_or(Json());
    Plan plan = observed.id.empty() ? PlanToCreate("cluster", "there is no cluster yet") : Plan{};
    AddChange(plan, observed, "scale", "spec.size", size, state["size"], "size");
    const bool shrinks = size.AsInteger() < state["size"].AsInteger();
    if (!observed.id.empty() && shrinks) plan.steps.back().destroys = true;
    return plan;
  }

  Outcome Apply(const std::string& id, const Step& step, const Identity&, const Context& context) override {
    const auto arguments = Json::Parse(step.arguments);
    if (!arguments) return Failed(arguments.error());
    return api_.Change("PUT", {"clusters", id}, *arguments, context);
  }

  // Replaces any identity and owner with our two tags; all other tags stay. One request changes
  // something.
  Outcome Adopt(const std::string& id, const Identity& identity, const Context& context) override {
    const auto cluster = api_.GetIfThere({"clusters", id}, context);
    if (!cluster) return NotBegun(cluster.error());
    if (!*cluster) return NotFound();
    const Json tags = JsonOf(WithIdentity(TextsIn((**cluster)["tags"]), identity));
    return api_.Change("PUT", {"clusters", id, "tags"}, Json().Set("tags", tags), context);
  }

 private:
  static Result<Observed> Read(const Json& cluster) {
    Observed seen;
    seen.id = IdIn(cluster["id"]);
    if (seen.id.empty()) return Fail(Code::kDataLoss, "the cloud shows a cluster without an id");
    seen.name = cluster["name"].AsString();
    seen.created_at = cluster["created_at"].AsString();
    const Identity identity = IdentityInTags(TextsIn(cluster["tags"]));
    seen.identity = identity.tag;
    seen.owner = identity.owner;
    const std::string state = cluster["state"].AsString();
    seen.phase = PhaseOf(state,
                         {{"running", Phase::kReady},
                          {"creating", Phase::kCreating},
                          {"resizing", Phase::kUpdating},
                          {"deleting", Phase::kDeleting}},
                         Phase::kFailed);
    seen.status = Json().Set("size", cluster["size"]).Set("progress", state).ToText();
    seen.state = seen.status;
    return seen;
  }

  const JsonApi api_;
};

}  // namespace my_cloud

CAPSTAN_PLUGIN(my_cloud::Clusters, "mycloud", "0.1.0", "mycloud.example/MyCloudCluster");
