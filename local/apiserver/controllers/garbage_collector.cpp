#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/local/apiserver/admission/plugins.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/controllers/controllers.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

bool HasFinalizer(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

void GarbageCollector::Run(const Context& context) {
  // Work that an earlier server on the same storage did not finish.
  for (const RecordPtr& record : store_.All()) {
    if (!record->meta.owners.empty() || !record->meta.deletion_timestamp.empty()) Process(record->key);
  }
  while (!context.stopped()) {
    for (const std::string& key : store_.TakeHints(context)) Process(key);
  }
}

void GarbageCollector::Process(const std::string& key) {
  RecordPtr record = store_.Get(key);
  if (!record) return;
  ServedPtr served = catalog_.Current();
  ResourcePtr resource = ResourceOfRecord(*served, *record);
  if (!resource) return;
  if (!record->meta.deletion_timestamp.empty()) {
    if (HasFinalizer(record->meta.finalizers, "orphan")) return FinishOrphaning(record, resource);
    if (HasFinalizer(record->meta.finalizers, "foregroundDeletion"))
      return FinishForeground(record, resource);
    return ReleaseUnused(record, resource);
  }
  if (!record->meta.owners.empty()) ProcessOwned(record, resource);
}

// Finalizers protect claims and volumes while in use: a claim by a pod that can still run, a volume
// by its claim.
void GarbageCollector::ReleaseUnused(const RecordPtr& record, const ResourcePtr& resource) {
  if (!resource->group.empty()) return;
  if (resource->plural == "persistentvolumes" && HasFinalizer(record->meta.finalizers, kVolumeProtection)) {
    const auto phase = json::StringAt(record->text, "/status/phase");
    const bool bound = phase && *phase && **phase == "Bound";
    if (!bound) DropFinalizer(record, resource, kVolumeProtection);
  }
  if (resource->plural == "persistentvolumeclaims" &&
      HasFinalizer(record->meta.finalizers, kClaimProtection) && !IsMounted(*record))
    DropFinalizer(record, resource, kClaimProtection);
}

bool GarbageCollector::IsMounted(const Record& claim) const {
  const std::string pods = ResourcePrefix("", "pods"), inside = StrCat(pods, claim.meta.namespace_, "/");
  const auto listing = store_.List(pods, inside, inside, 0, 0);
  if (!listing) return false;
  return std::any_of(listing->records.begin(), listing->records.end(), [&](const RecordPtr& record) {
    const auto pod = json::ParseObject(record->text, kStoredDepth);
    if (!pod) return false;
    const std::string phase = json::TextIn(json::ObjectIn(*pod, "status"), "phase");
    if (phase == "Succeeded" || phase == "Failed") return false;
    const auto volumes = json::ObjectsIn(json::ObjectIn(*pod, "spec"), "volumes");
    return std::any_of(volumes.begin(), volumes.end(), [&](const json::ObjectPtr& volume) {
      return json::TextIn(json::ObjectIn(volume, "persistentVolumeClaim"), "claimName") == claim.meta.name;
    });
  });
}

GarbageCollector::OwnerState GarbageCollector::StateOf(const json::OwnerReference& owner,
                                                       const Record& dependent) const {
  std::size_t slash = owner.api_version.find('/');
  std::string group = slash == std::string::npos ? "" : owner.api_version.substr(0, slash);
  ResourcePtr resource = catalog_.Current()->FindKind(group, owner.kind);
  // An owner whose kind is not served cannot be considered absent.
  if (!resource) return OwnerState::kPresent;
  RecordPtr record = store_.Get(resource->Key(dependent.meta.namespace_, owner.name));
  if (!record || record->meta.uid != owner.uid) return OwnerState::kAbsent;
  const bool waiting =
      !record->meta.deletion_timestamp.empty() && HasFinalizer(record->meta.finalizers, "foregroundDeletion");
  return waiting ? OwnerState::kWaiting : OwnerState::kPresent;
}

void GarbageCollector::ProcessOwned(const RecordPtr& record, const ResourcePtr& resource) {
  std::vector<std::string> absent, waiting;
  bool present = false;
  for (const json::OwnerReference& owner : record->meta.owners) {
    switch (StateOf(owner, *record)) {
      case OwnerState::kPresent:
        present = true;
        break;
      case OwnerState::kWaiting:
        waiting.push_back(owner.uid);
        break;
      case OwnerState::kAbsent:
        absent.push_back(owner.uid);
        break;
    }
  }
  if (present) {
    absent.insert(absent.end(), waiting.begin(), waiting.end());
    if (!absent.empty()) DropOwners(record, resource, absent);
    return;
  }
  DeleteOptions options;
  options.uid = record->meta.uid;
  options.propagation = HasFinalizer(record->meta.finalizers, "orphan")               ? "Orphan"
                        : HasFinalizer(record->meta.finalizers, "foregroundDeletion") ? "Foreground"
                                                                                      : "Background";
  if (!waiting.empty() && !store_.Dependents(record->meta.uid).empty()) options.propagation = "Foreground";
  auto written =
      writer_.Delete(ControllerCall(resource, record->meta.namespace_), record->meta.name, options);
  if (!written) Warn("cannot delete an object without an owner", *record, written.error());
}

void GarbageCollector::FinishForeground(const RecordPtr& record, const ResourcePtr& resource) {
  bool blocked = false;
  for (const std::string& key : store_.Dependents(record->meta.uid)) {
    RecordPtr dependent = store_.Get(key);
    if (!dependent) continue;
    for (const json::OwnerReference& owner : dependent->meta.owners) {
      if (owner.uid == record->meta.uid && owner.block_owner_deletion) blocked = true;
    }
    if (dependent->meta.deletion_timestamp.empty()) Process(key);
  }
  // A dependent deleted here hints its owner's key, so this function runs again for it.
  bool any_left = false;
  for (const std::string& key : store_.Dependents(record->meta.uid))
    any_left = any_left || store_.Get(key) != nullptr;
  if (!blocked || !any_left) DropFinalizer(record, resource, "foregroundDeletion");
}

void GarbageCollector::FinishOrphaning(const RecordPtr& record, const ResourcePtr& resource) {
  ServedPtr served = catalog_.Current();
  for (const std::string& key : store_.Dependents(record->meta.uid)) {
    RecordPtr dependent = store_.Get(key);
    ResourcePtr kind = dependent ? ResourceOfRecord(*served, *dependent) : nullptr;
    if (kind) DropOwners(dependent, kind, {record->meta.uid});
  }
  DropFinalizer(record, resource, "orphan");
}

void GarbageCollector::DropOwners(const RecordPtr& record, const ResourcePtr& resource,
                                  const std::vector<std::string>& uids) {
  const std::set<std::string> gone(uids.begin(), uids.end());
  auto change = [&](json::ObjectPtr live) -> Answer<json::ObjectPtr> {
    json::ArrayPtr keep = json::MakeArray();
    json::ArrayPtr owners = json::ArrayIn(MetaOf(live), "ownerReferences");
    for (unsigned i = 0; owners && i < owners->size(); ++i) {
      json::ObjectPtr owner = json::AsObject(owners->get(i));
      if (gone.count(json::StringIn(owner, "uid").value_or("")) == 0) keep->add(owners->get(i));
    }
    if (keep->size() > 0) {
      MetaOf(live)->set("ownerReferences", keep);
    } else {
      MetaOf(live)->remove("ownerReferences");
    }
    return live;
  };
  auto written =
      writer_.Update(ControllerCall(resource, record->meta.namespace_), record->meta.name, change, {});
  if (!written) Warn("cannot remove a deleted owner from an object", *record, written.error());
}

void GarbageCollector::DropFinalizer(const RecordPtr& record, const ResourcePtr& resource,
                                     const char* finalizer) {
  auto change = [&](json::ObjectPtr live) -> Answer<json::ObjectPtr> {
    std::vector<std::string> keep = json::StringsIn(MetaOf(live), "finalizers");
    keep.erase(std::remove(keep.begin(), keep.end(), finalizer), keep.end());
    SetStrings(MetaOf(live), "finalizers", keep);
    return live;
  };
  auto written =
      writer_.Update(ControllerCall(resource, record->meta.namespace_), record->meta.name, change, {});
  if (!written) Warn("cannot remove a finalizer of the garbage collector", *record, written.error());
}

void GarbageCollector::Warn(const char* what, const Record& record, const ApiError& error) {
  if (error.code == 404 || error.code == 409) return;  // another writer was faster
  log_.Warning(what, {{"object", record.key}, {"why", error.message}});
}

}  // namespace capstan::apiserver
