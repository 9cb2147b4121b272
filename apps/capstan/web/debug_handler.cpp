#include <capstan/apps/capstan/web/debug_handler.hpp>

#include <charconv>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/reconciler.hpp>

namespace capstan::app {
namespace {

constexpr std::string_view kDebugObjects = "/debug/objects/";

http::Response DebugAnswer(int status, std::string body, const char* type) {
  http::Response response;
  response.status = status;
  response.headers.Set("Content-Type", type);
  response.headers.Set("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

std::uint64_t VersionNumber(const std::string& resource_version) {
  std::uint64_t number = 0;
  (void)std::from_chars(resource_version.data(), resource_version.data() + resource_version.size(), number);
  return number;
}

}  // namespace

CachedVersion CachedVersionsOf(const assembly::ManagedOperator& managed) {
  return [&managed](const std::string& kind, const kube::ObjectKey& key) -> std::string {
    for (const auto& provider : managed.providers()) {
      for (const external::KindInfo& info : provider->manifest().kinds) {
        if (info.kind != kind) continue;
        const auto object = managed.Cached(managed::KindOf(info), key);
        return object && *object ? (*object)->resource_version() : "";
      }
    }
    return "";
  };
}

Part PartOf(const assembly::ManagedOperator& managed) {
  return [&managed]() -> Json {
    const shards::Coordinator* const coordinator = managed.coordinator();
    if (coordinator == nullptr) return Json();
    Json owned = Json::EmptyArray();
    for (const int shard : coordinator->owned()) owned.Append(shard);
    return Json::EmptyObject()
        .Set("count", coordinator->shards())
        .Set("owned", std::move(owned))
        .Set("members", static_cast<std::int64_t>(coordinator->members()));
  };
}

void DebugHandler::Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) {
  const auto url = http::ParseUrl(request.url);
  const std::string path = url ? std::string(url->path()) : "";
  const auto parts = path.starts_with(kDebugObjects) ? Split(path.substr(kDebugObjects.size()), '/')
                                                     : std::vector<std::string>();
  std::vector<std::string> names;
  for (const std::string& part : parts) {
    std::string name;
    if (UrlDecode(part, false, name) && IsDnsSubdomain(name)) names.push_back(std::move(name));
  }
  if (names.size() != parts.size() || names.empty() || names.size() > 2) {
    (void)writer.Respond(
        DebugAnswer(404, "there is /debug/objects/NAMESPACE/NAME\n", "text/plain; charset=utf-8"));
    return;
  }
  const kube::ObjectKey key{names.size() == 2 ? names[0] : "", names.back()};
  std::vector<managed::Recording> recordings = recorder_.Of(key);
  for (managed::Recording& recording : recordings) {
    const std::string cached = cached_ ? cached_(recording.kind, key) : "";
    recording.write_unseen = !cached.empty() && VersionNumber(cached) < VersionNumber(recording.wrote);
  }
  std::string body = managed::RecordingsToJson(recordings);
  if (const Json part = part_ ? part_() : Json(); !part.is_null()) {
    if (auto document = Json::Parse(body)) body = document->Set("shards", part).ToText();
  }
  (void)writer.Respond(DebugAnswer(200, std::move(body), "application/json"));
}

}  // namespace capstan::app
