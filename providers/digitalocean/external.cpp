// Observes and creates clusters: one request per operation, except for lists, which have pages.
#include <capstan/providers/digitalocean/detail/external.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {
namespace {

using external::Account;
using external::Identity;
using external::Observed;
using external::Outcome;
using external::Verdict;

constexpr char kTargetPrefix[] = "nodePools/";
constexpr Duration kOfferedFor = std::chrono::minutes(10);
// Prices change a few times a year, and a token without permission for them will not have it in ten
// minutes either.
constexpr Duration kPricedFor = std::chrono::hours(24);
constexpr Duration kPricedAgain = std::chrono::minutes(10);
constexpr Duration kPatience = std::chrono::seconds(5);  // for optional requests
// A new version is offered every few weeks. Lists are read every minute, for all clusters; an
// observation of a single cluster usually precedes a change.
constexpr Duration kOfferedForLists = std::chrono::hours(1);
constexpr std::size_t kMostVpcs = 1000;  // in the cache

}  // namespace

Result<Account> Clusters::WhoAmI(const Context& context) {
  {
    MutexLock lock(mutex_);
    if (account_) return *account_;
  }
  Account account;
  auto body = client_->Get("/v2/account", "ask DigitalOcean for the account", context);
  if (!body && body.error().code != Code::kPermissionDenied) return Failure(std::move(body).error());
  if (body) {
    auto object = json::ObjectIn(*body, "account");
    auto team = json::ObjectIn(object, "team");
    auto id = json::StringIn(team, "uuid");
    account.id = id ? *id : json::StringIn(object, "uuid").value_or("");
    account.description = json::StringIn(team, "name").value_or(json::StringIn(object, "email").value_or(""));
    if (account.id.empty())
      return Fail(Code::kDataLoss, "ask DigitalOcean for the account: the answer names none");
  }
  MutexLock lock(mutex_);
  account_ = account;
  return account;
}

Result<std::vector<Observed>> Clusters::Find(const Identity& identity, const std::string& desired,
                                             const Context& context) {
  if (!identity.parent.empty()) return FindPools(identity, context);
  CAPSTAN_TRY(std::string name, DesiredName(desired));
  CAPSTAN_TRY(auto items,
              client_->GetAll(kClusters, "kubernetes_clusters", "list DigitalOcean clusters", context));
  std::vector<Observed> found;
  const auto prices = KnownPrices();
  const auto versions = KnownOffers().versions;
  for (const auto& item : items) {
    CAPSTAN_TRY(Cluster cluster, ParseCluster(item));
    cluster.prices = prices;
    cluster.versions = versions;
    if (cluster.state == "deleted") continue;
    if (HasTag(cluster.tags, identity.tag) || cluster.name == name)
      found.push_back(Observe(cluster, identity.tag));
  }
  if (found.empty()) PrepareToMake(desired, context);
  return found;
}

void Clusters::PrepareToMake(const std::string& document, const Context& context) {
  const auto desired = ParseDesired(document);
  if (!desired || desired->adopts) return;
  (void)LearnOffers(kOfferedForLists, context);
  (void)FindVpc(*desired, context);
}

Result<std::vector<Observed>> Clusters::FindPools(const Identity& identity, const Context& context) {
  auto prefix = identity.target.find(kTargetPrefix);
  if (prefix != 0)
    return Fail(Code::kUnimplemented, StrCat(identity.target, " is no part that can be looked for"));
  auto name = identity.target.substr(sizeof(kTargetPrefix) - 1);
  auto path = ClusterPath(identity.parent) + "/node_pools";
  CAPSTAN_TRY(json::ObjectPtr body, client_->Get(path, "list node pools", context));
  auto items = json::ArrayIn(body, "node_pools");
  if (!items) return Fail(Code::kDataLoss, "list node pools: the answer has no node_pools");
  std::vector<Observed> found;
  for (std::size_t i = 0; i < items->size(); ++i) {
    CAPSTAN_TRY(NodePool pool, ParsePool(json::AsObject(items->get(static_cast<unsigned>(i)))));
    if (pool.name != name) continue;
    auto observed = ObservePool(pool);
    if (HasTag(pool.tags, identity.tag)) observed.identity = identity.tag;
    found.push_back(std::move(observed));
  }
  return found;
}

Result<std::optional<Cluster>> Clusters::Fetch(const std::string& id, const Context& context) {
  const auto what = StrCat("get DigitalOcean cluster ", id);
  auto body = client_->Get(ClusterPath(id), what, context);
  if (!body && body.error().code == Code::kNotFound && body.error().http_status == 404) return std::nullopt;
  if (!body) return Failure(std::move(body).error());
  auto object = json::ObjectIn(*body, "kubernetes_cluster");
  if (!object) return Fail(Code::kDataLoss, what + ": the answer holds no cluster");
  CAPSTAN_TRY(Cluster cluster, ParseCluster(object));
  if (cluster.id != id) return Fail(Code::kDataLoss, StrCat(what, ": the answer is about ", cluster.id));
  if (cluster.state == "deleted") return std::nullopt;
  return cluster;
}

Result<std::optional<Observed>> Clusters::Get(const std::string& id, const Context& context) {
  CAPSTAN_TRY(std::optional<Cluster> cluster, Fetch(id, context));
  if (!cluster) return std::nullopt;
  cluster->prices = LearnPrices(context);
  cluster->versions = LearnOffers(kOfferedFor, context).versions;
  return Observe(*cluster);
}

Prices Clusters::KnownPrices() const {
  MutexLock lock(mutex_);
  return prices_;
}

Prices Clusters::LearnPrices(const Context& context) {
  {
    MutexLock lock(mutex_);
    auto now = client_->clock().Now();
    if (now < prices_until_) return prices_;
    prices_until_ = After(now, kPricedAgain);  // so that no other caller fetches them meanwhile
  }
  auto sizes = client_->GetAll("/v2/sizes", "sizes", "ask for the prices",
                               context.Within(client_->clock(), kPatience), "slug");
  MutexLock lock(mutex_);
  bool settled = sizes || sizes.error().code == Code::kPermissionDenied;
  if (sizes) prices_ = ReadPrices(*sizes);
  if (settled) prices_until_ = After(client_->clock().Now(), kPricedFor);
  if (!sizes) log_.Info("cannot read prices", {{"why", sizes.error().message}});
  return prices_;
}

Result<external::Page> Clusters::List(const std::string& cursor, const Context& context) {
  auto number = cursor.empty() ? 1 : std::strtoll(cursor.c_str(), nullptr, 10);
  if (number < 1) return Fail(Code::kInvalidArgument, StrCat("'", cursor, "' is no cursor of ours"));
  CAPSTAN_TRY(auto got, client_->GetPage(kClusters, "kubernetes_clusters", number,
                                         "list DigitalOcean clusters", context));
  external::Page page;
  page.total = got.total;
  const auto prices = LearnPrices(context);
  const auto versions = LearnOffers(kOfferedForLists, context).versions;
  if (number == 1) listed_.BeginList();
  auto observed = listed_.ObserveAll(got.items, prices, versions);
  if (!observed) return Annotate(std::move(observed).error(), "list DigitalOcean clusters");
  page.items = *std::move(observed);
  if (!got.items.empty() && number * Client::kPageSize < got.total) page.next = std::to_string(number + 1);
  return page;
}

Result<OnOffer> Clusters::Offered(const Context& context) {
  {
    MutexLock lock(mutex_);
    if (offers_at_ && client_->clock().Now() < After(*offers_at_, kOfferedFor)) return offers_;
  }
  CAPSTAN_TRY(json::ObjectPtr body,
              client_->Get("/v2/kubernetes/options", "ask for the versions on offer", context));
  const auto options = json::ObjectIn(body, "options");
  if (!json::ArrayIn(options, "versions"))
    return Fail(Code::kDataLoss, "ask for the versions on offer: the answer has no options.versions");
  auto offers = ReadOffers(options);
  MutexLock lock(mutex_);
  offers_ = offers;
  offers_at_ = client_->clock().Now();
  return offers;
}

OnOffer Clusters::KnownOffers() const {
  MutexLock lock(mutex_);
  return offers_;
}

OnOffer Clusters::LearnOffers(Duration age, const Context& context) {
  {
    MutexLock lock(mutex_);
    const auto now = client_->clock().Now();
    const bool fresh = offers_at_ && now < After(*offers_at_, age);
    if (fresh || now < offers_again_) return offers_;
    offers_again_ = After(now, kOfferedFor);  // so that no other caller fetches them meanwhile
  }
  auto offered = Offered(context.Within(client_->clock(), kPatience));
  if (offered) return std::move(*offered);
  log_.Info("cannot read what the provider offers", {{"why", offered.error().message}});
  return KnownOffers();
}

VpcPlace Clusters::KnownVpcPlace(const Desired& desired) const {
  MutexLock lock(mutex_);
  const auto known = vpcs_.find(ToLower(desired.spec.vpc_uuid));
  return known == vpcs_.end() ? VpcPlace{} : known->second;
}

Result<VpcPlace> Clusters::FindVpc(const Desired& desired, const Context& context) {
  const auto id = ToLower(desired.spec.vpc_uuid);
  if (id.empty()) return VpcPlace{};
  if (auto known = KnownVpcPlace(desired); !known.region.empty()) return known;
  auto body = client_->Get("/v2/vpcs/" + UrlEncode(id), StrCat("look where VPC ", id, " is"),
                           context.Within(client_->clock(), kPatience));
  if (!body && body.error().code == Code::kPermissionDenied) return VpcPlace{};
  VpcPlace place;
  place.missing = !body && body.error().code == Code::kNotFound;
  if (!body && !place.missing) return Failure(std::move(body).error());
  if (body) place.region = json::StringIn(json::ObjectIn(*body, "vpc"), "region").value_or("");
  MutexLock lock(mutex_);
  if (vpcs_.size() >= kMostVpcs) vpcs_.clear();
  vpcs_[id] = place;
  return place;
}

Outcome Clusters::Create(const Identity& identity, const std::string& document, const Context& context) {
  auto desired = ParseDesired(document);
  if (!desired) return Refuse(desired.error().code, desired.error().message);
  if (desired->adopts)
    return Refuse(Code::kFailedPrecondition, "spec.adopt names a cluster to adopt: none is created for it");
  const WantedVersion wanted = desired->spec.version.value_or(WantedVersion{});
  auto version = wanted.text;
  if (wanted.kind != WantedVersion::Kind::kExact) {
    auto offered = Offered(context);
    if (!offered) return ReadFailed(std::move(offered).error());
    version = ResolveForCreate(version, offered->versions);
  }
  // A cluster in a VPC of another region stays in provisioning forever, and is charged.
  auto vpc = FindVpc(*desired, context);
  if (!vpc) return ReadFailed(std::move(vpc).error());
  for (const auto& item : UnavailableChoices(*desired, {}, *vpc))
    return Refuse(Code::kInvalidArgument, StrCat(item.field, ": ", item.why));
  auto body = json::ToText(MakeCreateRequest(*desired, identity, version));
  auto response =
      client_->Call("POST", kClusters, body, StrCat("create DigitalOcean cluster ", desired->name), context);
  if (!response) {
    auto error = std::move(response).error();
    if (error.http_status == 422)
      for (const auto& item : UnavailableChoices(*desired, KnownOffers(), {}))
        error.message += StrCat(". ", item.why);
    return OutcomeOf(std::move(error));
  }
  auto answer = json::ParseObject(response->body);
  auto id = answer ? json::StringIn(json::ObjectIn(*answer, "kubernetes_cluster"), "id").value_or("") : "";
  if (!id.empty()) return Outcome{Verdict::kDone, id, std::nullopt};
  return Outcome{Verdict::kUnknown, "",
                 MakeError(Code::kDataLoss,
                           StrCat("create DigitalOcean cluster ", desired->name, ": the answer names no id"),
                           Sent::kYes, response->status)};
}

Result<external::Plan> Clusters::MakePlan(const std::string& document, const Observed& observed) const {
  CAPSTAN_TRY(Desired desired, ParseDesired(document));
  if (observed.id.empty()) return PlanCreation(desired, KnownPrices(), KnownOffers(), KnownVpcPlace(desired));
  CAPSTAN_TRY(Cluster cluster, ParseCluster(observed.state));
  return PlanChanges(desired, cluster, observed.identity, observed.owner);
}

}  // namespace capstan::digitalocean
