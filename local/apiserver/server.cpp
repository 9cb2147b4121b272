#include <capstan/local/apiserver/server.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/admission/plugins.hpp>
#include <capstan/local/apiserver/admission/webhooks.hpp>
#include <capstan/local/apiserver/api/html_safe.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/controllers/controllers.hpp>
#include <capstan/local/apiserver/definitions/conversion.hpp>
#include <capstan/local/apiserver/definitions/registry.hpp>
#include <capstan/local/apiserver/requests/access.hpp>
#include <capstan/local/apiserver/requests/default_roles.hpp>
#include <capstan/local/apiserver/requests/discovery.hpp>
#include <capstan/local/apiserver/requests/escalation.hpp>
#include <capstan/local/apiserver/requests/metrics.hpp>
#include <capstan/local/apiserver/requests/rest.hpp>
#include <capstan/local/apiserver/requests/reviews.hpp>

namespace capstan::apiserver {
namespace {

constexpr const char* kVersion = "v1.30.0+capstan";
// Clients request "v2@v1.0", but the answer uses a dot: Go's media type parser rejects the @.
constexpr const char* kProtobufAnswerType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
constexpr const char* kNoPage = "404 page not found";
constexpr std::string_view kReviewGroups[] = {"authorization.k8s.io", "authentication.k8s.io"};

RestOptions RestOptionsOf(const ApiServerOptions& options) {
  RestOptions rest;
  rest.depth_limit = options.depth_limit;
  rest.bookmark_interval = options.bookmark_interval;
  rest.watch_timeout = options.watch_timeout;
  rest.client_check_interval = options.client_check_interval;
  return rest;
}

bool IsBuiltinGroup(const Served& served, std::string_view group) {
  const auto reviews = std::find(std::begin(kReviewGroups), std::end(kReviewGroups), group);
  return reviews != std::end(kReviewGroups) ||
         std::any_of(served.resources.begin(), served.resources.end(),
                     [group](const ResourcePtr& one) { return !one->custom && one->group == group; });
}

// A missing resource in one of Kubernetes' own groups gives a Status; in other groups a page.
Refusal Unserved(const Served& served, std::string_view group) {
  if (IsBuiltinGroup(served, group)) return NoSuchPath();
  return Refuse(404, "NotFound", kNoPage);
}

Reply Roots(int status) {
  json::ObjectPtr roots = json::MakeObject();
  SetStrings(roots, "paths",
             {"/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3",
              "/readyz", "/version"});
  return JsonReply(roots, status);
}

json::ObjectPtr VersionInfo() {
  json::ObjectPtr version = json::MakeObject();
  version->set("major", "1");
  version->set("minor", "30");
  version->set("gitVersion", kVersion);
  version->set("gitCommit", "");
  version->set("gitTreeState", "clean");
  version->set("buildDate", "1970-01-01T00:00:00Z");
  version->set("goVersion", "none");
  version->set("compiler", "c++");
  version->set("platform", "linux/amd64");
  return version;
}

}  // namespace

struct ApiServer::Parts {
  Parts(Scheduler& scheduler_, Random& random, Log& log_, Storage& storage, ApiServerOptions options_)
      : scheduler(scheduler_),
        log(log_),
        options(std::move(options_)),
        schemas(options.schemas ? options.schemas : BuiltinSchemas::Make()),
        store(scheduler_, storage, StrCat("@", random.Uuid(), "@"), {options.history, options.history_bytes}),
        tokens(options.tokens, options.rbac, options.client_certificates, store, scheduler_, random),
        rbac(store),
        catalog(*schemas),
        writer(scheduler_, random, store),
        crds(store, catalog, log_),
        caller(scheduler_, options.webhook_transports),
        webhooks(caller, random, store, catalog,
                 [this](const User& user, const cel::AccessCheck& check) { return RightOf(user, check); }),
        conversions(caller, random, options.conversion_timeout),
        escalation(rbac, webhooks),
        plugins(store, catalog, writer, &escalation),
        rest(scheduler_, random, store, catalog, writer, tokens, schemas.get(), conversions,
             RestOptionsOf(options)) {
    writer.SetConverter(&conversions);
    writer.SetAdmission(&plugins);
    writer.SetCrdRules(&crds);
    writer.SetKindRules(&schemas->rules());
  }

  std::optional<std::string> RightOf(const User& user, const cel::AccessCheck& check) const;
  Answer<Reply> Route(Exchange& exchange);
  Answer<Reply> RouteGuarded(Exchange& exchange);
  Answer<Reply> RouteResource(Exchange& exchange);
  Answer<Reply> Discover(Exchange& exchange);
  Answer<Reply> OpenApi(Exchange& exchange);
  void MakeDefaultNamespaces();
  // The Service through which programs in a cluster reach the API, with its endpoints, and the
  // default roles.
  void MakeApiService();
  void MakeDefaultRoles();
  void MakeMissing(std::string_view group, std::string_view plural, std::string_view namespace_,
                   std::string_view object);
  void StartTasks();

  // Constant after construction.
  Scheduler& scheduler;
  Log& log;
  const ApiServerOptions options;
  std::shared_ptr<const BuiltinSchemas> schemas;

  // Each provides its own synchronization.
  ObjectStore store;
  Tokens tokens;
  Rbac rbac;
  Catalog catalog;
  ObjectWriter writer;
  CrdRegistry crds;
  WebhookCaller caller;
  AdmissionWebhooks webhooks;
  ConversionWebhooks conversions;
  EscalationCheck escalation;
  AdmissionPlugins plugins;
  Rest rest;
  RequestMetrics metrics;

  // Guarded by documents_mutex. The OpenAPI v2 documents are large and rarely change, so they are
  // cached for one serial of the catalog.
  Mutex documents_mutex;
  std::uint64_t documents_serial CAPSTAN_GUARDED_BY(documents_mutex) = 0;
  std::string v2_json CAPSTAN_GUARDED_BY(documents_mutex), v2_protobuf CAPSTAN_GUARDED_BY(documents_mutex);

  std::vector<Task> tasks;  // last: they stop before the members that they use are destroyed
};

// Implements `authorizer` of admission policies.
std::optional<std::string> ApiServer::Parts::RightOf(const User& user, const cel::AccessCheck& check) const {
  const User who = check.account.empty() ? user : AccountUser(check.account_namespace, check.account, "");
  if (!who.anonymous && !who.powerless) return "";
  AccessQuestion question{check.verb,       check.group, check.resource, check.subresource, check.name,
                          check.namespace_, ""};
  if (check.of_path) question = {check.verb, "", "", "", "", "", check.path};
  std::string why = rbac.Allows(who, question);
  return why.empty() ? std::nullopt : std::optional(std::move(why));
}

http::Headers CommonHeaders(const Exchange& exchange, std::string_view content_type) {
  http::Headers headers;
  headers.Set("Cache-Control", "no-cache, private");
  headers.Set("Content-Type", std::string(content_type));
  std::vector<std::string> told;
  for (const std::string& warning : exchange.warnings) {
    if (std::find(told.begin(), told.end(), warning) != told.end()) continue;
    told.push_back(warning);
    std::string quoted;
    for (char c : warning) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c == '\n' || c == '\r' ? ' ' : c;
    }
    headers.Add("Warning", StrCat("299 - \"", quoted, "\""));
  }
  return headers;
}

Answer<Reply> ApiServer::Parts::OpenApi(Exchange& exchange) {
  const std::vector<std::string>& path = exchange.info.segments;
  Reply reply;
  if (path.size() == 2 && path[1] == "v2") {
    bool protobuf = exchange.request.headers.Get("Accept").value_or("").find("proto-openapi.spec.v2") !=
                    std::string_view::npos;
    MutexLock lock(documents_mutex);
    if (documents_serial != exchange.served->serial) {
      v2_json.clear();
      v2_protobuf.clear();
      documents_serial = exchange.served->serial;
    }
    std::string& document = protobuf ? v2_protobuf : v2_json;
    if (document.empty()) {
      std::vector<ServedResource> served = exchange.served->ForOpenApi();
      document = protobuf ? OpenApiV2Protobuf(served, *schemas) : OpenApiV2Json(served, *schemas);
    }
    reply.body = document;
    if (protobuf) reply.content_type = kProtobufAnswerType;
    return reply;
  }
  if (path.size() == 2 && path[1] == "v3") {
    reply.body = OpenApiV3Index(exchange.served->ForOpenApi(), *schemas);
    return reply;
  }
  if (path.size() >= 4 && path[1] == "v3") {
    const bool core = path[2] == "api";
    std::string group = core || path.size() < 5 ? "" : path[3];
    const std::string& version = core ? path[3] : path.back();
    reply.body = OpenApiV3Json(exchange.served->ForOpenApi(), *schemas, group, version);
    if (!reply.body.empty()) return reply;
  }
  return Roots(404);
}

Answer<Reply> ApiServer::Parts::RouteResource(Exchange& exchange) {
  const RequestInfo& info = exchange.info;
  for (std::string_view group : kReviewGroups) {
    if (info.group != group) continue;
    if (info.version != "v1") return NoSuchPath();
    CAPSTAN_ANSWER(exchange.accepted, Negotiate(exchange.request.headers, ProtobufOffer::kAll));
    return ReviewAccess(exchange, tokens, rbac, *schemas, options.depth_limit);
  }
  exchange.resource = exchange.served->Find(info.group, info.resource);
  const bool custom = exchange.resource && exchange.resource->custom;
  CAPSTAN_ANSWER(exchange.accepted, Negotiate(exchange.request.headers,
                                              custom ? ProtobufOffer::kMetadata : ProtobufOffer::kAll));
  exchange.version = exchange.resource ? exchange.resource->FindServed(info.version) : nullptr;
  if (!exchange.version) return Unserved(*exchange.served, info.group);
  // Kubernetes answers HEAD only for custom resources.
  if (!custom && info.method == "HEAD") return MethodNotAllowed();
  return rest.Handle(exchange);
}

Answer<Reply> ApiServer::Parts::Route(Exchange& exchange) {
  const RequestInfo& info = exchange.info;
  const std::vector<std::string>& path = info.segments;
  CAPSTAN_ANSWER(exchange.user, tokens.Authenticate(exchange.request.headers, rbac));
  CAPSTAN_ANSWER_OK(Authorize(exchange.user, info, rbac));
  if (exchange.request.body.size() > options.body_limit) {
    return Refuse(413, "RequestEntityTooLarge",
                  StrCat("Request entity too large: limit is ", options.body_limit));
  }
  if (!path.empty() && (path[0] == "healthz" || path[0] == "livez" || path[0] == "readyz")) {
    Reply reply;
    reply.content_type = "text/plain; charset=utf-8";
    reply.body = info.HasQuery("verbose") ? StrCat("[+]ping ok\n", path[0], " check passed\n") : "ok";
    return reply;
  }
  if (info.path == "/metrics") {
    Reply reply;
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.body = metrics.Text(*exchange.served, store);
    return reply;
  }
  if (!path.empty() && path[0] == "openapi") return OpenApi(exchange);
  if (info.path == "/version" || info.path == "/version/") {
    if (info.method != "GET") return MethodNotAllowed();
    return JsonReply(VersionInfo());
  }
  if (info.is_resource) return RouteResource(exchange);
  CAPSTAN_ANSWER(exchange.accepted, Negotiate(exchange.request.headers, ProtobufOffer::kNothing));

  const bool api = !path.empty() && path[0] == "api", apis = !path.empty() && path[0] == "apis";
  if (!api && !apis) return Roots(path.empty() ? 200 : 404);
  return Discover(exchange);
}

// Discovery accepts any method down to the groups, and only GET below them.
Answer<Reply> ApiServer::Parts::Discover(Exchange& exchange) {
  const RequestInfo& info = exchange.info;
  const std::vector<std::string>& path = info.segments;
  const bool api = path[0] == "api", apis = !api;
  json::ObjectPtr answer;
  const std::string& aggregated = exchange.accepted.discovery_version;
  if (path.size() == 1 && !aggregated.empty() && info.method == "GET") {
    Reply reply = JsonReply(AggregatedDiscovery(*exchange.served, api, aggregated));
    reply.content_type =
        StrCat("application/json;g=apidiscovery.k8s.io;v=", aggregated, ";as=APIGroupDiscoveryList");
    return reply;
  }
  if (api && path.size() == 1) {
    auto url = http::ParseUrl(exchange.request.url);
    answer = ApiVersions(url ? url->authority() : "");
  }
  if (api && path.size() == 2) answer = ApiResourceList(*exchange.served, "", path[1]);
  if (apis && path.size() == 1) answer = ApiGroupList(*exchange.served);
  if (apis && path.size() == 2) answer = ApiGroup(*exchange.served, path[1]);
  if (apis && path.size() == 3) answer = ApiResourceList(*exchange.served, path[1], path[2]);
  const std::string group = apis && path.size() > 1 ? path[1] : "";
  if (!answer) return Unserved(*exchange.served, group);
  const bool any_method = apis && (path.size() < 3 || !IsBuiltinGroup(*exchange.served, group));
  if (!any_method && info.method != "GET") return MethodNotAllowed();
  return JsonReply(answer);
}

Answer<Reply> ApiServer::Parts::RouteGuarded(Exchange& exchange) {
  // No input may end the process, even if a library throws.
  try {
    return Route(exchange);
  } catch (const std::exception& error) {
    log.Error("cannot answer a request because of a bug in this server",
              {{"method", exchange.info.method}, {"path", exchange.info.path}, {"why", error.what()}});
    return InternalError(MakeError(Code::kInternal, error.what()));
  }
}

void ApiServer::Parts::MakeDefaultNamespaces() {
  ResourcePtr namespaces = catalog.Current()->Find("", "namespaces");
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    if (store.Get(namespaces->Key("", name))) continue;
    json::ObjectPtr space = json::MakeObject();
    MetaOf(space)->set("name", name);
    auto made = writer.Create(ControllerCall(namespaces, ""), space);
    if (!made)
      log.Error("cannot create a default namespace", {{"namespace", name}, {"why", made.error().message}});
  }
}

void ApiServer::Parts::MakeMissing(std::string_view group, std::string_view plural,
                                   std::string_view namespace_, std::string_view object) {
  const ResourcePtr resource = catalog.Current()->Find(group, plural);
  auto parsed = json::ParseObject(object);
  const std::string space(namespace_);
  if (!parsed || store.Get(resource->Key(space, MetaString(*parsed, "name")))) return;
  WriteCall call = ControllerCall(resource, space);
  if (auto made = writer.Create(call, *parsed); !made) {
    log.Error("cannot create an object that every server has",
              {{"resource", plural}, {"name", MetaString(*parsed, "name")}, {"why", made.error().message}});
  }
}

void ApiServer::Parts::MakeApiService() {
  MakeMissing(
      "", "services", "default",
      R"({"metadata":{"name":"kubernetes","labels":{"component":"apiserver","provider":"kubernetes"}},)"
      R"("spec":{"clusterIP":"10.0.0.1","type":"ClusterIP","sessionAffinity":"None",)"
      R"("ports":[{"name":"https","protocol":"TCP","port":443,"targetPort":6443}]}})");
  // A documentation address: Kubernetes does not accept a loopback address here, and this server
  // may not have a socket at all.
  MakeMissing(
      "", "endpoints", "default",
      R"({"metadata":{"name":"kubernetes","labels":{"endpointslice.kubernetes.io/skip-mirror":"true"}},)"
      R"("subsets":[{"addresses":[{"ip":"192.0.2.1"}],)"
      R"("ports":[{"name":"https","port":6443,"protocol":"TCP"}]}]})");
  MakeMissing("discovery.k8s.io", "endpointslices", "default",
              R"({"metadata":{"name":"kubernetes","labels":{"kubernetes.io/service-name":"kubernetes"}},)"
              R"("addressType":"IPv4","endpoints":[{"addresses":["192.0.2.1"],"conditions":{"ready":true}}],)"
              R"("ports":[{"name":"https","port":6443,"protocol":"TCP"}]})");
}

void ApiServer::Parts::MakeDefaultRoles() {
  for (const BootstrapObject& object : DefaultRoles())
    MakeMissing("rbac.authorization.k8s.io", object.plural, "", object.text);
}

void ApiServer::Parts::StartTasks() {
  tasks.push_back(scheduler.Spawn("apiserver-crd-cleaner", [this](const Context& context) {
    CrdCleaner(log, store, catalog, writer).Run(context);
  }));
  if (options.namespace_emptying) {
    tasks.push_back(scheduler.Spawn("apiserver-namespace-emptier", [this](const Context& context) {
      NamespaceCleaner(scheduler, options.namespace_removal_delay, log, store, catalog, writer).Run(context);
    }));
  }
  if (options.garbage_collection) {
    store.KeepHints(true);
    tasks.push_back(scheduler.Spawn("apiserver-garbage-collector", [this](const Context& context) {
      GarbageCollector(log, store, catalog, writer).Run(context);
    }));
  }
}

std::shared_ptr<const BuiltinSchemas> MakeBuiltinSchemas() { return BuiltinSchemas::Make(); }

Result<std::unique_ptr<ApiServer>> ApiServer::Start(Scheduler& scheduler, Random& random, Log& log,
                                                    Storage& storage, ApiServerOptions options) {
  auto parts = std::make_unique<Parts>(scheduler, random, log, storage, std::move(options));
  CAPSTAN_RETURN_IF_ERROR(parts->store.Load());
  parts->crds.LoadAll();
  parts->MakeDefaultNamespaces();
  parts->MakeApiService();
  parts->MakeDefaultRoles();
  parts->store.Compact();  // changes before the start are not in the history
  parts->StartTasks();
  return std::unique_ptr<ApiServer>(new ApiServer(std::move(parts)));
}

ApiServer::ApiServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ApiServer::~ApiServer() {
  for (Task& task : parts_->tasks) task.RequestStop();
}

void ApiServer::Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) {
  const RequestInfo info = ReadRequestInfo(request);
  Exchange exchange{
      request, info, writer, context, {}, {}, {}, parts_->catalog.Current(), &parts_->schemas->types()};
  exchange.gone = Cancellation([&] { return context.stopped() || writer.ClientGone(); });
  auto reply = parts_->RouteGuarded(exchange);
  if (!reply) {
    Reply refusal = ObjectReply(exchange, reply.error().ToStatus(), reply.error().code);
    if (reply.error().message == kNoPage) {
      refusal.content_type = "text/plain; charset=utf-8";
      refusal.body = StrCat(kNoPage, "\n");
    }
    if (json::ObjectPtr details = reply.error().details; details && details->has("retryAfterSeconds")) {
      refusal.headers.Set("Retry-After", json::ToText(details->get("retryAfterSeconds")));
    }
    reply = std::move(refusal);
  }
  parts_->metrics.Count(info, reply->status);
  if (reply->streamed) return;
  http::Response response;
  response.status = reply->status;
  response.headers = CommonHeaders(exchange, reply->content_type);
  for (const auto& [name, value] : reply->headers.fields()) response.headers.Set(name, value);
  response.headers.Set("Date", FormatHttpDate(parts_->scheduler.WallNow()));
  if (!reply->html_safe && reply->content_type.rfind("application/json", 0) == 0)
    reply->body = WithoutHtml(std::move(reply->body));
  if (request.method != "HEAD") response.body = std::move(reply->body);
  (void)writer.Respond(response);
}

void ApiServer::Compact() { parts_->store.Compact(); }
void ApiServer::AddToken(TokenUser token) { parts_->tokens.Add(std::move(token)); }
void ApiServer::RevokeToken(const Secret& token) { parts_->tokens.Revoke(token); }
std::size_t ApiServer::history_bytes() const { return parts_->store.HistoryBytes(); }
std::uint64_t ApiServer::revision() const { return parts_->store.revision(); }

}  // namespace capstan::apiserver
