#include <capstan/local/apiserver/writing/object_writer.hpp>

#include <algorithm>
#include <chrono>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/scale_paths.hpp>
#include <capstan/local/apiserver/merge/apply_fields.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

constexpr int kTriesAgainstOthers = 32;
constexpr int kTriesOfGeneratedNames = 8;
constexpr std::size_t kGeneratedNameBase = 58;  // 63 less the five random characters

bool IsCrd(const Resource& resource) {
  return resource.plural == "customresourcedefinitions" && resource.group == "apiextensions.k8s.io";
}
bool IsNamespace(const Resource& resource) {
  return resource.plural == "namespaces" && resource.group.empty();
}

// What these started goes on without them, unless the client says otherwise, as it was in their
// first versions.
bool OrphansByDefault(const Resource& resource) {
  return (resource.group.empty() && resource.plural == "replicationcontrollers") ||
         (resource.group == "batch" && resource.plural == "jobs");
}

bool IsPod(const Resource& resource) { return resource.plural == "pods" && resource.group.empty(); }

// How long a pod may take to end: nothing where no kubelet runs it.
std::int64_t GraceOf(const Resource& resource, const json::ObjectPtr& pod, const DeleteOptions& options) {
  if (!IsPod(resource)) return 0;
  const json::ObjectPtr spec = json::ObjectIn(pod, "spec");
  const std::string phase = json::StringIn(json::ObjectIn(pod, "status"), "phase").value_or("");
  if (json::StringIn(spec, "nodeName").value_or("").empty() || phase == "Succeeded" || phase == "Failed")
    return 0;
  return options.grace_seconds.value_or(json::IntegerIn(spec, "terminationGracePeriodSeconds").value_or(30));
}

bool NothingHolds(json::ObjectPtr object, const Resource& resource) {
  if (!json::StringsIn(MetaOf(object), "finalizers").empty()) return false;
  if (IsPod(resource) && json::IntegerIn(MetaOf(object), "deletionGracePeriodSeconds").value_or(0) > 0)
    return false;
  return !IsNamespace(resource) || json::StringsIn(json::ObjectIn(object, "spec"), "finalizers").empty();
}

// New finalizers that others may well have chosen too.
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
    warnings.push_back(StrCat("metadata.finalizers: \"", one,
                              "\": prefer a domain-qualified finalizer name to avoid accidental conflicts "
                              "with other finalizer writers"));
  }
}

// Puts the value of `field` in `from` into `to`, or takes it away.
void Carry(json::ObjectPtr from, json::ObjectPtr to, const std::string& field) {
  if (from->has(field)) {
    to->set(field, from->get(field));
  } else {
    to->remove(field);
  }
}

// What a container may use is all that a resize changes, of containers that are there.
void CarryResources(const json::ObjectPtr& sent, const json::ObjectPtr& pod) {
  for (const char* list : {"containers", "initContainers"}) {
    const auto wanted = json::ObjectsIn(json::ObjectIn(sent, "spec"), list);
    for (const json::ObjectPtr& container : json::ObjectsIn(json::ObjectIn(pod, "spec"), list)) {
      const std::string name = json::TextIn(container, "name");
      const auto same = std::find_if(wanted.begin(), wanted.end(), [&name](const json::ObjectPtr& one) {
        return json::TextIn(one, "name") == name;
      });
      if (same == wanted.end()) continue;
      Carry(*same, container, "resources");
      Carry(*same, container, "resizePolicy");
    }
  }
}

// The status of a definition is written by the server that serves it.
void TrackStatusOfCrd(const json::ObjectPtr& live, const json::ObjectPtr& fresh, FieldWriter writer,
                      const CompiledSchema* schema) {
  writer.manager = "apiextensions-apiserver";
  writer.subresource = "status";
  json::ObjectPtr before = json::MakeObject(), after = json::MakeObject(), meta = json::MakeObject();
  json::ObjectPtr status = json::ObjectIn(live, "status");
  if (!status) {
    // These structures are always there; stored versions come with the definition.
    status = json::MakeObject();
    status->set("acceptedNames", json::MakeObject());
    status->set("conditions", json::MakeArray());
    if (const json::ObjectPtr made = json::ObjectIn(fresh, "status")) Carry(made, status, "storedVersions");
  }
  before->set("status", status);
  if (fresh->has("status")) after->set("status", fresh->get("status"));
  Carry(MetaOf(fresh), meta, "managedFields");
  after->set("metadata", meta);
  TrackUpdate(before, after, schema, writer);
  Carry(meta, MetaOf(fresh), "managedFields");
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

// Fields that the schema does not name go, with a warning or a refusal as the client asked.
Done ObjectWriter::DropUnknown(const WriteCall& call, const json::ObjectPtr& fresh) {
  const Resource& resource = *call.resource;
  if (!call.version->schema) return {};
  std::vector<std::string> unknown = call.version->schema->Prune(fresh);
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
  // What is stored is of the storage version, whichever version it came in.
  const Version* stored = resource.custom ? resource.Find(resource.storage_version) : nullptr;
  if (stored && stored != call.version && stored->schema && !resource.conversion_webhook) {
    stored->schema->Prune(fresh);
    stored->schema->ApplyDefaults(fresh);
  }
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
  if (IsCrd(resource) && crds_) crds_->Prepare(fresh, live, Now());
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
  if (IsCrd(resource) && crds_) add(crds_->Validate(fresh, live));
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

void ObjectWriter::Track(const WriteCall& call, json::ObjectPtr live, json::ObjectPtr fresh) {
  // What was applied has its owner already; the status of a definition has not.
  const bool applied = call.manager.empty();
  if (applied && !(IsCrd(*call.resource) && call.user)) return;
  FieldWriter writer;
  writer.manager = call.manager;
  writer.api_version = call.resource->ApiVersion(call.version->name);
  writer.subresource = call.subresource;
  writer.has_status = call.version->status;
  writer.cancellation = call.cancellation;
  // Kubernetes keeps no time of writes through scale.
  writer.time = call.subresource == "scale" ? "" : Now();
  if (applied) return TrackStatusOfCrd(live, fresh, writer, call.version->schema);
  json::ObjectPtr before = live;
  if (IsCrd(*call.resource) && !live) {
    // Structures that are always there are nobody's, only what is in them.
    before = json::MakeObject();
    json::ObjectPtr spec = json::MakeObject();
    spec->set("names", json::MakeObject());
    before->set("spec", spec);
  }
  if (!live && rules_ && call.version->type) {
    before = json::MakeObject();
    rules_->Skeleton(*call.version->type, before);
  }
  TrackUpdate(before, fresh, call.version->schema, writer);
  if (!IsCrd(*call.resource) || call.subresource == "status") return;
  TrackStatusOfCrd(live, fresh, writer, call.version->schema);
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
  CAPSTAN_ANSWER_OK(DropUnknown(call, object));  // also below a status that is not kept
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

Answer<Written> ObjectWriter::Update(const WriteCall& call, const std::string& name, const Change& change,
                                     UpdateOptions options) {
  for (int tries = 1;; ++tries) {
    auto written = UpdateOnce(call, name, change, options);
    if (written || !written.error().cas_lost || tries == kTriesAgainstOthers) return written;
  }
}

Answer<Written> ObjectWriter::UpdateOnce(const WriteCall& call, const std::string& name, const Change& change,
                                         const UpdateOptions& options) {
  const Resource& resource = *call.resource;
  RecordPtr record = store_.Get(resource.Key(call.namespace_, name));
  if (!record) {
    if (!options.create_missing || !call.subresource.empty())
      return NotFound(resource.group, resource.plural, name);
    CAPSTAN_ANSWER(json::ObjectPtr object, change(nullptr));
    std::string uid = MetaString(object, "uid");
    if (!uid.empty()) {
      return Conflict(
          resource.group, resource.plural, name,
          StrCat("StorageError: invalid object, Code: 4, Key: ", resource.Key(call.namespace_, name),
                 ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ", uid,
                 ", UID in object meta: "));
    }
    auto created = Create(call, object);
    if (!created && created.error().reason == "AlreadyExists") created.error().cas_lost = true;
    return created;
  }
  CAPSTAN_ANSWER(const RecordPtr shown, Converted(record, resource, *call.version, converter_));
  auto parsed = ReadRecord(*shown, resource);
  if (!parsed) return InternalError(parsed.error());
  const json::ObjectPtr live = *parsed;
  CAPSTAN_ANSWER(json::ObjectPtr fresh, change(json::Clone(live)));

  json::ObjectPtr meta = MetaOf(fresh), live_meta = MetaOf(live);
  std::string uid = MetaString(fresh, "uid");
  if (options.from_put && !uid.empty() && uid != record->meta.uid) {
    return Conflict(
        resource.group, resource.plural, name,
        StrCat("StorageError: invalid object, Code: 4, Key: ", record->key,
               ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ", uid,
               ", UID in object meta: ", record->meta.uid));
  }
  std::string expected = MetaString(fresh, "resourceVersion");
  if (expected == "0") expected.clear();
  if (expected.empty() && !resource.unconditional_update) {
    return RefuseWith(InvalidStatus(
        resource.group, resource.plural, name,
        {InvalidField("metadata.resourceVersion", std::int64_t{0}, "must be specified for an update")}));
  }
  if (!expected.empty() && expected != record->meta.resource_version) {
    if (!std::all_of(expected.begin(), expected.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      return Refuse(500, "", StrCat("strconv.ParseUint: parsing \"", expected, "\": invalid syntax"));
    }
    return Modified(resource.group, resource.plural, name);
  }

  if (resource.custom) CAPSTAN_ANSWER_OK(DropUnknown(call, fresh));  // also where it is not kept
  if (call.subresource == "status") {
    // Everything but the status is as it was; of the metadata only managedFields may come from the
    // caller.
    json::Tree status = fresh->get("status"), managed = meta->get("managedFields");
    bool has_status = fresh->has("status");
    const json::ObjectPtr sent = meta;
    fresh = json::Clone(live);
    meta = MetaOf(fresh);
    // Of Kubernetes' own kinds the metadata that clients write goes along, but for some.
    for (const char* field : {"annotations", "finalizers", "labels", "ownerReferences"}) {
      const std::string_view name = field;
      const bool kept = (resource.kind == "Deployment" && name == "labels") ||
                        (IsPod(resource) && name == "ownerReferences") || IsCrd(resource);
      if (!resource.custom && (!kept || (IsCrd(resource) && name != "labels" && name != "ownerReferences")))
        Carry(sent, meta, field);
    }
    if (has_status) {
      fresh->set("status", status);
    } else {
      fresh->remove("status");
    }
    if (!json::IsNull(managed)) meta->set("managedFields", managed);
  } else if (call.subresource == "approval") {
    const json::ObjectPtr sent = json::ObjectIn(fresh, "status");
    fresh = json::Clone(live);
    meta = MetaOf(fresh);
    json::ObjectPtr status = json::ObjectIn(fresh, "status");
    if (!status) status = json::MakeObject();
    if (sent) Carry(sent, status, "conditions");
    fresh->set("status", status);
  } else if (call.subresource == "ephemeralcontainers") {
    const json::ObjectPtr sent = json::ObjectIn(fresh, "spec");
    fresh = json::Clone(live);
    meta = MetaOf(fresh);
    if (sent) Carry(sent, json::ObjectIn(fresh, "spec"), "ephemeralContainers");
  } else if (call.subresource == "resize") {
    const json::ObjectPtr sent = fresh;
    fresh = json::Clone(live);
    meta = MetaOf(fresh);
    CarryResources(sent, fresh);
  } else if (call.subresource == "finalize") {
    json::Tree spec = fresh->get("spec");
    fresh = json::Clone(live);
    meta = MetaOf(fresh);
    fresh->set("spec", spec);
  } else if (call.version->status) {
    Carry(live, fresh, "status");
    if (IsNamespace(resource)) Carry(live, fresh, "spec");
  }
  if (uid.empty() || call.subresource == "status") meta->set("uid", record->meta.uid);
  if (MetaString(fresh, "namespace").empty()) Carry(live_meta, meta, "namespace");
  Carry(live_meta, meta, "creationTimestamp");
  DropEmptyMeta(meta);
  if (!meta->has("managedFields") || json::IsNull(meta->get("managedFields")))
    Carry(live_meta, meta, "managedFields");
  const std::string deleted = MetaString(fresh, "deletionTimestamp");
  for (const char* field : {"deletionTimestamp", "deletionGracePeriodSeconds", "generation"}) {
    Carry(live_meta, meta, field);
  }
  if (!deleted.empty()) meta->set("deletionTimestamp", deleted);  // to be refused when it is another
  meta->set("resourceVersion", record->meta.resource_version);
  meta->remove("selfLink");
  fresh->set("apiVersion", live->get("apiVersion"));
  fresh->set("kind", live->get("kind"));

  CAPSTAN_ANSWER(fresh, Admit(call, fresh, live));
  const bool spec_moved =
      !EqualExcept(fresh, live,
                   call.version->status ? std::vector<std::string>{"metadata", "status", "apiVersion", "kind"}
                                        : std::vector<std::string>{"metadata", "apiVersion", "kind"});
  if (resource.has_generation && spec_moved) {
    MetaOf(fresh)->set("generation", record->meta.generation + 1);
  }
  CAPSTAN_ANSWER_OK(Validate(call, fresh, live));
  if (!options.keeps_managed_fields) {
    bool same_managed = json::Equal(MetaOf(fresh)->get("managedFields"), live_meta->get("managedFields"));
    if (EqualExceptManagedFields(fresh, live) && same_managed) return Written{live, false, false};
    Track(call, live, fresh);
  }
  if (json::Equal(json::Tree(fresh), json::Tree(live))) return Written{live, false, false};
  if (!record->meta.deletion_timestamp.empty() && NothingHolds(fresh, resource))
    return Remove(call, fresh, record);
  return Store(call, fresh, record);
}

Answer<Written> ObjectWriter::Delete(const WriteCall& call, const std::string& name,
                                     const DeleteOptions& options) {
  for (int tries = 1;; ++tries) {
    auto written = DeleteOnce(call, name, options);
    if (written || !written.error().cas_lost || tries == kTriesAgainstOthers) return written;
  }
}

Answer<Written> ObjectWriter::DeleteOnce(const WriteCall& call, const std::string& name,
                                         const DeleteOptions& options) {
  const Resource& resource = *call.resource;
  RecordPtr record = store_.Get(resource.Key(call.namespace_, name));
  if (!record) return NotFound(resource.group, resource.plural, name);
  if (!options.uid.empty() && options.uid != record->meta.uid) {
    return RefuseAbout(
        409, "Conflict",
        StrCat("Operation cannot be fulfilled on ", resource.QualifiedKind(), " \"", name,
               "\": the UID in the precondition (", options.uid, ") does not match the UID in record (",
               record->meta.uid, "). The object might have been deleted and then recreated"),
        resource.group, resource.kind, name);
  }
  if (!options.resource_version.empty() && options.resource_version != record->meta.resource_version) {
    return RefuseAbout(409, "Conflict",
                       StrCat("Operation cannot be fulfilled on ", resource.QualifiedKind(), " \"", name,
                              "\": the ResourceVersion in the precondition (", options.resource_version,
                              ") does not match the ResourceVersion in record (",
                              record->meta.resource_version, "). The object might have been modified"),
                       resource.group, resource.kind, name);
  }
  if (IsNamespace(resource) && (name == "default" || name == "kube-system" || name == "kube-public")) {
    return Forbidden("", "namespaces", name, "this namespace may not be deleted");
  }
  CAPSTAN_ANSWER(const RecordPtr shown, Converted(record, resource, *call.version, converter_));
  auto parsed = ReadRecord(*shown, resource);
  if (!parsed) return InternalError(parsed.error());
  json::ObjectPtr fresh = *parsed;
  if (admission_ && call.user)
    CAPSTAN_ANSWER_OK(admission_->Judge(call, "DELETE", nullptr, json::Clone(fresh)));
  json::ObjectPtr meta = MetaOf(fresh);
  std::vector<std::string> finalizers = json::StringsIn(meta, "finalizers");
  auto drop = [&](const char* one) {
    finalizers.erase(std::remove(finalizers.begin(), finalizers.end(), one), finalizers.end());
  };
  std::string propagation = options.propagation;
  const auto held = [&](const char* one) {
    return std::find(finalizers.begin(), finalizers.end(), one) != finalizers.end();
  };
  if (propagation.empty() && OrphansByDefault(resource) && !held("orphan") && !held("foregroundDeletion"))
    propagation = "Orphan";
  if (!propagation.empty()) {
    drop("orphan");
    drop("foregroundDeletion");
    if (propagation == "Orphan") finalizers.emplace_back("orphan");
    if (propagation == "Foreground") finalizers.emplace_back("foregroundDeletion");
  }
  if (IsCrd(resource)) {
    const char* cleanup = "customresourcecleanup.apiextensions.k8s.io";
    if (record->meta.deletion_timestamp.empty() &&
        std::find(finalizers.begin(), finalizers.end(), cleanup) == finalizers.end()) {
      finalizers.emplace_back(cleanup);
    }
  }
  SetStrings(meta, "finalizers", finalizers);
  const std::int64_t grace = GraceOf(resource, fresh, options);
  if (grace == 0) meta->remove("deletionGracePeriodSeconds");
  if (grace == 0 && NothingHolds(fresh, resource)) return Remove(call, fresh, record);
  if (record->meta.deletion_timestamp.empty()) {
    meta->set("deletionTimestamp", FormatRfc3339(clock_.WallNow() + std::chrono::seconds(grace)));
    if (!IsNamespace(resource) && !IsCrd(resource)) meta->set("deletionGracePeriodSeconds", grace);
    if (record->meta.generation > 0) meta->set("generation", record->meta.generation + 1);
    if (IsNamespace(resource)) {
      json::ObjectPtr status = json::ObjectIn(fresh, "status");
      if (!status) status = json::MakeObject();
      status->set("phase", "Terminating");
      fresh->set("status", status);
    }
    if (IsCrd(resource) && crds_) crds_->Prepare(fresh, *parsed, Now());
  } else if (finalizers == record->meta.finalizers) {
    return Written{fresh, false, false};
  }
  return Store(call, fresh, record);
}

Answer<Written> ObjectWriter::Store(const WriteCall& call, json::ObjectPtr fresh,
                                    const RecordPtr& live_record) {
  if (call.cancellation && call.cancellation->seen()) return ClientIsGone();
  Written written;
  CAPSTAN_ANSWER(json::ObjectPtr stored, ToStored(call, fresh));
  if (call.resource->custom) {
    if (!call.dry_run) MetaOf(stored)->set("resourceVersion", store_.revision_marker());
    stored = WithSortedKeys(stored);
  }
  if (call.dry_run) {
    CAPSTAN_ANSWER(written.object, FromStored(call, stored));
    return written;
  }
  Write write;
  std::string name = MetaString(fresh, "name");
  write.key = call.resource->Key(call.namespace_, name);
  write.text = StoredText(stored, *call.resource, store_.revision_marker());
  write.expected = live_record ? live_record->revision : 0;
  auto record = store_.Commit(std::move(write));
  if (!record) {
    if (record.error().code != Code::kConflict) return InternalError(record.error());
    Refusal lost = Modified(call.resource->group, call.resource->plural, name);
    lost.value().cas_lost = true;
    return lost;
  }
  MetaOf(stored)->set("resourceVersion", (*record)->meta.resource_version);
  AfterCommit(call, name);
  CAPSTAN_ANSWER(written.object, FromStored(call, stored));
  return written;
}

Answer<json::ObjectPtr> ObjectWriter::ToStored(const WriteCall& call, const json::ObjectPtr& object) {
  const Resource& resource = *call.resource;
  if (!resource.conversion_webhook || call.version->name == resource.storage_version) return object;
  json::ObjectPtr shown = json::Clone(object);
  shown->set("apiVersion", resource.ApiVersion(call.version->name));
  const Version* version = resource.Find(resource.storage_version);
  CAPSTAN_ANSWER(const std::vector<json::ObjectPtr> stored, converter_->Convert(resource, *version, {shown}));
  if (version->schema) version->schema->ApplyDefaults(stored.front());
  return stored.front();
}

Answer<json::ObjectPtr> ObjectWriter::FromStored(const WriteCall& call, const json::ObjectPtr& stored) {
  const Resource& resource = *call.resource;
  if (!resource.conversion_webhook || call.version->name == resource.storage_version) return stored;
  CAPSTAN_ANSWER(const std::vector<json::ObjectPtr> shown,
                 converter_->Convert(resource, *call.version, {stored}));
  return shown.front();
}

Answer<Written> ObjectWriter::Remove(const WriteCall& call, json::ObjectPtr last,
                                     const RecordPtr& live_record) {
  if (call.cancellation && call.cancellation->seen()) return ClientIsGone();
  Written written;
  written.object = last;
  written.deleted = true;
  if (call.dry_run) return written;
  Write write;
  std::string name = live_record->meta.name;
  write.key = live_record->key;
  CAPSTAN_ANSWER(json::ObjectPtr stored, ToStored(call, json::Clone(last)));
  if (call.resource->custom) stored = WithSortedKeys(stored);
  write.deleted_text = StoredText(stored, *call.resource, store_.revision_marker());
  write.expected = live_record->revision;
  auto record = store_.Commit(std::move(write));
  if (!record) {
    if (record.error().code != Code::kConflict) return InternalError(record.error());
    Refusal lost = Modified(call.resource->group, call.resource->plural, name);
    lost.value().cas_lost = true;
    return lost;
  }
  AfterCommit(call, name);
  return written;
}

void ObjectWriter::AfterCommit(const WriteCall& call, const std::string& name) {
  if (IsCrd(*call.resource) && crds_) crds_->Changed(name);
  if (admission_) admission_->Stored(call);
}

}  // namespace capstan::apiserver
