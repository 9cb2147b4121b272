// Carries out one step of a plan: one request that changes something, never repeated.
#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/external.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {
namespace {

using external::Identity;
using external::Outcome;
using external::Step;
using external::Verdict;

}  // namespace

Outcome Clusters::Upgrade(const std::string& id, const std::string& to, const std::string& aim,
                          const Context& context) {
  auto path = ClusterPath(id);
  auto wanted = ParseWanted(to), last = ParseWanted(aim);
  if (!wanted || !last)
    return Refuse(Code::kInvalidArgument, StrCat("'", wanted ? aim : to, "' is no version"));
  auto seen = Fetch(id, context);
  if (!seen) return ReadFailed(std::move(seen).error());
  const auto& cluster = *seen;
  if (!cluster) return Refuse(Code::kNotFound, StrCat("DigitalOcean cluster ", id, " is not there"));
  auto current = ParseSlug(cluster->version);
  if (!current) return Refuse(Code::kFailedPrecondition, "the cluster's present version is not known");
  // No hop begins if its final target cannot be reached.
  auto on_offer = Offered(context);
  if (!on_offer) return ReadFailed(std::move(on_offer).error());
  if (auto not_offered = WhyNotOffered(*last, on_offer->versions, current))
    return Refuse(Code::kFailedPrecondition, *not_offered);
  auto body = client_->Get(path + "/upgrades", "ask for the upgrades on offer", context);
  if (!body) return ReadFailed(std::move(body).error());
  std::vector<std::string> offered;
  auto items = json::ArrayIn(*body, "available_upgrade_versions");  // null: none
  for (std::size_t i = 0; items && i < items->size(); ++i)
    if (auto slug = json::StringIn(json::AsObject(items->get(static_cast<unsigned>(i))), "slug"))
      offered.push_back(*slug);
  auto hop = NextHop(*current, *wanted, offered);
  if (!hop)
    return Refuse(Code::kFailedPrecondition,
                  StrCat("DigitalOcean offers no upgrade from ", cluster->version, " towards ", to,
                         "; it offers ", offered.empty() ? std::string("none") : Join(offered, ", ")));
  auto request = json::MakeObject();
  request->set("version", *hop);
  auto response =
      client_->Call("POST", path + "/upgrade", json::ToText(request), StrCat("upgrade to ", *hop), context);
  if (!response) return OutcomeOf(std::move(response).error());
  log_.Info("started an upgrade", {{"cluster", id}, {"from", cluster->version}, {"to", *hop}});
  return Outcome{Verdict::kDone, "", std::nullopt};
}

Outcome Clusters::Apply(const std::string& id, const Step& step, const Identity& identity,
                        const Context& context) {
  auto arguments = json::ParseObject(step.arguments);
  if (!arguments) return Refuse(Code::kInvalidArgument, StrCat("step ", step.target, " is malformed"));
  if (auto to = json::StringIn(*arguments, "upgrade"))
    return Upgrade(id, *to, json::StringIn(*arguments, "aim").value_or(*to), context);
  auto method = json::StringIn(*arguments, "method"), path = json::StringIn(*arguments, "path");
  if (!method || !path)
    return Refuse(Code::kUnimplemented, StrCat("step ", step.verb, " ", step.target, " is not one of ours"));
  auto body = json::ObjectIn(*arguments, "body");
  if (step.makes) {
    if (!body || identity.tag.empty())
      return Refuse(Code::kInvalidArgument, "nothing is created without an identity");
    AddIdentity(body, identity);
  }
  if (step.verb == "adopt" && TagWith(json::StringsIn(body, "tags"), kIdentityPrefix).empty())
    return Refuse(Code::kFailedPrecondition,
                  StrCat(step.target, " can only be adopted once the cluster is ours"));
  bool below = path->substr(0, 3) != "/v2";
  auto url = below ? StrCat(ClusterPath(id), *path) : *path;
  auto response = client_->Call(*method, url, body ? json::ToText(body) : "",
                                StrCat(step.verb, " ", step.target), context);
  if (!response) {
    const bool node = step.target.rfind("nodes/", 0) == 0;  // ids of nodes are never reused
    auto outcome = OutcomeOf(std::move(response).error(), step.verb == "remove" || node);
    if (outcome.verdict == Verdict::kNotFound)
      return Outcome{Verdict::kDone, "", std::nullopt};  // the node to delete is gone
    return outcome;
  }
  if (!step.makes) return Outcome{Verdict::kDone, "", std::nullopt};
  auto answer = json::ParseObject(response->body);
  auto made = answer ? json::StringIn(json::ObjectIn(*answer, "node_pool"), "id").value_or("") : "";
  if (!made.empty()) return Outcome{Verdict::kDone, made, std::nullopt};
  return Outcome{Verdict::kUnknown, "",
                 MakeError(Code::kDataLoss, StrCat(step.verb, " ", step.target, ": the answer names no id"),
                           Sent::kYes, response->status)};
}

}  // namespace capstan::digitalocean
