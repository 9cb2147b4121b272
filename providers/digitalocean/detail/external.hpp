// Private to providers/digitalocean: the External for DigitalOceanCluster.
#pragma once

#include <map>
#include <memory>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/providers/digitalocean/detail/client.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/observed_items.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>
#include <capstan/providers/digitalocean/detail/spec.hpp>

namespace capstan::digitalocean {

// Thread-safe. Caches the account, the offers, the location of VPCs, for a day the prices of sizes,
// and what the clusters of the last list were observed as.
class Clusters final : public external::External {
 public:
  Clusters(std::unique_ptr<Client> client, Log& log) : client_(std::move(client)), log_(log) {}

  Result<external::Account> WhoAmI(const Context& context) override;
  Result<std::vector<external::Observed>> Find(const external::Identity& identity, const std::string& desired,
                                               const Context& context) override;
  Result<std::optional<external::Observed>> Get(const std::string& id, const Context& context) override;
  external::Outcome Create(const external::Identity& identity, const std::string& desired,
                           const Context& context) override;
  external::Outcome Adopt(const std::string& id, const external::Identity& identity,
                          const Context& context) override;
  Result<std::vector<external::Associated>> ListAssociated(const std::string& id,
                                                           const Context& context) override;
  external::Outcome Delete(const std::string& id, const external::DeleteOptions& options,
                           const Context& context) override;
  Result<external::Page> List(const std::string& cursor, const Context& context) override;
  Result<external::Plan> MakePlan(const std::string& desired,
                                  const external::Observed& observed) const override;
  external::Outcome Apply(const std::string& id, const external::Step& step,
                          const external::Identity& identity, const Context& context) override;
  Result<external::Connection> ReadConnection(const std::string& id, const std::string& desired,
                                              const Context& context) override;
  Result<std::vector<external::Notice>> Notices(const std::string& id, const std::string& since,
                                                const Context& context) override;
  // offers.cpp: "versions", "sizes" and "regions".
  Result<std::vector<external::Offer>> Offers(const std::string& catalog, const Context& context) override;

 private:
  Result<std::vector<external::Observed>> FindPools(const external::Identity& identity,
                                                    const Context& context);
  // The observed cluster; nothing if the API says that it does not exist. Errors: those of Get.
  Result<std::optional<Cluster>> Fetch(const std::string& id, const Context& context);
  // The known prices, possibly none: they are optional, so they are requested only now and then.
  Prices LearnPrices(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  Prices KnownPrices() const CAPSTAN_EXCLUDES(mutex_);  // sends no requests
  // At most ten minutes old.
  Result<OnOffer> Offered(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // The known offers; empty, or older than `age`, if they cannot be requested.
  OnOffer LearnOffers(Duration age, const Context& context) CAPSTAN_EXCLUDES(mutex_);
  OnOffer KnownOffers() const CAPSTAN_EXCLUDES(mutex_);  // sends no requests
  // The location of the VPC that a new cluster names; unknown if the token has no permission.
  // Errors: those of Get, except kNotFound.
  Result<VpcPlace> FindVpc(const Desired& desired, const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // Fetches optional information about an object before it is created.
  void PrepareToMake(const std::string& document, const Context& context);
  // sends no requests
  VpcPlace KnownVpcPlace(const Desired& desired) const CAPSTAN_EXCLUDES(mutex_);
  // `aim`: the final target of this hop and the following ones.
  external::Outcome Upgrade(const std::string& id, const std::string& to, const std::string& aim,
                            const Context& context);

  // Constant after construction.
  const std::unique_ptr<Client> client_;
  Log& log_;

  ObservedItems listed_;  // thread-safe by itself

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::optional<external::Account> account_ CAPSTAN_GUARDED_BY(mutex_);
  OnOffer offers_ CAPSTAN_GUARDED_BY(mutex_);
  std::optional<Instant> offers_at_ CAPSTAN_GUARDED_BY(mutex_);  // when they were fetched
  Instant offers_again_ CAPSTAN_GUARDED_BY(mutex_){};            // no optional request before then
  std::map<std::string, VpcPlace> vpcs_
      CAPSTAN_GUARDED_BY(mutex_);  // VPCs never move; a missing one can be created
  Prices prices_ CAPSTAN_GUARDED_BY(mutex_);
  Instant prices_until_ CAPSTAN_GUARDED_BY(mutex_){};
};

}  // namespace capstan::digitalocean
