#include <capstan/apps/capstan/web/debug_handler.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

constexpr std::string_view kObjects = "/debug/objects/";

http::Response Answer(int status, std::string body, const char* type) {
  http::Response response;
  response.status = status;
  response.headers.Set("Content-Type", type);
  response.headers.Set("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

}  // namespace

void DebugHandler::Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) {
  const auto url = http::ParseUrl(request.url);
  const std::string path = url ? std::string(url->path()) : "";
  const auto parts =
      path.starts_with(kObjects) ? Split(path.substr(kObjects.size()), '/') : std::vector<std::string>();
  std::vector<std::string> names;
  for (const std::string& part : parts) {
    std::string name;
    if (UrlDecode(part, false, name) && IsDnsSubdomain(name)) names.push_back(std::move(name));
  }
  if (names.size() != parts.size() || names.empty() || names.size() > 2) {
    (void)writer.Respond(
        Answer(404, "there is /debug/objects/NAMESPACE/NAME\n", "text/plain; charset=utf-8"));
    return;
  }
  const kube::ObjectKey key{names.size() == 2 ? names[0] : "", names.back()};
  (void)writer.Respond(Answer(200, managed::RecordingsToJson(recorder_.Of(key)), "application/json"));
}

}  // namespace capstan::app
