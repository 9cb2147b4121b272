#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

#include <algorithm>
#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

// Total data of a Secret or ConfigMap, in bytes.
constexpr std::size_t kDataLimit = std::size_t{1} << 20;

// --- Namespace

void PrepareNamespace(json::ObjectPtr fresh, json::ObjectPtr old, const WriteMoment&) {
  json::ObjectPtr meta = MetaOf(fresh);
  if (!old) {
    json::ObjectPtr spec = SectionOf(fresh, "spec");
    std::vector<std::string> finalizers = json::StringsIn(spec, "finalizers");
    if (std::find(finalizers.begin(), finalizers.end(), "kubernetes") == finalizers.end()) {
      finalizers.emplace_back("kubernetes");
    }
    SetStrings(spec, "finalizers", finalizers);
    json::ObjectPtr status = json::MakeObject();
    status->set("phase", "Active");
    fresh->set("status", status);
  }
  std::string name = MetaString(fresh, "name");
  if (!name.empty()) SectionOf(meta, "labels")->set("kubernetes.io/metadata.name", name);
}

std::vector<FieldError> ValidateNamespace(json::ObjectPtr fresh, json::ObjectPtr old, std::string_view) {
  std::string phase = json::StringIn(json::ObjectIn(fresh, "status"), "phase").value_or("");
  const bool terminating = !MetaString(fresh, "deletionTimestamp").empty();
  const char* only = terminating ? "Terminating" : "Active";
  if (!old || phase == only) return {};
  return {InvalidField(
      "status.Phase", phase,
      StrCat("may only be '", only, "' if `deletionTimestamp` is ", terminating ? "not empty" : "empty"))};
}

// --- Secret and ConfigMap

bool IsConfigKey(std::string_view key) {
  return !key.empty() && key.size() <= 253 && key != "." && key != ".." &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

void CheckKeys(json::ObjectPtr object, const char* section, std::vector<FieldError>& errors,
               std::size_t& total, bool base64) {
  json::ObjectPtr data = json::ObjectIn(object, section);
  if (!data) return;
  for (const auto& [key, value] : *data) {
    if (!IsConfigKey(key)) {
      errors.push_back(
          InvalidField(StrCat(section, "[", key, "]"), key,
                       "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
                       "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
                       "'[-._a-zA-Z0-9]+')"));
    }
    std::string text = json::StringIn(data, key).value_or("");
    total += base64 ? text.size() / 4 * 3 : text.size();
  }
}

void CheckTotal(std::size_t total, const char* field, std::vector<FieldError>& errors) {
  if (total <= kDataLimit) return;
  FieldError error;
  error.type = FieldErrorType::kTooLong;
  error.field = field;
  error.detail = StrCat("may not be more than ", kDataLimit, " bytes");
  errors.push_back(std::move(error));
}

void CheckImmutable(json::ObjectPtr fresh, json::ObjectPtr old, const std::vector<const char*>& sections,
                    std::vector<FieldError>& errors) {
  if (!old || !json::BooleanIn(old, "immutable").value_or(false)) return;
  if (!json::BooleanIn(fresh, "immutable").value_or(false)) {
    errors.push_back(ForbiddenField("immutable", "field is immutable when `immutable` is set"));
  }
  for (const char* section : sections) {
    json::ObjectPtr now = json::ObjectIn(fresh, section), before = json::ObjectIn(old, section);
    bool same = json::Equal(now ? json::Tree(now) : json::Tree(json::MakeObject()),
                            before ? json::Tree(before) : json::Tree(json::MakeObject()));
    if (!same) errors.push_back(ForbiddenField(section, "field is immutable when `immutable` is set"));
  }
}

void PrepareSecret(json::ObjectPtr fresh, json::ObjectPtr old, const WriteMoment&) {
  if (json::ObjectPtr plain = json::ObjectIn(fresh, "stringData")) {
    json::ObjectPtr data = SectionOf(fresh, "data");
    for (const auto& [key, value] : *plain)
      data->set(key, Base64Encode(json::StringIn(plain, key).value_or("")));
  }
  fresh->remove("stringData");
  if (json::ObjectPtr data = json::ObjectIn(fresh, "data")) {
    // A null value means no bytes.
    for (const std::string& key : data->getNames()) {
      if (json::IsNull(data->get(key))) data->set(key, "");
    }
  }
  if (json::StringIn(fresh, "type").value_or("").empty()) {
    std::string type = old ? json::StringIn(old, "type").value_or("") : "";
    fresh->set("type", type.empty() ? "Opaque" : type);
  }
}

std::vector<FieldError> ValidateSecret(json::ObjectPtr fresh, json::ObjectPtr old, std::string_view) {
  std::vector<FieldError> errors;
  std::size_t total = 0;
  CheckKeys(fresh, "data", errors, total, true);
  CheckTotal(total, "data", errors);
  std::string type = json::StringIn(fresh, "type").value_or("");
  json::ObjectPtr data = json::ObjectIn(fresh, "data");
  static const std::map<std::string_view, std::vector<const char*>> kRequired{
      {"kubernetes.io/dockerconfigjson", {".dockerconfigjson"}},
      {"kubernetes.io/dockercfg", {".dockercfg"}},
      {"kubernetes.io/ssh-auth", {"ssh-privatekey"}},
      {"kubernetes.io/tls", {"tls.crt", "tls.key"}},
  };
  if (auto required = kRequired.find(type); required != kRequired.end()) {
    for (const char* key : required->second) {
      if (!data || !data->has(key)) errors.push_back(RequiredField(StrCat("data[", key, "]"), ""));
    }
  }
  for (const char* key : {".dockerconfigjson", ".dockercfg"}) {
    const bool docker = type == StrCat("kubernetes.io/", key + 1);
    std::string config;
    if (!docker || !data || !data->has(key) || !Base64Decode(json::TextIn(data, key), config)) continue;
    if (const auto tree = json::ParseTree(config); !tree) {
      errors.push_back(
          InvalidField(StrCat("data[", key, "]"), "<secret contents redacted>", "the text is no JSON"));
    }
  }
  if (type == "kubernetes.io/service-account-token" &&
      json::TextIn(json::ObjectIn(json::ObjectIn(fresh, "metadata"), "annotations"),
                   "kubernetes.io/service-account.name")
          .empty()) {
    errors.push_back(RequiredField("metadata.annotations[kubernetes.io/service-account.name]", ""));
  }
  if (type == "kubernetes.io/basic-auth" && (!data || (!data->has("username") && !data->has("password")))) {
    errors.push_back(RequiredField("data[username]", ""));
    errors.push_back(RequiredField("data[password]", ""));
  }
  if (old && type != json::StringIn(old, "type").value_or("")) {
    errors.push_back(InvalidField("type", type, "field is immutable"));
  }
  CheckImmutable(fresh, old, {"data"}, errors);
  return errors;
}

std::vector<FieldError> ValidateConfigMap(json::ObjectPtr fresh, json::ObjectPtr old, std::string_view) {
  std::vector<FieldError> errors;
  std::size_t total = 0;
  CheckKeys(fresh, "data", errors, total, false);
  CheckKeys(fresh, "binaryData", errors, total, true);
  json::ObjectPtr data = json::ObjectIn(fresh, "data"), binary = json::ObjectIn(fresh, "binaryData");
  for (const std::string& key : data&& binary ? data->getNames() : std::vector<std::string>()) {
    if (binary->has(key)) {
      errors.push_back(
          InvalidField(StrCat("data[", key, "]"), key, "duplicate of key present in binaryData"));
    }
  }
  CheckTotal(total, "", errors);
  CheckImmutable(fresh, old, {"data", "binaryData"}, errors);
  return errors;
}

// --- Node

// Taints a new node so that nothing is scheduled to it before its status is Ready.
void PrepareNode(json::ObjectPtr fresh, json::ObjectPtr old, const WriteMoment& moment) {
  if (old || !moment.user) return;
  constexpr const char* kNotReady = "node.kubernetes.io/not-ready";
  json::ObjectPtr spec = SectionOf(fresh, "spec");
  json::ArrayPtr taints = json::ArrayIn(spec, "taints");
  if (!taints) taints = json::MakeArray();
  for (const json::ObjectPtr& taint : json::ObjectsOf(taints)) {
    if (json::TextIn(taint, "key") == kNotReady && json::TextIn(taint, "effect") == "NoSchedule") return;
  }
  json::ObjectPtr taint = json::MakeObject();
  taint->set("key", std::string(kNotReady));
  taint->set("effect", std::string("NoSchedule"));
  taints->add(taint);
  spec->set("taints", taints);
}

std::vector<FieldError> ValidateNode(json::ObjectPtr fresh, json::ObjectPtr old, std::string_view) {
  std::vector<FieldError> errors;
  const json::ObjectPtr now = json::ObjectIn(fresh, "spec"), before = json::ObjectIn(old, "spec");
  for (const auto& [field, shown] :
       {std::pair{"podCIDR", "podCIDRs"}, std::pair{"providerID", "providerID"}}) {
    const std::string was = json::TextIn(before, field);
    if (was.empty() || was == json::TextIn(now, field)) continue;
    errors.push_back(ForbiddenField(
        StrCat("spec.", shown), StrCat("node updates may not change ", field, " except from \"\" to valid")));
  }
  return errors;
}

// --- Lease

std::vector<FieldError> ValidateLease(json::ObjectPtr fresh, json::ObjectPtr, std::string_view) {
  std::vector<FieldError> errors;
  json::ObjectPtr spec = json::ObjectIn(fresh, "spec");
  if (auto seconds = json::IntegerIn(spec, "leaseDurationSeconds"); seconds && *seconds <= 0) {
    errors.push_back(InvalidField("spec.leaseDurationSeconds", *seconds, "must be greater than 0"));
  }
  if (auto transitions = json::IntegerIn(spec, "leaseTransitions"); transitions && *transitions < 0) {
    errors.push_back(
        InvalidField("spec.leaseTransitions", *transitions, "must be greater than or equal to 0"));
  }
  return errors;
}

// --- names

std::string CheckPathSegment(std::string_view name) {
  if (name == "." || name == "..") return StrCat("may not be '", name, "'");
  for (char bad : {'/', '%'}) {
    if (name.find(bad) != std::string_view::npos) return StrCat("may not contain '", bad, "'");
  }
  return {};
}

}  // namespace

Strategy StrategyOf(std::string_view group, std::string_view kind) {
  Strategy strategy;
  for (const auto of : {PodStrategy, WorkloadStrategy, JobStrategy, ServiceStrategy, StorageStrategy,
                        ScalingStrategy, ClusterStrategy}) {
    if (!strategy.prepare && !strategy.validate) strategy = of(group, kind);
  }
  if (group == "rbac.authorization.k8s.io") {
    strategy = RbacStrategy(kind);
    strategy.check_name = CheckPathSegment;  // names need not be DNS names
  }
  if (kind == "Namespace") strategy = {PrepareNamespace, ValidateNamespace};
  if (kind == "Namespace" || kind == "Service") strategy.check_name = CheckLabelName;
  if (kind == "Secret") strategy = {PrepareSecret, ValidateSecret};
  if (kind == "ConfigMap") strategy = {nullptr, ValidateConfigMap};
  if (kind == "Node") strategy = {PrepareNode, ValidateNode};
  if (kind == "Lease") strategy = {nullptr, ValidateLease};
  if (kind == "Event") {
    strategy = EventStrategy(group);
    strategy.check_name = CheckPathSegment;
  }
  return strategy;
}

}  // namespace capstan::apiserver
