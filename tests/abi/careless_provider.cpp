#include <capstan/tests/abi/careless_provider.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/external/forwarding.hpp>

namespace capstan::abi {
namespace {

using namespace external;

class CarelessExternal final : public ForwardingExternal {
 public:
  CarelessExternal(std::unique_ptr<External> next, Carelessness how)
      : ForwardingExternal(std::move(next)), how_(how) {}

  Result<Account> WhoAmI(const Context& context) override {
    if (Is(Carelessness::kTellsNoAccounts)) return Account{};
    return next().WhoAmI(context);
  }
  Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                     const Context& context) override {
    if (Is(Carelessness::kReadsOnePage)) {
      CAPSTAN_TRY(Page page, next().List("", context));
      CAPSTAN_TRY(const auto all, next().Find(identity, desired, context));
      std::erase_if(page.items, [&](const Observed& one) {
        return std::none_of(all.begin(), all.end(),
                            [&](const Observed& other) { return other.id == one.id; });
      });
      return std::move(page.items);
    }
    if (Is(Carelessness::kFindsNothing)) return std::vector<Observed>();
    if (Is(Carelessness::kFindFails)) return Fail(Code::kDataLoss, "the pages do not add up");
    if (!Is(Carelessness::kFindsEverything) && !Is(Carelessness::kClaimsEverything) &&
        !Is(Carelessness::kFindsByPrefix) && !Is(Carelessness::kFindFailsLater))
      return next().Find(identity, desired, context);
    CAPSTAN_TRY(std::vector<Observed> all, Everything(context));
    if (Is(Carelessness::kFindsByPrefix))
      std::erase_if(all, [](const Observed& one) { return !one.name.starts_with("conformance-"); });
    for (Observed& one : all) {
      if (Is(Carelessness::kClaimsEverything)) one.identity = identity.tag, one.owner = identity.owner;
      if (Is(Carelessness::kFindFailsLater) && one.name.starts_with("conformance-") && !one.identity.empty())
        return Fail(Code::kDataLoss, "a name is not UTF-8");
    }
    if (Is(Carelessness::kFindFailsLater)) return next().Find(identity, desired, context);
    return all;
  }
  Outcome Create(const Identity& identity, const std::string& desired, const Context& context) override {
    Identity who = identity;
    if (Is(Carelessness::kMakesWithoutTags)) who.tag = "of-nobody", who.owner = "of-nobody-either";
    Outcome outcome = next().Create(who, desired, context);
    if (outcome.verdict != Verdict::kDone) return outcome;
    if (Is(Carelessness::kAnswersUnknownId)) outcome.id = "made-4711";
    if (Is(Carelessness::kAnswersForeignId)) {
      for (const Observed& one : Everything(context).value_or(std::vector<Observed>())) {
        if (one.id != outcome.id) return Outcome{Verdict::kDone, one.id, {}};
      }
    }
    return outcome;
  }
  Outcome Delete(const std::string& id, const DeleteOptions& options, const Context& context) override {
    if (Is(Carelessness::kRemovesNothing)) return Outcome{Verdict::kDone, "", {}};
    return next().Delete(id, options, context);
  }

  Outcome Adopt(const std::string& id, const Identity& identity, const Context& context) override {
    if (Is(Carelessness::kAdoptsNothing)) {
      const auto seen = next().Get(id, context);
      return Outcome{seen && *seen ? Verdict::kDone : Verdict::kNotFound, "", {}};
    }
    Identity who = identity;
    if (Is(Carelessness::kForgetsTheOwner)) who.owner = "capstan-owner:";
    if (Is(Carelessness::kAdoptsInTwoRequests)) (void)next().Adopt(id, who, context);
    Outcome outcome = next().Adopt(id, who, context);
    const bool absent = outcome.verdict == Verdict::kNotFound;
    if ((Is(Carelessness::kFindsWhatIsAbsent) && absent) ||
        (Is(Carelessness::kTakesRefusalForDone) && !absent))
      return Outcome{Verdict::kDone, "", {}};
    return outcome;
  }

  Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    auto plan = next().MakePlan(desired, observed);
    if (!plan) return plan;
    if (observed.id.empty() && Is(Carelessness::kPlansNothingToMake)) return Plan{};
    if (observed.id.empty() && Is(Carelessness::kPlansToScaleNothing)) plan->steps[0].verb = "scale";
    if (Is(Carelessness::kNamesNoDifference)) plan->differences.clear();
    if (Is(Carelessness::kAlwaysDiffers)) plan->differences = {{"spec.name", "1", "1"}};
    return plan;
  }

  Result<std::vector<Associated>> ListAssociated(const std::string& id, const Context& context) override {
    auto associated = next().ListAssociated(id, context);
    if (!associated && Is(Carelessness::kNothingIsAssociated)) return std::vector<Associated>();
    if (associated && Is(Carelessness::kAssociatedTwice)) associated->assign(2, {"disks", "d1", ""});
    return associated;
  }

  Result<std::vector<Notice>> Notices(const std::string& id, const std::string& since,
                                      const Context& context) override {
    auto notices = next().Notices(id, Is(Carelessness::kTellsEverythingAgain) ? "" : since, context);
    if (!notices && Is(Carelessness::kHidesNoticeErrors)) return std::vector<Notice>();
    if (notices && !since.empty() && Is(Carelessness::kLosesNotices)) notices->clear();
    return notices;
  }

  Result<std::vector<Offer>> Offers(const std::string& catalog, const Context& context) override {
    auto offers = next().Offers(catalog, context);
    if (offers && Is(Carelessness::kOffersTwice)) offers->assign(2, {"m1", "", true, ""});
    const bool absent = !offers && offers.error().code == Code::kUnimplemented;
    if (!offers && !absent && Is(Carelessness::kOffersNothing)) return std::vector<Offer>();
    if (absent && Is(Carelessness::kOffersEveryCatalog)) return std::vector<Offer>();
    return offers;
  }

  Result<Connection> ReadConnection(const std::string& id, const std::string& desired,
                                    const Context& context) override {
    auto connection = next().ReadConnection(id, desired, context);
    if (connection && Is(Carelessness::kExpiredConnection)) connection->expires = WallTime{};
    return connection;
  }

 private:
  bool Is(Carelessness how) const { return how == how_; }
  Result<std::vector<Observed>> Everything(const Context& context) {
    std::vector<Observed> all;
    std::string cursor;
    do {
      CAPSTAN_TRY(Page page, next().List(cursor, context));
      all.insert(all.end(), page.items.begin(), page.items.end());
      cursor = page.next;
    } while (!cursor.empty());
    return all;
  }

  const Carelessness how_;
};

class CarelessProvider final : public ForwardingProvider {
 public:
  CarelessProvider(std::unique_ptr<Provider> next, Carelessness how)
      : ForwardingProvider(std::move(next)), how_(how) {}
  Result<std::unique_ptr<External>> Connect(const std::string& kind, const Credentials& credentials,
                                            const Context& context) override {
    CAPSTAN_TRY(auto external, next().Connect(kind, credentials, context));
    return MakeCareless(std::move(external), how_);
  }

 private:
  const Carelessness how_;
};

}  // namespace

std::unique_ptr<External> MakeCareless(std::unique_ptr<External> next, Carelessness how) {
  return std::make_unique<CarelessExternal>(std::move(next), how);
}

std::unique_ptr<Provider> MakeCareless(std::unique_ptr<Provider> next, Carelessness how) {
  return std::make_unique<CarelessProvider>(std::move(next), how);
}

}  // namespace capstan::abi
