// Create, and what create and update share: unknown fields, admission, validation.
#include <capstan/local/apiserver/writing/object_writer.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/scale_paths.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>
#include <capstan/local/apiserver/writing/special_kinds.hpp>

namespace capstan::apiserver {
namespace {

constexpr int kTriesOfGeneratedNames = 8;
constexpr std::size_t kGeneratedNameBase = 58;  // 63 minus five random characters

// Warns about new finalizers without a domain, which others could choose as well.
void WarnOfFinalizers(const json::ObjectPtr& fresh, const json::ObjectPtr& live,
                      std::vector<std::string>& warnings) {
  const std::vector<std::string> before =
      live ? json::StringsIn(MetaOf(live), "finalizers") : std::vector<std::string>();
  for (const std::string& one : json::StringsIn(MetaOf(fresh), "finalizers")) {
    const bool standard = one == "foregroundDeletion" || one == "orphan" || one == "kubernetes";
    if (standard || one.find('/') != std::string::npos ||
        std::find(before.begin(), before.end(), one) != before.end()) {
      continue;
    }
    const char* path = one.find('.') == std::string::npos ? "" : " including a path (/)";
    warnings.push_back(StrCat("metadata.finalizers: \"", one, "\": prefer a domain-qualified finalizer name",
                              path, " to avoid accidental conflicts with other finalizer writers"));
  }
}

}  // namespace

Done ObjectWriter::CheckNamespace(const WriteCall& call, const std::string& name, bool creating) {
  if (!call.resource->namespaced || !creating) return {};
  RecordPtr space = store_.Get(ResourcePrefix("", "namespaces") + call.namespace_);
  if (!space) return NotFound("", "namespaces", call.namespace_);
  if (space->meta.deletion_timestamp.empty()) return {};
  Refusal refusal = Forbidden(call.resource->group, call.resource->plural, name,
                              StrCat("unable to create new content in namespace ", call.namespace_,
                                     " because it is being terminated"));
  json::ObjectPtr cause = json::MakeObject();
  cause->set("reason", "NamespaceTerminating");
  cause->set("message", StrCat("namespace ", call.namespace_, " is being terminated"));
  cause->set("field", "metadata.namespace");
  json::ArrayPtr causes = json::MakeArray();
  causes->add(cause);
  refusal.value().details->set("causes", causes);
  return refusal;
}

// Drops fields that the schema does not name, with a warning or an error as the client asked.
Done ObjectWriter::DropUnknown(const WriteCall& call, const json::ObjectPtr& fresh) {
  const Resource& resource = *call.resource;
  if (!call.version->schema) return {};
  std::vector<std::string> unknown = call.version->schema->Prune(fresh);
  if (IsCrd(resource) && crds_) {
    const std::vector<std::string> inside = crds_->DropUnknown(fresh);
    unknown.insert(unknown.end(), inside.begin(), inside.end());
  }
  for (std::string& one : unknown) one = StrCat("unknown field \"", one, "\"");
  if (unknown.empty() || call.validation == FieldValidation::kIgnore) return {};
  if (call.validation == FieldValidation::kWarn) {
    if (call.warnings) call.warnings->insert(call.warnings->end(), unknown.begin(), unknown.end());
    return {};
  }
  if (call.patching) {
    return RefuseWith(
        InvalidStatus("", "", "",
                      {InvalidField("patch", json::ToText(resource.custom ? WithSortedKeys(fresh) : fresh),
                                    "strict decoding error: " + Join(unknown, ", "))}));
  }
  return BadRequest(StrCat(resource.kind, " in version \"", call.version->name, "\" cannot be handled as a ",
                           resource.kind, ": strict decoding error: ", Join(unknown, ", ")));
}

Answer<json::ObjectPtr> ObjectWriter::Admit(const WriteCall& call, json::ObjectPtr fresh,
                                            json::ObjectPtr live) {
  const Resource& resource = *call.resource;
  CAPSTAN_ANSWER_OK(DropUnknown(call, fresh));
  if (resource.custom && call.version->schema) call.version->schema->ApplyDefaults(fresh);
  if (rules_ && call.version->type) rules_->Shape(*call.version->type, fresh);
  if (admission_ && call.user) {
    CAPSTAN_ANSWER(fresh, admission_->Mutate(call, live ? "UPDATE" : "CREATE", fresh, live));
    if (rules_ && call.version->type) rules_->Shape(*call.version->type, fresh);
  }
  if (resource.strategy.prepare) {
    WriteMoment moment{Now()};
    moment.user = call.user;
    moment.subresource = call.subresource;
    resource.strategy.prepare(fresh, live, moment);
  }
  if (IsCrd(resource) && crds_) crds_->Prepare(fresh, live, Now(), call.dry_run);
  return fresh;
}

Done ObjectWriter::Validate(const WriteCall& call, json::ObjectPtr fresh, json::ObjectPtr live) {
  const Resource& resource = *call.resource;
  std::vector<FieldError> errors = ValidateMeta(fresh, resource.namespaced, resource.strategy.check_name);
  if (!resource.custom) CheckStandardFinalizers(fresh, errors);
  auto add = [&errors](std::vector<FieldError> more) {
    for (FieldError& one : more) errors.push_back(std::move(one));
  };
  if (live) add(ValidateMetaUpdate(fresh, live));
  if (resource.custom && call.version->schema)
    add(call.version->schema->Validate(fresh, live, call.cancellation));
  if (resource.custom && call.version->scale) add(ValidateScale(fresh, *call.version->scale));
  const bool whole =
      call.subresource.empty() || call.subresource == "ephemeralcontainers" || call.subresource == "resize";
  if (rules_ && call.version->type && whole) add(rules_->Check(*call.version->type, fresh));
  if (resource.strategy.validate && call.subresource != "binding")
    add(resource.strategy.validate(fresh, live, call.subresource));
  if (IsCrd(resource) && crds_) add(crds_->Validate(fresh, live, call.cancellation));
  if (IsCrd(resource) && crds_ && call.warnings && errors.empty()) {
    for (std::string& warning : crds_->Warnings(fresh, live)) call.warnings->push_back(std::move(warning));
  }
  if (call.cancellation && call.cancellation->seen()) return ClientIsGone();
  if (!errors.empty())
    return RefuseWith(InvalidStatus(resource.group, resource.kind, MetaString(fresh, "name"), errors));
  if (resource.custom && call.warnings) WarnOfFinalizers(fresh, live, *call.warnings);
  if (admission_ && call.user)
    CAPSTAN_ANSWER_OK(admission_->Judge(call, live ? "UPDATE" : "CREATE", fresh, live));
  return {};
}

Answer<Written> ObjectWriter::Create(const WriteCall& call, json::ObjectPtr object) {
  const Resource& resource = *call.resource;
  json::ObjectPtr meta = MetaOf(object);
  std::string prefix = json::StringIn(meta, "generateName").value_or("");
  const bool generated = MetaString(object, "name").empty() && !prefix.empty();
  CAPSTAN_ANSWER_OK(CheckNamespace(call, MetaString(object, "name"), true));
  if (resource.terminating) {
    return Forbidden(resource.group, resource.plural, MetaString(object, "name"),
                     "create not allowed while custom resource definition is terminating");
  }
  if (!call.dry_run && !json::StringIn(meta, "resourceVersion").value_or("").empty()) {
    return Refuse(500, "", "resourceVersion should not be set on objects to be created");
  }
  for (const char* field : {"uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"}) {
    meta->remove(field);
  }
  if (json::StringIn(meta, "resourceVersion").value_or("").empty()) meta->remove("resourceVersion");
  if (resource.namespaced) meta->set("namespace", call.namespace_);
  DropEmptyMeta(meta);
  meta->set("uid", random_.Uuid());
  meta->set("creationTimestamp", Now());
  if (resource.has_generation) {
    meta->set("generation", std::int64_t{1});
  } else {
    meta->remove("generation");
  }
  CAPSTAN_ANSWER_OK(DropUnknown(call, object));  // also below a status that is not stored
  if (call.version->status && resource.plural != "nodes") object->remove("status");
  CAPSTAN_ANSWER(json::ObjectPtr fresh, Admit(call, object, nullptr));
  for (int tries = 0;; ++tries) {
    if (generated) {
      MetaOf(fresh)->set("name", StrCat(prefix.substr(0, kGeneratedNameBase), random_.Suffix(5)));
    }
    auto written = CreateNamed(call, json::Clone(fresh));
    if (written || !generated || written.error().reason != "AlreadyExists" ||
        tries == kTriesOfGeneratedNames) {
      return written;
    }
  }
}

Answer<Written> ObjectWriter::CreateNamed(const WriteCall& call, json::ObjectPtr object) {
  CAPSTAN_ANSWER_OK(Validate(call, object, nullptr));
  Track(call, nullptr, object);
  std::string name = MetaString(object, "name");
  if (store_.Get(call.resource->Key(call.namespace_, name))) {
    return AlreadyExists(call.resource->group, call.resource->plural, name);
  }
  auto written = Store(call, object, nullptr);
  if (!written && written.error().cas_lost)
    return AlreadyExists(call.resource->group, call.resource->plural, name);
  if (written) written->created = true;
  return written;
}

}  // namespace capstan::apiserver
