// A provider to start from: clusters of a cloud with a JSON API. Copy this folder, put in your
// cloud's names, paths and fields, and build it:
//   cmake -B build -DCMAKE_PREFIX_PATH=<where capstan is installed> && cmake --build build
// The rules that matter are in capstan/core/external/external.hpp; the host checks most of them.
#include <capstan/core/base/text.hpp>
#include <capstan/sdk/cpp/json.hpp>
#include <capstan/sdk/cpp/plugin.hpp>

namespace my_cloud {
using namespace capstan::sdk;
using capstan::Code;
using capstan::Context;
using capstan::Error;
using capstan::Fail;
using capstan::Result;

// What is installed into Kubernetes for this kind.
constexpr char kCrd[] = R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
  "metadata": {"name": "mycloudclusters.mycloud.example", "labels": {"capstan.dev/plugin": "mycloud"}},
  "spec": {"group": "mycloud.example", "scope": "Namespaced",
    "names": {"kind": "MyCloudCluster", "listKind": "MyCloudClusterList", "plural": "mycloudclusters"},
    "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
      "schema": {"openAPIV3Schema": {"type": "object", "properties": {
        "spec": {"type": "object", "required": ["size"], "properties": {
          "size": {"type": "integer", "minimum": 1}, "tokenSecret": {"type": "string"}}},
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}]}})";

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
    kind.credential_environment = {{"token", "MYCLOUD_TOKEN"}};  // for objects that name no Secret
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

  // Asks nobody: credentials are first tried by WhoAmI.
  static Result<std::unique_ptr<External>> Open(const Setup& setup, const std::string&,
                                                const Credentials& credentials) {
    const auto token = credentials.data.find("token");
    if (token == credentials.data.end() || token->second.empty()) {
      return Fail(Code::kInvalidArgument, "the Secret has no key \"token\"; put your API token there");
    }
    return std::make_unique<Clusters>(setup, token->second);
  }

  Clusters(const Setup& setup, capstan::Secret token) : setup_(setup), token_(std::move(token)) {
    const auto config = Json::Parse(setup.config);
    url_ = config ? (*config)["apiURL"].AsString("https://api.mycloud.example") : "";
  }

  Result<Account> WhoAmI(const Context& context) override {
    CAPSTAN_TRY(const Json account, Ask("GET", "/account", Json(), context));
    return Account{account["id"].AsString(), account["email"].AsString()};
  }

  // Complete, or an error: every page is read, and what was read must add up.
  Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                     const Context& context) override {
    CAPSTAN_TRY(const Json wanted, Json::Parse(desired));
    std::vector<Observed> found;
    std::int64_t seen = 0;
    for (std::int64_t page = 1;; ++page) {
      CAPSTAN_TRY(const Json answer, Ask("GET", "/clusters?page=" + std::to_string(page), Json(), context));
      for (const Json& cluster : answer["clusters"].items()) {
        ++seen;
        CAPSTAN_TRY(Observed one, Read(cluster));
        if (one.identity == identity.tag || one.name == wanted["name"].AsString())
          found.push_back(std::move(one));
      }
      if (page < answer["pages"].AsInteger()) continue;
      if (seen == answer["total"].AsInteger(-1)) return found;
      return Fail(Code::kDataLoss, "the pages of the list do not add up to its total");
    }
  }

  Result<std::optional<Observed>> Get(const std::string& id, const Context& context) override {
    const auto answer = Ask("GET", "/clusters/" + capstan::UrlEncode(id), Json(), context);
    if (!answer && answer.error().http_status == 404) return std::optional<Observed>();
    if (!answer) return Fail(answer.error());
    return Read(*answer);
  }

  // One request, with both tags in it.
  Outcome Create(const Identity& identity, const std::string& desired, const Context& context) override {
    const auto wanted = Json::Parse(desired);
    if (!wanted) return Failed(wanted.error());
    Json body;
    body.Set("name", (*wanted)["name"]).Set("size", (*wanted)["spec"]["size"]);
    body.Set("tags", Json::Array{identity.tag, identity.owner});
    const auto answer = Ask("POST", "/clusters", body, context);
    return answer ? Done((*answer)["id"].AsString()) : Failed(answer.error());
  }

  Outcome Delete(const std::string& id, const DeleteOptions&, const Context& context) override {
    const auto answer = Ask("DELETE", "/clusters/" + capstan::UrlEncode(id), Json(), context);
    if (!answer && answer.error().http_status == 404) return NotFound();
    return answer ? Done() : Failed(answer.error());
  }

  Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    CAPSTAN_TRY(const Json wanted, Json::Parse(desired));
    if (observed.id.empty()) return PlanToCreate(wanted);
    CAPSTAN_TRY(const Json state, Json::Parse(observed.state));
    Plan plan;
    const Json size = wanted["spec"]["size"];
    if (size == state["size"]) return plan;
    Step step;
    step.verb = "scale";
    step.target = "size";
    step.why = "spec.size is " + size.ToText() + ", the cluster has " + state["size"].ToText();
    step.destroys = size.AsInteger() < state["size"].AsInteger();
    step.waits = true;
    step.arguments = Json().Set("size", size).ToText();
    plan.steps.push_back(step);
    plan.differences.push_back({"spec.size", size.ToText(), state["size"].ToText()});
    return plan;
  }

  Outcome Apply(const std::string& id, const Step& step, const Identity&, const Context& context) override {
    const auto arguments = Json::Parse(step.arguments);
    if (!arguments) return Failed(arguments.error());
    const auto answer = Ask("PUT", "/clusters/" + capstan::UrlEncode(id), *arguments, context);
    return answer ? Done() : Failed(answer.error());
  }

  // Our two tags instead of any identity and owner; all other tags stay. One request changes
  // something.
  Outcome Adopt(const std::string& id, const Identity& identity, const Context& context) override {
    const std::string path = "/clusters/" + capstan::UrlEncode(id);
    const auto cluster = Ask("GET", path, Json(), context);
    if (!cluster && cluster.error().http_status == 404) return NotFound();
    if (!cluster) return Outcome{Verdict::kWait, "", cluster.error()};  // nothing was done yet
    Json tags = Json::EmptyArray();
    for (const Json& tag : (*cluster)["tags"].items()) {
      const std::string text = tag.AsString();
      if (!text.starts_with("capstan:") && !text.starts_with("capstan-owner:")) tags.Append(tag);
    }
    tags.Append(identity.tag).Append(identity.owner);
    const auto answer = Ask("PUT", path + "/tags", Json().Set("tags", tags), context);
    if (!answer && answer.error().http_status == 404) return NotFound();
    return answer ? Done() : Failed(answer.error());
  }

 private:
  static Plan PlanToCreate(const Json& wanted) {
    Step step;
    step.verb = "create";
    step.target = "cluster";
    step.why = "there is no cluster yet";
    step.makes = true;
    Plan plan;
    plan.steps.push_back(step);
    plan.differences.push_back({"spec.size", wanted["spec"]["size"].ToText(), ""});
    return plan;
  }

  // One exchange. Errors keep the cloud's own words and status; Failed() makes the right outcome of
  // them.
  Result<Json> Ask(const std::string& method, const std::string& path, const Json& body,
                   const Context& context) {
    capstan::http::Request request;
    request.method = method;
    request.url = url_ + path;
    request.headers.Set("Authorization", "Bearer " + std::string(token_.Reveal()));
    if (!body.is_null()) {
      request.headers.Set("Content-Type", "application/json");
      request.body = body.ToText();
    }
    CAPSTAN_TRY(const capstan::http::Response response, setup_.transport.Send(request, context));
    auto answer = Json::Parse(response.body);
    if (response.status >= 300) {
      Error error = capstan::http::ErrorFromStatus(response, method + " " + path);
      if (answer && (*answer)["message"].is_string()) error.message = (*answer)["message"].AsString();
      return Fail(std::move(error));
    }
    if (answer && answer->is_object()) return answer;
    Error broken =
        Fail(Code::kDataLoss, "the answer to " + method + " " + path + " is no JSON object").value();
    broken.sent = capstan::Sent::kMaybe;  // it was carried out or not: the answer does not say
    return Fail(std::move(broken));
  }

  static Result<Observed> Read(const Json& cluster) {
    Observed seen;
    seen.id = cluster["id"].AsString();
    if (seen.id.empty()) return Fail(Code::kDataLoss, "the cloud shows a cluster without an id");
    seen.name = cluster["name"].AsString();
    seen.created_at = cluster["created_at"].AsString();
    for (const Json& tag : cluster["tags"].items()) {
      const std::string text = tag.AsString();
      if (text.starts_with("capstan:")) seen.identity = text;
      if (text.starts_with("capstan-owner:")) seen.owner = text;
    }
    const std::string state = cluster["state"].AsString();
    seen.phase = state == "running"    ? Phase::kReady
                 : state == "creating" ? Phase::kCreating
                 : state == "resizing" ? Phase::kUpdating
                 : state == "deleting" ? Phase::kDeleting
                                       : Phase::kFailed;
    seen.status = Json().Set("size", cluster["size"]).Set("progress", state).ToText();
    seen.state = seen.status;
    return seen;
  }

  const Setup setup_;
  const capstan::Secret token_;
  std::string url_;
};

}  // namespace my_cloud

CAPSTAN_PLUGIN(my_cloud::Clusters, "mycloud", "0.1.0", "mycloud.example/MyCloudCluster");
