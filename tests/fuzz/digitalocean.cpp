// DigitalOcean's responses, users' specs and version names. The same input always gives the same
// result.
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>
#include <capstan/providers/digitalocean/detail/prices.hpp>
#include <capstan/providers/digitalocean/detail/spec.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

using namespace digitalocean;

const external::Identity kIdentity{"capstan:u", "capstan-owner:o", "", ""};

void Look(const Cluster& cluster) {
  const auto observed = Observe(cluster, kIdentity.tag);
  CAPSTAN_MUST(json::ParseObject(observed.state).has_value(), observed.state);
  CAPSTAN_MUST(json::ParseObject(observed.status).has_value(), observed.status);
  for (const auto& pool : cluster.pools) (void)ObservePool(pool);
  (void)PhaseOf(cluster);
  (void)WithIdentity(cluster.tags, kIdentity);
  CAPSTAN_MUST(ParseCluster(json::ToText(cluster.object)).has_value(), json::ToText(cluster.object));
}

void Versions(const std::string& text) {
  const std::vector<std::string> offered{"1.34.1-do.0", "1.35.0-do.1", text};
  const auto slug = ParseSlug(text);
  (void)ResolveForCreate(text, offered);
  if (const auto wanted = ParseWanted(text)) {
    (void)WhyNotOffered(*wanted, offered, slug);
    (void)NextHop(slug.value_or(VersionNumbers{1, 33, 0, 0}), *wanted, offered);
  }
  if (const auto object = json::ParseObject(text)) {
    (void)PricesIn(*object);
    (void)OfferedIn(*object);
    (void)WithOffered(text, offered);
  }
}

}  // namespace

void FuzzDigitalOcean(std::string_view bytes) {
  Input input(bytes);
  const std::string answer = input.Piece(), spec = input.Piece(), version = input.Piece();
  const auto cluster = ParseCluster(answer);
  const auto desired = ParseDesired(spec);
  (void)DesiredName(spec);
  if (cluster) Look(*cluster);
  if (desired) {
    (void)PlanCreation(*desired, {{"s-2", 12.0}}, OnOffer{{"1.34.1-do.0", "1.35.0-do.1"}, {"fra1"}, {"s-2"}});
    (void)MakeCreateRequest(*desired, kIdentity, "1.34.1-do.0");
  }
  if (cluster && desired) {
    const auto plan = PlanChanges(*desired, *cluster, kIdentity.tag, kIdentity.owner);
    const auto again = PlanChanges(*desired, *cluster, kIdentity.tag, kIdentity.owner);
    CAPSTAN_MUST(plan.steps.size() == again.steps.size(), "two plans of one question differ");
    for (const auto& step : plan.steps)
      CAPSTAN_MUST(json::ParseObject(step.arguments).has_value(), step.arguments);
  }
  Versions(version);
}

}  // namespace capstan::fuzz
