#include <capstan/local/apiserver/definitions/registry.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/definitions/schema_shape.hpp>

namespace capstan::apiserver {
namespace {

constexpr int kCrdDepth = 512;

std::string CrdPrefix() { return ResourcePrefix("apiextensions.k8s.io", "customresourcedefinitions"); }

Version ReadVersion(json::ObjectPtr described, const std::string& group, const std::string& kind,
                    std::string_view field) {
  Version version;
  version.name = json::TextIn(described, "name");
  version.served = json::BooleanIn(described, "served").value_or(false);
  json::ObjectPtr subresources = json::ObjectIn(described, "subresources");
  version.status = static_cast<bool>(json::ObjectIn(subresources, "status"));
  if (json::ObjectPtr scale = json::ObjectIn(subresources, "scale")) {
    version.scale =
        ScalePaths{json::TextIn(scale, "specReplicasPath"), json::TextIn(scale, "statusReplicasPath"),
                   json::TextIn(scale, "labelSelectorPath")};
  }
  version.open_api = json::ObjectIn(json::ObjectIn(described, "schema"), "openAPIV3Schema");
  if (version.open_api) {
    version.schema_owner = CompileSchema(version.open_api, field).schema;
    version.schema = version.schema_owner.get();
  }
  version.table = MakeCustomTable(json::ArrayIn(described, "additionalPrinterColumns"));
  for (json::ObjectPtr field_ : json::ObjectsIn(described, "selectableFields")) {
    std::string path = json::TextIn(field_, "jsonPath");
    if (!path.empty() && path[0] == '.') path.erase(0, 1);
    version.selectable_fields.push_back(path);
  }
  version.deprecated = json::BooleanIn(described, "deprecated").value_or(false);
  if (version.deprecated) {
    version.deprecation_warning = json::TextIn(described, "deprecationWarning");
    if (version.deprecation_warning.empty()) {
      version.deprecation_warning = StrCat(group, "/", version.name, " ", kind, " is deprecated");
    }
  }
  return version;
}

}  // namespace

bool HasCondition(json::ObjectPtr object, std::string_view type) {
  return ConditionStatus(object, type) == "True";
}

void SetCondition(json::ObjectPtr status, std::string_view type, bool value, std::string_view reason,
                  std::string_view message, const std::string& now) {
  json::ArrayPtr conditions = json::ArrayIn(status, "conditions");
  if (!conditions) {
    conditions = json::MakeArray();
    status->set("conditions", conditions);
  }
  const std::string word = value ? "True" : "False";
  json::ObjectPtr condition;
  for (json::ObjectPtr one : json::ObjectsOf(conditions)) {
    if (json::TextIn(one, "type") == type) condition = one;
  }
  if (!condition) {
    condition = json::MakeObject();
    condition->set("type", std::string(type));
    conditions->add(condition);
  }
  if (json::TextIn(condition, "status") != word) condition->set("lastTransitionTime", now);
  condition->set("status", word);
  condition->set("reason", std::string(reason));
  condition->set("message", std::string(message));
}

// The warning about a deprecated version names the most preferred served version above it that is
// not deprecated.
static void NameSuccessors(Resource& resource, const std::vector<json::ObjectPtr>& described) {
  for (Version& version : resource.versions) {
    if (!version.deprecated) continue;
    const auto own = std::find_if(described.begin(), described.end(), [&](const json::ObjectPtr& one) {
      return json::TextIn(one, "name") == version.name && !json::TextIn(one, "deprecationWarning").empty();
    });
    if (own != described.end()) continue;
    // The versions are in order of preference.
    const auto better =
        std::find_if(resource.versions.begin(), resource.versions.end(), [&](const Version& other) {
          return other.served && !other.deprecated && PreferredVersion(other.name, version.name);
        });
    if (better != resource.versions.end()) {
      version.deprecation_warning += StrCat("; use ", resource.group, "/", better->name, " ", resource.kind);
    }
  }
}

std::shared_ptr<Resource> ResourceOf(json::ObjectPtr crd) {
  if (!HasCondition(crd, "Established")) return nullptr;
  json::ObjectPtr spec = json::ObjectIn(crd, "spec");
  json::ObjectPtr names = json::ObjectIn(json::ObjectIn(crd, "status"), "acceptedNames");
  if (!spec || !names) return nullptr;
  auto resource = std::make_shared<Resource>();
  resource->custom = true;
  resource->group = json::TextIn(spec, "group");
  resource->plural = json::TextIn(names, "plural");
  resource->singular = json::TextIn(names, "singular");
  resource->kind = json::TextIn(names, "kind");
  resource->list_kind = json::TextIn(names, "listKind");
  resource->short_names = json::StringsIn(names, "shortNames");
  resource->categories = json::StringsIn(names, "categories");
  resource->namespaced = json::TextIn(spec, "scope") != "Cluster";
  resource->has_generation = true;
  resource->unconditional_update = false;
  resource->terminating = !MetaString(crd, "deletionTimestamp").empty();
  resource->key_prefix = ResourcePrefix(resource->group, resource->plural);
  json::ArrayPtr versions = json::ArrayIn(spec, "versions");
  std::vector<json::ObjectPtr> described = json::ObjectsOf(versions);
  for (std::size_t i = 0; i < described.size(); ++i) {
    if (json::BooleanIn(described[i], "storage").value_or(false))
      resource->storage_version = json::TextIn(described[i], "name");
    resource->versions.push_back(
        ReadVersion(described[i], resource->group, resource->kind, SchemaField(versions, i)));
  }
  std::stable_sort(resource->versions.begin(), resource->versions.end(),
                   [](const Version& a, const Version& b) { return PreferredVersion(a.name, b.name); });
  NameSuccessors(*resource, described);
  if (const json::ObjectPtr conversion = json::ObjectIn(spec, "conversion");
      json::TextIn(conversion, "strategy") == "Webhook") {
    resource->conversion_webhook = json::ObjectIn(conversion, "webhook");
  }
  resource->stored_api_version = resource->ApiVersion(resource->storage_version);
  return resource;
}

void CrdRegistry::LoadAll() {
  auto listing = store_.List(CrdPrefix(), CrdPrefix(), "", 0, 0);
  for (const RecordPtr& record : listing->records) Changed(record->meta.name);
}

void CrdRegistry::Changed(const std::string& name) {
  MutexLock lock(order_);
  RecordPtr record = store_.Get(CrdPrefix() + name);
  std::shared_ptr<Resource> resource;
  if (record) {
    auto crd = json::ParseObject(record->text, kCrdDepth);
    if (crd) {
      resource = ResourceOf(*crd);
      if (resource) resource->defaults_since = record->revision;
    } else {
      log_.Error("cannot read a stored CustomResourceDefinition: its objects are not served",
                 {{"crd", name}, {"why", crd.error().message}});
    }
  }
  if (resource) {
    catalog_.Put(name, resource);
  } else {
    catalog_.Remove(name);
  }
  store_.WakeAll();
}

CrdRegistry::NameConflict CrdRegistry::FindNameConflict(json::ObjectPtr crd) const {
  json::ObjectPtr spec = json::ObjectIn(crd, "spec"), names = json::ObjectIn(spec, "names");
  std::string group = json::TextIn(spec, "group"), plural = json::TextIn(names, "plural");
  auto taken = [](const std::string& name) { return StrCat("\"", name, "\" is already in use"); };
  ServedPtr served = catalog_.Current();
  for (const ResourcePtr& other : served->resources) {
    if (other->group != group || other->plural == plural) continue;
    std::vector<std::string> used = other->short_names;
    used.push_back(other->plural);
    used.push_back(other->singular);
    auto in_use = [&](const std::string& name) {
      return std::find(used.begin(), used.end(), name) != used.end();
    };
    if (in_use(plural)) return {"PluralConflict", taken(plural)};
    if (in_use(json::TextIn(names, "singular")))
      return {"SingularConflict", taken(json::TextIn(names, "singular"))};
    for (const std::string& short_name : json::StringsIn(names, "shortNames")) {
      if (in_use(short_name)) return {"ShortNamesConflict", taken(short_name)};
    }
    for (const std::string& kind : {json::TextIn(names, "kind"), json::TextIn(names, "listKind")}) {
      if (kind == other->kind || kind == other->list_kind) {
        return {kind == json::TextIn(names, "kind") ? "KindConflict" : "ListKindConflict", taken(kind)};
      }
    }
  }
  return {};
}

void CrdRegistry::PrepareStatus(json::ObjectPtr fresh, json::ObjectPtr old, const std::string& now,
                                bool dry_run) const {
  json::ObjectPtr spec = json::ObjectIn(fresh, "spec");
  json::ObjectPtr status = SectionOf(fresh, "status");
  std::vector<std::string> stored = json::StringsIn(status, "storedVersions");
  for (json::ObjectPtr version : json::ObjectsIn(spec, "versions")) {
    std::string name = json::TextIn(version, "name");
    if (json::BooleanIn(version, "storage").value_or(false) &&
        std::find(stored.begin(), stored.end(), name) == stored.end()) {
      stored.push_back(name);
    }
  }
  if (dry_run && !old) {
    json::ObjectPtr none = json::MakeObject();
    none->set("plural", "");
    none->set("kind", "");
    status->set("acceptedNames", none);
    status->set("conditions", json::Tree());
    SetStrings(status, "storedVersions", stored);
    return;
  }
  NameConflict conflict = FindNameConflict(fresh);
  if (conflict.reason.empty()) {
    SetCondition(status, "NamesAccepted", true, "NoConflicts", "no conflicts found", now);
    if (!HasCondition(fresh, "Established")) {
      SetCondition(status, "Established", true, "InitialNamesAccepted",
                   "the initial names have been accepted", now);
    }
    status->set("acceptedNames", json::Clone(json::ObjectIn(spec, "names")));
  } else {
    SetCondition(status, "NamesAccepted", false, conflict.reason, conflict.message, now);
    if (!HasCondition(fresh, "Established")) {
      SetCondition(status, "Established", false, "NotAccepted", "not all names are accepted", now);
      json::ObjectPtr none = json::MakeObject();
      none->set("plural", "");
      none->set("kind", "");
      status->set("acceptedNames", none);
    }
  }
  SetStrings(status, "storedVersions", stored);
  if (const ApiApproval approval = ApprovalOf(fresh); !approval.reason.empty()) {
    SetCondition(status, "KubernetesAPIApprovalPolicyConformant", approval.reason == "ApprovedAnnotation",
                 approval.reason, approval.message, now);
  }
  if (old && !MetaString(fresh, "deletionTimestamp").empty() && !HasCondition(fresh, "Terminating")) {
    SetCondition(status, "Terminating", true, "InstanceDeletionPending",
                 "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
                 now);
  }
}

std::vector<std::string> CrdRegistry::DropUnknown(json::ObjectPtr crd) { return ShapeSchemas(crd); }

void CrdRegistry::Prepare(json::ObjectPtr fresh, json::ObjectPtr old, const std::string& now, bool dry_run) {
  json::ObjectPtr spec = json::ObjectIn(fresh, "spec");
  json::ObjectPtr names = json::ObjectIn(spec, "names");
  if (!names) return;  // Validate reports what is missing
  std::string kind = json::TextIn(names, "kind");
  if (json::TextIn(names, "singular").empty() && !kind.empty()) names->set("singular", ToLower(kind));
  if (json::TextIn(names, "listKind").empty() && !kind.empty()) names->set("listKind", kind + "List");
  json::ObjectPtr conversion = SectionOf(spec, "conversion");
  if (json::TextIn(conversion, "strategy").empty()) conversion->set("strategy", "None");
  const json::ObjectPtr webhook = json::ObjectIn(conversion, "webhook");
  json::ObjectPtr service = json::ObjectIn(json::ObjectIn(webhook, "clientConfig"), "service");
  if (service && !json::IntegerIn(service, "port")) service->set("port", 443);
  for (const json::ObjectPtr& version : json::ObjectsIn(spec, "versions")) {
    for (json::ObjectPtr column : json::ObjectsIn(version, "additionalPrinterColumns")) {
      if (json::IntegerIn(column, "priority") == std::optional<std::int64_t>(0)) column->remove("priority");
    }
  }
  if (json::BooleanIn(spec, "preserveUnknownFields") == std::optional<bool>(false))
    spec->remove("preserveUnknownFields");
  PrepareStatus(fresh, old, now, dry_run);
}

std::vector<std::string> CrdRegistry::Warnings(json::ObjectPtr fresh, json::ObjectPtr old) {
  return CrdWarnings(fresh, old);
}

std::vector<FieldError> CrdRegistry::Validate(json::ObjectPtr fresh, json::ObjectPtr old,
                                              const Cancellation* cancellation) {
  return ValidateCrd(fresh, old, cancellation);
}

}  // namespace capstan::apiserver
