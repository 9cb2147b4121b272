#include <capstan/apps/capstan/web/page.hpp>

#include <algorithm>
#include <utility>

#include <capstan/apps/capstan/view/object_view.hpp>
#include <capstan/apps/capstan/web/static_files.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/method.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/program/operations_handler.hpp>

namespace capstan::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMostStreams = 32;
constexpr auto kFresh = milliseconds(400);
constexpr auto kSilence = seconds(15);  // then a comment shows that the stream is alive
constexpr std::string_view kPageObjects = "/api/objects/";

http::Headers PageHeaders(std::string_view type) {
  return {{"Content-Type", std::string(type)},
          {"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cache-Control", "no-store"}};
}

http::Response PageAnswer(int status, std::string body, std::string_view type) {
  http::Response response;
  response.status = status;
  response.headers = PageHeaders(type);
  response.body = std::move(body);
  return response;
}

std::string_view TypeOf(std::string_view file) {
  if (file.ends_with(".js")) return "text/javascript; charset=utf-8";
  return file.ends_with(".css") ? "text/css; charset=utf-8" : "text/html; charset=utf-8";
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Json EventsOf(kube::Client& client, const kube::Object& object, const Context& context) {
  Json list = Json::EmptyArray();
  kube::ListOptions options;
  options.field_selector = "involvedObject.uid=" + object.uid();
  const auto events = client.ListAll(kube::EventKind(), object.metadata().namespace_, options, context);
  if (!events) return list;
  for (const kube::Object& event : *events) {
    if (event.StringAt("/involvedObject/uid") != object.uid()) continue;
    Json one = Json::EmptyObject();
    std::string last = event.StringAt("/lastTimestamp").value_or("");
    if (last.empty()) last = event.StringAt("/eventTime").value_or("");
    one.Set("time", last)
        .Set("type", event.StringAt("/type").value_or(""))
        .Set("reason", event.StringAt("/reason").value_or(""))
        .Set("message", event.StringAt("/message").value_or(""))
        .Set("count", event.IntegerAt("/count").value_or(1));
    list.Append(std::move(one));
  }
  return list;
}

// The path below kObjects: KIND/NAME or KIND/NAMESPACE/NAME; empty for any other path.
std::vector<std::string> NamesIn(std::string_view path) {
  std::vector<std::string> names;
  for (const std::string& part : Split(path, '/')) {
    std::string name;
    if (!UrlDecode(part, false, name) || name.empty() || name.size() > 253) return {};
    names.push_back(std::move(name));
  }
  return names.size() == 2 || names.size() == 3 ? names : std::vector<std::string>();
}

}  // namespace

Page::Page(assembly::ManagedOperator& managed, Scheduler& scheduler, const std::vector<PluginView>& plugins)
    : managed_(managed),
      scheduler_(scheduler),
      plugins_(plugins),
      debug_(managed.recorder(), CachedVersionsOf(managed), PartOf(managed)) {
  sampling_ = scheduler_.Spawn("samples of the page", [this](const Context& context) {
    do {
      samples_.Add(SampleOf(managed_.metrics().Text(), scheduler_.WallNow()));
    } while (scheduler_.Sleep(seconds(5), context) == Woke::kTime);
  });
}

Page::~Page() = default;

std::string Page::MakeState() const {
  Json state = Json::EmptyObject();
  state.Set("leading", managed_.leading());
  if (Json part = PartOf(managed_)(); !part.is_null()) state.Set("shards", std::move(part));
  Json plugins = Json::EmptyArray();
  for (const PluginView& plugin : plugins_) {
    Json kinds = Json::EmptyArray();
    for (const std::string& kind : plugin.kinds) kinds.Append(kind);
    plugins.Append(Json::EmptyObject()
                       .Set("name", plugin.name)
                       .Set("version", plugin.version)
                       .Set("description", plugin.description)
                       .Set("kinds", std::move(kinds))
                       .Set("capabilities", Join(plugin.capabilities, ", ")));
  }
  state.Set("plugins", std::move(plugins));
  Json objects = Json::EmptyArray();
  for (const auto& provider : managed_.providers()) {
    for (const external::KindInfo& info : provider->manifest().kinds) {
      for (const auto& stored : managed_.Cached(managed::KindOf(info))) {
        const auto object = stored.Load();
        if (!object) continue;
        const ObjectView view = ViewOf(info, *object);
        // The age is sent as its start time, because an age would differ in each state.
        Json one = ViewToJson(view, view.created_at.value_or(WallTime{}));
        one.Set("fraction", view.fraction())
            .Set("doing", view.doing())
            .Set("version", object->resource_version());
        objects.Append(std::move(one));
      }
    }
  }
  state.Set("objects", std::move(objects)).Set("samples", samples_.ToJson());
  return state.ToText();
}

Page::Text Page::State() {
  {
    MutexLock lock(mutex_);
    if (state_ && scheduler_.Now() - made_ < kFresh) return state_;
  }
  const Text made = std::make_shared<const std::string>(MakeState());
  MutexLock lock(mutex_);
  state_ = made;
  made_ = scheduler_.Now();
  return made;
}

std::string Page::Object(const std::vector<std::string>& names, const Context& context) const {
  const kube::ObjectKey key{names.size() == 3 ? names[1] : "", names.back()};
  for (const auto& provider : managed_.providers()) {
    for (const external::KindInfo& info : provider->manifest().kinds) {
      if (info.kind != names[0]) continue;
      const auto object = managed_.Cached(managed::KindOf(info), key);
      if (!object || !*object) return "";
      Json answer = Json::EmptyObject();
      const ObjectView view = ViewOf(info, **object);
      answer.Set("object", ViewToJson(view, view.created_at.value_or(WallTime{})));
      if (auto status = Json::Parse((*object)->ValueAt("/status").value_or("{}")))
        answer.Set("status", std::move(*status));
      for (const managed::Recording& recording : managed_.recorder().Of(key)) {
        if (recording.kind != info.kind) continue;
        const auto recordings = Json::Parse(managed::RecordingsToJson({recording}));
        if (recordings) answer.Set("recording", (*recordings)["recordings"].items().at(0));
      }
      answer.Set("events", EventsOf(managed_.client(), **object, context.Within(scheduler_, seconds(5))));
      return answer.ToText();
    }
  }
  return "";
}

void Page::Stream(http::ResponseWriter& writer, const Context& context) {
  struct Counted {
    std::atomic<int>& count;
    ~Counted() { --count; }
  } counted{streams_};
  if (++streams_ > kMostStreams) {
    (void)writer.Respond(PageAnswer(503, "too many pages are open\n", "text/plain; charset=utf-8"));
    return;
  }
  if (!writer.Begin(200, PageHeaders("text/event-stream; charset=utf-8"))) return;
  Text sent;
  Instant spoken = scheduler_.Now();
  do {
    const Text now = State();
    if (!sent || (now != sent && *now != *sent)) {
      if (!writer.Write(StrCat("event: state\ndata: ", *now, "\n\n"))) return;
      spoken = scheduler_.Now();
    } else if (scheduler_.Now() - spoken > kSilence) {
      if (!writer.Write(": alive\n\n")) return;
      spoken = scheduler_.Now();
    }
    sent = now;
    if (writer.ClientGone()) return;
  } while (scheduler_.Sleep(milliseconds(300), context) == Woke::kTime);
}

void Page::Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) {
  const auto url = http::ParseUrl(request.url);
  const std::string path = url ? std::string(url->path()) : "";
  constexpr std::string_view kPlain = "text/plain; charset=utf-8";
  if (!http::IsRead(request.method)) {
    (void)writer.Respond(PageAnswer(405, "only GET is allowed here\n", kPlain));
  } else if (only_loopback_ && (!url || !IsLoopback(url->host))) {
    (void)writer.Respond(PageAnswer(
        421,
        "this page is served on loopback: open it as http://localhost, or let the proxy send that name\n",
        kPlain));
  } else if (path == "/api/state") {
    (void)writer.Respond(PageAnswer(200, *State(), "application/json"));
  } else if (path == "/api/events") {
    Stream(writer, context);
  } else if (path.starts_with(kPageObjects)) {
    const auto names = NamesIn(std::string_view(path).substr(kPageObjects.size()));
    const std::string body = names.empty() ? "" : Object(names, context);
    (void)writer.Respond(body.empty()
                             ? PageAnswer(404, "{\"error\":\"there is no such object\"}", "application/json")
                             : PageAnswer(200, body, "application/json"));
  } else if (path.starts_with("/debug/")) {
    debug_.Handle(request, writer, context);
  } else if (const StaticFile* file =
                 FindStaticFile(path == "/" ? "index.html" : path.substr(path.empty() ? 0 : 1))) {
    (void)writer.Respond(PageAnswer(200, std::string(file->content), TypeOf(file->name)));
  } else {
    (void)writer.Respond(PageAnswer(404, "there is no such page\n", kPlain));
  }
}

Result<std::unique_ptr<net::HttpServer>> ServePage(Page& page, const std::string& address) {
  CAPSTAN_TRY(const program::ListenAddress listen, program::ParseListenAddress(address));
  page.OnlyLoopback(IsLoopback(listen.host));
  net::HttpServerOptions settings;
  settings.address = listen.host;
  settings.port = listen.port;
  settings.max_connections = 64;
  settings.body_limit = 0;
  settings.idle_limit = settings.request_limit = settings.answer_limit = seconds(10);
  return net::StartHttpServer(page, settings);
}

}  // namespace capstan::app
