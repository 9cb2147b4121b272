// Pods and PriorityClasses.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/field_of.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

// The QoS class of a pod: BestEffort without requests and limits, Guaranteed when the limits of
// every container equal its requests.
std::string QualityOf(const ObjectPtr& pod) {
  bool any = false, all = true;
  for (const char* list : {"containers", "initContainers"}) {
    for (const ObjectPtr& container : json::ObjectsIn(json::ObjectIn(pod, "spec"), list)) {
      const ObjectPtr resources = json::ObjectIn(container, "resources");
      const ObjectPtr limits = json::ObjectIn(resources, "limits"),
                      requests = json::ObjectIn(resources, "requests");
      for (const char* name : {"cpu", "memory"}) {
        const json::Tree most = FieldOf(limits, name), asked = FieldOf(requests, name);
        any = any || !json::IsNull(most) || !json::IsNull(asked);
        all = all && !json::IsNull(most) && (json::IsNull(asked) || json::Equal(most, asked));
      }
    }
  }
  return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
}

void PreparePod(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  if (!old) {
    ObjectPtr status = json::MakeObject();
    status->set("phase", std::string("Pending"));
    fresh->set("status", status);
  }
  // A limit without a request is also the request.
  for (const ObjectPtr& container : json::ObjectsIn(json::ObjectIn(fresh, "spec"), "containers")) {
    ObjectPtr resources = json::ObjectIn(container, "resources");
    const ObjectPtr limits = json::ObjectIn(resources, "limits");
    if (!limits) continue;
    ObjectPtr requests = SectionOf(resources, "requests");
    for (const auto& [name, value] : *limits) {
      if (!requests->has(name)) requests->set(name, value);
    }
  }
  if (!old) json::ObjectIn(fresh, "status")->set("qosClass", QualityOf(fresh));
}

// Ephemeral containers can be added, but not changed or removed.
void CheckEphemeral(const ObjectPtr& fresh, const ObjectPtr& old, Errors& errors) {
  const auto now = json::ObjectsIn(json::ObjectIn(fresh, "spec"), "ephemeralContainers");
  for (const ObjectPtr& before : json::ObjectsIn(json::ObjectIn(old, "spec"), "ephemeralContainers")) {
    const std::string name = TextIn(before, "name");
    const auto same = std::find_if(now.begin(), now.end(),
                                   [&name](const ObjectPtr& one) { return TextIn(one, "name") == name; });
    const bool gone = same == now.end();
    if (!gone && json::Equal(json::Tree(before), json::Tree(*same))) continue;
    errors.push_back(ForbiddenField("spec.ephemeralContainers",
                                    StrCat("existing ephemeral containers \"", name, "\" may not be ",
                                           gone ? "removed\n" : "changed\n")));
  }
}

// A resize can change only cpu and memory, and not the QoS class.
void CheckResize(const ObjectPtr& fresh, const ObjectPtr& old, Errors& errors) {
  const auto others = [](const ObjectPtr& container) {
    ObjectPtr resources = json::Clone(json::ObjectIn(container, "resources"));
    for (const char* list : {"limits", "requests"}) {
      ObjectPtr amounts = json::ObjectIn(resources, list);
      if (!amounts) continue;
      for (const char* name : {"cpu", "memory"}) amounts->remove(name);
      if (amounts->size() == 0) resources->remove(list);
    }
    return resources ? resources : json::MakeObject();
  };
  for (const char* list : {"containers", "initContainers"}) {
    const auto now = json::ObjectsIn(json::ObjectIn(fresh, "spec"), list),
               before = json::ObjectsIn(json::ObjectIn(old, "spec"), list);
    for (std::size_t i = 0; i < std::min(now.size(), before.size()); ++i) {
      if (json::Equal(json::Tree(others(now[i])), json::Tree(others(before[i])))) continue;
      errors.push_back(ForbiddenField("spec", "only cpu and memory resources are mutable"));
      return;
    }
  }
  const std::string quality = QualityOf(fresh);
  if (quality != TextIn(json::ObjectIn(old, "status"), "qosClass")) {
    errors.push_back(InvalidField("spec", quality, "Pod QOS Class may not change as a result of resizing"));
  }
}

// The deadline can be set and shortened.
void CheckDeadline(const ObjectPtr& now, const ObjectPtr& before, Errors& errors) {
  const auto fresh = json::IntegerIn(now, "activeDeadlineSeconds"),
             old = json::IntegerIn(before, "activeDeadlineSeconds");
  if (!old) return;
  if (!fresh) {
    errors.push_back(InvalidField("spec.activeDeadlineSeconds", json::Tree(),
                                  "must not update from a positive integer to nil value"));
  } else if (*fresh > *old) {
    errors.push_back(
        InvalidField("spec.activeDeadlineSeconds", *fresh, "must be less than or equal to previous value"));
  }
}

// Tolerations can be added, and their tolerationSeconds can change.
void CheckTolerations(const ObjectPtr& now, const ObjectPtr& before, Errors& errors) {
  const auto without_seconds = [](const ObjectPtr& toleration) {
    ObjectPtr copy = json::Clone(toleration);
    copy->remove("tolerationSeconds");
    return json::Tree(copy);
  };
  const auto fresh = json::ObjectsIn(now, "tolerations");
  for (const ObjectPtr& old : json::ObjectsIn(before, "tolerations")) {
    const json::Tree wanted = without_seconds(old);
    const bool there = std::any_of(fresh.begin(), fresh.end(), [&](const ObjectPtr& one) {
      return json::Equal(without_seconds(one), wanted);
    });
    if (there) continue;
    errors.push_back(ForbiddenField("spec.tolerations",
                                    "existing toleration can not be modified except its tolerationSeconds"));
    return;
  }
}

Errors ValidatePod(ObjectPtr fresh, ObjectPtr old, std::string_view subresource) {
  Errors errors;
  std::vector<std::string> names;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    unsigned index = 0;
    for (const ObjectPtr& container : json::ObjectsIn(spec, list)) {
      const std::string name = TextIn(container, "name");
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        FieldError twice;
        twice.type = FieldErrorType::kDuplicate;
        twice.field = StrCat("spec.", list, "[", index, "].name");
        twice.bad_value = name;
        errors.push_back(std::move(twice));
      }
      names.push_back(name);
      ++index;
    }
  }
  if (!old) {
    if (!json::ObjectsIn(spec, "ephemeralContainers").empty())
      errors.push_back(ForbiddenField("spec.ephemeralContainers", "cannot be set on create"));
    return errors;
  }
  if (subresource == "ephemeralcontainers") CheckEphemeral(fresh, old, errors);
  if (subresource == "resize") CheckResize(fresh, old, errors);
  if (!subresource.empty()) return errors;
  ObjectPtr now = json::Clone(spec), before = json::Clone(json::ObjectIn(old, "spec"));
  CheckDeadline(now, before, errors);
  CheckTolerations(now, before, errors);
  // A negative grace period can be changed to 1 s.
  const auto patience = json::IntegerIn(before, "terminationGracePeriodSeconds").value_or(0);
  if (patience < 0 && json::IntegerIn(now, "terminationGracePeriodSeconds") == 1)
    before->set("terminationGracePeriodSeconds", Poco::Int64{1});
  for (const ObjectPtr& one : {now, before}) {
    ObjectPtr mutable_spec = one;
    for (const char* free : {"activeDeadlineSeconds", "tolerations"}) mutable_spec->remove(free);
    for (const char* list : {"containers", "initContainers"}) {
      for (ObjectPtr container : json::ObjectsIn(one, list)) {
        container->remove("image");
        container->remove("imagePullPolicy");
      }
    }
  }
  if (!json::Equal(json::Tree(now), json::Tree(before))) {
    errors.push_back(ForbiddenField(
        "spec",
        "pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
        "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
        "previously negative)"));
  }
  return errors;
}

Errors ValidatePriorityClass(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  constexpr std::int64_t kHighestOfUsers = 1000000000;
  const std::string name = MetaString(fresh, "name");
  const auto value = json::IntegerIn(fresh, "value").value_or(0);
  if (name.rfind("system-", 0) != 0 && value > kHighestOfUsers) {
    errors.push_back(ForbiddenField(
        "value", StrCat("maximum allowed value of a user defined priority is ", kHighestOfUsers)));
  }
  if (old && value != json::IntegerIn(old, "value").value_or(0))
    errors.push_back(ForbiddenField("value", "may not be changed in an update."));
  if (old && TextIn(fresh, "preemptionPolicy") != TextIn(old, "preemptionPolicy"))
    errors.push_back(InvalidField("preemptionPolicy", FieldOf(fresh, "preemptionPolicy"), kImmutable));
  return errors;
}

}  // namespace

Strategy PodStrategy(std::string_view, std::string_view kind) {
  if (kind == "Pod") return {PreparePod, ValidatePod};
  if (kind == "PriorityClass") return {nullptr, ValidatePriorityClass};
  return {};
}

}  // namespace capstan::apiserver
