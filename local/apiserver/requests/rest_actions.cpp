// Subresources that perform an action: bindings and evictions of pods, tokens of service accounts.
#include <algorithm>
#include <chrono>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/selector.hpp>
#include <capstan/local/apiserver/requests/rest.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;

ObjectPtr Done201(std::string_view status) {
  ObjectPtr answer = json::MakeObject();
  answer->set("kind", std::string("Status"));
  answer->set("apiVersion", std::string("v1"));
  answer->set("metadata", json::MakeObject());
  answer->set("status", std::string(status));
  answer->set("code", Poco::Int64{201});
  return answer;
}

bool Fits(const ObjectPtr& selector, const ObjectPtr& labels) {
  const ObjectPtr wanted = json::ObjectIn(selector, "matchLabels");
  const auto expressions = json::ObjectsIn(selector, "matchExpressions");
  if (wanted) {
    for (const auto& [key, value] : *wanted) {
      if (json::StringIn(labels, key) != value.toString()) return false;
    }
  }
  return std::all_of(expressions.begin(), expressions.end(), [&](const ObjectPtr& one) {
    const std::string word = json::StringIn(one, "operator").value_or("");
    const auto value = json::StringIn(labels, json::StringIn(one, "key").value_or(""));
    const auto values = json::StringsIn(one, "values");
    const bool in = value && std::find(values.begin(), values.end(), *value) != values.end();
    return word == "In" ? in : word == "NotIn" ? !in : word == "Exists" ? value.has_value() : !value;
  });
}

}  // namespace

Answer<Reply> Rest::Act(Exchange& exchange) {
  const std::string& action = exchange.info.subresource;
  if (action == "binding") return Bind(exchange);
  if (action == "eviction") return Evict(exchange);
  return IssueToken(exchange);
}

Answer<Reply> Rest::Bind(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  CAPSTAN_ANSWER(ObjectPtr binding, ReadObject(exchange.request, "Binding", LimitsOf(exchange)));
  if (exchange.info.subresource == "binding" && MetaString(binding, "name") != exchange.info.name)
    return BadRequest("name in URL does not match name in Binding object");
  const ObjectPtr target = json::ObjectIn(binding, "target");
  const std::string node = json::StringIn(target, "name").value_or("");
  if (node.empty()) {
    return RefuseWith(InvalidStatus("", "Binding", exchange.info.name, {RequiredField("target.name", "")}));
  }
  call.user = nullptr;
  call.subresource = "binding";
  const auto change = [&](ObjectPtr pod) -> Answer<ObjectPtr> {
    ObjectPtr spec = json::ObjectIn(pod, "spec");
    const std::string now = json::StringIn(spec, "nodeName").value_or("");
    if (!now.empty()) {
      return Conflict("", "pods/binding", exchange.info.name,
                      StrCat("pod ", exchange.info.name, " is already assigned to node \"", now, "\""));
    }
    spec->set("nodeName", node);
    return pod;
  };
  CAPSTAN_ANSWER(Written written, writer_.Update(call, exchange.info.name, change, {}));
  return ObjectReply(exchange, Done201("Success"), 201);
}

// 429 when a disruption budget allows no more disruptions.
Done Rest::CheckAndDecrementBudget(const ObjectPtr& pod) {
  const std::string space = MetaString(pod, "namespace");
  const ObjectPtr labels = json::ObjectIn(json::ObjectIn(pod, "metadata"), "labels");
  const ResourcePtr budgets = catalog_.Current()->Find("policy", "poddisruptionbudgets");
  const std::string inside = budgets->NamespacePrefix(space);
  std::vector<ObjectPtr> held;
  const auto listing = store_.List(budgets->key_prefix, inside, inside, 0, 0);
  for (const RecordPtr& record : listing->records) {
    auto budget = json::ParseObject(record->text, kStoredDepth);
    const ObjectPtr selector = budget ? json::ObjectIn(json::ObjectIn(*budget, "spec"), "selector") : nullptr;
    if (selector && Fits(selector, labels)) held.push_back(*budget);
  }
  if (held.empty()) return {};
  if (held.size() > 1) {
    return Refuse(500, "InternalError",
                  "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
                  "support.");
  }
  const std::string name = MetaString(held.front(), "name");
  WriteCall call;
  call.resource = budgets;
  call.version = &budgets->versions.front();
  call.namespace_ = space;
  call.subresource = "status";
  const auto change = [&](ObjectPtr budget) -> Answer<ObjectPtr> {
    ObjectPtr status = json::ObjectIn(budget, "status");
    const auto left = json::IntegerIn(status, "disruptionsAllowed").value_or(0);
    if (left > 0) {
      status->set("disruptionsAllowed", left - 1);
      return budget;
    }
    Refusal refusal =
        Refuse(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.");
    ObjectPtr cause = json::MakeObject(), details = json::MakeObject();
    cause->set("reason", std::string("DisruptionBudget"));
    cause->set("message",
               StrCat("The disruption budget ", name, " needs ",
                      json::IntegerIn(status, "desiredHealthy").value_or(0), " healthy pods and has ",
                      json::IntegerIn(status, "currentHealthy").value_or(0), " currently"));
    json::ArrayPtr causes = json::MakeArray();
    causes->add(cause);
    details->set("causes", causes);
    refusal.value().details = details;
    return refusal;
  };
  CAPSTAN_ANSWER(Written written, writer_.Update(call, name, change, {}));
  return {};
}

Answer<Reply> Rest::Evict(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  BodyLimits limits = LimitsOf(exchange);
  limits.api_version = "policy/v1";
  CAPSTAN_ANSWER(ObjectPtr eviction, ReadObject(exchange.request, "Eviction", limits));
  const ObjectPtr asked = json::ObjectIn(eviction, "deleteOptions");
  DeleteOptions options;
  options.grace_seconds = json::IntegerIn(asked, "gracePeriodSeconds");
  options.uid = json::StringIn(json::ObjectIn(asked, "preconditions"), "uid").value_or("");
  for (const std::string& word : json::StringsIn(asked, "dryRun"))
    call.dry_run = call.dry_run || word == "All";
  const RecordPtr record = store_.Get(exchange.resource->Key(call.namespace_, exchange.info.name));
  if (!record) return NotFound("", "pods", exchange.info.name);
  auto pod = json::ParseObject(record->text, kStoredDepth);
  if (!pod) return InternalError(pod.error());
  const std::string phase = json::StringIn(json::ObjectIn(*pod, "status"), "phase").value_or("");
  const bool counts = phase != "Pending" && phase != "Succeeded" && phase != "Failed" &&
                      record->meta.deletion_timestamp.empty();
  if (counts && !call.dry_run) CAPSTAN_ANSWER_OK(CheckAndDecrementBudget(*pod));
  call.subresource.clear();
  CAPSTAN_ANSWER(Written written, writer_.Delete(call, exchange.info.name, options));
  return ObjectReply(exchange, Done201("Success"), 201);
}

Answer<Reply> Rest::IssueToken(Exchange& exchange) {
  BodyLimits limits = LimitsOf(exchange);
  limits.api_version = "authentication.k8s.io/v1";
  CAPSTAN_ANSWER(ObjectPtr request, ReadObject(exchange.request, "TokenRequest", limits));
  const RequestInfo& info = exchange.info;
  const RecordPtr record = store_.Get(exchange.resource->Key(info.namespace_, info.name));
  if (!record) return NotFound("", "serviceaccounts", info.name);
  ObjectPtr spec = json::ObjectIn(request, "spec");
  if (!spec) spec = json::MakeObject();
  constexpr std::int64_t kLeast = 600, kUsual = 3600, kMost = std::int64_t{1} << 32;
  const std::int64_t seconds = json::IntegerIn(spec, "expirationSeconds").value_or(kUsual);
  if (seconds < kLeast || seconds > kMost) {
    return RefuseWith(InvalidStatus(
        "authentication.k8s.io", "TokenRequest", "",
        {InvalidField("spec.expirationSeconds", seconds,
                      seconds < kLeast ? "may not specify a duration less than 10 minutes"
                                       : "may not specify a duration larger than 2^32 seconds")}));
  }
  if (const ObjectPtr bound = json::ObjectIn(spec, "boundObjectRef")) {
    const std::string version = json::TextIn(bound, "apiVersion"), kind = json::TextIn(bound, "kind");
    const char* plural = kind == "Pod"      ? "pods"
                         : kind == "Secret" ? "secrets"
                         : kind == "Node"   ? "nodes"
                                            : "";
    if (version != "v1" || *plural == '\0') {
      const std::size_t slash = version.find('/');
      return BadRequest(StrCat("cannot bind token to object of type ",
                               slash == std::string::npos ? StrCat("/", version) : version, ", Kind=", kind));
    }
    const std::string name = json::TextIn(bound, "name");
    const std::string space = kind == "Node" ? "" : info.namespace_ + "/";
    if (!store_.Get(StrCat(ResourcePrefix("", plural), space, name))) return NotFound("", plural, name);
  }
  if (json::StringsIn(spec, "audiences").empty())
    spec->set("audiences", json::ArrayOf({"https://kubernetes.default.svc.cluster.local"}));
  spec->set("expirationSeconds", seconds);
  const WallTime expires = scheduler_.WallNow() + std::chrono::seconds(seconds);
  ObjectPtr status = json::MakeObject();
  status->set("token", tokens_.Issue(info.namespace_, info.name, record->meta.uid,
                                     json::StringsIn(spec, "audiences"), expires));
  status->set("expirationTimestamp", FormatRfc3339(expires));
  ObjectPtr answer = json::MakeObject(), metadata = json::MakeObject();
  metadata->set("name", info.name);
  metadata->set("namespace", info.namespace_);
  metadata->set("creationTimestamp", FormatRfc3339(scheduler_.WallNow()));
  answer->set("kind", std::string("TokenRequest"));
  answer->set("apiVersion", std::string("authentication.k8s.io/v1"));
  answer->set("metadata", metadata);
  answer->set("spec", spec);
  answer->set("status", status);
  return ObjectReply(exchange, answer, 201);
}

}  // namespace capstan::apiserver
