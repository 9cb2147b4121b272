// Services: fields allowed for their type, ports, addresses.
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/format.hpp>
#include <capstan/local/apiserver/schema/kinds/judges.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

constexpr std::int64_t kLowestNodePort = 30000, kHighestNodePort = 32767, kMostAffinity = 86400;

bool IsIpText(const std::string& text) { return HasFormat("ipv4", text) || HasFormat("ipv6", text); }

void JudgeTarget(const ObjectPtr& port, const std::string& path, Errors& errors) {
  if (!port->has("targetPort")) return;
  const json::Tree target = port->get("targetPort");
  const std::string at = path + ".targetPort";
  if (KindOf(target) == ValueKind::kString && !TextOf(target).empty()) {
    for (const std::string& why : CheckPortName(TextOf(target)))
      errors.push_back(InvalidField(at, target, why));
  } else if (KindOf(target) == ValueKind::kInteger && (IntegerOf(target) < 1 || IntegerOf(target) > 65535)) {
    errors.push_back(InvalidField(at, target, "must be between 1 and 65535, inclusive"));
  }
}

void JudgeServicePorts(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const bool open = TextIn(spec, "type") == "NodePort" || TextIn(spec, "type") == "LoadBalancer";
  std::set<std::pair<std::string, std::int64_t>> seen;
  std::size_t index = 0;
  for (const ObjectPtr& port : json::ObjectsIn(spec, "ports")) {
    const std::string at = StrCat(path, ".ports[", index++, "]"), name = TextIn(port, "name");
    if (const std::string why = name.empty() ? "" : CheckLabelName(name); !why.empty())
      errors.push_back(InvalidField(at + ".name", name, why));
    if (!seen.emplace(TextIn(port, "protocol"), json::IntegerIn(port, "port").value_or(0)).second)
      errors.push_back(DuplicateField(at, json::Tree(port)));
    JudgeTarget(port, at, errors);
    const auto node_port = json::IntegerIn(port, "nodePort").value_or(0);
    if (node_port == 0) continue;
    if (!open) {
      errors.push_back(ForbiddenField(at + ".nodePort", "may not be used when `type` is 'ClusterIP'"));
    } else if (node_port < kLowestNodePort || node_port > kHighestNodePort) {
      errors.push_back(
          InvalidField(at + ".nodePort", node_port,
                       StrCat("provided port is not in the valid range. The range of valid ports "
                              "is ",
                              kLowestNodePort, "-", kHighestNodePort)));
    }
  }
}

void JudgeAddresses(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  constexpr const char* kNoAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
  const std::string address = TextIn(spec, "clusterIP");
  if (!address.empty() && address != "None") {
    if (!IsIpText(address)) {
      errors.push_back(InvalidField(path + ".clusterIPs[0]", address, kNoAddress));
    } else if (HasFormat("ipv4", address) && address.rfind("10.0.", 0) != 0) {
      errors.push_back(InvalidField(path + ".clusterIPs", json::Tree(json::ArrayOf({address})),
                                    StrCat("failed to allocate IP ", address, ": the provided IP (", address,
                                           ") is not in the valid range. The range of valid IPs is "
                                           "10.0.0.0/16")));
    }
  }
  std::size_t index = 0;
  for (const std::string& one : json::StringsIn(spec, "externalIPs")) {
    const std::string at = StrCat(path, ".externalIPs[", index++, "]");
    if (!IsIpText(one)) {
      errors.push_back(InvalidField(at, one, kNoAddress));
    } else if (one.rfind("127.", 0) == 0 || one == "::1") {
      errors.push_back(InvalidField(at, one, "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
    }
  }
}

void JudgeTraffic(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const std::string type = TextIn(spec, "type"), policy = TextIn(spec, "externalTrafficPolicy");
  const bool balanced = type == "LoadBalancer";
  const bool external = balanced || type == "NodePort" || !json::StringsIn(spec, "externalIPs").empty();
  if (!policy.empty() && !external) {
    errors.push_back(InvalidField(path + ".externalTrafficPolicy", policy,
                                  "may only be set for externally-accessible services"));
  }
  if (const auto port = json::IntegerIn(spec, "healthCheckNodePort").value_or(0);
      port != 0 && !(balanced && policy == "Local")) {
    errors.push_back(
        InvalidField(path + ".healthCheckNodePort", port,
                     "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is "
                     "'Local'"));
  }
  const auto ranges = json::StringsIn(spec, "loadBalancerSourceRanges");
  if (!ranges.empty() && !balanced) {
    errors.push_back(
        ForbiddenField(path + ".loadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'"));
  }
  for (std::size_t i = 0; balanced && i < ranges.size(); ++i) {
    if (!HasFormat("cidr", ranges[i])) {
      errors.push_back(InvalidField(StrCat(path, ".loadBalancerSourceRanges[", i, "]"), ranges[i],
                                    "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
    }
  }
  const ObjectPtr client = json::ObjectIn(json::ObjectIn(spec, "sessionAffinityConfig"), "clientIP");
  const auto seconds = json::IntegerIn(client, "timeoutSeconds");
  if (seconds && (*seconds <= 0 || *seconds > kMostAffinity)) {
    errors.push_back(InvalidField(path + ".sessionAffinityConfig.clientIP.timeoutSeconds", *seconds,
                                  StrCat("must be greater than 0 and less than ", kMostAffinity)));
  }
}

void JudgeService(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  JudgeServicePorts(spec, path, errors);
  JudgeAddresses(spec, path, errors);
  JudgeTraffic(spec, path, errors);
}

}  // namespace

std::vector<KindJudge> ServiceJudges() { return {{"core.ServiceSpec", JudgeService}}; }

}  // namespace capstan::apiserver
