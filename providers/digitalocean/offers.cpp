// The values that a spec can name: versions, sizes and regions from /v2/kubernetes/options. The
// general lists of sizes and regions are longer and add details and prices; a token without
// permission for them gets the offers without details.
#include <algorithm>
#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/external.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {
namespace {

using external::Offer;

constexpr char kAsking[] = "ask for what is on offer";

// The objects in a list of the options, in order; nothing if there is no such list.
std::optional<std::vector<json::ObjectPtr>> ItemsOf(const json::ObjectPtr& options, const char* field) {
  const auto array = json::ArrayIn(options, field);
  if (!array) return std::nullopt;
  std::vector<json::ObjectPtr> items;
  for (std::size_t i = 0; i < array->size(); ++i) {
    auto item = json::AsObject(array->get(static_cast<unsigned>(i)));
    if (json::StringIn(item, "slug").value_or("").empty()) continue;
    items.push_back(std::move(item));
  }
  return items;
}

void Copy(const json::ObjectPtr& from, const char* theirs, json::ObjectPtr to, const char* ours) {
  if (from && from->has(theirs) && !from->isNull(theirs)) to->set(ours, json::Clone(from->get(theirs)));
}

Offer OfferOf(const json::ObjectPtr& item, const json::ObjectPtr& more, const json::ObjectPtr& details) {
  Offer offer;
  offer.value = json::StringIn(item, "slug").value_or("");
  offer.name = json::StringIn(item, "name").value_or("");
  if (offer.name == offer.value) offer.name.clear();
  offer.available = json::BooleanIn(more, "available").value_or(true);
  if (details->size() != 0) offer.details = json::ToText(details);
  return offer;
}

std::vector<Offer> Versions(std::vector<json::ObjectPtr> items) {
  // Newest first, regardless of the order in the response.
  std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
    return ParseSlug(json::StringIn(a, "slug").value_or("")).value_or(VersionNumbers{}) >
           ParseSlug(json::StringIn(b, "slug").value_or("")).value_or(VersionNumbers{});
  });
  std::vector<Offer> offers;
  for (const auto& item : items) {
    auto details = json::MakeObject();
    Copy(item, "kubernetes_version", details, "kubernetes");
    Copy(item, "supported_features", details, "features");
    offers.push_back(OfferOf(item, nullptr, details));
  }
  return offers;
}

using BySlug = std::map<std::string, json::ObjectPtr>;

std::vector<Offer> Sizes(const std::vector<json::ObjectPtr>& items, const BySlug& all) {
  std::vector<Offer> offers;
  for (const auto& item : items) {
    const auto known = all.find(json::StringIn(item, "slug").value_or(""));
    const json::ObjectPtr more = known == all.end() ? json::ObjectPtr() : known->second;
    auto details = json::MakeObject();
    Copy(more, "vcpus", details, "vcpus");
    Copy(more, "memory", details, "memoryMB");
    Copy(more, "disk", details, "diskGB");
    Copy(more, "price_monthly", details, "monthlyCost");
    Copy(more, "regions", details, "regions");
    offers.push_back(OfferOf(item, more, details));
  }
  return offers;
}

std::vector<Offer> Regions(const std::vector<json::ObjectPtr>& items, const BySlug& all) {
  std::vector<Offer> offers;
  for (const auto& item : items) {
    const auto known = all.find(json::StringIn(item, "slug").value_or(""));
    const json::ObjectPtr more = known == all.end() ? json::ObjectPtr() : known->second;
    offers.push_back(OfferOf(item, more, json::MakeObject()));
  }
  return offers;
}

}  // namespace

Result<std::vector<Offer>> Clusters::Offers(const std::string& catalog, const Context& context) {
  if (catalog != "versions" && catalog != "sizes" && catalog != "regions")
    return Fail(Code::kUnimplemented, StrCat("DigitalOcean has no list of ", Shorten(catalog, 60),
                                             "; it has versions, sizes and regions"));
  CAPSTAN_TRY(const json::ObjectPtr body, client_->Get("/v2/kubernetes/options", kAsking, context));
  auto items = ItemsOf(json::ObjectIn(body, "options"), catalog.c_str());
  if (!items) return Fail(Code::kDataLoss, StrCat(kAsking, ": the answer has no options.", catalog));
  if (catalog == "versions") return Versions(*std::move(items));
  auto texts = client_->GetAll("/v2/" + catalog, catalog, kAsking, context, "slug");
  if (!texts && texts.error().code != Code::kPermissionDenied) return Failure(std::move(texts).error());
  BySlug all;
  for (const auto& text : texts ? *texts : std::vector<std::string>()) {
    const auto item = json::ParseObject(text);
    if (item) all[json::StringIn(*item, "slug").value_or("")] = *item;
  }
  return catalog == "sizes" ? Sizes(*items, all) : Regions(*items, all);
}

}  // namespace capstan::digitalocean
