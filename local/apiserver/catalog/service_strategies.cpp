// Services: addresses that depend on the type.
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/field_of.hpp>
#include <capstan/local/apiserver/api/names.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

// Drops fields that belong to the old type of the Service, unless the update changed them.
void DropFieldsOfOldType(ObjectPtr spec, const ObjectPtr& before) {
  const std::string now = TextIn(spec, "type"), was = TextIn(before, "type");
  const auto open = [](const std::string& type) { return type == "NodePort" || type == "LoadBalancer"; };
  const auto drop = [&](const char* field) {
    if (json::Equal(FieldOf(spec, field), FieldOf(before, field))) spec->remove(field);
  };
  if (open(was) && !open(now)) {
    drop("externalTrafficPolicy");
    std::set<std::int64_t> old_ports;
    for (const ObjectPtr& port : json::ObjectsIn(before, "ports"))
      old_ports.insert(json::IntegerIn(port, "nodePort").value_or(0));
    for (ObjectPtr port : json::ObjectsIn(spec, "ports")) {
      if (old_ports.count(json::IntegerIn(port, "nodePort").value_or(0)) > 0) port->remove("nodePort");
    }
  }
  if (was == "LoadBalancer" && now != "LoadBalancer") {
    for (const char* field : {"allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort"})
      drop(field);
  }
  if (was != "ExternalName" && now == "ExternalName") {
    for (const char* field :
         {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"})
      drop(field);
    if (spec->isNull("clusterIP") || TextIn(spec, "clusterIP").empty()) spec->remove("clusterIPs");
  }
}

void PrepareService(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  ObjectPtr spec = SectionOf(fresh, "spec");
  if (old) DropFieldsOfOldType(spec, json::ObjectIn(old, "spec"));
  SectionOf(SectionOf(fresh, "status"), "loadBalancer");
  if (TextIn(spec, "type") == "ExternalName") return;
  const ObjectPtr before = json::ObjectIn(old, "spec");
  for (const char* field : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
    if (before && before->has(field) && !spec->has(field) && TextIn(before, "type") != "ExternalName")
      spec->set(field, before->get(field));
  }
  const std::string address = TextIn(spec, "clusterIP");
  if (address.empty()) return;
  if (!spec->has("clusterIPs")) spec->set("clusterIPs", json::ArrayOf({address}));
  if (!spec->has("ipFamilies")) {
    spec->set("ipFamilies",
              json::ArrayOf({std::string(address.find(':') == std::string::npos ? "IPv4" : "IPv6")}));
  }
  if (!spec->has("ipFamilyPolicy")) spec->set("ipFamilyPolicy", std::string("SingleStack"));
}

Errors ValidateService(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  const std::string type = TextIn(spec, "type"), address = TextIn(spec, "clusterIP");
  const auto ports = json::ObjectsIn(spec, "ports");
  CheckLabels(json::ObjectIn(spec, "selector"), "spec.selector", errors);
  if (ports.empty() && type != "ExternalName" && address != "None")
    errors.push_back(RequiredField("spec.ports", ""));
  if (type == "ExternalName" && TextIn(spec, "externalName").empty())
    errors.push_back(RequiredField("spec.externalName", ""));
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::string name = TextIn(ports[i], "name");
    if (ports.size() > 1 && name.empty())
      errors.push_back(RequiredField(StrCat("spec.ports[", i, "].name"), ""));
    for (std::size_t k = 0; k < i; ++k) {
      FieldError twice;
      twice.type = FieldErrorType::kDuplicate;
      if (!name.empty() && TextIn(ports[k], "name") == name) {
        twice.field = StrCat("spec.ports[", i, "].name");
        twice.bad_value = name;
        errors.push_back(std::move(twice));
      }
    }
  }
  const std::string before = TextIn(json::ObjectIn(old, "spec"), "clusterIP");
  if (old && !before.empty() && type != "ExternalName" && address != before) {
    errors.push_back(
        InvalidField("spec.clusterIPs[0]", FieldOf(spec, "clusterIP"), "may not change once set"));
  }
  return errors;
}

}  // namespace

Strategy ServiceStrategy(std::string_view group, std::string_view kind) {
  if (kind == "Service" && group.empty()) return {PrepareService, ValidateService};
  return {};
}

}  // namespace capstan::apiserver
