// The embedded API server's request path: no request causes an internal error, and each response
// that claims to be JSON is JSON.
#include <memory>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/collecting_writer.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

constexpr char kCrd[] =
    R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"foos.t.dev"},)"
    R"("spec":{"group":"t.dev","scope":"Namespaced","names":{"plural":"foos","singular":"foo","kind":"Foo"},)"
    R"("versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},)"
    R"("scale":{"specReplicasPath":".spec.n","statusReplicasPath":".status.n"}},)"
    R"("additionalPrinterColumns":[{"name":"N","type":"integer","jsonPath":".spec.n"}],)"
    R"("schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{)"
    R"("n":{"type":"integer","minimum":0,"default":1},"s":{"type":"string","pattern":"^[a-z]*$"},)"
    R"("l":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object",)"
    R"("required":["k"],"properties":{"k":{"type":"string"},"v":{"x-kubernetes-int-or-string":true}}}}},)"
    R"("x-kubernetes-validations":[{"rule":"self.n < 100"}]},)"
    R"("status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}})";
constexpr const char* kPaths[] = {"/apis/t.dev/v1/namespaces/default/foos",
                                  "/apis/t.dev/v1/namespaces/default/foos/a",
                                  "/apis/t.dev/v1/namespaces/default/foos/a/status",
                                  "/apis/t.dev/v1/namespaces/default/foos/a/scale",
                                  "/api/v1/namespaces/default/configmaps",
                                  "/api/v1/namespaces/default/configmaps/a",
                                  "/api/v1/namespaces/default/secrets",
                                  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                                  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/foos.t.dev",
                                  "/api/v1/namespaces",
                                  "/api/v1/namespaces/n",
                                  "/apis/coordination.k8s.io/v1/namespaces/default/leases",
                                  "/api/v1/events",
                                  "/openapi/v3/apis/t.dev/v1",
                                  "/api/v1/namespaces/default/services",
                                  "/apis/apps/v1/namespaces/default/deployments"};
constexpr const char* kMethods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
constexpr const char* kTypes[] = {"application/json",
                                  "application/yaml",
                                  "application/merge-patch+json",
                                  "application/json-patch+json",
                                  "application/strategic-merge-patch+json",
                                  "application/apply-patch+yaml",
                                  "application/vnd.kubernetes.protobuf",
                                  ""};
constexpr const char* kAccept[] = {"", "application/json;as=Table;v=v1;g=meta.k8s.io", "application/yaml",
                                   "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"};

class Server {
 public:
  Server() {
    static const auto schemas = apiserver::MakeBuiltinSchemas();
    apiserver::ApiServerOptions options;
    options.schemas = schemas;
    options.history = 50;
    auto started = apiserver::ApiServer::Start(scheduler_, *random_, log_, *storage_, options);
    CAPSTAN_MUST(started.has_value(), "the server does not start");
    server_ = std::move(*started);
    (void)Ask("POST", kPaths[7], kTypes[0], kCrd, "");
    scheduler_.RunFor(std::chrono::seconds(1));
    (void)Ask("POST", kPaths[0], kTypes[0],
              R"({"apiVersion":"t.dev/v1","kind":"Foo","metadata":{"name":"a"},"spec":{"n":3,"s":"b"}})", "");
    (void)Ask("POST", kPaths[4], kTypes[0],
              R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"y"}})", "");
  }

  http::Response Ask(const std::string& method, const std::string& path, const std::string& type,
                     const std::string& body, const std::string& accept) {
    http::Request request{method, "https://api" + path, {}, body};
    if (!http::ParseUrl(request.url)) return {};
    if (!type.empty()) request.headers.Set("Content-Type", type);
    if (!accept.empty()) request.headers.Set("Accept", accept);
    http::CollectingWriter writer;
    server_->Handle(request, writer, Context{});
    return writer.response();
  }
  void Pass() { scheduler_.RunFor(std::chrono::seconds(5)); }

 private:
  SimulatedScheduler scheduler_;
  const std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  SilentLog log_;
  const std::unique_ptr<apiserver::Storage> storage_ = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> server_;
};

}  // namespace

void FuzzApiServer(std::string_view bytes) {
  // A server is slow to start, so some inputs share one.
  static std::unique_ptr<Server> server;
  static int runs = 0;
  if (!server || ++runs % 400 == 0) server = std::make_unique<Server>();
  Input input(bytes);
  for (int i = 0; i < 4 && !input.empty(); ++i) {
    const unsigned method = input.Byte(), place = input.Byte(), content = input.Byte();
    std::string path = kPaths[place % std::size(kPaths)];
    const std::string query = input.Piece(), body = input.Piece();
    // A watch would wait for ever.
    const bool plain = query.find("watch") == query.npos && query.find('%') == query.npos;
    if (!query.empty() && plain) path += "?" + query;
    const auto answer =
        server->Ask(kMethods[method % 5], path, kTypes[content & 7], body, kAccept[(content >> 3) & 3]);
    CAPSTAN_MUST(answer.status != 500 || answer.body.find("InternalError") == std::string::npos,
                 path + " " + answer.body);
    if (answer.body.empty() || answer.body.front() != '{') continue;
    const auto text = answer.body.substr(0, answer.body.find_last_not_of('\n') + 1);
    CAPSTAN_MUST(json::ParseTree(text, 400).has_value(), answer.body);
  }
  if (runs % 50 == 0) server->Pass();
}

}  // namespace capstan::fuzz
