#include <capstan/simulation/box_provider.hpp>

#include <algorithm>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::simulation {
namespace {

using external::Observed;
using external::Outcome;
using external::Phase;
using external::Verdict;

std::vector<std::string> Strings(const json::ArrayPtr& array) {
  std::vector<std::string> strings;
  for (std::size_t i = 0; array && i < array->size(); ++i)
    strings.push_back(array->getElement<std::string>(static_cast<unsigned>(i)));
  return strings;
}

std::string TagWith(const std::vector<std::string>& tags, const std::string& prefix) {
  for (const auto& tag : tags) {
    if (tag.rfind(prefix, 0) == 0) return tag;
  }
  return "";
}

json::ObjectPtr SpecOf(const std::string& desired) {
  const auto document = json::ParseObject(desired);
  auto spec = document ? json::ObjectIn(*document, "spec") : nullptr;
  return spec ? spec : json::MakeObject();
}

std::string NameOf(const std::string& desired) {
  const auto document = json::ParseObject(desired);
  const auto name = json::StringIn(SpecOf(desired), "name");
  return name ? *name : document ? json::StringIn(*document, "name").value_or("") : "";
}

Observed ReadBox(json::ObjectPtr box) {
  Observed observed;
  observed.id = json::StringIn(box, "id").value_or("");
  observed.name = json::StringIn(box, "name").value_or("");
  const auto tags = Strings(json::ArrayIn(box, "tags"));
  observed.identity = TagWith(tags, "capstan:");
  observed.owner = TagWith(tags, "capstan-owner:");
  observed.created_at = json::StringIn(box, "created").value_or("");
  const std::string state = json::StringIn(box, "state").value_or("");
  observed.phase = state == "ready"      ? Phase::kReady
                   : state == "deleting" ? Phase::kDeleting
                                         : Phase::kCreating;
  observed.connectable = observed.phase == Phase::kReady;
  auto status = json::MakeObject();
  status->set("progress", state);
  status->set("size", json::IntegerIn(box, "size").value_or(0));
  status->set("note", std::string());  // clouds say nothing in many words; what is shown must bear it
  observed.status = json::ToText(status);
  observed.state = json::ToText(box);
  return observed;
}

class BoxExternal final : public external::External {
 public:
  BoxExternal(http::Transport& transport, std::string server, Secret token)
      : transport_(transport), server_(std::move(server)), token_(std::move(token)) {}

  Result<external::Account> WhoAmI(const Context& context) override {
    {
      MutexLock lock(mutex_);
      if (account_) return *account_;
    }
    external::Account account;
    auto answer = Call("GET", "/account", "", context);
    if (!answer && answer.error().code != Code::kPermissionDenied) return Failure(std::move(answer).error());
    if (answer) account = {json::StringIn(*answer, "id").value_or(""), "a box account"};
    MutexLock lock(mutex_);
    account_ = account;
    return account;
  }

  Result<std::vector<Observed>> Find(const external::Identity& identity, const std::string& desired,
                                     const Context& context) override {
    if (!identity.parent.empty()) return FindLid(identity, context);
    std::vector<Observed> found;
    std::int64_t page = 1, seen = 0, total = 0;
    while (page != 0) {
      CAPSTAN_TRY(const auto answer, Call("GET", StrCat("/boxes?page=", page), "", context));
      const auto boxes = json::ArrayIn(answer, "boxes");
      for (std::size_t i = 0; boxes && i < boxes->size(); ++i, ++seen) {
        Observed box = ReadBox(json::AsObject(boxes->get(static_cast<unsigned>(i))));
        if (box.identity == identity.tag || box.name == NameOf(desired)) found.push_back(std::move(box));
      }
      total = json::IntegerIn(answer, "total").value_or(-1);
      page = json::IntegerIn(answer, "next").value_or(0);
    }
    if (seen != total)
      return Fail(Code::kDataLoss, StrCat("the pages have ", seen, " boxes, the total says ", total));
    return found;
  }

  Result<std::optional<Observed>> Get(const std::string& id, const Context& context) override {
    auto answer = Call("GET", "/boxes/" + UrlEncode(id), "", context);
    if (!answer && answer.error().code == Code::kNotFound) return std::optional<Observed>();
    if (!answer) return Failure(std::move(answer).error());
    return std::optional<Observed>(ReadBox(json::ObjectIn(*answer, "box")));
  }

  Outcome Create(const external::Identity& identity, const std::string& desired,
                 const Context& context) override {
    const auto spec = SpecOf(desired);
    auto body = json::MakeObject();
    body->set("name", NameOf(desired));
    body->set("size", json::IntegerIn(spec, "size").value_or(1));
    body->set("color", json::StringIn(spec, "color").value_or(""));
    body->set("tags", Tags(identity));
    auto answer = Call("POST", "/boxes", json::ToText(body), context);
    if (!answer) return Bad(answer.error());
    return Outcome{Verdict::kDone, json::StringIn(json::ObjectIn(*answer, "box"), "id").value_or(""),
                   std::nullopt};
  }

  Outcome Delete(const std::string& id, const external::DeleteOptions&, const Context& context) override {
    auto answer = Call("DELETE", "/boxes/" + UrlEncode(id), "", context);
    if (!answer && answer.error().code == Code::kNotFound)
      return Outcome{Verdict::kNotFound, "", answer.error()};
    return answer ? Outcome{Verdict::kDone, "", std::nullopt} : Bad(answer.error());
  }

  Result<external::Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    const auto spec = SpecOf(desired);
    CAPSTAN_TRY(const auto box, json::ParseObject(observed.state));
    external::Plan plan;
    const auto color = json::StringIn(spec, "color");
    if (color && *color != json::StringIn(box, "color"))
      plan.unsupported.push_back({"spec.color", "a box keeps its color"});
    const auto size = json::IntegerIn(spec, "size").value_or(1);
    const auto is = json::IntegerIn(box, "size").value_or(1);
    if (size != is) {
      external::Step step{"scale", "size", StrCat("spec.size is ", size, ", the box has ", is)};
      step.destroys = size < is;
      step.waits = true;
      step.arguments = StrCat("{\"size\":", size, "}");
      plan.steps.push_back(step);
    }
    AddLids(Strings(json::ArrayIn(spec, "lids")), json::ArrayIn(box, "lids"), plan);
    return plan;
  }

  Outcome Apply(const std::string& id, const external::Step& step, const external::Identity& identity,
                const Context& context) override {
    const std::string path = "/boxes/" + UrlEncode(id);
    if (step.verb == "add") {
      auto body = json::MakeObject();
      body->set("name", step.target.substr(5));
      body->set("tags", Tags(identity));
      auto answer = Call("POST", path + "/lids", json::ToText(body), context);
      if (!answer) return Bad(answer.error());
      return Outcome{Verdict::kDone, json::StringIn(*answer, "id").value_or(""), std::nullopt};
    }
    auto answer = step.verb == "remove" ? Call("DELETE", path + "/lids/" + step.arguments, "", context)
                                        : Call("PUT", path, step.arguments, context);
    return answer ? Outcome{Verdict::kDone, "", std::nullopt} : Bad(answer.error());
  }

  Result<external::Connection> Connect(const std::string& id, const std::string&,
                                       const Context& context) override {
    CAPSTAN_TRY(const auto answer, Call("POST", "/boxes/" + UrlEncode(id) + "/key", "{}", context));
    external::Connection connection;
    connection.data.emplace("key", Secret(json::StringIn(answer, "key").value_or("")));
    connection.expires = ParseRfc3339(json::StringIn(answer, "expires").value_or(""));
    return connection;
  }

 private:
  static json::ArrayPtr Tags(const external::Identity& identity) {
    auto tags = json::MakeArray();
    tags->add(identity.tag);
    tags->add(identity.owner);
    return tags;
  }

  static Outcome Bad(const Error& error) {
    const bool refused = error.http_status >= 400 && error.http_status < 500;
    const bool unsent = error.http_status == 0 && error.sent == Sent::kNo;
    return Outcome{refused || unsent ? Verdict::kRejected : Verdict::kUnknown, "", error};
  }

  static void AddLids(const std::vector<std::string>& wanted, const json::ArrayPtr& lids,
                      external::Plan& plan) {
    std::vector<std::string> there;
    for (std::size_t i = 0; lids && i < lids->size(); ++i) {
      const auto lid = json::AsObject(lids->get(static_cast<unsigned>(i)));
      there.push_back(json::StringIn(lid, "name").value_or(""));
      if (std::find(wanted.begin(), wanted.end(), there.back()) != wanted.end()) continue;
      external::Step step{"remove", "lids/" + there.back(), "spec.lids does not name it"};
      step.destroys = true;
      step.arguments = json::StringIn(lid, "id").value_or("");
      plan.steps.push_back(step);
    }
    for (const auto& name : wanted) {
      if (std::find(there.begin(), there.end(), name) != there.end()) continue;
      external::Step step{"add", "lids/" + name, "spec.lids names it"};
      step.makes = true;
      plan.steps.push_back(step);
    }
  }

  Result<std::vector<Observed>> FindLid(const external::Identity& identity, const Context& context) {
    CAPSTAN_TRY(const auto answer, Call("GET", "/boxes/" + UrlEncode(identity.parent), "", context));
    std::vector<Observed> found;
    const auto lids = json::ArrayIn(json::ObjectIn(answer, "box"), "lids");
    for (std::size_t i = 0; lids && i < lids->size(); ++i) {
      Observed lid = ReadBox(json::AsObject(lids->get(static_cast<unsigned>(i))));
      if (lid.name == identity.target.substr(5)) found.push_back(std::move(lid));
    }
    return found;
  }

  Result<json::ObjectPtr> Call(const std::string& method, const std::string& path, const std::string& body,
                               const Context& context) {
    http::Request request;
    request.method = method;
    request.url = server_ + path;
    request.headers.Set("authorization", "Bearer " + std::string(token_.Reveal()));
    request.body = body;
    CAPSTAN_TRY(const auto response, transport_.Send(request, context));
    if (response.status >= 300) {
      Error error = http::ErrorFromStatus(response, StrCat(method, " ", path));
      const auto words = json::ParseObject(response.body);
      if (words) error.message = json::StringIn(*words, "message").value_or(error.message);
      return Fail(std::move(error));
    }
    if (response.body.empty()) return json::MakeObject();
    auto parsed = json::ParseObject(response.body);
    if (parsed) return *parsed;
    Error error = std::move(parsed).error();
    error.code = Code::kDataLoss;
    error.sent = Sent::kYes;
    return Fail(std::move(error));
  }

  http::Transport& transport_;
  const std::string server_;
  const Secret token_;
  Mutex mutex_;
  std::optional<external::Account> account_ CAPSTAN_GUARDED_BY(mutex_);
};

constexpr char kCrdHead[] = R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
"metadata":{"name":"boxes.example.test"},
"spec":{"group":"example.test","scope":"Namespaced","names":{"kind":"Box","plural":"boxes","singular":"box","listKind":"BoxList"},
"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},
"schema":{"openAPIV3Schema":{"type":"object","properties":{
"spec":{"type":"object","properties":{"name":{"type":"string"},"size":{"type":"integer"},"color":{"type":"string"},
"lids":{"type":"array","items":{"type":"string"}},"tokenSecret":{"type":"string"},"deletionPolicy":{"type":"string"},
"deletionProtection":{"type":"boolean"},"recreateIfLost":{"type":"boolean"},"allowDestructive":{"type":"boolean"}}},
"status":{"type":"object","properties":{"boxID":{"type":"string"},"progress":{"type":"string"},"note":{"type":"string"},"size":{"type":"integer"},
"keySecret":{"type":"string"},"observedGeneration":{"type":"integer"},
"conditions":{"type":"array","items":{"type":"object","properties":{"type":{"type":"string"},"status":{"type":"string"},
"reason":{"type":"string"},"message":{"type":"string"},"lastTransitionTime":{"type":"string"},
"observedGeneration":{"type":"integer"}}}})";
constexpr char kCrdExternal[] =
    R"(,"external":{"type":"object","properties":{"id":{"type":"string"},"account":{"type":"string"},
"recordedAt":{"type":"string"},"attempts":{"type":"integer"},"doubt":{"type":"boolean"},"absentSince":{"type":"string"},
"emptySince":{"type":"string"},"gone":{"type":"boolean"},"credentialsSecret":{"type":"string"},
"surplus":{"type":"array","items":{"type":"string"}},
"pending":{"type":"object","properties":{"step":{"type":"string"},"attempt":{"type":"integer"},"identity":{"type":"string"},
"account":{"type":"string"},"holder":{"type":"string"},"startedAt":{"type":"string"},"unknownSince":{"type":"string"}}}}})";
constexpr char kCrdTail[] = R"(}}}}}}]}})";

}  // namespace

BoxProvider::BoxProvider(http::Transport& transport, std::string server)
    : transport_(transport), server_(std::move(server)) {
  external::KindInfo info;
  info.group = "example.test";
  info.version = "v1";
  info.kind = "Box";
  info.plural = "boxes";
  info.credentials_field = "spec.tokenSecret";
  info.credential_keys = {"token"};
  info.credential_environment = {{"token", "BOX_TOKEN"}};
  info.connection_suffix = "-key";
  info.connection_status_field = "keySecret";
  info.id_status_field = "boxID";
  info.phase_status_field = "progress";
  manifest_.name = "boxes";
  manifest_.version = "1.0.0";
  manifest_.description = "Boxes of a simulated cloud.";
  manifest_.kinds = {info};
  manifest_.crds = {BoxCrd()};
  manifest_.allowed_hosts = {"boxes.test"};
}

Result<std::unique_ptr<external::External>> BoxProvider::Connect(const std::string& kind,
                                                                 const external::Credentials& credentials,
                                                                 const Context&) {
  const auto token = credentials.data.find("token");
  if (kind != "Box" || token == credentials.data.end()) {
    return Fail(Code::kInvalidArgument, "boxes need kind Box and a token");
  }
  return std::unique_ptr<external::External>(
      std::make_unique<BoxExternal>(transport_, server_, token->second));
}

std::string BoxCrd() { return StrCat(kCrdHead, kCrdExternal, kCrdTail); }
std::string OldBoxCrd() { return StrCat(kCrdHead, kCrdTail); }

}  // namespace capstan::simulation
