// SimulatedCloud behaves as DigitalOcean's API does for Kubernetes clusters (DOKS), as far as its
// OpenAPI text, its clients and public reports tell; where they do not, Behaviour has a switch. It
// is an http::Handler: core/net serves it to real clients, LoopbackTransport to a simulation. For
// development and tests; nothing in it costs money.
//
// Thread-safe. Time comes from the Clock alone: states advance when a request comes, in the order
// in which they would have on their own, so a run is a function of requests, clock and Random. Its
// own clock starts at the wall time of its making and goes on by Clock::Now(): a step of the wall
// clock of the operator's machine is no step of the cloud's. Clock, Random and Store must outlive
// it. Handle never blocks on anything but its own lock and the Store.
//
// Besides /v2/... it serves each cluster's Kubernetes endpoint under /simulated-clusters/ID:
// version, health, namespaces and nodes, enough for `kubectl get nodes` with the kubeconfig it
// hands out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/local/digitalocean/fault.hpp>
#include <capstan/local/digitalocean/ledger.hpp>
#include <capstan/local/digitalocean/options.hpp>
#include <capstan/local/digitalocean/store.hpp>

namespace capstan::simulated_digitalocean {

class World;
class Service;
struct Cluster;

class SimulatedCloud final : public http::Handler {
 public:
  // Without a store everything is in memory only.
  SimulatedCloud(CloudOptions options, const Clock& clock, Random& random, Store* store = nullptr);
  ~SimulatedCloud() override;

  // Takes over what the store holds. Call it once, before the first request, when there is a store.
  // Errors: those of the store, kDataLoss naming a document that cannot be read.
  Status Load() CAPSTAN_EXCLUDES(mutex_);

  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override
      CAPSTAN_EXCLUDES(mutex_);

  // Everything below is for tests and the local stack, and is nothing an operator can do.

  // What is and was. Advances the states first.
  std::vector<LedgerEntry> Ledger() const CAPSTAN_EXCLUDES(mutex_);
  std::vector<JournalEntry> Journal() const CAPSTAN_EXCLUDES(mutex_);
  // The cluster as GET would show it to its owner (also while hidden or deleting), or nothing once
  // it is gone.
  std::optional<std::string> ClusterJson(const std::string& cluster_id) const CAPSTAN_EXCLUDES(mutex_);
  // How many requests each operation got ("GET /v2/kubernetes/clusters/{cluster_id}"), refused ones
  // included.
  std::map<std::string, std::uint64_t> RequestCounts() const CAPSTAN_EXCLUDES(mutex_);
  // Of these, how many were answered with 429.
  std::uint64_t RateLimited() const CAPSTAN_EXCLUDES(mutex_);

  void Inject(Fault fault) CAPSTAN_EXCLUDES(mutex_);
  void ClearFaults() CAPSTAN_EXCLUDES(mutex_);
  // How often a fault has struck so far.
  std::uint64_t FaultsStruck() const CAPSTAN_EXCLUDES(mutex_);

  void RevokeToken(const Secret& token) CAPSTAN_EXCLUDES(mutex_);
  void RestoreToken(const Secret& token) CAPSTAN_EXCLUDES(mutex_);
  // Adds an account, or replaces the one of the same uuid with its tokens; its clusters stay.
  void PutAccount(const AccountOptions& account) CAPSTAN_EXCLUDES(mutex_);
  void SetBehaviour(const Behaviour& behaviour) CAPSTAN_EXCLUDES(mutex_);
  Behaviour behaviour() const CAPSTAN_EXCLUDES(mutex_);
  void SetCatalog(Catalog catalog) CAPSTAN_EXCLUDES(mutex_);
  void SetDurations(const Durations& durations) CAPSTAN_EXCLUDES(mutex_);
  // See CloudOptions::endpoint_base; for a server whose port is known only once it listens.
  void SetEndpointBase(const std::string& url, const std::string& ca_pem = "") CAPSTAN_EXCLUDES(mutex_);

  // Things that happen behind the operator's back. Errors: kNotFound naming the id. Made in the
  // console by a user: `create_body` is a create request. The id.
  Result<std::string> CreateByHand(const std::string& account_uuid, const std::string& create_body)
      CAPSTAN_EXCLUDES(mutex_);
  // Gone at once, without `deleting`; its associated resources stay.
  Status VanishCluster(const std::string& cluster_id) CAPSTAN_EXCLUDES(mutex_);
  Status DeleteClusterByHand(const std::string& cluster_id) CAPSTAN_EXCLUDES(mutex_);  // as DELETE does
  Status RenameCluster(const std::string& cluster_id, const std::string& name) CAPSTAN_EXCLUDES(mutex_);
  // Replaces the user's tags; an operator's identity can be taken away so.
  Status SetTags(const std::string& cluster_id, std::vector<std::string> tags) CAPSTAN_EXCLUDES(mutex_);
  // Another state now, such as "degraded" or "error" with a message; "running" ends it.
  Status SetState(const std::string& cluster_id, const std::string& state, const std::string& message)
      CAPSTAN_EXCLUDES(mutex_);
  // As the cluster autoscaler or a person would: the pool by its name.
  Status ScalePool(const std::string& cluster_id, const std::string& pool_name, int count)
      CAPSTAN_EXCLUDES(mutex_);
  Status RemovePool(const std::string& cluster_id, const std::string& pool_name) CAPSTAN_EXCLUDES(mutex_);
  // Something that Kubernetes made through the cluster: kind "load_balancer", "volume" or
  // "volume_snapshot". The id.
  Result<std::string> AddAssociated(const std::string& cluster_id, const std::string& kind,
                                    const std::string& name) CAPSTAN_EXCLUDES(mutex_);
  Status AddStatusMessage(const std::string& cluster_id, const std::string& message) CAPSTAN_EXCLUDES(mutex_);
  // A network of that account. The id.
  Result<std::string> AddVpc(const std::string& account_uuid, const std::string& region,
                             const std::string& name, const std::string& ip_range, bool nat_gateway)
      CAPSTAN_EXCLUDES(mutex_);
  // The next clusters that are made end in `error` with this message instead of `running`.
  void FailProvisioning(int clusters, const std::string& message) CAPSTAN_EXCLUDES(mutex_);

 private:
  WallTime CloudNow() const;
  void Advance() const CAPSTAN_REQUIRES(mutex_);
  Status Flush() CAPSTAN_REQUIRES(mutex_);
  // Carries out a change by hand, and writes what changed to the Store. Errors: those of the
  // change; kNotFound naming the id.
  using ClusterChange = std::function<Status(World& world, Cluster& cluster, WallTime now)>;
  Status ChangeCluster(const std::string& id, const ClusterChange& change) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  const Clock& clock_;
  Store* const store_;
  const WallTime started_wall_;
  const Instant started_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  const std::unique_ptr<World> world_ CAPSTAN_PT_GUARDED_BY(mutex_);
  const std::unique_ptr<Service> service_ CAPSTAN_PT_GUARDED_BY(mutex_);
};

}  // namespace capstan::simulated_digitalocean
