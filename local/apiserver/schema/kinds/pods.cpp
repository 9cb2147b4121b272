// Pods as a whole: consistency between the parts of a PodSpec.
#include <map>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/kinds/judges.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

constexpr const char* kContainerLists[] = {"containers", "initContainers", "ephemeralContainers"};

bool IsOn(const ObjectPtr& spec, const char* flag) { return json::BooleanIn(spec, flag).value_or(false); }

std::set<std::string> JudgeVolumeNames(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  std::set<std::string> names;
  std::size_t index = 0;
  for (const ObjectPtr& volume : json::ObjectsIn(spec, "volumes")) {
    const std::string name = TextIn(volume, "name");
    if (!name.empty() && !names.insert(name).second)
      errors.push_back(DuplicateField(StrCat(path, ".volumes[", index, "].name"), name));
    ++index;
  }
  return names;
}

void JudgeMounts(const ObjectPtr& container, const std::set<std::string>& volumes, const std::string& path,
                 Errors& errors) {
  std::set<std::string> places;
  std::size_t index = 0;
  for (const ObjectPtr& mount : json::ObjectsIn(container, "volumeMounts")) {
    const std::string at = StrCat(path, ".volumeMounts[", index++, "]");
    const std::string name = TextIn(mount, "name"), place = TextIn(mount, "mountPath");
    if (!name.empty() && volumes.count(name) == 0) errors.push_back(NotFoundField(at + ".name", name));
    if (!place.empty() && !places.insert(place).second)
      errors.push_back(InvalidField(at + ".mountPath", place, "must be unique"));
  }
  index = 0;
  for (const ObjectPtr& device : json::ObjectsIn(container, "volumeDevices")) {
    const std::string name = TextIn(device, "name");
    const std::string at = StrCat(path, ".volumeDevices[", index++, "].name");
    if (!name.empty() && volumes.count(name) == 0) errors.push_back(NotFoundField(at, name));
  }
}

void JudgeContainers(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const std::set<std::string> volumes = JudgeVolumeNames(spec, path, errors);
  const bool host_network = IsOn(spec, "hostNetwork");
  for (const char* list : kContainerLists) {
    std::size_t index = 0;
    for (const ObjectPtr& container : json::ObjectsIn(spec, list)) {
      const std::string at = StrCat(path, ".", list, "[", index++, "]");
      JudgeMounts(container, volumes, at, errors);
      std::size_t port_index = 0;
      for (const ObjectPtr& port : json::ObjectsIn(container, "ports")) {
        const auto number = json::IntegerIn(port, "containerPort"), host = json::IntegerIn(port, "hostPort");
        if (host_network && number && host && *host != 0 && *number != *host) {
          errors.push_back(InvalidField(StrCat(at, ".ports[", port_index, "].containerPort"), *number,
                                        "must match `hostPort` when `hostNetwork` is true"));
        }
        ++port_index;
      }
    }
  }
}

// Init containers that run to completion have no probes and no lifecycle hooks.
void JudgeInitContainers(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  std::size_t index = 0;
  for (const ObjectPtr& container : json::ObjectsIn(spec, "initContainers")) {
    const std::string at = StrCat(path, ".initContainers[", index++, "].");
    if (TextIn(container, "restartPolicy") == "Always") continue;
    for (const char* field : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
      if (json::ObjectIn(container, field)) {
        errors.push_back(
            ForbiddenField(at + field, "may not be set for init containers without restartPolicy=Always"));
      }
    }
  }
}

void JudgeNames(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  for (const char* field : {"hostname", "subdomain"}) {
    const std::string text = TextIn(spec, field);
    if (const std::string why = text.empty() ? "" : CheckLabelName(text); !why.empty())
      errors.push_back(InvalidField(StrCat(path, ".", field), text, why));
  }
  const std::string node = TextIn(spec, "nodeName");
  if (const std::string why = node.empty() ? "" : CheckSubdomainName(node); !why.empty())
    errors.push_back(InvalidField(path + ".nodeName", node, why));
  if (const ObjectPtr labels = json::ObjectIn(spec, "nodeSelector")) {
    for (const auto& [key, value] : *labels) {
      if (const std::string why = CheckQualifiedName(key); !why.empty())
        errors.push_back(InvalidField(path + ".nodeSelector", key, why));
    }
  }
}

void JudgeDns(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  const ObjectPtr config = json::ObjectIn(spec, "dnsConfig");
  const auto servers = json::StringsIn(config, "nameservers");
  if (TextIn(spec, "dnsPolicy") == "None") {
    if (!config) {
      errors.push_back(
          RequiredField(path + ".dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None"));
    } else if (servers.empty()) {
      errors.push_back(RequiredField(path + ".dnsConfig.nameservers",
                                     "must provide at least one DNS nameserver when `dnsPolicy` is None"));
    }
  }
}

void JudgeSpread(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  std::map<std::string, int> uses;
  const auto pair_of = [](const ObjectPtr& one) {
    return StrCat("{", TextIn(one, "topologyKey"), ", ", TextIn(one, "whenUnsatisfiable"), "}");
  };
  const auto constraints = json::ObjectsIn(spec, "topologySpreadConstraints");
  for (const ObjectPtr& one : constraints) ++uses[pair_of(one)];
  std::size_t index = 0;
  for (const ObjectPtr& one : constraints) {
    const std::string pair = pair_of(one);
    if (--uses[pair] > 0) {  // the error is reported at the earlier one
      errors.push_back(DuplicateField(
          StrCat(path, ".topologySpreadConstraints[", index, "].{topologyKey, whenUnsatisfiable}"), pair));
    }
    ++index;
  }
}

void JudgePodSpec(const ObjectPtr& spec, const std::string& path, Errors& errors) {
  JudgeContainers(spec, path, errors);
  JudgeInitContainers(spec, path, errors);
  JudgeNames(spec, path, errors);
  JudgeDns(spec, path, errors);
  JudgeSpread(spec, path, errors);
  if (IsOn(spec, "shareProcessNamespace") && IsOn(spec, "hostPID")) {
    errors.push_back(InvalidField(path + ".securityContext.shareProcessNamespace", true,
                                  "ShareProcessNamespace and HostPID cannot both be enabled"));
  }
}

}  // namespace

FieldError DuplicateField(std::string field, const json::Tree& value) {
  FieldError error;
  error.type = FieldErrorType::kDuplicate;
  error.field = std::move(field);
  error.bad_value = value;
  return error;
}

FieldError NotFoundField(std::string field, const json::Tree& value) {
  FieldError error = DuplicateField(std::move(field), value);
  error.type = FieldErrorType::kNotFound;
  return error;
}

std::vector<KindJudge> PodJudges() { return {{"core.PodSpec", JudgePodSpec}}; }

}  // namespace capstan::apiserver
