#include <capstan/tests/abi/simulated_madeup_cloud.hpp>

#include <cstdlib>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::abi {
namespace {

http::Response Json(int status, std::string body) {
  return http::Response{status, {{"Content-Type", "application/json"}}, std::move(body)};
}

http::Response Refuse(int status, const std::string& reason, const std::string& message) {
  auto body = json::MakeObject();
  body->set("reason", reason);
  body->set("message", message);
  return Json(status, json::ToText(body));
}

json::ObjectPtr Body(const MadeUpCluster& cluster) {
  auto body = json::MakeObject();
  body->set("id", cluster.id);
  body->set("name", cluster.name);
  body->set("size", cluster.size);
  auto tags = json::MakeArray();
  for (const std::string& tag : cluster.tags) tags->add(tag);
  body->set("tags", tags);
  body->set("state", cluster.state);
  body->set("created_at", FormatRfc3339(cluster.made_wall));
  return body;
}

std::string IdentityOf(const MadeUpCluster& cluster) {
  for (const std::string& tag : cluster.tags) {
    if (tag.starts_with("capstan:")) return tag;
  }
  return "-";
}

}  // namespace

SimulatedMadeUpCloud::SimulatedMadeUpCloud(const Clock& clock, MadeUpCloudOptions options)
    : clock_(clock), options_(std::move(options)) {}

void SimulatedMadeUpCloud::Handle(const http::Request& request, http::ResponseWriter& writer,
                                  const Context&) {
  http::Response response;
  {
    MutexLock lock(mutex_);
    ++requests_;
    Advance();
    response = Answer(request);
  }
  response.headers.Add("Date", FormatHttpDate(clock_.WallNow()));
  (void)writer.Respond(response);  // a client that is gone is its own affair
}

void SimulatedMadeUpCloud::Advance() {
  for (auto it = clusters_.begin(); it != clusters_.end();) {
    MadeUpCluster& cluster = it->second;
    const bool due = clock_.Now() >= cluster.changes;
    if (due && cluster.state == "deleting") {
      it = clusters_.erase(it);
      continue;
    }
    if (due && (cluster.state == "creating" || cluster.state == "resizing")) cluster.state = "running";
    ++it;
  }
}

http::Response SimulatedMadeUpCloud::Answer(const http::Request& request) {
  const std::string authorization(request.headers.Get("Authorization").value_or(""));
  const auto token = authorization.starts_with("Bearer ") ? options_.tokens.find(authorization.substr(7))
                                                          : options_.tokens.end();
  if (token == options_.tokens.end()) return Refuse(401, "unauthorized", "the token is not known here");
  const std::string& account = token->second;
  const auto url = http::ParseUrl(request.url);
  if (!url) return Refuse(400, "bad_request", "the URL cannot be read");
  const std::vector<std::string> path = Split(url->path(), '/');  // the first piece is empty
  const std::string where = path.size() > 1 ? path[1] : "";
  if (where == "account" && path.size() == 2) {
    return Json(200, StrCat(R"({"id":")", account, R"(","email":")", account, R"(@madeup.example"})"));
  }
  if (where != "clusters" || path.size() > 4)
    return Refuse(404, "not_found", "there is nothing at this path");
  if (path.size() == 2 && request.method == "POST") return Create(account, request.body);
  if (path.size() == 2 && request.method == "GET")
    return List(account, http::QueryValue(url->query(), "page", "1"));
  const auto found = path.size() > 2 ? clusters_.find(path[2]) : clusters_.end();
  if (found == clusters_.end() || found->second.account != account) {
    return Refuse(404, "not_found", "there is no such cluster");
  }
  return One(request, found->second, path.size() == 4 && path[3] == "access");
}

http::Response SimulatedMadeUpCloud::Create(const std::string& account, const std::string& body) {
  const auto wanted = json::ParseObject(body);
  if (!wanted) return Refuse(400, "bad_request", "the body is not JSON");
  MadeUpCluster cluster;
  cluster.name = json::StringIn(*wanted, "name").value_or("");
  cluster.size = json::IntegerIn(*wanted, "size").value_or(0);
  if (cluster.name.empty() || cluster.size < 1)
    return Refuse(422, "invalid", "name and a size of at least 1 are needed");
  for (const auto& [id, other] : clusters_) {
    if (other.account == account && other.name == cluster.name) {
      return Refuse(409, "already_exists", StrCat("a cluster named ", cluster.name, " exists already"));
    }
  }
  if (const auto tags = json::ArrayIn(*wanted, "tags"); !tags.isNull()) {
    for (const auto& tag : *tags) cluster.tags.push_back(tag.toString());
  }
  cluster.id = StrCat("made-", next_id_++);
  cluster.account = account;
  cluster.state = "creating";
  cluster.made = clock_.Now();
  cluster.made_wall = clock_.WallNow();
  cluster.changes = After(cluster.made, options_.provisioning);
  ever_made_.push_back(StrCat(cluster.id, " ", cluster.name, " ", IdentityOf(cluster)));
  const std::string answer = json::ToText(Body(cluster));
  clusters_[cluster.id] = std::move(cluster);
  return Json(201, answer);
}

http::Response SimulatedMadeUpCloud::List(const std::string& account, const std::string& page) {
  std::vector<const MadeUpCluster*> visible;
  for (const auto& [id, cluster] : clusters_) {
    if (cluster.account == account && clock_.Now() >= After(cluster.made, options_.list_lag))
      visible.push_back(&cluster);
  }
  const auto size = static_cast<std::size_t>(options_.page_size);
  const auto number = static_cast<std::size_t>(std::max(1, std::atoi(page.c_str())));
  auto items = json::MakeArray();
  for (std::size_t i = (number - 1) * size; i < std::min(number * size, visible.size()); ++i)
    items->add(Body(*visible[i]));
  auto body = json::MakeObject();
  body->set("clusters", items);
  body->set("total", static_cast<std::int64_t>(visible.size()));
  body->set("pages", static_cast<std::int64_t>(std::max<std::size_t>(1, (visible.size() + size - 1) / size)));
  return Json(200, json::ToText(body));
}

http::Response SimulatedMadeUpCloud::One(const http::Request& request, MadeUpCluster& cluster, bool access) {
  if (access) {
    if (cluster.state != "running") return Refuse(412, "not_ready", "the cluster is not running yet");
    return Json(200, StrCat(R"({"kubeconfig":"apiVersion: v1\nkind: Config\n# )", cluster.id, R"(\n"})"));
  }
  if (request.method == "GET") return Json(200, json::ToText(Body(cluster)));
  if (request.method == "DELETE") {
    if (cluster.state != "deleting") {
      cluster.state = "deleting";
      cluster.changes = After(clock_.Now(), options_.removal);
    }
    return Json(202, "{}");
  }
  if (request.method == "PUT") {
    if (cluster.state != "running") return Refuse(409, "busy", "the cluster is changing; try again later");
    const auto wanted = json::ParseObject(request.body);
    const auto size = wanted ? json::IntegerIn(*wanted, "size") : std::nullopt;
    if (!size || *size < 1) return Refuse(422, "invalid", "a size of at least 1 is needed");
    cluster.size = *size;
    cluster.state = "resizing";
    cluster.changes = After(clock_.Now(), options_.provisioning);
    return Json(200, json::ToText(Body(cluster)));
  }
  return Refuse(405, "method_not_allowed", "this cannot be done to a cluster");
}

std::vector<MadeUpCluster> SimulatedMadeUpCloud::Clusters() const {
  MutexLock lock(mutex_);
  std::vector<MadeUpCluster> clusters;
  for (const auto& [id, cluster] : clusters_) {
    if (cluster.state != "deleting" || clock_.Now() < cluster.changes) clusters.push_back(cluster);
  }
  return clusters;
}

std::vector<std::string> SimulatedMadeUpCloud::EverMade() const {
  MutexLock lock(mutex_);
  return ever_made_;
}

int SimulatedMadeUpCloud::requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

std::string SimulatedMadeUpCloud::MakeForeign(const std::string& account, const std::string& name) {
  MutexLock lock(mutex_);
  auto body = json::MakeObject();
  body->set("name", name);
  body->set("size", 1);
  Create(account, json::ToText(body));
  return StrCat("made-", next_id_ - 1);
}

void SimulatedMadeUpCloud::RemoveAtOnce(const std::string& id) {
  MutexLock lock(mutex_);
  clusters_.erase(id);
}

void SimulatedMadeUpCloud::Break(const std::string& id) {
  MutexLock lock(mutex_);
  clusters_[id].state = "broken";
}

}  // namespace capstan::abi
