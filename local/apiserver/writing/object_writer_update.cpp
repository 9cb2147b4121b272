// Update: preconditions, fields that a subresource can change, fields that only the server writes.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>
#include <capstan/local/apiserver/writing/special_kinds.hpp>

namespace capstan::apiserver {
namespace {

Refusal OtherUid(const Resource& resource, const std::string& key, const std::string& name,
                 const std::string& expected, const std::string& found) {
  return Conflict(
      resource.group, resource.plural, name,
      StrCat("StorageError: invalid object, Code: 4, Key: ", key,
             ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ", expected,
             ", UID in object meta: ", found));
}

// A resize changes only the resources of existing containers.
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

// Takes the status from the sent object, managedFields from its metadata, and for built-in kinds
// the metadata that clients can write.
void CarryStatus(const Resource& resource, const json::ObjectPtr& sent, json::ObjectPtr fresh) {
  const json::ObjectPtr sent_meta = MetaOf(sent);
  json::ObjectPtr meta = MetaOf(fresh);
  for (const char* field : {"annotations", "finalizers", "labels", "ownerReferences"}) {
    const std::string_view name = field;
    const bool kept = (resource.kind == "Deployment" && name == "labels") ||
                      (IsPod(resource) && name == "ownerReferences") || IsCrd(resource);
    if (!resource.custom && (!kept || (IsCrd(resource) && name != "labels" && name != "ownerReferences")))
      Carry(sent_meta, meta, field);
  }
  Carry(sent, fresh, "status");
  if (!json::IsNull(sent_meta->get("managedFields"))) Carry(sent_meta, meta, "managedFields");
}

// The object after the change that the subresource permits; without a subresource, everything
// except parts that have one.
json::ObjectPtr ChangedBy(const WriteCall& call, json::ObjectPtr sent, const json::ObjectPtr& live) {
  const Resource& resource = *call.resource;
  const std::string& part = call.subresource;
  const bool whole = part != "status" && part != "approval" && part != "ephemeralcontainers" &&
                     part != "resize" && part != "finalize";
  if (whole && call.version->status) {
    Carry(live, sent, "status");
    if (IsNamespace(resource)) Carry(live, sent, "spec");
  }
  if (whole) return sent;
  json::ObjectPtr fresh = json::Clone(live);
  if (part == "status") {
    CarryStatus(resource, sent, fresh);
  } else if (part == "approval") {
    json::ObjectPtr status = json::ObjectIn(fresh, "status");
    if (!status) status = json::MakeObject();
    if (const json::ObjectPtr approved = json::ObjectIn(sent, "status"))
      Carry(approved, status, "conditions");
    fresh->set("status", status);
  } else if (part == "ephemeralcontainers") {
    const json::ObjectPtr spec = json::ObjectIn(sent, "spec");
    if (spec) Carry(spec, json::ObjectIn(fresh, "spec"), "ephemeralContainers");
  } else if (part == "resize") {
    CarryResources(sent, fresh);
  } else {
    fresh->set("spec", sent->get("spec"));
  }
  return fresh;
}

// Takes metadata that clients cannot write from the record.
void CarryServerMeta(const Record& record, const json::ObjectPtr& live, json::ObjectPtr fresh) {
  json::ObjectPtr meta = MetaOf(fresh);
  const json::ObjectPtr live_meta = MetaOf(live);
  if (MetaString(fresh, "uid").empty()) meta->set("uid", record.meta.uid);
  if (MetaString(fresh, "namespace").empty()) Carry(live_meta, meta, "namespace");
  Carry(live_meta, meta, "creationTimestamp");
  DropEmptyMeta(meta);
  if (!meta->has("managedFields") || json::IsNull(meta->get("managedFields")))
    Carry(live_meta, meta, "managedFields");
  const std::string deleted = MetaString(fresh, "deletionTimestamp");
  for (const char* field : {"deletionTimestamp", "deletionGracePeriodSeconds", "generation"}) {
    Carry(live_meta, meta, field);
  }
  // An attempt to change it is refused later.
  if (!deleted.empty()) meta->set("deletionTimestamp", deleted);
  meta->set("resourceVersion", record.meta.resource_version);
  meta->remove("selfLink");
  fresh->set("apiVersion", live->get("apiVersion"));
  fresh->set("kind", live->get("kind"));
}

// Whether anything changed besides the metadata and a status with its own subresource.
bool SpecChanged(const WriteCall& call, const json::ObjectPtr& fresh, const json::ObjectPtr& live) {
  std::vector<std::string> apart{"metadata", "apiVersion", "kind"};
  if (call.version->status) apart.emplace_back("status");
  return !EqualExcept(fresh, live, apart);
}

Done CheckUpdate(const Resource& resource, const std::string& name, const Record& record,
                 const json::ObjectPtr& sent, bool from_put) {
  const std::string uid = MetaString(sent, "uid");
  if (from_put && !uid.empty() && uid != record.meta.uid)
    return OtherUid(resource, record.key, name, uid, record.meta.uid);
  std::string expected = MetaString(sent, "resourceVersion");
  if (expected == "0") expected.clear();
  if (expected.empty() && !resource.unconditional_update) {
    return RefuseWith(InvalidStatus(
        resource.group, resource.plural, name,
        {InvalidField("metadata.resourceVersion", std::int64_t{0}, "must be specified for an update")}));
  }
  if (!expected.empty() && expected != record.meta.resource_version) {
    if (!std::all_of(expected.begin(), expected.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      return Refuse(500, "", StrCat("strconv.ParseUint: parsing \"", expected, "\": invalid syntax"));
    }
    return Modified(resource.group, resource.plural, name);
  }
  return {};
}

}  // namespace

Answer<Written> ObjectWriter::Update(const WriteCall& call, const std::string& name, const Change& change,
                                     UpdateOptions options) {
  for (int tries = 1;; ++tries) {
    auto written = UpdateOnce(call, name, change, options);
    if (written || !written.error().cas_lost || tries == kTriesAgainstOthers) return written;
  }
}

Answer<Written> ObjectWriter::CreateMissing(const WriteCall& call, const std::string& name,
                                            const Change& change, const UpdateOptions& options) {
  const Resource& resource = *call.resource;
  if (!options.create_missing || !call.subresource.empty())
    return NotFound(resource.group, resource.plural, name);
  CAPSTAN_ANSWER(json::ObjectPtr object, change(nullptr));
  if (const std::string uid = MetaString(object, "uid"); !uid.empty())
    return OtherUid(resource, resource.Key(call.namespace_, name), name, uid, "");
  auto created = Create(call, object);
  if (!created && created.error().reason == "AlreadyExists") created.error().cas_lost = true;
  return created;
}

Answer<Written> ObjectWriter::UpdateOnce(const WriteCall& call, const std::string& name, const Change& change,
                                         const UpdateOptions& options) {
  const Resource& resource = *call.resource;
  RecordPtr record = store_.Get(resource.Key(call.namespace_, name));
  if (!record) return CreateMissing(call, name, change, options);
  CAPSTAN_ANSWER(const RecordPtr shown,
                 Converted(record, resource, *call.version, converter_, call.cancellation));
  auto parsed = ReadRecord(*shown, resource);
  if (!parsed) return InternalError(parsed.error());
  const json::ObjectPtr live = *parsed;
  DropUndescribed(live, resource, *call.version);
  CAPSTAN_ANSWER(const json::ObjectPtr sent, change(json::Clone(live)));
  CAPSTAN_ANSWER_OK(CheckUpdate(resource, name, *record, sent, options.from_put));
  if (resource.custom) CAPSTAN_ANSWER_OK(DropUnknown(call, sent));  // also where it is not kept
  json::ObjectPtr fresh = ChangedBy(call, sent, live);
  CarryServerMeta(*record, live, fresh);
  CAPSTAN_ANSWER(fresh, Admit(call, fresh, live));
  if (resource.has_generation && SpecChanged(call, fresh, live))
    MetaOf(fresh)->set("generation", record->meta.generation + 1);
  CAPSTAN_ANSWER_OK(Validate(call, fresh, live));
  if (!options.keeps_managed_fields) {
    const bool same_managed =
        json::Equal(MetaOf(fresh)->get("managedFields"), MetaOf(live)->get("managedFields"));
    if (EqualExceptManagedFields(fresh, live) && same_managed) return Written{live, false, false};
    Track(call, live, fresh);
  }
  if (json::Equal(json::Tree(fresh), json::Tree(live))) return Written{live, false, false};
  if (!record->meta.deletion_timestamp.empty() && IsRemovable(fresh, resource))
    return Remove(call, fresh, record);
  return Store(call, fresh, record);
}

}  // namespace capstan::apiserver
