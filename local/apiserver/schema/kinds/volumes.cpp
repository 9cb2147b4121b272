// Volumes of pods and persistent volumes: exactly one source, and its required fields.
#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/quantity.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/kinds/judges.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

// In the order in which Kubernetes checks them: the first one counts, the others are too many.
constexpr const char* kSources[] = {"emptyDir",
                                    "hostPath",
                                    "gitRepo",
                                    "gcePersistentDisk",
                                    "awsElasticBlockStore",
                                    "secret",
                                    "nfs",
                                    "iscsi",
                                    "glusterfs",
                                    "flocker",
                                    "persistentVolumeClaim",
                                    "rbd",
                                    "cinder",
                                    "cephfs",
                                    "quobyte",
                                    "downwardAPI",
                                    "fc",
                                    "flexVolume",
                                    "configMap",
                                    "azureFile",
                                    "vsphereVolume",
                                    "photonPersistentDisk",
                                    "portworxVolume",
                                    "azureDisk",
                                    "storageos",
                                    "projected",
                                    "scaleIO",
                                    "csi",
                                    "ephemeral",
                                    "image"};

void JudgeVolume(const ObjectPtr& volume, const std::string& path, Errors& errors) {
  int sources = 0;
  for (const char* source : kSources) {
    if (!json::ObjectIn(volume, source)) continue;
    if (++sources > 1) {
      errors.push_back(ForbiddenField(StrCat(path, ".", source), "may not specify more than 1 volume type"));
    }
  }
  const ObjectPtr downward = json::ObjectIn(volume, "downwardAPI");
  for (const ObjectPtr& item : json::ObjectsIn(downward, "items")) {
    if (!json::ObjectIn(item, "fieldRef") && !json::ObjectIn(item, "resourceFieldRef")) {
      errors.push_back(
          RequiredField(path + ".downwardAPI", "one of fieldRef and resourceFieldRef is required"));
    }
  }
}

void JudgeTokenProjection(const ObjectPtr& token, const std::string& path, Errors& errors) {
  constexpr std::int64_t kLeast = 600, kMost = std::int64_t{1} << 32;
  const auto seconds = json::IntegerIn(token, "expirationSeconds");
  const std::string at = path + ".expirationSeconds";
  if (seconds && *seconds < kLeast)
    errors.push_back(InvalidField(at, *seconds, "may not specify a duration less than 10 minutes"));
  if (seconds && *seconds > kMost)
    errors.push_back(InvalidField(at, *seconds, "may not specify a duration larger than 2^32 seconds"));
}

void JudgePersistentVolume(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const ObjectPtr affinity = json::ObjectIn(spec, "nodeAffinity");
  if (affinity && !json::ObjectIn(affinity, "required")) {
    errors.push_back(
        RequiredField(path + ".nodeAffinity.required", "must specify required node constraints"));
  }
  if (json::ObjectIn(spec, "local") && !affinity)
    errors.push_back(RequiredField(path + ".nodeAffinity", "Local volume requires node affinity"));
}

void JudgeClaim(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const ObjectPtr requests = json::ObjectIn(json::ObjectIn(spec, "resources"), "requests");
  if (requests && requests->has("storage")) {
    const std::string size = requests->get("storage").toString();
    if (CompareQuantities(size, "0") <= 0)
      errors.push_back(InvalidField(path + ".resources[storage]", size, "must be greater than zero"));
  }
  const std::string name = TextIn(spec, "storageClassName");
  if (const std::string why = name.empty() ? "" : CheckSubdomainName(name); !why.empty())
    errors.push_back(InvalidField(path + ".storageClassName", name, why));
}

}  // namespace

std::vector<KindJudge> VolumeJudges() {
  return {{"core.Volume", JudgeVolume},
          {"core.ServiceAccountTokenProjection", JudgeTokenProjection},
          {"core.PersistentVolumeSpec", JudgePersistentVolume},
          {"core.PersistentVolumeClaimSpec", JudgeClaim}};
}

}  // namespace capstan::apiserver
