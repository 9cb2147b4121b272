// What the spec says about how far we may go. Whoever takes something over that exists is careful unless told
// otherwise: an adopted object is looked at, and kept when its Kubernetes object goes.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/managed/detail/steps.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::managed {
namespace {

std::string IdField(const Visit& visit) {
  const std::string& field = visit.setting.info.id_status_field;
  return field.empty() ? "id" : field;
}

// Also when spec.adopt was taken away after it was carried out.
bool IsCareful(const Visit& visit) {
  return visit.object.ValueAt("/spec/adopt").value_or("null") != "null" ||
         (visit.record.adopted && !visit.record.known_id().empty());
}

}  // namespace

std::optional<AdoptionWish> WishToAdopt(const Visit& visit) {
  AdoptionWish wish;
  wish.id = visit.object.StringAt("/spec/adopt/" + IdField(visit)).value_or("");
  wish.name = visit.object.StringAt("/spec/adopt/name").value_or("");
  if (wish.id.empty() && wish.name.empty()) return std::nullopt;
  return wish;
}

bool ObservesOnly(const Visit& visit) {
  const std::string policy = visit.object.StringAt("/spec/managementPolicy").value_or("");
  return policy.empty() ? IsCareful(visit) : policy != "Full";
}

bool Retains(const Visit& visit) {
  const std::string policy = visit.object.StringAt("/spec/deletionPolicy").value_or("");
  return policy.empty() ? IsCareful(visit) : policy == "Retain";
}

std::string AdoptionLine(const Visit& visit, const std::string& id) {
  const auto& metadata = visit.object.metadata();
  return StrCat("kubectl patch ", visit.setting.kind.resource(), " ", metadata.name,
                metadata.namespace_.empty() ? std::string() : StrCat(" -n ", metadata.namespace_),
                " --type merge -p '{\"spec\":{\"adopt\":{", json::Quote(IdField(visit)), ":", json::Quote(id),
                "}}}'");
}

}  // namespace capstan::managed
