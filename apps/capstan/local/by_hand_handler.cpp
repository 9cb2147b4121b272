#include <capstan/apps/capstan/local/by_hand_handler.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::app {
namespace {

constexpr char kPrefix[] = "/by-hand/";

http::Response JsonAnswer(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.Set("Content-Type", "application/json");
  response.body = std::move(body) + "\n";
  return response;
}

http::Response Refuse(int status, const std::string& message) {
  return JsonAnswer(status, StrCat("{\"message\":", json::Quote(message), "}"));
}

http::Response AnswerOf(const Status& status) {
  if (status) return JsonAnswer(200, "{}");
  return Refuse(status.error().code == Code::kNotFound ? 404 : 400, status.error().message);
}

bool IsOneOf(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (text == word) return true;
  return false;
}

}  // namespace

http::Response ByHandHandler::Answer(const http::Request& request, const std::string& path) {
  const auto bearer = request.headers.Get("Authorization").value_or("");
  if (Secret(std::string(bearer)) != Secret("Bearer " + std::string(token_.Reveal())))
    return Refuse(401, "send the token of the simulated DigitalOcean as bearer token");
  const auto parts = Split(path.substr(sizeof(kPrefix) - 1), '/');
  if (request.method != "POST" || parts.size() != 3 || parts[0] != "clusters")
    return Refuse(404, "unknown path; use POST /by-hand/clusters/ID/associated, message, state or vanish");
  const auto body = json::ParseObject(request.body.empty() ? "{}" : request.body);
  if (!body) return Refuse(400, "the body is no JSON object");
  const auto word = [&body](const char* key) { return json::StringIn(*body, key).value_or(""); };
  const std::string &id = parts[1], &what = parts[2];
  if (what == "associated") {
    if (!IsOneOf(word("kind"), {"load_balancer", "volume", "volume_snapshot"}) || word("name").empty())
      return Refuse(400, "kind must be load_balancer, volume or volume_snapshot, and name must not be empty");
    const auto made = cloud_.AddAssociated(id, word("kind"), word("name"));
    return made ? JsonAnswer(200, StrCat("{\"id\":", json::Quote(*made), "}"))
                : AnswerOf(Failure(made.error()));
  }
  if (what == "message") {
    if (word("text").empty()) return Refuse(400, "text must not be empty");
    return AnswerOf(cloud_.AddStatusMessage(id, word("text")));
  }
  if (what == "state") {
    if (!IsOneOf(word("state"), {"degraded", "error", "running"}))
      return Refuse(400, "state must be degraded, error or running");
    return AnswerOf(cloud_.SetState(id, word("state"), word("text")));
  }
  if (what == "vanish") return AnswerOf(cloud_.VanishCluster(id));
  return Refuse(404, "unknown path; use POST /by-hand/clusters/ID/associated, message, state or vanish");
}

void ByHandHandler::Handle(const http::Request& request, http::ResponseWriter& writer,
                           const Context& context) {
  const auto url = http::ParseUrl(request.url);
  const std::string path = url ? std::string(url->path()) : "";
  if (path.rfind(kPrefix, 0) != 0) return cloud_.Handle(request, writer, context);
  (void)writer.Respond(Answer(request, path));
}

}  // namespace capstan::app
