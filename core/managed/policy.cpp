#include <capstan/core/managed/policy.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/plan_view.hpp>

namespace capstan::managed {
namespace {

std::string IdField(const external::KindInfo& info) {
  return info.id_status_field.empty() ? "id" : info.id_status_field;
}

constexpr Duration kCreateTimeout = std::chrono::minutes(30);

// True also if spec.adopt was removed after the adoption.
bool IsCareful(const kube::Object& object, const Record& record) {
  return object.ValueAt("/spec/adopt").value_or("null") != "null" ||
         (record.adopted && !record.known_id().empty());
}

}  // namespace

std::optional<AdoptionRequest> RequestedAdoption(const kube::Object& object, const external::KindInfo& info) {
  AdoptionRequest requested;
  requested.id = object.StringAt("/spec/adopt/" + IdField(info)).value_or("");
  requested.name = object.StringAt("/spec/adopt/name").value_or("");
  if (requested.id.empty() && requested.name.empty()) return std::nullopt;
  return requested;
}

bool RefersOnly(const kube::Object& object) {
  return object.StringAt("/spec/managementPolicy").value_or("") == "ReadOnly";
}

AdoptionRequest Reference(const kube::Object& object, const external::KindInfo& info) {
  if (auto requested = RequestedAdoption(object, info)) return *std::move(requested);
  std::string name = object.StringAt("/spec/name").value_or("");
  return AdoptionRequest{"", name.empty() ? object.metadata().name : std::move(name)};
}

std::string ObservingPolicy(const kube::Object& object) {
  return RefersOnly(object) ? "ReadOnly" : "Observe";
}

Duration CreateTimeout(const kube::Object& object, const external::KindInfo& info) {
  const auto seconds = object.IntegerAt("/spec/createTimeoutSeconds");
  if (seconds && *seconds >= kLeastCreateTimeout && *seconds <= kMostCreateTimeout)
    return std::chrono::seconds(*seconds);
  return info.creating_limit > Duration::zero() ? info.creating_limit : kCreateTimeout;
}

bool ObservesOnly(const kube::Object& object, const Record& record) {
  const std::string policy = object.StringAt("/spec/managementPolicy").value_or("");
  return policy.empty() ? IsCareful(object, record) : policy != "Full";
}

bool Retains(const kube::Object& object, const Record& record) {
  const std::string policy = object.StringAt("/spec/deletionPolicy").value_or("");
  return policy.empty() ? IsCareful(object, record) : policy == "Retain";
}

bool RecreatesLost(const kube::Object& object, const Record& record, const external::KindInfo& info) {
  return object.BooleanAt("/spec/recreateIfLost").value_or(false) && !ObservesOnly(object, record) &&
         !RequestedAdoption(object, info);
}

bool Approves(const kube::Object& object, const Record& record, const external::Plan& plan) {
  if (object.BooleanAt("/spec/allowDestructive").value_or(false)) return true;
  const std::string given(object.Annotation(kApproveAnnotation).value_or(""));
  if (given.empty()) return false;
  if (record.approval != given) return given == PlanHash(plan);
  // The approval covered more, of which a part is done.
  const auto left = DestructionHashes(plan);
  return std::all_of(left.begin(), left.end(), [&](const std::string& hash) {
    return std::find(record.approved.begin(), record.approved.end(), hash) != record.approved.end();
  });
}

std::string AdoptionLine(const kube::Object& object, const external::KindInfo& info, const std::string& id) {
  const auto& metadata = object.metadata();
  const std::string resource = info.group.empty() ? info.plural : info.plural + "." + info.group;
  return StrCat("kubectl patch ", resource, " ", metadata.name,
                metadata.namespace_.empty() ? std::string() : StrCat(" -n ", metadata.namespace_),
                " --type merge -p '{\"spec\":{\"adopt\":{", json::Quote(IdField(info)), ":", json::Quote(id),
                object.StringAt("/spec/adopt/name") ? ",\"name\":null" : "", "}}}'");
}

bool IsAccountId(const std::string& account) {
  return !account.empty() && account.rfind("credentials:", 0) != 0;
}

}  // namespace capstan::managed
