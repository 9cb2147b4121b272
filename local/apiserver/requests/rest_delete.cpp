// Delete and deletecollection.
#include <algorithm>
#include <charconv>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/requests/rest.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

// Kinds whose deletion returns the deleted object.
bool ShowsDeleted(const Resource& resource) {
  const bool core = resource.group.empty(), storage = resource.group == "storage.k8s.io";
  const auto is = [&resource](std::initializer_list<std::string_view> plurals) {
    return std::find(plurals.begin(), plurals.end(), resource.plural) != plurals.end();
  };
  return (core && is({"pods", "serviceaccounts", "persistentvolumeclaims", "persistentvolumes",
                      "resourcequotas", "podtemplates"})) ||
         (storage && is({"storageclasses", "volumeattachments", "csidrivers", "csinodes"}));
}

struct OptionField {
  const char* name;
  ValueKind kind;
  const char* go_type;
};
constexpr OptionField kFields[] = {{"gracePeriodSeconds", ValueKind::kInteger, "int64"},
                                   {"orphanDependents", ValueKind::kBoolean, "bool"},
                                   {"propagationPolicy", ValueKind::kString, "v1.DeletionPropagation"},
                                   {"preconditions", ValueKind::kObject, "v1.Preconditions"},
                                   {"dryRun", ValueKind::kArray, "[]string"}};

// The error in Kubernetes' words for a body that is not DeleteOptions of any version.
Done CheckOptions(const json::ObjectPtr& body) {
  const std::string kind = json::TextIn(body, "kind"), version = json::TextIn(body, "apiVersion");
  if (!kind.empty() && kind != "DeleteOptions") {
    return BadRequest(StrCat("no kind \"", kind, "\" is registered for version \"",
                             version.empty() ? "meta.k8s.io/v1" : version,
                             "\" in scheme "
                             "\"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\""));
  }
  for (const OptionField& field : kFields) {
    const json::Tree value = body->get(field.name);
    const ValueKind given = KindOf(value);
    if (given == ValueKind::kNull || given == field.kind) continue;
    const bool number = given == ValueKind::kInteger || given == ValueKind::kDouble;
    return BadRequest(StrCat("json: cannot unmarshal ",
                             number ? std::string("number") : std::string(GoName(value)),
                             " into Go struct field DeleteOptions.", field.name, " of type ", field.go_type));
  }
  return {};
}

Refusal BadDeleteOption(FieldError error) {
  return RefuseWith(InvalidStatus("meta.k8s.io", "DeleteOptions", "", {std::move(error)}));
}

}  // namespace

Answer<DeleteOptions> Rest::ReadDeleteOptions(Exchange& exchange, bool& dry_run) const {
  DeleteOptions options;
  json::ObjectPtr body = json::MakeObject();
  if (!exchange.request.body.empty()) {
    CAPSTAN_ANSWER(body, ReadObject(exchange.request, "DeleteOptions",
                                    BodyLimits{options_.depth_limit, exchange.types, "v1"}));
    CAPSTAN_ANSWER_OK(CheckOptions(body));
  }
  // As in Kubernetes, the query is ignored when there is a body.
  const RequestInfo none;
  const RequestInfo& info = exchange.request.body.empty() ? exchange.info : none;
  if (!exchange.request.body.empty()) dry_run = false;
  json::ObjectPtr preconditions = json::ObjectIn(body, "preconditions");
  options.uid = json::StringIn(preconditions, "uid").value_or("");
  options.resource_version = json::StringIn(preconditions, "resourceVersion").value_or("");
  options.propagation = json::StringIn(body, "propagationPolicy").value_or(info.Query("propagationPolicy"));
  options.grace_seconds = json::IntegerIn(body, "gracePeriodSeconds");
  if (const std::string text = info.Query("gracePeriodSeconds"); !text.empty()) {
    std::int64_t seconds = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
      return BadRequest(StrCat("strconv.ParseInt: parsing \"", text, "\": invalid syntax"));
    options.grace_seconds = seconds;
  }
  auto orphan = json::BooleanIn(body, "orphanDependents");
  if (!orphan && info.HasQuery("orphanDependents")) orphan = info.QueryFlag("orphanDependents");
  if (orphan && !options.propagation.empty()) {
    return BadDeleteOption(InvalidField("propagationPolicy", options.propagation,
                                        "orphanDependents and deletionPropagation cannot be both set"));
  }
  if (orphan) options.propagation = *orphan ? "Orphan" : "Background";
  if (!options.propagation.empty() && options.propagation != "Orphan" &&
      options.propagation != "Background" && options.propagation != "Foreground") {
    return BadDeleteOption(UnsupportedField("propagationPolicy", options.propagation,
                                            {"Foreground", "Background", "Orphan", "nil"}));
  }
  if (options.grace_seconds && *options.grace_seconds < 0) options.grace_seconds = 1;
  std::vector<std::string> dry = json::StringsIn(body, "dryRun");
  for (const std::string& word : dry) {
    if (word != "All")
      return BadDeleteOption(UnsupportedField("dryRun", json::Tree(json::ArrayIn(body, "dryRun")), {"All"}));
    dry_run = true;
  }
  return options;
}

Answer<Reply> Rest::Delete(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  CAPSTAN_ANSWER(DeleteOptions options, ReadDeleteOptions(exchange, call.dry_run));
  CAPSTAN_ANSWER(Written written, writer_.Delete(call, exchange.info.name, options));
  const Resource& resource = *exchange.resource;
  if (!written.deleted || ShowsDeleted(resource)) return Render(exchange, written.object, 200);
  return ObjectReply(exchange, SuccessStatus(resource.group, resource.plural, exchange.info.name,
                                             MetaString(written.object, "uid")));
}

Answer<Reply> Rest::DeleteCollection(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  CAPSTAN_ANSWER(DeleteOptions options, ReadDeleteOptions(exchange, call.dry_run));
  CAPSTAN_ANSWER(ListQuestion question, ReadListQuestion(exchange));
  auto listing = store_.List(exchange.resource->key_prefix, question.prefix, question.prefix, 0, 0);
  std::vector<RecordPtr> deleted;
  for (const RecordPtr& record : listing->records) {
    if (exchange.gone.RequestedSampled()) return ClientIsGone();
    if (!question.filter.Matches(*record)) continue;
    if (question.filter.name && record->meta.name != *question.filter.name) continue;
    call.namespace_ = record->meta.namespace_;
    auto written = writer_.Delete(call, record->meta.name, options);
    if (!written && written.error().code != 404) return Refusal(written.error());
    deleted.push_back(record);
  }
  json::ObjectPtr metadata = json::MakeObject();
  if (exchange.resource->custom) metadata->set("continue", std::string());
  metadata->set("resourceVersion", std::to_string(store_.revision()));
  return ListReply(exchange, deleted, metadata);
}

}  // namespace capstan::apiserver
