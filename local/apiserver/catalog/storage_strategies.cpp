// Volumes, claims, and storage classes.
#include <capstan/local/apiserver/api/field_of.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

void PreparePending(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  if (old) return;
  ObjectPtr status = json::MakeObject();
  status->set("phase", std::string("Pending"));
  fresh->set("status", status);
}

ObjectPtr SourceOf(const ObjectPtr& volume) {
  ObjectPtr source = json::Clone(json::ObjectIn(volume, "spec"));
  if (!source) source = json::MakeObject();
  for (const char* other :
       {"capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName",
        "mountOptions", "volumeMode", "nodeAffinity", "volumeAttributesClassName"})
    source->remove(other);
  return source;
}

Errors ValidateVolume(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  const ObjectPtr now = json::ObjectIn(fresh, "spec"), before = json::ObjectIn(old, "spec");
  if (old && TextIn(now, "volumeMode") != TextIn(before, "volumeMode"))
    errors.push_back(InvalidField("volumeMode", FieldOf(now, "volumeMode"), kImmutable));
  const ObjectPtr source = SourceOf(fresh);
  if (source->size() == 0) errors.push_back(RequiredField("spec", "must specify a volume type"));
  if (source->size() > 1) errors.push_back(ForbiddenField("spec", "may not specify more than 1 volume type"));
  const ObjectPtr host = json::ObjectIn(source, "hostPath");
  if (host && TextIn(host, "path").empty()) errors.push_back(RequiredField("spec.hostPath.path", ""));
  if (old && !json::Equal(json::Tree(source), json::Tree(SourceOf(old)))) {
    errors.push_back(ForbiddenField("spec.persistentvolumesource",
                                    "spec.persistentvolumesource is immutable after creation"));
  }
  return errors;
}

Errors ValidateClaim(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  const ObjectPtr requests = json::ObjectIn(json::ObjectIn(spec, "resources"), "requests");
  if (!requests || !requests->has("storage")) errors.push_back(RequiredField("spec.resources[storage]", ""));
  if (!old) return errors;
  ObjectPtr now = json::Clone(spec), before = json::Clone(json::ObjectIn(old, "spec"));
  const bool bound = TextIn(json::ObjectIn(old, "status"), "phase") == "Bound";
  // The requests of a bound claim can grow; volumeName and storageClassName can be set while empty.
  if (bound && now && before) {
    ObjectPtr resources = SectionOf(before, "resources");
    const ObjectPtr asked = json::ObjectIn(json::ObjectIn(now, "resources"), "requests");
    if (asked) resources->set("requests", asked);
  }
  std::vector<const char*> free{"volumeAttributesClassName"};
  for (const char* field : {"volumeName", "storageClassName"}) {
    if (json::IsNull(FieldOf(before, field))) free.push_back(field);
  }
  for (const char* field : free) {
    now->remove(field);
    before->remove(field);
  }
  if (!json::Equal(json::Tree(now), json::Tree(before))) {
    errors.push_back(ForbiddenField("spec",
                                    "spec is immutable after creation except resources.requests and "
                                    "volumeAttributesClassName for bound claims"));
  }
  return errors;
}

Errors ValidateStorageClass(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  if (!old) return errors;
  const auto differs = [&](const char* field) {
    return !json::Equal(FieldOf(fresh, field), FieldOf(old, field));
  };
  if (differs("parameters"))
    errors.push_back(ForbiddenField("parameters", "updates to parameters are forbidden."));
  if (differs("provisioner"))
    errors.push_back(ForbiddenField("provisioner", "updates to provisioner are forbidden."));
  if (differs("reclaimPolicy"))
    errors.push_back(ForbiddenField("reclaimPolicy", "updates to reclaimPolicy are forbidden."));
  if (differs("volumeBindingMode"))
    errors.push_back(InvalidField("volumeBindingMode", FieldOf(fresh, "volumeBindingMode"), kImmutable));
  return errors;
}

}  // namespace

Strategy StorageStrategy(std::string_view, std::string_view kind) {
  if (kind == "PersistentVolume") return {PreparePending, ValidateVolume};
  if (kind == "PersistentVolumeClaim") return {PreparePending, ValidateClaim};
  if (kind == "StorageClass") return {nullptr, ValidateStorageClass};
  return {};
}

}  // namespace capstan::apiserver
