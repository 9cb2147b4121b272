// Delete: preconditions, the finalizers of a propagation policy, graceful deletion.
#include <algorithm>
#include <chrono>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>
#include <capstan/local/apiserver/writing/special_kinds.hpp>

namespace capstan::apiserver {
namespace {

// The dependents of these resources are orphaned by default, as in their first versions.
bool OrphansByDefault(const Resource& resource) {
  return (resource.group.empty() && resource.plural == "replicationcontrollers") ||
         (resource.group == "batch" && resource.plural == "jobs");
}

// The grace period of a pod: zero when no kubelet runs it.
std::int64_t GraceOf(const Resource& resource, const json::ObjectPtr& pod, const DeleteOptions& options) {
  if (!IsPod(resource)) return 0;
  const json::ObjectPtr spec = json::ObjectIn(pod, "spec");
  const std::string phase = json::StringIn(json::ObjectIn(pod, "status"), "phase").value_or("");
  if (json::StringIn(spec, "nodeName").value_or("").empty() || phase == "Succeeded" || phase == "Failed")
    return 0;
  return options.grace_seconds.value_or(json::IntegerIn(spec, "terminationGracePeriodSeconds").value_or(30));
}

Done CheckDeletion(const Resource& resource, const std::string& name, const Record& record,
                   const DeleteOptions& options) {
  if (!options.uid.empty() && options.uid != record.meta.uid) {
    return RefuseAbout(
        409, "Conflict",
        StrCat("Operation cannot be fulfilled on ", resource.QualifiedKind(), " \"", name,
               "\": the UID in the precondition (", options.uid, ") does not match the UID in record (",
               record.meta.uid, "). The object might have been deleted and then recreated"),
        resource.group, resource.kind, name);
  }
  if (!options.resource_version.empty() && options.resource_version != record.meta.resource_version) {
    return RefuseAbout(409, "Conflict",
                       StrCat("Operation cannot be fulfilled on ", resource.QualifiedKind(), " \"", name,
                              "\": the ResourceVersion in the precondition (", options.resource_version,
                              ") does not match the ResourceVersion in record (",
                              record.meta.resource_version, "). The object might have been modified"),
                       resource.group, resource.kind, name);
  }
  if (IsNamespace(resource) && (name == "default" || name == "kube-system" || name == "kube-public")) {
    return Forbidden("", "namespaces", name, "this namespace may not be deleted");
  }
  return {};
}

// The finalizers of an object whose deletion starts or continues.
std::vector<std::string> FinalizersOfDeletion(const Resource& resource, std::vector<std::string> finalizers,
                                              std::string propagation, bool begins) {
  const auto held = [&](const char* one) {
    return std::find(finalizers.begin(), finalizers.end(), one) != finalizers.end();
  };
  if (propagation.empty() && OrphansByDefault(resource) && !held("orphan") && !held("foregroundDeletion"))
    propagation = "Orphan";
  if (!propagation.empty()) {
    std::erase(finalizers, "orphan");
    std::erase(finalizers, "foregroundDeletion");
    if (propagation == "Orphan") finalizers.emplace_back("orphan");
    if (propagation == "Foreground") finalizers.emplace_back("foregroundDeletion");
  }
  const char* cleanup = "customresourcecleanup.apiextensions.k8s.io";
  if (IsCrd(resource) && begins && !held(cleanup)) finalizers.emplace_back(cleanup);
  return finalizers;
}

}  // namespace

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
  CAPSTAN_ANSWER_OK(CheckDeletion(resource, name, *record, options));
  CAPSTAN_ANSWER(const RecordPtr shown,
                 Converted(record, resource, *call.version, converter_, call.cancellation));
  auto parsed = ReadRecord(*shown, resource);
  if (!parsed) return InternalError(parsed.error());
  json::ObjectPtr fresh = *parsed;
  if (admission_ && call.user)
    CAPSTAN_ANSWER_OK(admission_->Judge(call, "DELETE", nullptr, json::Clone(fresh)));
  json::ObjectPtr meta = MetaOf(fresh);
  const bool begins = record->meta.deletion_timestamp.empty();
  const std::vector<std::string> finalizers =
      FinalizersOfDeletion(resource, json::StringsIn(meta, "finalizers"), options.propagation, begins);
  SetStrings(meta, "finalizers", finalizers);
  const std::int64_t grace = GraceOf(resource, fresh, options);
  if (grace == 0) meta->remove("deletionGracePeriodSeconds");
  if (grace == 0 && IsRemovable(fresh, resource)) {
    if (IsPod(resource)) {  // its last state records the time, and a grace period of zero
      if (begins) meta->set("deletionTimestamp", Now());
      meta->set("deletionGracePeriodSeconds", Poco::Int64{0});
    }
    return Remove(call, fresh, record);
  }
  if (begins) {
    BeginDeletion(call, *record, grace, fresh);
  } else if (finalizers == record->meta.finalizers) {
    return Written{fresh, false, false};
  }
  return Store(call, fresh, record);
}

void ObjectWriter::BeginDeletion(const WriteCall& call, const Record& record, std::int64_t grace,
                                 json::ObjectPtr fresh) {
  const Resource& resource = *call.resource;
  json::ObjectPtr meta = MetaOf(fresh);
  meta->set("deletionTimestamp", FormatRfc3339(clock_.WallNow() + std::chrono::seconds(grace)));
  if (!IsNamespace(resource) && !IsCrd(resource)) meta->set("deletionGracePeriodSeconds", grace);
  if (record.meta.generation > 0) meta->set("generation", record.meta.generation + 1);
  if (IsNamespace(resource)) {
    json::ObjectPtr status = json::ObjectIn(fresh, "status");
    if (!status) status = json::MakeObject();
    status->set("phase", "Terminating");
    fresh->set("status", status);
  }
  if (IsCrd(resource) && crds_) crds_->Prepare(fresh, fresh, Now(), call.dry_run);
}

}  // namespace capstan::apiserver
