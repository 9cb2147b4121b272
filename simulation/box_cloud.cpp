#include <capstan/simulation/box_cloud.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::simulation {
namespace {

http::Response Reply(int status, const json::ObjectPtr& body) {
  http::Response response;
  response.status = status;
  if (body) response.body = json::ToText(body);
  response.headers.Set("content-type", "application/json");
  return response;
}

http::Response Refuse(int status, const std::string& message) {
  auto body = json::MakeObject();
  body->set("message", message);
  return Reply(status, body);
}

http::Response Wrapped(int status, const char* key, const std::string& rendered) {
  auto body = json::MakeObject();
  const auto object = json::ParseObject(rendered);
  body->set(key, object ? *object : json::MakeObject());
  return Reply(status, body);
}

}  // namespace

void BoxCloud::Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) {
  http::Response response;
  {
    MutexLock lock(mutex_);
    ++requests_;
    Advance();
    response = Answer(request);
  }
  (void)writer.Respond(response);  // a client that is gone does not undo the change
}

void BoxCloud::Advance() const {
  for (auto it = boxes_.begin(); it != boxes_.end();) {
    const auto& asked = it->second.delete_requested;
    it = asked && clock_.WallNow() >= *asked + options_.deletion ? boxes_.erase(it) : std::next(it);
  }
}

http::Response BoxCloud::Answer(const http::Request& request) {
  const auto url = http::ParseUrl(request.url);
  const auto authorization = std::string(request.headers.Get("authorization").value_or(""));
  const auto account =
      options_.accounts.find(authorization.substr(0, 7) == "Bearer " ? authorization.substr(7) : "");
  if (account == options_.accounts.end()) return Refuse(401, "unable to authenticate you");
  if (!url) return Refuse(400, "malformed URL");
  const auto path = Split(std::string(url->path()).substr(1), '/');
  if (path[0] == "account") {
    if (!options_.account_readable) return Refuse(403, "you may not read the account");
    auto body = json::MakeObject();
    body->set("id", account->second);
    return Reply(200, body);
  }
  if (path[0] != "boxes") return Refuse(404, "no such path");
  const auto refusal =
      options_.refusals.find(request.method + " " + (path.size() > 2 ? path[2] : std::string("/boxes")));
  if (refusal != options_.refusals.end()) return Refuse(refusal->second, "not as you say it");
  if (path.size() == 1) {
    return request.method == "POST" ? Make(account->second, request.body)
                                    : List(account->second, url->query());
  }
  const auto box = boxes_.find(path[1]);
  if (box == boxes_.end() || box->second.account != account->second ||
      clock_.WallNow() < box->second.created + options_.get_lag) {
    return Refuse(404, "box not found");
  }
  const std::string part = Join({path.begin() + 2, path.end()}, "/");
  if (part == "tags" || part == "extras" || part == "notices")
    return OnExtras(box->second, request.method, part, url->query(), request.body);
  return OnBox(box->second, request.method, part, request.body);
}

http::Response BoxCloud::List(const std::string& account, std::string_view query) {
  std::vector<const Box*> shown;
  for (const auto& [id, box] : boxes_) {
    if (box.account == account && clock_.WallNow() >= box.created + options_.list_lag) shown.push_back(&box);
  }
  const auto page = static_cast<std::size_t>(std::stoul(http::QueryValue(query, "page", "1")));
  auto list = json::MakeArray();
  for (std::size_t i = (page - 1) * options_.page; i < std::min(shown.size(), page * options_.page); ++i) {
    list->add(*json::ParseObject(Render(*shown[i])));
  }
  auto body = json::MakeObject();
  body->set("boxes", list);
  body->set("total", static_cast<std::int64_t>(shown.size()));
  if (page * options_.page < shown.size()) body->set("next", static_cast<std::int64_t>(page + 1));
  return Reply(200, body);
}

http::Response BoxCloud::Make(const std::string& account, const std::string& body) {
  const auto wish = json::ParseObject(body);
  if (!wish) return Refuse(400, "the body is no JSON object");
  Box box;
  box.size = json::IntegerIn(*wish, "size").value_or(0);
  if (box.size < 1) return Refuse(422, "size must be at least 1");
  box.id = StrCat("box-", next_id_++);
  box.name = json::StringIn(*wish, "name").value_or("");
  box.color = json::StringIn(*wish, "color").value_or("");
  box.account = account;
  box.tags = json::StringsIn(*wish, "tags");
  box.created = clock_.WallNow();
  changes_.push_back({"POST /boxes", box.id, box.tags});
  return Wrapped(201, "box", Render(boxes_[box.id] = box));
}

http::Response BoxCloud::OnBox(Box& box, const std::string& method, const std::string& part,
                               const std::string& body) {
  if (method == "GET" && part.empty()) return Wrapped(200, "box", Render(box));
  if (method == "DELETE" && part.empty()) {
    Remove(box, body);
    return Reply(204, nullptr);
  }
  const auto wish = json::ParseObject(body.empty() ? "{}" : body);
  if (!wish) return Refuse(400, "the body is no JSON object");
  if (box.delete_requested) return Refuse(409, "the box is being deleted");
  if (method == "PUT" && part.empty()) {
    const std::int64_t size = json::IntegerIn(*wish, "size").value_or(box.size);
    if (size < 1) return Refuse(422, "size must be at least 1");
    changes_.push_back({"PUT /boxes", box.id, box.tags});
    box.size = size;
    return Wrapped(200, "box", Render(box));
  }
  if (method == "POST" && part == "lids") {
    Lid lid{StrCat("lid-", next_id_++), json::StringIn(*wish, "name").value_or(""),
            json::StringIn(*wish, "shape").value_or(""), json::StringsIn(*wish, "tags"), clock_.WallNow()};
    changes_.push_back({"POST lids", box.id, box.tags});
    box.lids.push_back(lid);
    auto answer = json::MakeObject();
    answer->set("id", lid.id);
    return Reply(201, answer);
  }
  if (method == "DELETE" && part.rfind("lids/", 0) == 0) {
    changes_.push_back({"DELETE lids", box.id, box.tags});
    const std::string id = part.substr(5);
    box.lids.erase(
        std::remove_if(box.lids.begin(), box.lids.end(), [&](const Lid& lid) { return lid.id == id; }),
        box.lids.end());
    return Reply(204, nullptr);
  }
  if (method == "POST" && part == "key") {
    changes_.push_back({"POST key", box.id, box.tags});
    auto answer = json::MakeObject();
    answer->set("key", StrCat("key-", next_id_++));
    answer->set("expires", FormatRfc3339(clock_.WallNow() + options_.key_life));
    return Reply(200, answer);
  }
  return Refuse(405, "not that");
}

void BoxCloud::Remove(Box& box, const std::string& body) {
  changes_.push_back({"DELETE /boxes", box.id, box.tags});
  if (!box.delete_requested) box.delete_requested = clock_.WallNow();
  const auto wish = json::ParseObject(body.empty() ? "{}" : body);
  const auto named = wish ? json::StringsIn(*wish, "extras") : std::vector<std::string>();
  extras_.erase(std::remove_if(extras_.begin(), extras_.end(),
                               [&](const Extra& extra) {
                                 return extra.box == box.id &&
                                        std::find(named.begin(), named.end(), extra.id) != named.end();
                               }),
                extras_.end());
}

// Requests on tags, extras and notices of a box.
http::Response BoxCloud::OnExtras(Box& box, const std::string& method, const std::string& part,
                                  std::string_view query, const std::string& body) {
  auto answer = json::MakeObject();
  auto list = json::MakeArray();
  if (method == "PUT" && part == "tags" && !options_.tags_fixed) {
    const auto wish = json::ParseObject(body);
    if (!wish) return Refuse(400, "the body is no JSON object");
    if (box.delete_requested) return Refuse(409, "the box is being deleted");
    changes_.push_back({"PUT tags", box.id, box.tags});
    box.tags = json::StringsIn(*wish, "tags");
    return Wrapped(200, "box", Render(box));
  }
  if (method == "GET" && part == "extras" && options_.extras_known) {
    for (const auto& extra : extras_) {
      if (extra.box != box.id) continue;
      auto item = json::MakeObject();
      item->set("kind", extra.kind);
      item->set("id", extra.id);
      item->set("name", extra.name);
      list->add(item);
    }
    answer->set("extras", list);
    return Reply(200, answer);
  }
  if (method == "GET" && part == "notices" && options_.has_notices) {
    const auto since = ParseRfc3339(http::QueryValue(query, "since", ""));
    for (const auto& notice : notices_[box.id]) {
      if (since && notice.at <= *since) continue;
      auto item = json::MakeObject();
      item->set("at", FormatRfc3339Micro(notice.at));
      item->set("text", notice.text);
      list->add(item);
    }
    answer->set("notices", list);
    return Reply(200, answer);
  }
  return Refuse(405, "not that");
}

std::string BoxCloud::Render(const Box& box) const {
  auto object = json::MakeObject();
  const bool ready = clock_.WallNow() >= box.created + options_.provisioning;
  object->set("id", box.id);
  object->set("name", box.name);
  object->set("size", box.size);
  object->set("color", box.color);
  object->set("tags", json::ArrayOf(box.tags));
  object->set("created", FormatRfc3339Micro(box.created));
  object->set("state", std::string(box.delete_requested ? "deleting" : !ready ? "creating" : "ready"));
  if (ready && !box.delete_requested && !box.fault.empty()) {
    object->set("state", box.fault);
    object->set("message", "a side of the box is " + box.fault);
  }
  auto lids = json::MakeArray();
  for (const auto& lid : box.lids) {
    if (clock_.WallNow() < lid.created + options_.list_lag) continue;
    auto item = json::MakeObject();
    item->set("id", lid.id);
    item->set("name", lid.name);
    item->set("shape", lid.shape);
    item->set("tags", json::ArrayOf(lid.tags));
    lids->add(item);
  }
  object->set("lids", lids);
  return json::ToText(object);
}

std::vector<Box> BoxCloud::Boxes() const {
  MutexLock lock(mutex_);
  Advance();
  std::vector<Box> all;
  for (const auto& [id, box] : boxes_) all.push_back(box);
  return all;
}

std::vector<BoxChange> BoxCloud::Changes() const {
  MutexLock lock(mutex_);
  return changes_;
}

std::uint64_t BoxCloud::requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

std::string BoxCloud::PutByHand(const std::string& account, const std::string& name,
                                std::vector<std::string> tags) {
  MutexLock lock(mutex_);
  Box box;
  box.id = StrCat("box-", next_id_++);
  box.name = name;
  box.account = account;
  box.tags = std::move(tags);
  box.created = clock_.WallNow() - std::chrono::hours(1);
  boxes_[box.id] = box;
  return box.id;
}

std::vector<Extra> BoxCloud::Extras() const {
  MutexLock lock(mutex_);
  return extras_;
}

std::string BoxCloud::AddExtra(const std::string& box, const std::string& kind, const std::string& name) {
  MutexLock lock(mutex_);
  extras_.push_back({kind, StrCat("extra-", next_id_++), name, box});
  return extras_.back().id;
}

void BoxCloud::AddNotice(const std::string& box, const std::string& text) {
  MutexLock lock(mutex_);
  notices_[box].push_back({clock_.WallNow(), text});
}

void BoxCloud::Resize(const std::string& id, std::int64_t size) {
  MutexLock lock(mutex_);
  const auto box = boxes_.find(id);
  if (box != boxes_.end()) box->second.size = size;
}

void BoxCloud::SetColor(const std::string& id, const std::string& color) {
  MutexLock lock(mutex_);
  const auto box = boxes_.find(id);
  if (box != boxes_.end()) box->second.color = color;
}

void BoxCloud::SetFault(const std::string& id, const std::string& state) {
  MutexLock lock(mutex_);
  const auto box = boxes_.find(id);
  if (box != boxes_.end()) box->second.fault = state;
}

void BoxCloud::VanishBox(const std::string& id) {
  MutexLock lock(mutex_);
  boxes_.erase(id);
}

void BoxCloud::SetTags(const std::string& id, std::vector<std::string> tags) {
  MutexLock lock(mutex_);
  if (const auto it = boxes_.find(id); it != boxes_.end()) it->second.tags = std::move(tags);
}

void BoxCloud::SetOptions(BoxCloudOptions options) {
  MutexLock lock(mutex_);
  options_ = std::move(options);
}

}  // namespace capstan::simulation
