#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>

namespace capstan::digitalocean {
namespace {

using external::Plan;
using external::Step;
using json::Tree;

// Values that the API omits or returns as null if they are not set.
bool IsNothing(const Tree& value) {
  if (json::IsNull(value)) return true;
  if (value.isBoolean()) return !value.convert<bool>();
  if (value.isString()) return value.extract<std::string>().empty();
  if (auto array = json::AsArray(value)) return array->size() == 0;
  return value.isNumeric() && value.convert<double>() == 0;
}

// Seconds of "1h2m3s"; negative if it does not have that form. The API returns "1m" as "1m0s".
double GoDuration(const std::string& text) {
  double seconds = 0;
  const char* at = text.c_str();
  if (*at == '\0') return -1;
  while (*at != '\0') {
    char* end = nullptr;
    double number = std::strtod(at, &end);
    if (end == at) return -1;
    std::string unit;
    while (std::isalpha(static_cast<unsigned char>(*end)) != 0) unit += *end++;
    double factor = unit == "h" ? 3600 : unit == "m" ? 60 : unit == "s" ? 1 : unit == "ms" ? 0.001 : -1;
    if (factor < 0) return -1;
    seconds += number * factor;
    at = end;
  }
  return seconds;
}

// A firewall's addresses: their order and "/32" are insignificant.
std::vector<std::string> Addresses(const Tree& value) {
  std::vector<std::string> all;
  auto array = json::AsArray(value);
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    auto text = array->get(static_cast<unsigned>(i)).toString();
    if (text.size() > 3 && text.substr(text.size() - 3) == "/32") text.resize(text.size() - 3);
    all.push_back(text);
  }
  std::sort(all.begin(), all.end());
  return all;
}

// Sources use both "least_waste" and "least-waste" (docs/digitalocean_api.md).
std::string WithoutDashes(const Tree& list) {
  auto text = json::ToText(list);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

bool Same(std::string_view api, const Tree& wanted, const Tree& seen) {
  if (json::IsNull(seen)) return IsNothing(wanted);
  if (api == "allowed_addresses") return Addresses(wanted) == Addresses(seen);
  if (api == "expanders") return WithoutDashes(wanted) == WithoutDashes(seen);
  if (api == "scale_down_unneeded_time" && wanted.isString() && seen.isString()) {
    double a = GoDuration(wanted.extract<std::string>()), b = GoDuration(seen.extract<std::string>());
    return a >= 0 && a == b;
  }
  if (api == "vpc_uuid" || api == "worker_subnet_uuid")
    return EqualsIgnoreCase(wanted.toString(), seen.toString());
  return json::Equal(wanted, seen);
}

Tree At(const json::ObjectPtr& object, std::string_view key) {
  return object && object->has(std::string(key)) ? object->get(std::string(key)) : Tree();
}

std::string Show(const Tree& value) { return json::IsNull(value) ? "not set" : json::ToText(value); }

// The changes to the cluster's settings.
struct SettingsChange {
  std::vector<external::Difference>& differences;
  json::ObjectPtr changed = json::MakeObject();  // the fields to send
  std::vector<std::string> why;

  void Differs(const std::string& field, const Tree& wanted, const Tree& seen) {
    differences.push_back(
        {"spec." + field, json::ToText(wanted), json::IsNull(seen) ? "" : json::ToText(seen)});
  }
  void Note(const std::string& field, const Tree& wanted, const Tree& seen) {
    Differs(field, wanted, seen);
    why.push_back(StrCat("spec.", field, " is ", Show(wanted), ", the cluster has ", Show(seen)));
  }
};

// A block of the spec, completed with the cluster's values for fields that the spec does not name.
json::ObjectPtr WholeBlock(const json::ObjectPtr& wanted, const json::ObjectPtr& has,
                           const std::vector<Field>& fields) {
  auto block = Translate(wanted, fields);
  for (const auto& field : fields) {
    auto value = At(has, field.api);
    if (!block->has(std::string(field.api)) && !IsNothing(value)) block->set(std::string(field.api), value);
  }
  // A disabled feature cannot be required.
  if (json::BooleanIn(block, "enabled") == false && block->has("required") && !wanted->has("required"))
    block->set("required", false);
  return block;
}

void Compare(const json::ObjectPtr& spec, const json::ObjectPtr& cluster, SettingsChange& change) {
  for (const auto& field : ChangeableFields()) {
    if (!spec->has(std::string(field.spec)) || spec->isNull(std::string(field.spec))) continue;
    auto seen = At(cluster, field.api);
    if (field.inner == nullptr) {
      auto wanted = At(spec, field.spec);
      if (Same(field.api, wanted, seen)) continue;
      // Disabling it is reported as unsupported; sending it "would lead to an error"
      // (docs/digitalocean_api.md).
      if (field.api == "ha" && IsNothing(wanted)) continue;
      change.changed->set(std::string(field.api), wanted);
      change.Note(std::string(field.spec), wanted, seen);
      continue;
    }
    auto wanted = json::ObjectIn(spec, field.spec);
    if (!wanted) continue;
    auto has = json::AsObject(seen);
    bool differs = false;
    for (const auto& inner : *field.inner) {
      auto value = At(wanted, inner.spec);
      if (json::IsNull(value) || Same(inner.api, value, At(has, inner.api))) continue;
      change.Note(StrCat(field.spec, ".", inner.spec), value, At(has, inner.api));
      differs = true;
    }
    // Sends the whole block: the API's rules apply to blocks (enabled SSO requires its issuer), and
    // the effect of omitting a part is not documented.
    if (differs) change.changed->set(std::string(field.api), WholeBlock(wanted, has, *field.inner));
  }
}

void PlanFixed(const Desired& desired, const Cluster& cluster, Plan& plan) {
  for (const auto& field : FixedFields()) {
    auto wanted = At(desired.spec.settings, field.spec);
    auto seen = At(cluster.object, field.api);
    if (json::IsNull(wanted) || Same(field.api, wanted, seen)) continue;
    plan.unsupported.push_back(
        {StrCat("spec.", field.spec),
         StrCat("it is ", Show(wanted), ", the cluster has ", Show(seen), ", and it is fixed at creation")});
    SettingsChange{plan.differences}.Differs(std::string(field.spec), wanted, seen);
  }
  if (desired.spec.ha == false && json::BooleanIn(cluster.object, "ha") == true) {
    plan.unsupported.push_back(
        {"spec.ha",
         "a highly available control plane cannot be turned back into a simple one. Set spec.ha to true"});
    plan.differences.push_back({"spec.ha", "false", "true"});
  }
}

// The tags of the spec plus all automatic ones; nothing if they already match or the spec does not
// manage tags.
void CompareTags(const Desired& desired, const Cluster& cluster, SettingsChange& change) {
  if (!desired.spec.tags) return;
  auto wanted = *desired.spec.tags;
  std::vector<std::string> kept, users, folded;
  for (const auto& tag : cluster.tags)
    (IsOurTag(tag) || IsAutomaticTag(tag) ? kept : users).push_back(ToLower(tag));
  for (const auto& tag : wanted) folded.push_back(ToLower(tag));
  for (auto* list : {&users, &folded}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  if (users == folded) return;
  for (const auto& tag : cluster.tags)
    if (IsOurTag(tag) || IsAutomaticTag(tag)) wanted.push_back(tag);
  change.changed->set("tags", json::ArrayOf(wanted));
  change.why.push_back(StrCat("spec.tags are [", Join(*desired.spec.tags, ", "), "], the cluster has [",
                              Join(users, ", "), "]"));
  change.Differs("tags", json::Tree(json::ArrayOf(folded)), json::Tree(json::ArrayOf(users)));
}

void PlanRegistries(const Desired& desired, const Cluster& cluster, Plan& plan) {
  auto request = [&](const char* method, const std::string& path, const std::vector<std::string>& names,
                     const std::string& why) {
    auto body = json::MakeObject();
    body->set("cluster_uuids", json::ArrayOf({cluster.id}));
    if (!names.empty()) body->set("registries", json::ArrayOf(names));
    Step step;
    step.verb = *method == 'P' ? "attach" : "detach";
    step.target = names.empty() ? "registry" : StrCat("registries/", Join(names, ","));
    step.why = why;
    step.arguments = Arguments(method, path, body);
    plan.steps.push_back(std::move(step));
  };
  if (desired.spec.registries) {
    const auto& wanted = *desired.spec.registries;
    const auto seen = json::StringsIn(cluster.object, "registries");
    std::vector<std::string> missing, extra;
    for (const auto& name : wanted)
      if (!HasTag(seen, name)) missing.push_back(name);
    for (const auto& name : seen)
      if (!HasTag(wanted, name)) extra.push_back(name);
    auto why =
        StrCat("spec.registries are [", Join(wanted, ", "), "], the cluster has [", Join(seen, ", "), "]");
    if (!missing.empty() || !extra.empty())
      SettingsChange{plan.differences}.Differs("registries", json::Tree(json::ArrayOf(wanted)),
                                               json::Tree(json::ArrayOf(seen)));
    if (!missing.empty()) request("POST", "/v2/kubernetes/registries", missing, why);
    if (!extra.empty()) request("DELETE", "/v2/kubernetes/registries", extra, why);
  }
  const auto enabled = desired.spec.registry_enabled;
  bool seen = json::BooleanIn(cluster.object, "registry_enabled").value_or(false);
  if (!enabled || *enabled == seen) return;
  SettingsChange{plan.differences}.Differs("registryEnabled", json::Tree(*enabled), json::Tree(seen));
  request(*enabled ? "POST" : "DELETE", "/v2/kubernetes/registry", {},
          *enabled ? "spec.registryEnabled is true, and the account's registry is not integrated"
                   : "spec.registryEnabled is false, and a registry is integrated");
}

}  // namespace

void PlanSettings(const Desired& desired, const Cluster& cluster, Plan& plan) {
  PlanFixed(desired, cluster, plan);
  SettingsChange change{plan.differences};
  Compare(desired.spec.settings, cluster.object, change);
  CompareTags(desired, cluster, change);
  if (desired.names && desired.name != cluster.name) {
    change.why.push_back(StrCat("spec.name is ", desired.name, ", the cluster is called ", cluster.name));
    change.Differs("name", json::Tree(desired.name), json::Tree(cluster.name));
  }
  if (!change.why.empty()) {
    // The schema of the update requires the name.
    change.changed->set("name", desired.names ? desired.name : cluster.name);
    Step step;
    step.verb = "update";
    step.target = "cluster";
    step.why = Join(change.why, "; ");
    step.waits = !TakesChanges(cluster);
    step.arguments = Arguments("PUT", "", change.changed);
    plan.steps.push_back(std::move(step));
  }
  PlanRegistries(desired, cluster, plan);
}

}  // namespace capstan::digitalocean
