#include <capstan/local/apiserver/controllers/controllers.hpp>

#include <algorithm>
#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/definitions/registry.hpp>

namespace capstan::apiserver {
namespace {

constexpr const char* kCrdCleanup = "customresourcecleanup.apiextensions.k8s.io";

}  // namespace

WriteCall ControllerCall(const ResourcePtr& resource, const std::string& namespace_) {
  WriteCall call;
  call.resource = resource;
  call.version = resource->Find(resource->storage_version);
  call.namespace_ = namespace_;
  call.validation = FieldValidation::kIgnore;
  return call;
}

ResourcePtr ResourceOfRecord(const Served& served, const Record& record) {
  for (const ResourcePtr& resource : served.resources) {
    if (resource->stored_api_version == resource->ApiVersion(resource->storage_version) &&
        record.key.compare(0, resource->key_prefix.size(), resource->key_prefix) == 0) {
      return resource;
    }
  }
  return nullptr;
}

void CrdCleaner::Run(const Context& context) {
  const std::string prefix = ResourcePrefix("apiextensions.k8s.io", "customresourcedefinitions");
  while (!context.stopped()) {
    const std::uint64_t seen = store_.revision();
    bool pending = false;
    // Kept alive: its records are traversed below.
    const auto crds = store_.List(prefix, prefix, "", 0, 0);
    for (const RecordPtr& crd : crds->records) {
      if (!crd->meta.deletion_timestamp.empty()) pending = Clean(crd) || pending;
    }
    // While finalizers block instances, any change can unblock them; otherwise only CRDs matter.
    if (pending) {
      store_.WaitForAny(seen, kForever, context);
    } else {
      (void)store_.WaitForEvents(prefix, seen, kForever, context);
    }
  }
}

bool CrdCleaner::Clean(const RecordPtr& crd) {
  const std::vector<std::string>& finalizers = crd->meta.finalizers;
  if (std::find(finalizers.begin(), finalizers.end(), kCrdCleanup) == finalizers.end()) return false;
  ServedPtr served = catalog_.Current();
  std::size_t dot = crd->meta.name.find('.');
  ResourcePtr resource = served->Find(crd->meta.name.substr(dot + 1), crd->meta.name.substr(0, dot));
  std::vector<RecordPtr> left;
  if (resource) {
    const auto records = store_.List(resource->key_prefix, resource->key_prefix, "", 0,
                                     0);  // kept alive: its records are traversed below
    for (const RecordPtr& record : records->records) {
      auto written = writer_.Delete(ControllerCall(resource, record->meta.namespace_), record->meta.name, {});
      if (!written && written.error().code != 404) {
        log_.Warning("cannot delete an object of a deleted CustomResourceDefinition",
                     {{"object", record->key}, {"why", written.error().message}});
      }
    }
    left = store_.List(resource->key_prefix, resource->key_prefix, "", 0, 0)->records;
  }
  if (!left.empty()) return true;
  ResourcePtr crds = served->Find("apiextensions.k8s.io", "customresourcedefinitions");
  auto finish = [](json::ObjectPtr live) -> Answer<json::ObjectPtr> {
    json::ObjectPtr meta = MetaOf(live);
    std::vector<std::string> keep = json::StringsIn(meta, "finalizers");
    keep.erase(std::remove(keep.begin(), keep.end(), kCrdCleanup), keep.end());
    SetStrings(meta, "finalizers", keep);
    return live;
  };
  auto written = writer_.Update(ControllerCall(crds, ""), crd->meta.name, finish, {});
  if (!written && written.error().code != 404) {
    log_.Warning("cannot remove the finalizer of a deleted CustomResourceDefinition",
                 {{"crd", crd->meta.name}, {"why", written.error().message}});
  }
  return false;
}

void NamespaceCleaner::Run(const Context& context) {
  const std::string prefix = ResourcePrefix("", "namespaces");
  std::map<std::string, Instant> due;  // by uid
  while (!context.stopped()) {
    const std::uint64_t seen = store_.revision();
    const Instant now = scheduler_.Now();
    bool pending = false;
    Instant next = kForever;
    std::map<std::string, Instant> still_due;
    // Kept alive: its records are traversed below.
    const auto spaces = store_.List(prefix, prefix, "", 0, 0);
    for (const RecordPtr& space : spaces->records) {
      if (space->meta.deletion_timestamp.empty()) continue;
      const auto known = due.find(space->meta.uid);
      const Instant removal = known == due.end() ? After(now, delay_) : known->second;
      still_due.emplace(space->meta.uid, removal);
      if (!DeleteContents(space)) {
        pending = true;
      } else if (now < removal) {
        next = std::min(next, removal);
      } else {
        Finalize(space);
      }
    }
    due = std::move(still_due);
    if (pending) {
      store_.WaitForAny(seen, next, context);
    } else {
      (void)store_.WaitForEvents(prefix, seen, next, context);
    }
  }
}

bool NamespaceCleaner::DeleteContents(const RecordPtr& space) {
  ServedPtr served = catalog_.Current();
  for (const RecordPtr& record : store_.InNamespace(space->meta.name)) {
    ResourcePtr resource = ResourceOfRecord(*served, *record);
    if (!resource) continue;
    DeleteOptions at_once;
    at_once.grace_seconds = 0;  // without a kubelet no pod would ever finish terminating
    auto written = writer_.Delete(ControllerCall(resource, space->meta.name), record->meta.name, at_once);
    if (!written && written.error().code != 404) {
      log_.Warning("cannot delete an object in a deleted namespace",
                   {{"object", record->key}, {"why", written.error().message}});
    }
  }
  std::vector<RecordPtr> left = store_.InNamespace(space->meta.name);
  if (!left.empty()) Report(space, left);
  return left.empty();
}

void NamespaceCleaner::Finalize(const RecordPtr& space) {
  WriteCall call = ControllerCall(catalog_.Current()->Find("", "namespaces"), "");
  call.subresource = "finalize";
  auto finish = [](json::ObjectPtr live) -> Answer<json::ObjectPtr> {
    json::ObjectPtr spec = json::ObjectIn(live, "spec");
    std::vector<std::string> keep = json::StringsIn(spec, "finalizers");
    keep.erase(std::remove(keep.begin(), keep.end(), "kubernetes"), keep.end());
    if (spec) SetStrings(spec, "finalizers", keep);
    return live;
  };
  auto written = writer_.Update(call, space->meta.name, finish, {});
  if (!written && written.error().code != 404) {
    log_.Warning("cannot finalize a deleted namespace",
                 {{"namespace", space->meta.name}, {"why", written.error().message}});
  }
}

void NamespaceCleaner::Report(const RecordPtr& space, const std::vector<RecordPtr>& left) {
  std::map<std::string, int> kinds, finalizers;
  ServedPtr served = catalog_.Current();
  for (const RecordPtr& record : left) {
    ResourcePtr resource = ResourceOfRecord(*served, *record);
    ++kinds[resource ? resource->plural + "." + resource->group : record->meta.kind];
    for (const std::string& finalizer : record->meta.finalizers) ++finalizers[finalizer];
  }
  auto told = [](const std::map<std::string, int>& counts, const char* what) {
    std::vector<std::string> parts;
    for (const auto& [name, count] : counts)
      parts.push_back(StrCat(name, what, count, " resource instances"));
    return Join(parts, ", ");
  };
  WriteCall call = ControllerCall(served->Find("", "namespaces"), "");
  call.subresource = "status";
  auto report = [&](json::ObjectPtr live) -> Answer<json::ObjectPtr> {
    json::ObjectPtr status = json::ObjectIn(live, "status");
    if (!status) return live;
    const std::string now = writer_.Now();
    SetCondition(status, "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
                 "All resources successfully discovered", now);
    SetCondition(status, "NamespaceDeletionContentFailure", false, "ContentDeleted",
                 "All content successfully deleted, may be waiting on finalization", now);
    SetCondition(status, "NamespaceContentRemaining", true, "SomeResourcesRemain",
                 StrCat("Some resources are remaining: ", told(kinds, " has ")), now);
    SetCondition(status, "NamespaceFinalizersRemaining", !finalizers.empty(),
                 finalizers.empty() ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
                 StrCat("Some content in the namespace has finalizers remaining: ", told(finalizers, " in ")),
                 now);
    return live;
  };
  (void)writer_.Update(call, space->meta.name, report, {});
}

}  // namespace capstan::apiserver
