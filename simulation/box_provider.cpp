#include <capstan/simulation/box_provider.hpp>

#include <algorithm>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/external/tags.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::simulation {
namespace {

using external::Observed;
using external::Outcome;
using external::Phase;
using external::Verdict;

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
  const auto tags = json::StringsIn(box, "tags");
  observed.identity = TagWith(tags, external::kIdentityPrefix);
  observed.owner = TagWith(tags, external::kOwnerPrefix);
  observed.created_at = json::StringIn(box, "created").value_or("");
  const std::string state = json::StringIn(box, "state").value_or("");
  observed.phase = state == "ready"      ? Phase::kReady
                   : state == "deleting" ? Phase::kDeleting
                   : state == "degraded" ? Phase::kDegraded
                   : state == "failed"   ? Phase::kFailed
                                         : Phase::kCreating;
  observed.message = json::StringIn(box, "message").value_or("");
  observed.connectable = observed.phase == Phase::kReady;
  auto status = json::MakeObject();
  status->set("progress", state);
  status->set("size", json::IntegerIn(box, "size").value_or(0));
  status->set("note", std::string());  // clouds can send long texts; consumers must handle them
  observed.status = json::ToText(status);
  observed.state = json::ToText(box);
  return observed;
}

class BoxExternal final : public external::External {
 public:
  BoxExternal(http::Transport& transport, std::string server, Secret token, bool lists)
      : transport_(transport), server_(std::move(server)), token_(std::move(token)), lists_(lists) {}

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
    if (!identity.parent.empty()) return FindLid(identity, desired, context);
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

  Result<external::Page> List(const std::string& cursor, const Context& context) override {
    if (!lists_) return Fail(Code::kUnimplemented, "this provider cannot list");
    CAPSTAN_TRY(const auto answer,
                Call("GET", StrCat("/boxes?page=", cursor.empty() ? "1" : UrlEncode(cursor)), "", context));
    external::Page page;
    page.total = json::IntegerIn(answer, "total");
    for (const auto& box : json::ObjectsOf(json::ArrayIn(answer, "boxes")))
      page.items.push_back(ReadBox(box));
    if (const auto next = json::IntegerIn(answer, "next")) page.next = std::to_string(*next);
    return page;
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

  // The cloud replaces all tags at once: the existing ones must be read first.
  Outcome Adopt(const std::string& id, const external::Identity& identity, const Context& context) override {
    const std::string path = "/boxes/" + UrlEncode(id);
    auto box = Call("GET", path, "", context);
    if (!box) return Unwritten(box.error());
    auto tags = Tags(identity);
    for (const auto& tag : json::StringsIn(json::ObjectIn(*box, "box"), "tags")) {
      if (!external::IsIdentityTag(tag)) tags->add(tag);
    }
    auto body = json::MakeObject();
    body->set("tags", tags);
    auto answer = Call("PUT", path + "/tags", json::ToText(body), context);
    return answer ? Outcome{Verdict::kDone, id, std::nullopt} : Bad(answer.error());
  }

  Result<std::vector<external::Associated>> ListAssociated(const std::string& id,
                                                           const Context& context) override {
    CAPSTAN_TRY(const auto answer, Call("GET", "/boxes/" + UrlEncode(id) + "/extras", "", context));
    std::vector<external::Associated> all;
    const auto list = json::ArrayIn(answer, "extras");
    for (std::size_t i = 0; list && i < list->size(); ++i) {
      const auto item = json::AsObject(list->get(static_cast<unsigned>(i)));
      all.push_back({json::StringIn(item, "kind").value_or(""), json::StringIn(item, "id").value_or(""),
                     json::StringIn(item, "name").value_or(""), 1.5});
    }
    return all;
  }

  Result<std::vector<external::Notice>> Notices(const std::string& id, const std::string& since,
                                                const Context& context) override {
    CAPSTAN_TRY(
        const auto answer,
        Call("GET", StrCat("/boxes/", UrlEncode(id), "/notices?since=", UrlEncode(since)), "", context));
    std::vector<external::Notice> all;
    const auto list = json::ArrayIn(answer, "notices");
    for (std::size_t i = 0; list && i < list->size(); ++i) {
      const auto item = json::AsObject(list->get(static_cast<unsigned>(i)));
      all.push_back({json::StringIn(item, "at").value_or(""), json::StringIn(item, "text").value_or("")});
    }
    return all;
  }

  Outcome Delete(const std::string& id, const external::DeleteOptions& options,
                 const Context& context) override {
    auto extras = json::MakeArray();
    for (const auto& item : options.associated) extras->add(item.id);
    auto body = json::MakeObject();
    body->set("extras", extras);
    auto answer =
        Call("DELETE", "/boxes/" + UrlEncode(id), extras->size() == 0 ? "" : json::ToText(body), context);
    if (!answer && answer.error().code == Code::kNotFound)
      return Outcome{Verdict::kNotFound, "", answer.error()};
    return answer ? Outcome{Verdict::kDone, "", std::nullopt} : Bad(answer.error());
  }

  Result<external::Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    const auto spec = SpecOf(desired);
    external::Plan plan;
    if (observed.id.empty()) {
      external::Step step{"create", "box", "there is none"};
      step.makes = true;
      plan.steps.push_back(step);
      return plan;
    }
    CAPSTAN_TRY(const auto box, json::ParseObject(observed.state));
    const auto color = json::StringIn(spec, "color");
    if (color && *color != json::StringIn(box, "color")) {
      plan.unsupported.push_back({"spec.color", "a box keeps its color"});
      plan.differences.push_back({"spec.color", *color, json::StringIn(box, "color").value_or("")});
    }
    const auto is = json::IntegerIn(box, "size").value_or(1);
    // An unspecified size stays unchanged.
    const auto size = json::IntegerIn(spec, "size").value_or(is);
    if (size != is) {
      plan.differences.push_back({"spec.size", StrCat(size), StrCat(is)});
      external::Step step{"scale", "size", StrCat("spec.size is ", size, ", the box has ", is)};
      step.destroys = size < is;
      step.waits = true;
      step.monthly_cost_change = static_cast<double>(size - is) * 2.5;
      step.arguments = StrCat("{\"size\":", size, "}");
      plan.steps.push_back(step);
    }
    AddLids(json::StringsIn(spec, "lids"), json::StringIn(spec, "lidShape").value_or(""),
            json::ArrayIn(box, "lids"), plan);
    plan.waiting = json::StringIn(spec, "waitFor").value_or("");
    return plan;
  }

  Outcome Apply(const std::string& id, const external::Step& step, const external::Identity& identity,
                const Context& context) override {
    const std::string path = "/boxes/" + UrlEncode(id);
    if (step.makes) {
      auto body = json::MakeObject();
      body->set("name", step.target.substr(5));
      body->set("shape", step.arguments);
      body->set("tags", Tags(identity));
      auto answer = Call("POST", path + "/lids", json::ToText(body), context);
      if (!answer) return Bad(answer.error());
      return Outcome{Verdict::kDone, json::StringIn(*answer, "id").value_or(""), std::nullopt};
    }
    auto answer = step.verb == "remove" ? Call("DELETE", path + "/lids/" + step.arguments, "", context)
                                        : Call("PUT", path, step.arguments, context);
    return answer ? Outcome{Verdict::kDone, "", std::nullopt} : Bad(answer.error());
  }

  Result<external::Connection> ReadConnection(const std::string& id, const std::string&,
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
    const bool refused = external::CertainlyRefused(error.http_status);
    const bool unsent = error.http_status == 0 && error.sent == Sent::kNo;
    return Outcome{refused || unsent ? Verdict::kRejected : Verdict::kUnknown, "", error};
  }

  // The request that would change something was not sent.
  static Outcome Unwritten(Error error) {
    error.sent = Sent::kNo;
    error.http_status = error.http_status >= 500 ? 0 : error.http_status;
    return Outcome{error.code == Code::kNotFound ? Verdict::kNotFound : Verdict::kRejected, "",
                   std::move(error)};
  }

  // A lid of another shape is replaced: the new one is created before the old one is deleted.
  static void AddLids(const std::vector<std::string>& wanted, const std::string& shape,
                      const json::ArrayPtr& lids, external::Plan& plan) {
    std::vector<std::string> there, other;
    std::vector<external::Step> removals;
    for (std::size_t i = 0; lids && i < lids->size(); ++i) {
      const auto lid = json::AsObject(lids->get(static_cast<unsigned>(i)));
      const std::string name = json::StringIn(lid, "name").value_or("");
      const bool named = std::find(wanted.begin(), wanted.end(), name) != wanted.end();
      const bool fits = shape.empty() || json::StringIn(lid, "shape") == shape;
      if (named) (fits ? there : other).push_back(name);
      if (named && fits) continue;
      external::Step step{"remove", "lids/" + name,
                          named ? "it has another shape" : "spec.lids does not name it"};
      step.destroys = true;
      step.arguments = json::StringIn(lid, "id").value_or("");
      plan.differences.push_back({StrCat("spec.lids[", name, "]"), named ? shape : "", name});
      removals.push_back(step);
    }
    for (const auto& name : wanted) {
      if (std::find(there.begin(), there.end(), name) != there.end()) continue;
      const bool replaces = std::find(other.begin(), other.end(), name) != other.end();
      external::Step step{replaces ? "replace" : "add", "lids/" + name,
                          replaces ? "it has another shape" : "spec.lids names it"};
      step.makes = true;
      step.destroys = replaces;
      step.arguments = shape;
      plan.steps.push_back(step);
      if (!replaces) plan.differences.push_back({StrCat("spec.lids[", name, "]"), name, ""});
    }
    plan.steps.insert(plan.steps.end(), removals.begin(), removals.end());
  }

  Result<std::vector<Observed>> FindLid(const external::Identity& identity, const std::string& desired,
                                        const Context& context) {
    CAPSTAN_TRY(const auto answer, Call("GET", "/boxes/" + UrlEncode(identity.parent), "", context));
    std::vector<Observed> found;
    const std::string shape = json::StringIn(SpecOf(desired), "lidShape").value_or("");
    const auto lids = json::ArrayIn(json::ObjectIn(answer, "box"), "lids");
    for (std::size_t i = 0; lids && i < lids->size(); ++i) {
      const auto item = json::AsObject(lids->get(static_cast<unsigned>(i)));
      Observed lid = ReadBox(item);
      if (lid.name == identity.target.substr(5) && (shape.empty() || json::StringIn(item, "shape") == shape))
        found.push_back(std::move(lid));
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
      if (response.status == 405) error.code = Code::kUnimplemented;
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

  // Constant after construction.
  http::Transport& transport_;
  const std::string server_;
  const Secret token_;
  const bool lists_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::optional<external::Account> account_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace

BoxProvider::BoxProvider(http::Transport& transport, std::string server, bool lists)
    : transport_(transport), server_(std::move(server)), lists_(lists) {
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
  info.plan_status_field = "plan";
  info.associated_status_field = "extras";
  info.associated_kinds = {"ribbons", "stickers", "bows"};
  info.connection_secret_field = "spec.keySecret";
  info.connection_fields = {"spec.keyHolder"};
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
      std::make_unique<BoxExternal>(transport_, server_, token->second, lists_));
}

}  // namespace capstan::simulation
