#include <capstan/tests/abi/simulated_madeup_cloud.hpp>

#include <cstdlib>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::abi {
namespace {

http::Response JsonReply(int status, std::string body) {
  return http::Response{status, {{"Content-Type", "application/json"}}, std::move(body)};
}

http::Response Refuse(int status, const std::string& reason, const std::string& message) {
  auto body = json::MakeObject();
  body->set("reason", reason);
  body->set("message", message);
  return JsonReply(status, json::ToText(body));
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
  (void)writer.Respond(response);  // a client that has disconnected is ignored
}

void SimulatedMadeUpCloud::Advance() {
  for (auto it = clusters_.begin(); it != clusters_.end();) {
    MadeUpCluster& cluster = it->second;
    const bool due = clock_.Now() >= cluster.changes;
    if (due && cluster.state == "deleting") {
      it = clusters_.erase(it);
      continue;
    }
    if (due && (cluster.state == "creating" || cluster.state == "resizing"))
      Enter(cluster, "running", Duration::zero());
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
    return JsonReply(200, StrCat(R"({"id":")", account, R"(","email":")", account, R"(@madeup.example"})"));
  }
  if (where == "sizes" && path.size() == 2) {
    return JsonReply(200, R"({"sizes":[{"slug":"m1","name":"","details":{"cpus":1}},)"
                          R"({"slug":"m2","name":"Big one","details":{"cpus":8,"zones":["a","b"]}}]})");
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
  if (path.size() == 3) return One(request, found->second);
  return Part(request, found->second, path[3], http::QueryValue(url->query(), "since", ""));
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
  cluster.made = clock_.Now();
  cluster.made_wall = clock_.WallNow();
  Enter(cluster, "creating", options_.provisioning);
  ever_made_.push_back(StrCat(cluster.id, " ", cluster.name, " ", IdentityOf(cluster)));
  const std::string answer = json::ToText(Body(cluster));
  clusters_[cluster.id] = std::move(cluster);
  return JsonReply(201, answer);
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
  return JsonReply(200, json::ToText(body));
}

void SimulatedMadeUpCloud::Enter(MadeUpCluster& cluster, const std::string& state, Duration until) {
  cluster.state = state;
  cluster.changes = After(clock_.Now(), until);
  cluster.log.emplace_back(clock_.WallNow(), "the cluster is " + state);
}

http::Response SimulatedMadeUpCloud::One(const http::Request& request, MadeUpCluster& cluster) {
  if (request.method == "GET") return JsonReply(200, json::ToText(Body(cluster)));
  if (request.method == "DELETE") return Remove(request, cluster);
  if (request.method == "PUT") {
    if (cluster.state != "running") return Refuse(409, "busy", "the cluster is changing; try again later");
    const auto wanted = json::ParseObject(request.body);
    const auto size = wanted ? json::IntegerIn(*wanted, "size") : std::nullopt;
    if (!size || *size < 1) return Refuse(422, "invalid", "a size of at least 1 is needed");
    cluster.size = *size;
    Enter(cluster, "resizing", options_.provisioning);
    return JsonReply(200, json::ToText(Body(cluster)));
  }
  return Refuse(405, "method_not_allowed", "this cannot be done to a cluster");
}

http::Response SimulatedMadeUpCloud::Remove(const http::Request& request, MadeUpCluster& cluster) {
  if (const auto body = json::ParseObject(request.body); body) {
    const auto disks = json::ArrayIn(*body, "disks");
    if (disks.isNull()) return Refuse(400, "bad_request", "disks must be a list");
    for (const auto& disk : *disks) {
      const auto found = disks_.find(disk.toString());
      if (found == disks_.end() || found->second != cluster.id)
        return Refuse(422, "invalid", "a disk is not of this cluster");
    }
    for (const auto& disk : *disks) disks_.erase(disk.toString());
  }
  if (cluster.state != "deleting") Enter(cluster, "deleting", options_.removal);
  return JsonReply(202, "{}");
}

http::Response SimulatedMadeUpCloud::Part(const http::Request& request, MadeUpCluster& cluster,
                                          const std::string& part, const std::string& since) {
  if (part == "access" && request.method == "GET") {
    if (cluster.state != "running") return Refuse(412, "not_ready", "the cluster is not running yet");
    return JsonReply(200,
                     StrCat(R"({"kubeconfig":"apiVersion: v1\nkind: Config\n# )", cluster.id, R"(\n"})"));
  }
  auto body = json::MakeObject();
  auto items = json::MakeArray();
  if (part == "disks" && request.method == "GET") {
    for (const auto& [disk, owner] : disks_) {
      if (owner != cluster.id) continue;
      auto item = json::MakeObject();
      item->set("id", disk);
      item->set("name", "disk " + disk);
      items->add(item);
    }
    body->set("disks", items);
    return JsonReply(200, json::ToText(body));
  }
  if (part == "log" && request.method == "GET") {
    const auto after = ParseRfc3339(since);
    if (!after && !since.empty()) return Refuse(400, "bad_request", "since is no time");
    for (const auto& [at, text] : cluster.log) {
      if (after && at <= *after) continue;
      auto item = json::MakeObject();
      item->set("at", FormatRfc3339Micro(at));
      item->set("text", text);
      items->add(item);
    }
    body->set("lines", items);
    return JsonReply(200, json::ToText(body));
  }
  if (part == "tags" && request.method == "PUT") {
    const auto wanted = json::ParseObject(request.body);
    const auto tags = wanted ? json::ArrayIn(*wanted, "tags") : json::ArrayPtr();
    if (tags.isNull()) return Refuse(422, "invalid", "tags must be a list");
    cluster.tags.clear();
    for (const auto& tag : *tags) cluster.tags.push_back(tag.toString());
    return JsonReply(200, json::ToText(Body(cluster)));
  }
  return Refuse(404, "not_found", "there is nothing at this path");
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

void SimulatedMadeUpCloud::Tag(const std::string& id, std::vector<std::string> tags) {
  MutexLock lock(mutex_);
  clusters_[id].tags = std::move(tags);
}

void SimulatedMadeUpCloud::AddDisk(const std::string& cluster, const std::string& disk) {
  MutexLock lock(mutex_);
  disks_[disk] = cluster;
}

std::vector<std::string> SimulatedMadeUpCloud::Disks() const {
  MutexLock lock(mutex_);
  std::vector<std::string> disks;
  for (const auto& [disk, cluster] : disks_) disks.push_back(disk);
  return disks;
}

}  // namespace capstan::abi
