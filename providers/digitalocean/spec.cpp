#include <capstan/providers/digitalocean/detail/spec.hpp>

#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/node_labels.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {
namespace {

Failure Invalid(const std::string& field, const std::string& why) {
  return Fail(Code::kInvalidArgument, StrCat("spec.", field, " ", why));
}

Status CheckTags(const json::ObjectPtr& object, const std::string& field) {
  for (const auto& tag : StringList(object, "tags"))
    if (IsOurTag(tag) || IsAutomaticTag(tag))
      return Invalid(
          field, StrCat("has '", tag,
                        "': tags with the prefixes capstan, k8s and terraform: are not the user's to set"));
  return {};
}

// Kubernetes' rules; where the API server is too old for the CRD's, this is the only one who says
// so.
Status CheckNodeLabels(const json::ObjectPtr& pool, const std::string& field) {
  constexpr char kValues[] =
      ": up to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
  const auto labels = json::ObjectIn(pool, "labels");
  for (const std::string& key : labels ? labels->getNames() : std::vector<std::string>()) {
    if (!IsLabelKey(key))
      return Invalid(
          field + ".labels",
          StrCat("has the key '", key, "', which no node can have: it is a name, or prefix/name with a ",
                 "DNS name for prefix"));
    const auto value = json::StringIn(labels, key).value_or("");
    if (!IsLabelValue(value))
      return Invalid(StrCat(field, ".labels.", key),
                     StrCat("is '", value, "', which no node can have", kValues));
  }
  const auto taints = json::ArrayIn(pool, "taints");
  for (std::size_t i = 0; taints && i < taints->size(); ++i) {
    const auto taint = json::AsObject(taints->get(static_cast<unsigned>(i)));
    const auto key = json::StringIn(taint, "key").value_or(""),
               value = json::StringIn(taint, "value").value_or("");
    if (!IsLabelKey(key))
      return Invalid(field + ".taints", StrCat("has the key '", key, "', which no node can have"));
    if (!IsLabelValue(value))
      return Invalid(field + ".taints",
                     StrCat("has the value '", value, "' for ", key, ", which no node can have", kValues));
  }
  return {};
}

Status CheckPool(const json::ObjectPtr& pool, std::set<std::string>& names) {
  auto name = json::StringIn(pool, "name").value_or("");
  auto field = StrCat("nodePools[", name, "]");
  if (name.empty()) return Invalid("nodePools", "has a pool without a name");
  if (!names.insert(name).second) return Invalid("nodePools", StrCat("has two pools named '", name, "'"));
  if (json::StringIn(pool, "size").value_or("").empty()) return Invalid(field + ".size", "is missing");
  auto count = json::IntegerIn(pool, "count");
  if (json::BooleanIn(pool, "autoScale").value_or(false)) {
    auto least = json::IntegerIn(pool, "minNodes"), most = json::IntegerIn(pool, "maxNodes");
    if (!least || !most || *most < 1 || *least < 0 || *least > *most)
      return Invalid(
          field,
          "scales by itself, so it needs minNodes and maxNodes, and minNodes must not be above maxNodes");
  } else if (!count || *count < 0) {
    return Invalid(field + ".count", count ? "must not be below 0" : "is missing");
  }
  CAPSTAN_RETURN_IF_ERROR(CheckNodeLabels(pool, field));
  return CheckTags(pool, field + ".tags");
}

Status CheckAdopt(const json::ObjectPtr& adopt) {
  bool id = !json::StringIn(adopt, "clusterID").value_or("").empty();
  bool name = !json::StringIn(adopt, "name").value_or("").empty();
  if (id == name) return Invalid("adopt", "needs either clusterID or name");
  return {};
}

Status CheckAssociated(const json::ObjectPtr& spec) {
  if (!spec->has("associatedResources") || spec->isNull("associatedResources")) return {};
  auto text = json::StringIn(spec, "associatedResources");
  if (text == "Keep" || text == "Delete") return {};
  auto kinds = json::ObjectIn(spec, "associatedResources");
  bool fits = kinds;
  for (std::size_t i = 0; fits && i < kinds->size(); ++i) {
    auto key = kinds->getNames()[i];
    auto ids = json::ArrayIn(kinds, key);
    bool all_texts = ids && StringList(kinds, key).size() == ids->size();
    fits = (json::BooleanIn(kinds, key) || all_texts) &&
           (key == "loadBalancers" || key == "volumes" || key == "volumeSnapshots");
  }
  if (fits) return {};
  return Invalid("associatedResources",
                 "is neither Keep nor Delete nor an object of loadBalancers, volumes and volumeSnapshots, "
                 "each true, false or a list of ids");
}

Status CheckSpec(const Desired& desired) {
  const auto& spec = desired.spec;
  if (desired.adopts) CAPSTAN_RETURN_IF_ERROR(CheckAdopt(json::ObjectIn(spec, "adopt")));
  auto policy = json::StringIn(spec, "managementPolicy").value_or("Full");
  if (policy != "Full" && policy != "Observe")
    return Invalid("managementPolicy", StrCat("is '", policy, "': it can be Full or Observe"));
  CAPSTAN_RETURN_IF_ERROR(CheckAssociated(spec));
  auto enabled = json::BooleanIn(spec, "registryEnabled");
  auto registries = json::ArrayIn(spec, "registries");
  if (enabled && registries && *enabled != (registries->size() > 0))
    return Invalid("registryEnabled", "says the opposite of registries: leave one of them out");
  if (json::IntegerIn(spec, "kubeconfigExpirySeconds").value_or(0) < 0)
    return Invalid("kubeconfigExpirySeconds", "must not be below 0");
  for (const char* field : {"region", "version"})
    if (!desired.adopts && json::StringIn(spec, field).value_or("").empty())
      return Invalid(field, "is missing");
  auto version = json::StringIn(spec, "version").value_or("");
  if (!version.empty() && !ParseWanted(version))
    return Invalid(
        "version",
        "is neither 'latest' nor a minor version such as '1.34' nor a whole slug such as '1.34.1-do.0'");
  auto pools = SpecPools(spec);
  if (pools.empty() && !desired.adopts) return Invalid("nodePools", "needs at least one pool");
  std::set<std::string> names;
  bool works = false;
  for (const auto& pool : pools) {
    CAPSTAN_RETURN_IF_ERROR(CheckPool(pool, names));
    works = works || FirstCount(pool, 0) > 0;
  }
  if (!works && !desired.adopts) return Invalid("nodePools", "needs a pool with at least one node");
  return CheckTags(spec, "tags");
}

}  // namespace

std::int64_t FirstCount(const json::ObjectPtr& pool, std::int64_t present) {
  auto count = json::IntegerIn(pool, "count");
  if (!json::BooleanIn(pool, "autoScale").value_or(false)) return count.value_or(1);
  auto least = std::max<std::int64_t>(1, json::IntegerIn(pool, "minNodes").value_or(1));
  auto most = std::max(least, json::IntegerIn(pool, "maxNodes").value_or(least));
  return std::clamp(present > 0 ? present : count.value_or(least), least, most);
}

const std::vector<Field>& FixedFields() {
  static const std::vector<Field> kFields{
      {"region", "region"},
      {"vpcUUID", "vpc_uuid"},
      {"workerSubnetUUID", "worker_subnet_uuid"},
      {"clusterSubnet", "cluster_subnet"},
      {"serviceSubnet", "service_subnet"},
      {"isolatedWorkers", "isolated_workers"},
  };
  return kFields;
}

const std::vector<Field>& ChangeableFields() {
  static const std::vector<Field> kSwitch{{"enabled", "enabled"}};
  static const std::vector<Field> kMaintenance{{"day", "day"}, {"startTime", "start_time"}};
  static const std::vector<Field> kFirewall{{"enabled", "enabled"},
                                            {"allowedAddresses", "allowed_addresses"}};
  static const std::vector<Field> kAutoscaler{
      {"scaleDownUtilizationThreshold", "scale_down_utilization_threshold"},
      {"scaleDownUnneededTime", "scale_down_unneeded_time"},
      {"expanders", "expanders"},
  };
  static const std::vector<Field> kSso{{"enabled", "enabled"},
                                       {"required", "required"},
                                       {"issuerURL", "issuer_url"},
                                       {"clientID", "client_id"}};
  static const std::vector<Field> kFields{
      {"ha", "ha"},
      {"autoUpgrade", "auto_upgrade"},
      {"surgeUpgrade", "surge_upgrade"},
      {"maintenancePolicy", "maintenance_policy", &kMaintenance},
      {"controlPlaneFirewall", "control_plane_firewall", &kFirewall},
      {"clusterAutoscalerConfiguration", "cluster_autoscaler_configuration", &kAutoscaler},
      {"sso", "sso", &kSso},
      {"routingAgent", "routing_agent", &kSwitch},
      {"corednsAutoscaler", "coredns_autoscaler", &kSwitch},
      {"p2pOCIRegistryPlugin", "p2p_oci_registry_plugin", &kSwitch},
      {"amdGPUDevicePlugin", "amd_gpu_device_plugin", &kSwitch},
      {"amdGPUDeviceMetricsExporterPlugin", "amd_gpu_device_metrics_exporter_plugin", &kSwitch},
      {"nvidiaGPUDevicePlugin", "nvidia_gpu_device_plugin", &kSwitch},
      {"rdmaSharedDevicePlugin", "rdma_shared_dev_plugin", &kSwitch},
      {"nvidiaGPUDRADriver", "nvidia_gpu_dra_driver", &kSwitch},
      {"amdGPUDRADriver", "amd_gpu_dra_driver", &kSwitch},
  };
  return kFields;
}

std::vector<json::ObjectPtr> SpecPools(const json::ObjectPtr& spec) {
  std::vector<json::ObjectPtr> pools;
  auto array = json::ArrayIn(spec, "nodePools");
  for (std::size_t i = 0; array && i < array->size(); ++i)
    if (auto pool = json::AsObject(array->get(static_cast<unsigned>(i)))) pools.push_back(pool);
  return pools;
}

std::string TextOf(const json::ObjectPtr& object, std::string_view key) {
  return json::StringIn(object, key).value_or("");
}

std::vector<std::string> StringList(const json::ObjectPtr& object, std::string_view key) {
  std::vector<std::string> strings;
  auto array = json::ArrayIn(object, key);
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    auto item = array->get(static_cast<unsigned>(i));
    if (!item.isEmpty() && item.isString()) strings.push_back(item.extract<std::string>());
  }
  return strings;
}

json::ArrayPtr ToArray(const std::vector<std::string>& strings) {
  auto array = json::MakeArray();
  for (const auto& text : strings) array->add(text);
  return array;
}

Result<std::string> DesiredName(const std::string& document) {
  CAPSTAN_TRY(json::ObjectPtr object, json::ParseObject(document));
  auto spec = json::ObjectIn(object, "spec");
  auto name = json::StringIn(json::ObjectIn(spec, "adopt"), "name").value_or("");
  if (name.empty()) name = json::StringIn(spec, "name").value_or("");
  if (name.empty()) name = json::StringIn(object, "name").value_or("");
  if (name.empty()) return Invalid("name", "is missing, and metadata.name too");
  return name;
}

Result<Desired> ParseDesired(const std::string& document) {
  CAPSTAN_TRY(json::ObjectPtr object, json::ParseObject(document));
  Desired desired;
  desired.spec = json::ObjectIn(object, "spec");
  if (!desired.spec) return Fail(Code::kInvalidArgument, "the object has no spec");
  desired.adopts = !json::ObjectIn(desired.spec, "adopt").isNull();
  desired.name = json::StringIn(desired.spec, "name").value_or("");
  desired.names = !desired.name.empty();
  if (!desired.names && !desired.adopts) desired.name = json::StringIn(object, "name").value_or("");
  if (desired.name.empty() && !desired.adopts) return Invalid("name", "is missing, and metadata.name too");
  CAPSTAN_RETURN_IF_ERROR(CheckSpec(desired));
  return desired;
}

json::ObjectPtr Translate(const json::ObjectPtr& object, const std::vector<Field>& fields) {
  auto translated = json::MakeObject();
  for (const auto& field : fields) {
    std::string key(field.spec);
    if (!object->has(key) || object->isNull(key)) continue;
    if (field.inner == nullptr) {
      translated->set(std::string(field.api), object->get(key));
    } else if (auto inner = json::ObjectIn(object, key)) {
      translated->set(std::string(field.api), Translate(inner, *field.inner));
    }
  }
  return translated;
}

json::ObjectPtr MakePoolRequest(const json::ObjectPtr& spec_pool, const std::string& name) {
  static const std::vector<Field> kTaint{{"key", "key"}, {"value", "value"}, {"effect", "effect"}};
  static const std::vector<Field> kPlain{
      {"size", "size"}, {"count", "count"}, {"labels", "labels"}, {"gpuPartitionMode", "gpu_partition_mode"}};
  static const std::vector<Field> kScaling{
      {"autoScale", "auto_scale"}, {"minNodes", "min_nodes"}, {"maxNodes", "max_nodes"}};
  auto body = Translate(spec_pool, kPlain);
  body->set("name", name);
  if (json::BooleanIn(spec_pool, "autoScale").value_or(false)) {
    auto scaling = Translate(spec_pool, kScaling);
    for (const auto& [key, value] : *scaling) body->set(key, value);
    auto least = std::max<Poco::Int64>(1, json::IntegerIn(spec_pool, "minNodes").value_or(1));
    if (!body->has("count")) body->set("count", least);
  }
  if (auto taints = json::ArrayIn(spec_pool, "taints")) {
    auto list = json::MakeArray();
    for (std::size_t i = 0; i < taints->size(); ++i)
      if (auto taint = json::AsObject(taints->get(static_cast<unsigned>(i))))
        list->add(Translate(taint, kTaint));
    body->set("taints", list);
  }
  auto tags = StringList(spec_pool, "tags");
  tags.push_back(kPoolTagPrefix + json::StringIn(spec_pool, "name").value_or(""));
  body->set("tags", ToArray(tags));
  return body;
}

void AddIdentity(json::ObjectPtr body, const external::Identity& identity) {
  auto tags = StringList(body, "tags");
  for (const auto& tag : {identity.tag, identity.owner})
    if (!tag.empty() && !HasTag(tags, tag)) tags.push_back(tag);
  body->set("tags", ToArray(tags));
}

json::ObjectPtr MakeCreateRequest(const Desired& desired, const external::Identity& identity,
                                  const std::string& version) {
  auto body = Translate(desired.spec, FixedFields());
  auto settings = Translate(desired.spec, ChangeableFields());
  for (const auto& [key, value] : *settings) body->set(key, value);
  body->set("name", desired.name);
  body->set("version", version);
  body->set("tags", ToArray(StringList(desired.spec, "tags")));
  AddIdentity(body, identity);
  auto pools = json::MakeArray();
  for (const auto& spec_pool : SpecPools(desired.spec)) {
    auto pool = MakePoolRequest(spec_pool, json::StringIn(spec_pool, "name").value_or(""));
    AddIdentity(pool, identity);
    pools->add(pool);
  }
  body->set("node_pools", pools);
  return body;
}

}  // namespace capstan::digitalocean
