// The settings of a cluster that PUT can change. Absent, null and {"enabled": null} all mean
// "unchanged": clients send each of them.
#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/spec.hpp>
#include <regex>

namespace capstan::simulated_digitalocean {
namespace {

Check ReadMaintenance(const Fields& fields, Maintenance& maintenance) {
  const auto policy = fields.Object("maintenance_policy");
  if (!policy) return {};
  static const std::regex kTime("([01][0-9]|2[0-3]):[0-5][0-9]");
  static const char* const kDays[] = {"any",      "monday", "tuesday",  "wednesday",
                                      "thursday", "friday", "saturday", "sunday"};
  const std::string time = policy->String("start_time").value_or(maintenance.start_time);
  const std::string day = ToLower(policy->String("day").value_or(maintenance.day));
  if (!std::regex_match(time, kTime)) return Invalid("maintenance_policy.start_time must be HH:MM");
  if (std::find(std::begin(kDays), std::end(kDays), day) == std::end(kDays))
    return Invalid("maintenance_policy.day must be any or a day of the week");
  maintenance = {time, day};
  return {};
}

Check ReadFirewall(const Fields& fields, Firewall& firewall) {
  const auto block = fields.Object("control_plane_firewall");
  if (!block) return {};
  static const std::regex kAddress("([0-9]{1,3}\\.){3}[0-9]{1,3}(/([0-9]|[12][0-9]|3[0-2]))?");
  if (auto addresses = block->Strings("allowed_addresses")) {
    for (const std::string& address : *addresses)
      if (!std::regex_match(address, kAddress))
        return Invalid("control_plane_firewall.allowed_addresses must be IPv4 addresses or CIDRs: " +
                       Shorten(address, 64));
    firewall.allowed_addresses = std::move(*addresses);
  }
  firewall.enabled = block->Boolean("enabled").value_or(firewall.enabled);
  return {};
}

Check ReadAutoscaler(const Call& call, const Fields& fields,
                     std::optional<AutoscalerConfiguration>& configuration) {
  const auto block = fields.Object("cluster_autoscaler_configuration");
  if (!block) return {};
  AutoscalerConfiguration read = configuration.value_or(AutoscalerConfiguration());
  // 0, "" and [] reset a customized value.
  if (auto threshold = block->Number("scale_down_utilization_threshold"))
    read.threshold = *threshold == 0 ? std::nullopt : threshold;
  if (auto time = block->String("scale_down_unneeded_time")) {
    static const std::regex kDuration("([0-9]+(\\.[0-9]+)?(h|m|s|ms))+");
    if (!time->empty() && !std::regex_match(*time, kDuration))
      return Invalid(
          "cluster_autoscaler_configuration.scale_down_unneeded_time must be a duration such as 1m0s");
    read.unneeded_time = time->empty() ? std::nullopt : time;
  }
  if (auto expanders = block->Strings("expanders")) {
    if (!expanders->empty() && !call.account.custom_expanders)
      return Invalid("custom autoscaler expanders not enabled");
    for (std::string& expander : *expanders) {
      std::replace(expander.begin(), expander.end(), '-', '_');
      if (expander != "random" && expander != "priority" && expander != "least_waste")
        return Invalid("cluster_autoscaler_configuration.expanders may be random, priority or least_waste");
    }
    read.expanders = std::move(*expanders);
  }
  const bool custom = read.threshold || read.unneeded_time || !read.expanders.empty();
  configuration = custom ? std::optional<AutoscalerConfiguration>(std::move(read)) : std::nullopt;
  return {};
}

Check ReadSso(const Fields& fields, std::optional<Sso>& sso) {
  const auto block = fields.Object("sso");
  if (!block) return {};
  Sso read = sso.value_or(Sso());
  read.enabled = block->Boolean("enabled").value_or(read.enabled);
  read.required = block->Boolean("required").value_or(read.required);
  read.issuer_url = block->String("issuer_url").value_or(read.issuer_url);
  read.client_id = block->String("client_id").value_or(read.client_id);
  if (read.enabled && (read.issuer_url.empty() || read.client_id.empty()))
    return Invalid("sso.issuer_url and sso.client_id are required when sso is enabled");
  if (read.required && !read.enabled) return Invalid("sso.required needs sso.enabled");
  const bool set = sso || read.enabled || !read.issuer_url.empty() || !read.client_id.empty();
  if (set) sso = std::move(read);
  return {};
}

Check ReadPlugins(const Fields& fields, Cluster& cluster) {
  for (const char* plugin : kPlugins)
    if (auto block = fields.Object(plugin))
      if (auto enabled = block->Boolean("enabled")) cluster.plugins[plugin] = *enabled;
  for (const char* vendor : {"nvidia", "amd"})
    if (cluster.plugins[StrCat(vendor, "_gpu_dra_driver")] &&
        cluster.plugins[StrCat(vendor, "_gpu_device_plugin")])
      return Invalid(StrCat(vendor, "_gpu_dra_driver and ", vendor, "_gpu_device_plugin exclude each other"));
  return {};
}

}  // namespace

Check ReadSettings(const Call& call, const Fields& fields, Cluster& cluster, bool creating) {
  if (auto tags = fields.Strings("tags")) {
    CAPSTAN_CHECKED(CheckTags(*tags));
    if (!tags->empty()) {
      CAPSTAN_CHECKED(call.Require("tag:read"));
      CAPSTAN_CHECKED(call.Require("tag:create"));
    }
    std::vector<std::string> own = UserTags(*tags, cluster.id);
    for (const std::string& tag : cluster.tags)
      if (std::find(own.begin(), own.end(), tag) == own.end()) CAPSTAN_CHECKED(call.Require("tag:delete"));
    if (!own.empty() || !tags->empty() || call.world.options.behaviour.empty_tags_clear)
      cluster.tags = std::move(own);
  }
  CAPSTAN_CHECKED(ReadMaintenance(fields, cluster.maintenance));
  cluster.auto_upgrade = fields.Boolean("auto_upgrade").value_or(cluster.auto_upgrade);
  cluster.surge_upgrade = fields.Boolean("surge_upgrade").value_or(cluster.surge_upgrade);
  if (auto ha = fields.Boolean("ha")) {
    if (!creating && cluster.ha && !*ha) return Invalid("ha cannot be switched off");
    cluster.ha = *ha;
  }
  CAPSTAN_CHECKED(ReadFirewall(fields, cluster.firewall));
  CAPSTAN_CHECKED(ReadAutoscaler(call, fields, cluster.autoscaler));
  CAPSTAN_CHECKED(ReadSso(fields, cluster.sso));
  CAPSTAN_CHECKED(ReadPlugins(fields, cluster));
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  return {};
}

}  // namespace capstan::simulated_digitalocean
