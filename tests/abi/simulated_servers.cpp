#include <capstan/tests/abi/simulated_servers.hpp>

#include <algorithm>
#include <cstdlib>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::abi {
namespace {

http::Response JsonAnswer(int status, const json::ObjectPtr& body) {
  return http::Response{
      status, {{"Content-Type", "application/json"}, {"X-Correlation-Id", "c-1"}}, json::ToText(body)};
}
http::Response RefuseServer(int status, const std::string& code, const std::string& message) {
  auto error = json::MakeObject();
  error->set("code", code);
  error->set("message", message);
  auto body = json::MakeObject();
  body->set("error", error);
  return JsonAnswer(status, body);
}

json::ObjectPtr ServerBody(const SimulatedServer& server) {
  auto labels = json::MakeObject();
  for (const auto& [key, value] : server.labels) labels->set(key, value);
  auto body = json::MakeObject();
  body->set("id", server.id);
  body->set("name", server.name);
  body->set("server_type", server.type);
  body->set("status", server.status);
  body->set("created", FormatRfc3339(server.made));
  body->set("labels", labels);
  return body;
}
http::Response Whole(int status, const SimulatedServer& server) {
  auto body = json::MakeObject();
  body->set("server", ServerBody(server));
  return JsonAnswer(status, body);
}

// Letters, digits, dots, dashes and underscores, at most 63.
bool TakesLabel(const std::string& value) {
  return value.size() <= 63 && std::all_of(value.begin(), value.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
         });
}
bool ReadLabels(const json::ObjectPtr& body, std::map<std::string, std::string>& labels) {
  const auto given = json::ObjectIn(body, "labels");
  if (given.isNull()) return true;
  labels.clear();
  for (const std::string& key : given->getNames()) {
    labels[key] = json::StringIn(given, key).value_or("");
    if (!TakesLabel(labels[key])) return false;
  }
  return true;
}

}  // namespace

void SimulatedServers::Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) {
  http::Response response;
  {
    MutexLock lock(mutex_);
    std::erase_if(servers_, [&](const auto& one) {
      return one.second.status == "deleting" && clock_.Now() >= one.second.changes;
    });
    for (auto& [id, server] : servers_) {
      if (clock_.Now() >= server.changes && server.status != "deleting") server.status = "running";
    }
    response = Answer(request);
  }
  (void)writer.Respond(response);
}

http::Response SimulatedServers::Answer(const http::Request& request) {
  if (request.headers.Get("Authorization") != "Bearer " + token_)
    return RefuseServer(401, "unauthorized", "unable to authenticate");
  const auto url = http::ParseUrl(request.url);
  const std::vector<std::string> path = Split(url ? url->path() : "", '/');
  if (!url || path.size() < 3 || path[1] != "v1" || path[2] != "servers")
    return RefuseServer(404, "not_found", "there is nothing here");
  if (path.size() == 3) return request.method == "POST" ? Create(request) : List(*url);
  if (path[3].empty() || path[3].find_first_not_of("0123456789") != std::string::npos)
    return RefuseServer(400, "invalid_input", "id must be an integer");
  const auto found = servers_.find(std::atoll(path[3].c_str()));
  if (found == servers_.end())
    return RefuseServer(404, "not_found", StrCat("server with ID '", path[3], "' not found"));
  return One(request, found->second, path.size() == 6 ? path[5] : path.size() == 4 ? "" : "?");
}

http::Response SimulatedServers::List(const http::Url& url) {
  const std::string name = http::QueryValue(url.query(), "name", "");
  const std::string selector = http::QueryValue(url.query(), "label_selector", "");
  const auto size = page_size_;
  const auto page =
      static_cast<std::size_t>(std::max(1, std::atoi(http::QueryValue(url.query(), "page", "1").c_str())));
  std::vector<const SimulatedServer*> fitting;
  for (const auto& [id, server] : servers_) {
    const std::size_t equals = selector.find('=');
    const auto label = server.labels.find(selector.substr(0, equals));
    if (!name.empty() && server.name != name) continue;
    if (!selector.empty() && (label == server.labels.end() || label->second != selector.substr(equals + 1)))
      continue;
    fitting.push_back(&server);
  }
  auto items = json::MakeArray();
  for (std::size_t i = (page - 1) * size; i < std::min(page * size, fitting.size()); ++i)
    items->add(ServerBody(*fitting[i]));
  auto pagination = json::MakeObject();
  if (page * size < fitting.size()) {
    pagination->set("next_page", static_cast<std::int64_t>(page + 1));
  } else {
    pagination->set("next_page", json::Tree());
  }
  pagination->set("total_entries", static_cast<std::int64_t>(fitting.size()));
  auto meta = json::MakeObject();
  meta->set("pagination", pagination);
  auto body = json::MakeObject();
  body->set("servers", items);
  body->set("meta", meta);
  return JsonAnswer(200, body);
}

http::Response SimulatedServers::Create(const http::Request& request) {
  const auto wanted = json::ParseObject(request.body);
  SimulatedServer server;
  if (!wanted || !ReadLabels(*wanted, server.labels))
    return RefuseServer(422, "invalid_input", "a label's value is invalid");
  server.name = json::StringIn(*wanted, "name").value_or("");
  server.type = json::StringIn(*wanted, "server_type").value_or("");
  if (server.name.empty() || server.type.empty())
    return RefuseServer(422, "invalid_input", "name and server_type are needed");
  for (const auto& [id, other] : servers_) {
    if (other.name == server.name)
      return RefuseServer(409, "uniqueness_error", "server name is already used");
  }
  server.id = ++last_id_;
  server.made = clock_.WallNow();
  Enter(server, "initializing");
  return Whole(201, servers_[server.id] = server);
}

http::Response SimulatedServers::One(const http::Request& request, SimulatedServer& server,
                                     const std::string& rest) {
  const auto body = json::ParseObject(request.body.empty() ? "{}" : request.body);
  if (!body) return RefuseServer(400, "json_error", "the body is no JSON");
  if (request.method == "GET" && rest.empty()) return Whole(200, server);
  if (request.method == "PUT" && rest.empty()) {
    if (!ReadLabels(*body, server.labels))
      return RefuseServer(422, "invalid_input", "a label's value is invalid");
    return Whole(200, server);
  }
  if (request.method == "DELETE" && rest.empty()) {
    if (server.status != "deleting") Enter(server, "deleting");
    return JsonAnswer(200, json::MakeObject());
  }
  if (request.method == "POST" && rest == "change_type") {
    if (server.status != "running") return RefuseServer(409, "conflict", "the server is busy");
    server.type = json::StringIn(*body, "server_type").value_or(server.type);
    Enter(server, "migrating");
    return Whole(201, server);
  }
  return RefuseServer(404, "not_found", "there is nothing here");
}

void SimulatedServers::Enter(SimulatedServer& server, const std::string& status) {
  server.status = status;
  server.changes = After(clock_.Now(), std::chrono::seconds(20));
}

std::vector<SimulatedServer> SimulatedServers::Servers() const {
  MutexLock lock(mutex_);
  std::vector<SimulatedServer> servers;
  for (const auto& [id, server] : servers_) {
    if (server.status != "deleting" || clock_.Now() < server.changes) servers.push_back(server);
  }
  return servers;
}

std::int64_t SimulatedServers::MakeForeign(const std::string& name) {
  MutexLock lock(mutex_);
  SimulatedServer server;
  server.id = ++last_id_;
  server.name = name;
  server.type = "large";
  server.status = "running";
  server.made = clock_.WallNow();
  servers_[server.id] = server;
  return server.id;
}

}  // namespace capstan::abi
