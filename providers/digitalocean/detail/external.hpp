// Private to providers/digitalocean: the External for DigitalOceanCluster.
#pragma once

#include <map>
#include <memory>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/providers/digitalocean/detail/client.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>
#include <capstan/providers/digitalocean/detail/spec.hpp>

namespace capstan::digitalocean {

// Thread-safe. Remembers the account, what is on offer, where VPCs are, and for a day what sizes
// cost.
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
  // The cluster as it is; nothing when the API says that it is not there. Errors: those of Get.
  Result<std::optional<Cluster>> Fetch(const std::string& id, const Context& context);
  // What is known, which may be nothing: prices are a courtesy, and asked for now and then only.
  Prices LearnPrices(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  Prices KnownPrices() const CAPSTAN_EXCLUDES(mutex_);  // asks nobody
  // Not older than ten minutes.
  Result<OnOffer> Offered(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // What is known, which may be nothing or older than `age` where they cannot be asked for.
  OnOffer LearnOffers(Duration age, const Context& context) CAPSTAN_EXCLUDES(mutex_);
  OnOffer KnownOffers() const CAPSTAN_EXCLUDES(mutex_);  // asks nobody
  // Where the VPC is that a new cluster names; not known where the token may not look. Errors:
  // those of Get, but for kNotFound.
  Result<VpcPlace> FindVpc(const Desired& desired, const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // Learns as a courtesy what is said of an object that is about to be made.
  void PrepareToMake(const std::string& document, const Context& context);
  VpcPlace KnownVpcPlace(const Desired& desired) const CAPSTAN_EXCLUDES(mutex_);  // asks nobody
  // `aim`: where this and the hops after it lead.
  external::Outcome Upgrade(const std::string& id, const std::string& to, const std::string& aim,
                            const Context& context);

  // Constant after construction.
  const std::unique_ptr<Client> client_;
  Log& log_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::optional<external::Account> account_ CAPSTAN_GUARDED_BY(mutex_);
  OnOffer offers_ CAPSTAN_GUARDED_BY(mutex_);
  std::optional<Instant> offers_at_ CAPSTAN_GUARDED_BY(mutex_);  // when they were learned
  Instant offers_again_ CAPSTAN_GUARDED_BY(mutex_){};            // not asked for as a courtesy before
  std::map<std::string, VpcPlace> vpcs_
      CAPSTAN_GUARDED_BY(mutex_);  // a VPC never moves; a missing one may come
  Prices prices_ CAPSTAN_GUARDED_BY(mutex_);
  Instant prices_until_ CAPSTAN_GUARDED_BY(mutex_){};
};

}  // namespace capstan::digitalocean
