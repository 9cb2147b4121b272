#include "bucket_provider.hpp"

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/text.hpp>

namespace example {
namespace {

using namespace capstan;
using namespace capstan::external;

constexpr char kServer[] = "https://buckets.test";

// The core's code for a refusal of the cloud.
Code CodeOf(int status) {
  switch (status) {
    case 400:
    case 422:
      return Code::kInvalidArgument;
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kNotFound;
    case 409:
      return Code::kAlreadyExists;
    case 429:
      return Code::kResourceExhausted;
    default:
      return Code::kUnavailable;
  }
}

class Buckets final : public External {
 public:
  Buckets(http::Transport& cloud, Secret token) : cloud_(cloud), token_(std::move(token)) {}

  Result<Account> WhoAmI(const Context& context) override {
    CAPSTAN_TRY(const Json account, Ask("GET", "/account", {}, context));
    return Account{account["id"].AsString(), account["name"].AsString()};
  }

  Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                     const Context& context) override {
    CAPSTAN_TRY(const Json wanted, Json::Parse(desired));
    CAPSTAN_TRY(Page all, List("", context));
    std::erase_if(all.items, [&](const Observed& seen) {
      return seen.identity != identity.tag && seen.name != wanted["name"].AsString();
    });
    return std::move(all.items);
  }

  // This cloud has one page. The list lets the core observe all buckets in one request, and find
  // orphans.
  Result<Page> List(const std::string&, const Context& context) override {
    CAPSTAN_TRY(const Json all, Ask("GET", "/buckets", {}, context));
    if (!all["buckets"].is_array()) return Fail(Code::kDataLoss, "the answer has no list of buckets");
    Page page;
    for (const Json& bucket : all["buckets"].items()) page.items.push_back(Read(bucket));
    return page;
  }

  Result<std::optional<Observed>> Get(const std::string& id, const Context& context) override {
    auto bucket = Ask("GET", "/buckets/" + UrlEncode(id), {}, context);
    if (bucket && (*bucket)["id"].AsString() != id)
      return Fail(Code::kDataLoss, "the answer is not about bucket " + id);
    if (bucket) return std::optional<Observed>(Read(*bucket));
    if (bucket.error().http_status == 404) return std::optional<Observed>();
    return Fail(bucket.error());
  }

  Outcome Create(const Identity& identity, const std::string& desired, const Context& context) override {
    const Json wanted = Json::Parse(desired).value_or(Json());
    Json body;
    body.Set("name", wanted["name"]).Set("gigabytes", wanted["spec"]["gigabytes"].AsInteger(1));
    body.Set("tags", Json().Append(identity.tag).Append(identity.owner));
    auto made = Ask("POST", "/buckets", body, context);
    if (made && (*made)["id"].AsString().empty())
      made = Fail(Code::kDataLoss, "the answer has no id of the new bucket", Sent::kYes);
    return Judge(made, made ? (*made)["id"].AsString() : "");
  }

  Outcome Delete(const std::string& id, const DeleteOptions&, const Context& context) override {
    return Judge(Ask("DELETE", "/buckets/" + UrlEncode(id), {}, context), id);
  }

  Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    CAPSTAN_TRY(const Json wanted, Json::Parse(desired));
    const std::int64_t size = wanted["spec"]["gigabytes"].AsInteger(1);
    const std::int64_t there = Json::Parse(observed.state).value_or(Json())["gigabytes"].AsInteger();
    Plan plan;
    if (!observed.id.empty() && size == there) return plan;
    Step step;
    step.makes = observed.id.empty();
    step.verb = step.makes ? "create" : "resize";
    step.target = "bucket";
    step.why = step.makes ? "there is no bucket yet"
                          : StrCat("spec.gigabytes is ", size, ", the bucket has ", there);
    step.arguments = Json().Set("gigabytes", size).ToText();
    plan.differences.push_back(
        {"spec.gigabytes", std::to_string(size), step.makes ? "nothing" : std::to_string(there)});
    plan.steps.push_back(std::move(step));
    return plan;
  }

  Outcome Apply(const std::string& id, const Step& step, const Identity&, const Context& context) override {
    return Judge(
        Ask("PATCH", "/buckets/" + UrlEncode(id), Json::Parse(step.arguments).value_or(Json()), context), id);
  }

 private:
  static Observed Read(const Json& bucket) {
    Observed seen;
    seen.id = bucket["id"].AsString();
    seen.name = bucket["name"].AsString();
    seen.phase = bucket["state"].AsString() == "ready" ? Phase::kReady : Phase::kCreating;
    seen.status = Json().Set("gigabytes", bucket["gigabytes"]).ToText();
    seen.state = bucket.ToText();
    for (const Json& tag : bucket["tags"].items()) {
      const std::string text = tag.AsString();
      if (text.starts_with("capstan:")) seen.identity = text;
      if (text.starts_with("capstan-owner:")) seen.owner = text;
    }
    return seen;
  }

  // Done; rejected only if the cloud certainly did nothing; otherwise unknown, and the core
  // observes.
  static Outcome Judge(const Result<Json>& answer, const std::string& id) {
    if (answer) return {Verdict::kDone, id, std::nullopt};
    const int status = answer.error().http_status;
    if (status == 404) return {Verdict::kNotFound, "", answer.error()};
    const bool refused = answer.error().sent == Sent::kNo || external::CertainlyRefused(status);
    return {refused ? Verdict::kRejected : Verdict::kUnknown, "", answer.error()};
  }

  Result<Json> Ask(const std::string& method, const std::string& path, const Json& body,
                   const Context& context) {
    http::Request request{method, kServer + path, {}, body.is_null() ? "" : body.ToText()};
    request.headers.Set("Authorization", StrCat("Bearer ", token_.Reveal()));
    if (context.stopped()) return Fail(Code::kCancelled, "stopped");
    CAPSTAN_TRY(const http::Response response, cloud_.Send(request, context));
    if (response.status == 204) return Json();
    if (response.status >= 200 && response.status < 300) {
      const auto answer = Json::Parse(response.body);
      if (answer && answer->is_object()) return *answer;
      return Fail(Code::kDataLoss, StrCat(method, " ", path, ": the answer is no JSON object"), Sent::kYes,
                  response.status);
    }
    Error error =
        MakeError(CodeOf(response.status),
                  StrCat(method, " ", path, ": ",
                         Json::Parse(response.body).value_or(Json())["message"].AsString("no reason given")),
                  Sent::kYes, response.status);
    // In seconds; a cloud that sends a date here needs more code.
    const std::string wait(response.headers.Get("Retry-After").value_or(""));
    const bool number = !wait.empty() && wait.size() < 6 && wait.find_first_not_of("0123456789") == wait.npos;
    if (number) error.retry_after = std::chrono::seconds(std::stoi(wait));
    return Fail(std::move(error));
  }

  http::Transport& cloud_;
  const Secret token_;
};

class BucketProvider final : public Provider {
 public:
  explicit BucketProvider(http::Transport& cloud) : cloud_(cloud) {
    manifest_.name = "buckets";
    manifest_.version = "0.1.0";
    manifest_.kinds = {KindInfo{.group = "storage.example.dev",
                                .version = "v1",
                                .kind = "Bucket",
                                .plural = "buckets",
                                .credentials_field = "spec.tokenSecret",
                                .credential_keys = {"token"},
                                .id_status_field = "bucketID",
                                .phase_status_field = "progress"}};
    manifest_.allowed_hosts = {"buckets.test"};
    manifest_.quotas = {{.host = "buckets.test", .per_minute = 600}};
  }
  const Manifest& manifest() const override { return manifest_; }
  Result<std::unique_ptr<External>> Connect(const std::string& kind, const Credentials& credentials,
                                            const Context&) override {
    if (kind != "Bucket") return Fail(Code::kInvalidArgument, "there is no kind " + kind + " here");
    const auto token = credentials.data.find("token");
    if (token == credentials.data.end())
      return Fail(Code::kInvalidArgument, "the credentials have no key token");
    return std::make_unique<Buckets>(cloud_, token->second);
  }

 private:
  http::Transport& cloud_;
  Manifest manifest_;
};

}  // namespace

std::unique_ptr<Provider> MakeBucketProvider(http::Transport& cloud) {
  return std::make_unique<BucketProvider>(cloud);
}

}  // namespace example
