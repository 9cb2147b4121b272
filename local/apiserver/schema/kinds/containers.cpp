// Containers: environment, ports, resources, probes, hooks, security context.
#include <algorithm>
#include <set>

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

// The names of the parts that are set.
std::vector<std::string> GivenOf(const ObjectPtr& object, std::initializer_list<const char*> parts) {
  std::vector<std::string> given;
  for (const char* part : parts) {
    if (json::ObjectIn(object, part)) given.emplace_back(part);
  }
  return given;
}

// --- environment

bool IsFieldOfPod(const std::string& path) {
  constexpr std::string_view kFields[] = {"metadata.name",
                                          "metadata.namespace",
                                          "metadata.uid",
                                          "metadata.labels",
                                          "metadata.annotations",
                                          "spec.nodeName",
                                          "spec.serviceAccountName",
                                          "spec.restartPolicy",
                                          "spec.schedulerName",
                                          "status.phase",
                                          "status.hostIP",
                                          "status.hostIPs",
                                          "status.podIP",
                                          "status.podIPs"};
  const std::string_view plain = std::string_view(path).substr(0, path.find('['));
  return std::find(std::begin(kFields), std::end(kFields), plain) != std::end(kFields);
}

void JudgeFieldSelector(const ObjectPtr& selector, const std::string& path, Errors& errors) {
  const std::string field = TextIn(selector, "fieldPath");
  if (!field.empty() && !IsFieldOfPod(field)) {
    errors.push_back(InvalidField(path + ".fieldPath", field,
                                  "error converting fieldPath: field label not supported: " + field));
  }
}

void JudgeEnvVar(const ObjectPtr& variable, const std::string& path, Errors& errors) {
  const ObjectPtr from = json::ObjectIn(variable, "valueFrom");
  const std::string name = TextIn(variable, "name");
  if (std::any_of(name.begin(), name.end(), [](char c) { return c < ' ' || c > '~' || c == '='; })) {
    errors.push_back(InvalidField(path + ".name", name,
                                  "a valid environment variable name must consist only of printable ASCII "
                                  "characters other than '='"));
  }
  if (!from) return;
  const auto given =
      GivenOf(from, {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"});
  const std::string at = path + ".valueFrom";
  if (given.empty()) {
    errors.push_back(InvalidField(
        at, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"));
  } else if (!TextIn(variable, "value").empty()) {
    errors.push_back(InvalidField(at, "", "may not be specified when `value` is not empty"));
  } else if (given.size() > 1) {
    errors.push_back(InvalidField(at, "", "may not have more than one field specified at a time"));
  }
}

void JudgeEnvironment(const ObjectPtr& container, const std::string& path, Errors& errors) {
  for (const ObjectPtr& source : json::ObjectsIn(container, "envFrom")) {
    const auto given = GivenOf(source, {"configMapRef", "secretRef"});
    if (given.empty()) {
      errors.push_back(
          InvalidField(path + ".envFrom", "", "must specify one of: `configMapRef` or `secretRef`"));
    } else if (given.size() > 1) {
      errors.push_back(
          InvalidField(path + ".envFrom", "", "may not have more than one field specified at a time"));
    }
  }
}

// --- ports

void JudgePorts(const ObjectPtr& container, const std::string& path, Errors& errors) {
  std::set<std::string> names;
  std::size_t index = 0;
  for (const ObjectPtr& port : json::ObjectsIn(container, "ports")) {
    const std::string name = TextIn(port, "name"), at = StrCat(path, ".ports[", index++, "].name");
    if (name.empty()) continue;
    for (const std::string& why : CheckPortName(name)) errors.push_back(InvalidField(at, name, why));
    if (!names.insert(name).second) errors.push_back(DuplicateField(at, name));
  }
}

// --- resources

bool IsHugePages(std::string_view name) { return name.rfind("hugepages-", 0) == 0; }
bool IsStandardForContainers(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || IsHugePages(name);
}
bool IsOvercommitted(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage";
}

void JudgeAmount(const std::string& name, const json::Tree& amount, const std::string& path, Errors& errors) {
  const std::string at = StrCat(path, "[", name, "]"), text = amount.toString();
  if (name.find('/') == std::string::npos && !IsStandardForContainers(name)) {
    errors.push_back(InvalidField(at, name, "must be a standard resource type or fully qualified"));
    errors.push_back(InvalidField(at, name, "must be a standard resource for containers"));
  }
  if (CompareQuantities(text, "0") < 0)
    errors.push_back(InvalidField(at, text, "must be greater than or equal to 0"));
  if (name.find('/') != std::string::npos && !IsWholeQuantity(text))
    errors.push_back(InvalidField(at, text, "must be an integer"));
}

void JudgeResources(const ObjectPtr& resources, const std::string& path, Errors& errors) {
  const ObjectPtr limits = json::ObjectIn(resources, "limits"),
                  requests = json::ObjectIn(resources, "requests");
  bool huge = false, plain = false;
  for (const auto& [list, amounts] : {std::pair{".limits", limits}, std::pair{".requests", requests}}) {
    if (!amounts) continue;
    for (const auto& [name, amount] : *amounts) {
      JudgeAmount(name, amount, path + list, errors);
      huge = huge || IsHugePages(name);
      plain = plain || name == "cpu" || name == "memory";
    }
  }
  if (requests) {
    for (const auto& [name, amount] : *requests) {
      const bool limited = limits && limits->has(name);
      if (!limited && !IsOvercommitted(name) && (IsHugePages(name) || name.find('/') != std::string::npos)) {
        errors.push_back(
            RequiredField(path + ".limits", "Limit must be set for non overcommitable resources"));
      }
      if (!limited) continue;
      const std::string most = limits->get(name).toString(), asked = amount.toString();
      if (const int order = CompareQuantities(asked, most); order > 0 && IsOvercommitted(name)) {
        errors.push_back(InvalidField(path + ".requests", asked,
                                      StrCat("must be less than or equal to ", name, " limit of ", most)));
      } else if (order != 0 && !IsOvercommitted(name)) {
        errors.push_back(
            InvalidField(path + ".requests", asked, StrCat("must be equal to ", name, " limit of ", most)));
      }
    }
  }
  if (huge && !plain) errors.push_back(ForbiddenField(path, "HugePages require cpu or memory"));
}

// --- probes and hooks

void JudgeHandler(const ObjectPtr& handler, const std::string& path, Errors& errors) {
  const auto given = GivenOf(handler, {"exec", "httpGet", "tcpSocket", "grpc", "sleep"});
  for (std::size_t i = 1; i < given.size(); ++i) {
    errors.push_back(ForbiddenField(StrCat(path, ".", given[i]), "may not specify more than 1 handler type"));
  }
  if (given.empty()) errors.push_back(RequiredField(path, "must specify a handler type"));
  for (const char* action : {"httpGet", "tcpSocket"}) {
    const ObjectPtr one = json::ObjectIn(handler, action);
    if (!one || !one->has("port")) continue;
    const json::Tree port = one->get("port");
    const std::string at = StrCat(path, ".", action, ".port");
    if (KindOf(port) == ValueKind::kString) {
      for (const std::string& why : CheckPortName(TextOf(port)))
        errors.push_back(InvalidField(at, port, why));
    } else if (KindOf(port) == ValueKind::kInteger && (IntegerOf(port) < 1 || IntegerOf(port) > 65535)) {
      errors.push_back(InvalidField(at, port, "must be between 1 and 65535, inclusive"));
    }
  }
}

void JudgeProbes(const ObjectPtr& container, const std::string& path, Errors& errors) {
  for (const char* name : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    const ObjectPtr probe = json::ObjectIn(container, name);
    if (!probe) continue;
    const std::string at = StrCat(path, ".", name);
    JudgeHandler(probe, at, errors);
    const auto threshold = json::IntegerIn(probe, "successThreshold").value_or(1);
    if (std::string_view(name) != "readinessProbe" && threshold != 1)
      errors.push_back(InvalidField(at + ".successThreshold", threshold, "must be 1"));
  }
  const ObjectPtr lifecycle = json::ObjectIn(container, "lifecycle");
  for (const char* hook : {"postStart", "preStop"}) {
    if (const ObjectPtr handler = json::ObjectIn(lifecycle, hook))
      JudgeHandler(handler, StrCat(path, ".lifecycle.", hook), errors);
  }
}

void JudgeRights(const ObjectPtr& context, const std::string& path, Errors& errors) {
  if (json::BooleanIn(context, "allowPrivilegeEscalation").value_or(true)) return;
  if (json::BooleanIn(context, "privileged").value_or(false)) {
    errors.push_back(InvalidField(path, json::Tree(context),
                                  "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
  }
  const auto added = json::StringsIn(json::ObjectIn(context, "capabilities"), "add");
  if (std::find(added.begin(), added.end(), "CAP_SYS_ADMIN") != added.end()) {
    errors.push_back(
        InvalidField(path, json::Tree(context),
                     "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"));
  }
}

void JudgeContainer(const ObjectPtr& container, const std::string& path, Errors& errors) {
  const std::string image = TextIn(container, "image");
  if (!image.empty() && Trim(image) != image)
    errors.push_back(InvalidField(path + ".image", image, "must not have leading or trailing whitespace"));
  JudgePorts(container, path, errors);
  JudgeEnvironment(container, path, errors);
  JudgeProbes(container, path, errors);
  if (const ObjectPtr resources = json::ObjectIn(container, "resources"))
    JudgeResources(resources, path + ".resources", errors);
}

}  // namespace

std::vector<KindJudge> ContainerJudges() {
  return {{"core.Container", JudgeContainer},
          {"core.EnvVar", JudgeEnvVar},
          {"core.ObjectFieldSelector", JudgeFieldSelector},
          {"core.SecurityContext", JudgeRights}};
}

}  // namespace capstan::apiserver
