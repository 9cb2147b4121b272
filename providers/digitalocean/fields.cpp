#include <capstan/providers/digitalocean/detail/fields.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::digitalocean {
namespace {

bool IsList(const json::Tree& value) {
  const auto array = json::AsArray(value);
  for (std::size_t i = 0; array && i < array->size(); ++i)
    if (const auto item = array->get(static_cast<unsigned>(i)); item.isEmpty() || !item.isString())
      return false;
  return !array.isNull();
}

// What is wrong with the value; empty: nothing.
std::string_view Misfit(const json::Tree& value, Shape shape) {
  switch (shape) {
    case Shape::kText:
      return value.isString() ? "" : "is not a text";
    case Shape::kSwitch:
      return value.isBoolean() ? "" : "is neither true nor false";
    case Shape::kNumber:
      return value.isNumeric() && !value.isBoolean() ? "" : "is not a number";
    case Shape::kTexts:
      return IsList(value) ? "" : "is not a list of texts";
    case Shape::kBlock:
      return json::AsObject(value) ? "" : "is not an object";
  }
  return "";
}

}  // namespace

const std::vector<Field>& FixedFields() {
  static const std::vector<Field> kFields{
      {"region", "region"},
      {"vpcUUID", "vpc_uuid"},
      {"workerSubnetUUID", "worker_subnet_uuid"},
      {"clusterSubnet", "cluster_subnet"},
      {"serviceSubnet", "service_subnet"},
      {"isolatedWorkers", "isolated_workers", Shape::kSwitch},
  };
  return kFields;
}

const std::vector<Field>& ChangeableFields() {
  static const std::vector<Field> kOnOff{{"enabled", "enabled", Shape::kSwitch}};
  static const std::vector<Field> kMaintenance{{"day", "day"}, {"startTime", "start_time"}};
  static const std::vector<Field> kFirewall{{"enabled", "enabled", Shape::kSwitch},
                                            {"allowedAddresses", "allowed_addresses", Shape::kTexts}};
  static const std::vector<Field> kAutoscaler{
      {"scaleDownUtilizationThreshold", "scale_down_utilization_threshold", Shape::kNumber},
      {"scaleDownUnneededTime", "scale_down_unneeded_time"},
      {"expanders", "expanders", Shape::kTexts},
  };
  static const std::vector<Field> kSso{{"enabled", "enabled", Shape::kSwitch},
                                       {"required", "required", Shape::kSwitch},
                                       {"issuerURL", "issuer_url"},
                                       {"clientID", "client_id"}};
  static const std::vector<Field> kFields{
      {"ha", "ha", Shape::kSwitch},
      {"autoUpgrade", "auto_upgrade", Shape::kSwitch},
      {"surgeUpgrade", "surge_upgrade", Shape::kSwitch},
      {"maintenancePolicy", "maintenance_policy", Shape::kBlock, &kMaintenance},
      {"controlPlaneFirewall", "control_plane_firewall", Shape::kBlock, &kFirewall},
      {"clusterAutoscalerConfiguration", "cluster_autoscaler_configuration", Shape::kBlock, &kAutoscaler},
      {"sso", "sso", Shape::kBlock, &kSso},
      {"routingAgent", "routing_agent", Shape::kBlock, &kOnOff},
      {"corednsAutoscaler", "coredns_autoscaler", Shape::kBlock, &kOnOff},
      {"p2pOCIRegistryPlugin", "p2p_oci_registry_plugin", Shape::kBlock, &kOnOff},
      {"amdGPUDevicePlugin", "amd_gpu_device_plugin", Shape::kBlock, &kOnOff},
      {"amdGPUDeviceMetricsExporterPlugin", "amd_gpu_device_metrics_exporter_plugin", Shape::kBlock, &kOnOff},
      {"nvidiaGPUDevicePlugin", "nvidia_gpu_device_plugin", Shape::kBlock, &kOnOff},
      {"rdmaSharedDevicePlugin", "rdma_shared_dev_plugin", Shape::kBlock, &kOnOff},
      {"nvidiaGPUDRADriver", "nvidia_gpu_dra_driver", Shape::kBlock, &kOnOff},
      {"amdGPUDRADriver", "amd_gpu_dra_driver", Shape::kBlock, &kOnOff},
  };
  return kFields;
}

Result<json::ObjectPtr> TakeFields(const json::ObjectPtr& object, const std::vector<Field>& fields,
                                   const std::string& path) {
  auto taken = json::MakeObject();
  for (const auto& field : fields) {
    const std::string key(field.spec);
    if (!object->has(key) || object->isNull(key)) continue;
    const auto value = object->get(key);
    if (const auto misfit = Misfit(value, field.shape); !misfit.empty())
      return Fail(Code::kInvalidArgument, StrCat(path, ".", key, " ", misfit));
    if (field.inner == nullptr) {
      taken->set(key, value);
    } else {
      CAPSTAN_TRY(const auto inner, TakeFields(json::AsObject(value), *field.inner, StrCat(path, ".", key)));
      taken->set(key, inner);
    }
  }
  return taken;
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

}  // namespace capstan::digitalocean
