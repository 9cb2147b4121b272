#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/api.hpp>

namespace capstan::simulated_digitalocean {

std::string UsualId(int status) {
  switch (status) {
    case 400:
      return "bad_request";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 412:
      return "precondition_failed";
    case 422:
      return "unprocessable_entity";
    case 429:
      return "too_many_requests";
    case 503:
      return "service_unavailable";
    default:
      return status >= 500 ? "server_error" : "bad_request";
  }
}

std::string UsualMessage(int status) {
  switch (status) {
    case 400:
      return "The request could not be understood.";
    case 401:
      return "Unable to authenticate you.";
    case 403:
      return "you do not have access for the attempted action";
    case 404:
      return "The resource you requested could not be found.";
    case 409:
      return "The request conflicts with the state of the resource.";
    case 412:
      return "A precondition of the request is not met.";
    case 422:
      return "The request was well formed but cannot be carried out.";
    case 429:
      return "API rate limit exceeded.";
    case 503:
      return "Service unavailable.";
    default:
      return "Unexpected server-side error";
  }
}

Refused Refuse(int status, std::string message) {
  Refusal refusal;
  refusal.status = status;
  refusal.message = std::move(message);
  return Refused(std::move(refusal));
}

Refused Invalid(std::string message) { return Refuse(422, "validation error: " + std::move(message)); }

Answer Answer::Json(int status, std::string body) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

Answer Answer::Yaml(int status, std::string body) {
  Answer answer = Json(status, std::move(body));
  answer.content_type = "application/yaml";
  return answer;
}

Answer Answer::Empty(int status) {
  Answer answer = Json(status, "");
  answer.content_type.clear();
  return answer;
}

std::optional<std::string> Call::Query(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::string Call::Endpoint(const Cluster& of) const {
  const std::string& fixed = world.options.endpoint_base;
  return StrCat(fixed.empty() ? base : fixed, "/simulated-clusters/", of.id);
}

bool Call::Allowed(std::string_view scope) const {
  return scopes.empty() || std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

Check Call::Require(std::string_view scope) const {
  if (Allowed(scope)) return {};
  return Refuse(403);
}

Checked<Fields> Call::Body() const {
  if (auto fields = Fields::Parse(request.body)) return *fields;
  return Refuse(400, "the request body is not a JSON object");
}

Check Call::RequireChangeable() const {
  const Behaviour& behaviour = world.options.behaviour;
  if (cluster->state == ClusterState::kDeleting)
    return Refuse(behaviour.status_while_deleting, "the cluster is being deleted");
  const bool busy =
      cluster->state == ClusterState::kProvisioning || cluster->state == ClusterState::kUpgrading;
  if (busy && behaviour.status_while_busy)
    return Refuse(behaviour.status_while_busy, StrCat("the cluster is ", ClusterStateName(cluster->state)));
  return {};
}

void Call::Changing(const Cluster& of, std::string object) {
  JournalEntry entry;
  entry.time = now;
  entry.account = of.account;
  entry.cluster = of.id;
  entry.object = std::move(object);
  entry.tags_before = ShownTags(of);
  effect = std::move(entry);
}

}  // namespace capstan::simulated_digitalocean
