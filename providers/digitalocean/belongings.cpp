// Adopts a cluster, and deletes one together with resources that were created through it.
#include <algorithm>
#include <iterator>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/external.hpp>

namespace capstan::digitalocean {
namespace {

using external::Associated;
using external::Identity;
using external::Outcome;
using external::Verdict;

// The kinds of associated resources, in the spec and in the API.
constexpr std::pair<const char*, const char*> kKinds[] = {
    {"loadBalancers", "load_balancers"}, {"volumes", "volumes"}, {"volumeSnapshots", "volume_snapshots"}};

// Errors: kInvalidArgument naming a kind that the API does not have.
Result<json::ObjectPtr> Selection(const std::vector<Associated>& associated) {
  auto body = json::MakeObject();
  for (const auto& item : associated) {
    const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [&](const auto& known) { return item.kind == known.first; });
    if (kind == std::end(kKinds))
      return Fail(Code::kInvalidArgument, StrCat("DigitalOcean has no kind '", item.kind, "' to delete"));
    if (!body->has(kind->second)) body->set(kind->second, json::MakeArray());
    body->getArray(kind->second)->add(item.id);
  }
  return body;
}

}  // namespace

Outcome Clusters::Adopt(const std::string& id, const Identity& identity, const Context& context) {
  if (identity.tag.empty() || identity.owner.empty())
    return Refuse(Code::kInvalidArgument, "nothing is adopted without an identity");
  auto seen = Fetch(id, context);
  if (!seen) return ReadFailed(std::move(seen).error());
  const auto& cluster = *seen;
  if (!cluster) {
    return Outcome{Verdict::kNotFound, "",
                   MakeError(Code::kNotFound, StrCat("DigitalOcean cluster ", id, " is not there"))};
  }
  auto tags = WithTagsOf(cluster->tags, identity);
  if (tags == cluster->tags) return Outcome{Verdict::kDone, id, std::nullopt};
  auto body = json::MakeObject();
  body->set("name", cluster->name);  // required by the schema of the update
  body->set("tags", json::ArrayOf(tags));
  auto response = client_->Call("PUT", ClusterPath(id), json::ToText(body),
                                StrCat("put our tags on DigitalOcean cluster ", id), context);
  if (!response) return OutcomeOf(std::move(response).error(), true);
  log_.Info("adopted a cluster", {{"cluster", id}, {"identity", identity.tag}});
  return Outcome{Verdict::kDone, id, std::nullopt};
}

Result<std::vector<Associated>> Clusters::ListAssociated(const std::string& id, const Context& context) {
  const auto what = StrCat("list what was made through DigitalOcean cluster ", id);
  CAPSTAN_TRY(json::ObjectPtr body,
              client_->Get(ClusterPath(id) + "/destroy_with_associated_resources", what, context));
  std::vector<Associated> all;
  for (const auto& [kind, field] : kKinds) {
    auto items = json::ArrayIn(body, field);
    if (!items && !(body->has(field) && body->isNull(field)))
      return Fail(Code::kDataLoss, StrCat(what, ": the answer has no ", field));
    for (std::size_t i = 0; items && i < items->size(); ++i) {
      auto item = json::AsObject(items->get(static_cast<unsigned>(i)));
      auto item_id = json::StringIn(item, "id").value_or("");
      if (item_id.empty()) return Fail(Code::kDataLoss, StrCat(what, ": one of ", field, " has no id"));
      all.push_back({kind, item_id, json::StringIn(item, "name").value_or("")});
    }
  }
  return all;
}

Outcome Clusters::Delete(const std::string& id, const external::DeleteOptions& options,
                         const Context& context) {
  auto path = ClusterPath(id);
  std::string body;
  if (!options.associated.empty()) {
    // By ids, never "all of them": resources created after the list was shown stay.
    path += "/destroy_with_associated_resources/selective";
    auto selection = Selection(options.associated);
    if (!selection) return Refuse(selection.error().code, selection.error().message);
    body = json::ToText(*selection);
  }
  auto response = client_->Call("DELETE", path, body, StrCat("delete DigitalOcean cluster ", id), context);
  if (!response) return OutcomeOf(std::move(response).error(), true);
  return Outcome{Verdict::kDone, id, std::nullopt};
}

}  // namespace capstan::digitalocean
