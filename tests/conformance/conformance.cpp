#include <capstan/tests/conformance/conformance.hpp>

#include <cstdio>
#include <utility>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/tests/cluster/live_cluster.hpp>
#include <capstan/tests/cluster/or_exit.hpp>

namespace capstan::conformance {
namespace {

constexpr const char* kGroup = "conformance.capstan.dev";

std::unique_ptr<Server> Make(const std::string& name) {
  return name == "embedded" ? StartEmbedded() : ReachCluster();
}

}  // namespace

const char* const kGearSpec = R"(
  "size":{"type":"integer","minimum":0,"maximum":100},
  "mode":{"type":"string","enum":["slow","fast"],"default":"slow"},
  "note":{"type":"string","maxLength":20},
  "code":{"type":"string","pattern":"^[a-z]+$"},
  "tags":{"type":"array","maxItems":5,"items":{"type":"string"}},
  "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
    "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"count":{"type":"integer","default":1},
      "made":{"type":"string"}}}},
  "port":{"x-kubernetes-int-or-string":true},
  "maybe":{"type":"string","nullable":true},
  "on":{"type":"boolean"},
  "ratio":{"type":"number"},
  "labels":{"type":"object","additionalProperties":{"type":"string"}},
  "nested":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}},
  "raw":{"type":"object","x-kubernetes-preserve-unknown-fields":true})";

std::optional<kube::Kind> Conformance::shared_gear_;
int Conformance::unserved_ = 0;
int Conformance::unanswered_ = 0;

std::string Answer::At(std::string_view pointer) const {
  if (const auto text = json::StringAt(body, pointer); text && *text) return **text;
  const auto value = json::ValueAt(body, pointer);
  return value && *value ? **value : std::string();
}

std::vector<std::string> Answer::Each(std::string_view array, std::string_view pointer) const {
  std::vector<std::string> values;
  for (int i = 0; !At(StrCat(array, "/", i)).empty(); ++i)
    values.push_back(At(StrCat(array, "/", i, pointer)));
  return values;
}

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << answer.status << ": " << Shorten(answer.body, 1500);
}

Conformance::Conformance()
    : server_(Make(GetParam())),
      client_(server_->transport(), server_->scheduler(), {server_->url(), "conformance"}) {}

Conformance::~Conformance() {
  for (const kube::Kind& kind : made_) DeleteKind(kind);
  if (!namespace_.empty()) Delete("/api/v1/namespaces/" + namespace_);
}

void Conformance::TearDownTestSuite() {
  if (!shared_gear_) return;
  const auto server = ReachCluster();
  http::Request request;
  request.method = "DELETE";
  request.url = server->crd_url() + CrdPath(shared_gear_->resource());
  (void)server->crd_transport().Send(request,
                                     Context().Within(server->scheduler(), std::chrono::seconds(60)));
  shared_gear_.reset();
}

Answer Conformance::SendOn(http::Transport& transport, const std::string& url, const std::string& method,
                           const std::string& path, const std::string& body, http::Headers headers) {
  http::Request request;
  request.method = method;
  request.url = url + path;
  request.body = body;
  request.headers = std::move(headers);
  if (!request.headers.Get("Accept")) request.headers.Set("Accept", "application/json");
  if (!request.headers.Get("User-Agent")) request.headers.Set("User-Agent", "conformance/1");
  auto response = transport.Send(request, context());
  Heard(response ? std::string() : StrCat(method, " ", path, ": ", response.error().message));
  if (!response) {
    ADD_FAILURE() << method << " " << path << ": " << response.error();
    return {};
  }
  return {response->status, response->headers, std::move(response->body)};
}

// If a cluster became unreachable in the middle of a run, the remaining cases do not each wait for
// it.
void Conformance::Heard(const std::string& failure) {
  constexpr int kInARow = 3;
  unanswered_ = failure.empty() ? 0 : unanswered_ + 1;
  if (unanswered_ < kInARow || server_->embedded()) return;
  cluster::Exit(StrCat("the cluster under test has left ", kInARow,
                       " requests in a row without an answer, the last: ", failure));
}

Answer Conformance::Send(const std::string& method, const std::string& path, const std::string& body,
                         http::Headers headers) {
  return SendOn(server_->transport(), server_->url(), method, path, body, std::move(headers));
}

Answer Conformance::SendToCrds(const std::string& method, const std::string& path, const std::string& body,
                               http::Headers headers) {
  return SendOn(server_->crd_transport(), server_->crd_url(), method, path, body, std::move(headers));
}

Answer Conformance::Patch(const std::string& type, const std::string& path, const std::string& patch) {
  return Send("PATCH", path, patch, {{"Content-Type", "application/" + type}});
}

Answer Conformance::Apply(const std::string& path, const std::string& manager, const std::string& object,
                          bool force) {
  return Patch("apply-patch+yaml",
               path + (path.find('?') == std::string::npos ? "?" : "&") + "fieldManager=" + manager +
                   (force ? "&force=true" : ""),
               object);
}

std::string Conformance::NewName(const std::string& prefix) { return prefix + MakeSystemRandom()->Suffix(8); }

std::string Conformance::CrdPath(const std::string& name) {
  return kube::PathOf(kube::CustomResourceDefinitionKind(), "", name);
}

constexpr char kGearColumns[] = R"({"name":"Size","type":"integer","jsonPath":".spec.size"},
        {"name":"Phase","type":"string","jsonPath":".status.phase","description":"how far it is"},
        {"name":"Note","type":"string","priority":1,"jsonPath":".spec.note"},
        {"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"})";

std::string Conformance::Definition(const KindOptions& options, kube::Kind& kind) {
  const std::string suffix = NewName("");
  kind = kube::Kind{kGroup, "v1", "Gear" + suffix, "gear" + suffix + "s", options.namespaced};
  const std::string spec = options.spec_schema.empty() ? kGearSpec : options.spec_schema;
  return StrCat(
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":")",
      kind.resource(), R"("},"spec":{"group":")", kGroup, R"(","scope":")",
      kind.namespaced ? "Namespaced" : "Cluster", R"(","names":{"plural":")", kind.plural,
      R"(","singular":"gear)", suffix, R"(","kind":")", kind.kind, R"(","shortNames":["g)", suffix,
      R"("],"categories":["all"]},"versions":[{"name":"v1","served":true,"storage":true,)",
      options.status ? R"("subresources":{"status":{}},)" : "",
      options.version_extra.empty() ? "" : options.version_extra + ",", R"("additionalPrinterColumns":[)",
      options.columns.empty() ? kGearColumns : options.columns, R"(],
       "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",)",
      options.spec_extra.empty() ? "" : options.spec_extra + ",", "\"properties\":{", spec,
      R"(}},"status":{"type":"object","properties":{"phase":{"type":"string"},"observed":{"type":"integer"},
       "conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],
        "items":{"type":"object","required":["type"],"properties":{"type":{"type":"string"},"status":{"type":"string"}}}}}}}}}}]}})");
}

kube::Kind Conformance::MakeKind(const KindOptions& options) {
  kube::Kind kind;
  const Answer made = SendToCrds("POST", CrdPath(), Definition(options, kind), Json());
  EXPECT_STATUS(made, 201);
  made_.push_back(kind);
  if (made.status == 201) WaitUntilServed(kind);
  return kind;
}

void Conformance::WaitUntilServed(const kube::Kind& kind) {
  const bool established = Eventually(kind.resource() + " is established", [&] {
    return SendToCrds("GET", CrdPath(kind.resource())).body.find(R"("Established","status":"True")") !=
               std::string::npos ||
           SendToCrds("GET", CrdPath(kind.resource())).At("/status/acceptedNames/plural") == kind.plural;
  });
  EXPECT_TRUE(established) << kind.resource();
  // Immediately after the kind is established a server may still answer 404 or 429, and not accept
  // objects yet.
  int in_a_row = 0;
  const bool served = established && Eventually(kind.resource() + " takes objects", [&] {
                        const Answer probe =
                            Send("POST", kube::PathOf(kind, kind.namespaced ? "default" : "") + "?dryRun=All",
                                 Object(kind, "probe"), Json());
                        const bool there = Get(kube::PathOf(kind, "")).status == 200 &&
                                           (probe.status == 201 || probe.status == 422);
                        in_a_row = there ? in_a_row + 1 : 0;
                        return in_a_row >= (server_->embedded() ? 1 : 3);
                      });
  EXPECT_TRUE(served) << kind.resource();
  if (!served) ++unserved_;
}

void Conformance::DeleteKind(const kube::Kind& kind) { SendToCrds("DELETE", CrdPath(kind.resource())); }

const kube::Kind& Conformance::Gear() {
  std::optional<kube::Kind>& gear = server_->embedded() ? own_gear_ : shared_gear_;
  if (gear) return *gear;
  kube::Kind kind;
  const Answer made = SendToCrds("POST", CrdPath(), Definition({}, kind), Json());
  EXPECT_STATUS(made, 201);
  WaitUntilServed(kind);
  gear = kind;
  return *gear;
}

const std::string& Conformance::Namespace() {
  if (!namespace_.empty()) return namespace_;
  namespace_ = NewName("conformance-");
  EXPECT_STATUS(Post("/api/v1/namespaces", R"({"metadata":{"name":")" + namespace_ + "\"}}"), 201);
  return namespace_;
}

std::string Conformance::Object(const kube::Kind& kind, const std::string& name, const std::string& spec,
                                const std::string& metadata_extra) {
  return StrCat(R"({"apiVersion":")", kind.api_version(), R"(","kind":")", kind.kind,
                R"(","metadata":{"name":")", name, "\"", metadata_extra.empty() ? "" : "," + metadata_extra,
                R"(},"spec":)", spec, "}");
}

Answer Conformance::MakeGear(const std::string& name, const std::string& spec,
                             const std::string& metadata_extra) {
  Answer made = Post(Gears(), GearJson(name, spec, metadata_extra));
  EXPECT_STATUS(made, 201);
  return made;
}

std::vector<Conformance::Event> Conformance::Watch(
    const std::string& path, Duration within, const std::function<bool(const std::vector<Event>&)>& until,
    http::Headers headers) {
  std::vector<Event> events;
  http::Request request;
  request.method = "GET";
  request.url = server_->url() + path;
  request.headers = std::move(headers);
  if (!request.headers.Get("Accept")) request.headers.Set("Accept", "application/json");
  auto response = server_->transport().Open(request, context());
  Heard(response ? std::string() : StrCat("watch ", path, ": ", response.error().message));
  if (!response) {
    ADD_FAILURE() << "watch " << path << ": " << response.error();
    return events;
  }
  const Instant deadline = After(server_->scheduler().Now(), within);
  std::string bytes;
  while (!until || !until(events)) {
    const auto piece = response->body->Read(Context().Until(deadline));
    if (!piece || piece->empty()) break;
    bytes += *piece;
    if (response->status != 200) continue;
    for (std::size_t end = bytes.find('\n'); end != std::string::npos; end = bytes.find('\n')) {
      const Answer frame{200, {}, bytes.substr(0, end)};
      bytes.erase(0, end + 1);
      events.push_back({frame.At("/type"), {200, {}, frame.At("/object")}});
    }
  }
  // A refusal is reported as one event, whether it was an ERROR event or an HTTP status.
  if (response->status != 200) events.push_back({"ERROR", {response->status, {}, bytes}});
  return events;
}

std::vector<std::string> Conformance::TypesOf(const std::vector<Event>& events) {
  std::vector<std::string> types;
  for (const Event& event : events) {
    if (event.type != "BOOKMARK") types.push_back(event.type);
  }
  return types;
}

bool Conformance::Eventually(const std::string& what, const std::function<bool()>& condition) {
  const Duration patience = unserved_ == 0 ? kPatience : Duration(std::chrono::seconds(10));
  const Instant deadline = After(server_->scheduler().Now(), patience);
  const Instant outer = std::exchange(deadline_, deadline);
  bool met = condition();
  while (!met && server_->scheduler().Now() < deadline) {
    Sleep(std::chrono::milliseconds(200));
    met = condition();
  }
  deadline_ = outer;
  if (!met) std::printf("[ too late ] waited %s until %s\n", FormatDuration(patience).c_str(), what.c_str());
  return met;
}

void Conformance::Sleep(Duration duration) { server_->scheduler().Sleep(duration, Context()); }

void Conformance::Lacks(const std::string& feature) {
  std::printf("[ feature  ] this server has no %s\n", feature.c_str());
  RecordProperty("lacks", feature);
  EXPECT_FALSE(server_->embedded()) << "the embedded server must have " << feature;
}

INSTANTIATE_TEST_SUITE_P(Kubernetes, Conformance, ::testing::ValuesIn(cluster::ServerNames()),
                         [](const auto& info) { return info.param; });

}  // namespace capstan::conformance

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
