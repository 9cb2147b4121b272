#include <capstan/apps/capstan/verify/crd_check.hpp>

#include <algorithm>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/crd.hpp>
#include <capstan/local/apiserver/custom_resource.hpp>
#include <capstan/local/apiserver/server.hpp>

namespace capstan::app {
namespace {

using conformance::Finding;
using conformance::Verdict;

constexpr auto kEstablishTimeout = std::chrono::seconds(30);

// The CRD of a kind as it is installed. Errors: there is none, or it conflicts with the operator's
// fields.
Result<json::ObjectPtr> InstalledCrd(const external::Manifest& manifest, const external::KindInfo& kind) {
  for (const std::string& crd : manifest.crds) {
    CAPSTAN_TRY(const json::ObjectPtr plain, json::ParseObject(crd));
    const auto spec = json::ObjectIn(plain, "spec");
    if (json::StringIn(spec, "group") != kind.group ||
        json::StringIn(json::ObjectIn(spec, "names"), "kind") != kind.kind)
      continue;
    CAPSTAN_TRY(const std::string complete, managed::CompleteCrd(crd, manifest));
    return json::ParseObject(complete);
  }
  return Fail(Code::kInvalidArgument,
              StrCat("the manifest has no CRD for ", kind.kind, " (", kind.group,
                     "); without one the API server does not know the kind: add it to crds"));
}

// Collects the paths of values in `wanted` that are missing or different in `seen`.
void CollectLost(const json::Tree& wanted, const json::Tree& seen, const std::string& path,
                 std::vector<std::string>& lost) {
  const auto object = json::AsObject(wanted);
  const auto other = json::AsObject(seen);
  if (object.isNull() || other.isNull()) {
    if (!json::Equal(wanted, seen)) lost.push_back(path);
    return;
  }
  for (const std::string& name : object->getNames()) {
    const std::string below = StrCat(path, path.empty() ? "" : ".", name);
    if (other->has(name)) {
      CollectLost(object->get(name), other->get(name), below, lost);
    } else {
      lost.push_back(below);
    }
  }
}

// A status with every field that the operator writes.
json::ObjectPtr OperatorsStatus(const external::KindInfo& kind) {
  auto status = json::ParseObject(R"({
    "observedGeneration": 1,
    "external": {"id": "id-1", "account": "account-1", "pending": {"step": "create", "attempt": "1-a"}},
    "conditions": [{"type": "Ready", "status": "True", "reason": "Available", "message": "it is there",
                    "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1}]})")
                    .value_or(json::MakeObject());
  for (const std::string* field :
       {&kind.id_status_field, &kind.phase_status_field, &kind.connection_status_field}) {
    if (!field->empty()) status->set(*field, std::string("text"));
  }
  if (!kind.plan_status_field.empty()) {
    status->set(kind.plan_status_field, json::ParseObject(R"({"hash": "h", "current": "c", "waiting": "w",
        "monthlyCostChange": 1.5, "steps": [{"verb": "scale", "target": "t", "why": "y", "makes": true,
        "destroys": false, "waits": true, "monthlyCostChange": 1.5}], "differences": [{"field": "f",
        "wanted": "1", "seen": "2"}], "unsupported": [{"field": "f", "why": "y"}]})")
                                            .value_or(json::MakeObject()));
  }
  if (!kind.associated_status_field.empty()) {
    auto list = json::MakeArray();
    list->add(json::ParseObject(R"({"kind": "volumes", "id": "v", "name": "n", "goes": false})")
                  .value_or(json::MakeObject()));
    status->set(kind.associated_status_field, list);
  }
  return status;
}

class EmbeddedServer {
 public:
  EmbeddedServer(Scheduler& scheduler, Random& random) : scheduler_(scheduler), wire_(scheduler) {
    auto server = apiserver::ApiServer::Start(scheduler, random, log_, *storage_, {});
    if (server) server_ = *std::move(server);
    wire_.Route("api", server_.get());
  }

  Result<json::ObjectPtr> Ask(const std::string& method, const std::string& path, const std::string& body,
                              const Context& context) {
    http::Request request;
    request.method = method;
    request.url = "http://api" + path;
    request.body = body;
    request.headers.Set("Content-Type",
                        method == "PATCH" ? "application/merge-patch+json" : "application/json");
    CAPSTAN_TRY(const http::Response response, wire_.Send(request, context));
    auto answer = json::ParseObject(response.body);
    if (response.status < 300) return answer;
    return Fail(Code::kInvalidArgument,
                answer ? json::StringIn(*answer, "message").value_or(response.body) : response.body);
  }
  // A CRD is served shortly after it was accepted.
  Status WaitFor(const std::string& path, const Context& context) {
    const Instant until = After(scheduler_.Now(), kEstablishTimeout);
    for (;;) {
      const auto there = Ask("GET", path, "", context);
      if (there) return {};
      if (scheduler_.Now() >= until ||
          scheduler_.Sleep(std::chrono::milliseconds(10), context) == Woke::kStopped)
        return Fail(there.error());
    }
  }

 private:
  Scheduler& scheduler_;
  SilentLog log_;
  std::unique_ptr<apiserver::Storage> storage_ = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> server_;
  http::LoopbackTransport wire_;
};

constexpr char kInstalls[] = "Its CRD, with the operator's fields, is installed and served";
constexpr char kAdmits[] = "The object is admitted as it stands";
constexpr char kKeeps[] = "A status of the operator is written and read back whole";

Status Install(EmbeddedServer& server, const external::Manifest& manifest, const external::KindInfo& kind,
               const std::string& path, const Context& context) {
  CAPSTAN_TRY(const json::ObjectPtr crd, InstalledCrd(manifest, kind));
  auto made = server.Ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json::ToText(crd),
                         context);
  if (!made) return Fail(std::move(made).error());
  return server.WaitFor(path, context);
}

Status KeepStatus(EmbeddedServer& server, const external::KindInfo& kind, const std::string& path,
                  const Context& context) {
  const json::ObjectPtr wanted = OperatorsStatus(kind);
  auto patch = json::MakeObject();
  patch->set("status", wanted);
  CAPSTAN_TRY(const json::ObjectPtr written,
              server.Ask("PATCH", path + "/status", json::ToText(patch), context));
  CAPSTAN_TRY(const json::ObjectPtr seen, server.Ask("GET", path, "", context));
  std::vector<std::string> lost;
  CollectLost(json::Tree(wanted), json::Tree(json::ObjectIn(seen, "status")), "", lost);
  if (lost.empty()) return {};
  return Fail(Code::kInvalidArgument, StrCat("the CRD drops of status: ", Join(lost, ", ")));
}

}  // namespace

std::vector<Finding> CheckCrd(Scheduler& scheduler, Random& random, const external::Manifest& manifest,
                              const external::KindInfo& kind, const std::string& object,
                              const Context& context) {
  std::vector<Finding> findings;
  const auto conclude = [&](const char* check, const Status& status) {
    Finding finding;
    finding.check = check;
    if (!status) {
      finding.verdict = Verdict::kFailed;
      finding.why = status.error().message;
    }
    findings.push_back(std::move(finding));
    return status.has_value();
  };
  const auto leave_out = [&](const char* check, const char* why) {
    findings.push_back({check, Verdict::kLeftOut, why, {}, false});
  };
  EmbeddedServer server(scheduler, random);
  const std::string root = StrCat("/apis/", kind.group, "/", kind.version);
  const std::string path = StrCat(root, kind.namespaced ? "/namespaces/default/" : "/", kind.plural);
  if (!conclude(kInstalls, Install(server, manifest, kind, path, context))) {
    leave_out(kAdmits, "there is no CRD to check it with");
    leave_out(kKeeps, "there is no object to write it to");
    return findings;
  }
  auto document = json::ParseObject(object);
  std::string name;
  if (document) {
    auto metadata = json::ObjectIn(*document, "metadata");
    name = json::StringIn(metadata, "name").value_or("");
    if (kind.namespaced && !metadata.isNull()) metadata->set("namespace", std::string("default"));
    if (!kind.namespaced && !metadata.isNull()) metadata->remove("namespace");
  }
  const auto admit = [&]() -> Status {
    if (!document) return Fail(document.error());
    auto made = server.Ask("POST", path + "?fieldValidation=Strict", json::ToText(*document), context);
    if (!made) return Fail(std::move(made).error());
    return {};
  };
  if (!conclude(kAdmits, admit())) {
    leave_out(kKeeps, "there is no object to write it to");
    return findings;
  }
  conclude(kKeeps, KeepStatus(server, kind, StrCat(path, "/", name), context));
  return findings;
}

std::string UnstorableFields(const external::Manifest& manifest, const external::KindInfo& kind,
                             const std::string& status) {
  const auto crd = InstalledCrd(manifest, kind);
  const auto shown = json::ParseObject(status.empty() ? "{}" : status);
  if (!crd || !shown) return "";  // other checks report that
  // Only the status is checked: fields that the spec requires are absent.
  const auto versions = json::ArrayIn(json::ObjectIn(*crd, "spec"), "versions");
  for (std::size_t i = 0; !versions.isNull() && i < versions->size(); ++i) {
    const auto version = json::AsObject(versions->get(static_cast<unsigned>(i)));
    auto root = json::ObjectIn(json::ObjectIn(version, "schema"), "openAPIV3Schema");
    auto properties = json::ObjectIn(root, "properties");
    if (properties.isNull()) continue;
    properties->remove("spec");
    root->remove("required");
    root->remove("x-kubernetes-validations");
  }
  auto object = json::MakeObject();
  object->set("apiVersion", kind.group + "/" + kind.version);
  object->set("kind", kind.kind);
  object->set("metadata", json::ParseObject(R"({"name":"a"})").value_or(json::MakeObject()));
  object->set("status", *shown);
  const auto kept =
      apiserver::AdmitCustomResource(json::ToText(*crd), kind.version, json::ToText(object), "");
  return kept ? std::string() : "its CRD does not keep the status that it shows: " + kept.error().message;
}

}  // namespace capstan::app
