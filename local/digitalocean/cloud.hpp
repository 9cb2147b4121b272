// SimulatedCloud behaves like DigitalOcean's API for Kubernetes clusters (DOKS), as far as its
// OpenAPI document, its clients and public reports describe it; for the rest, Behaviour has
// switches. It is an http::Handler: core/net serves it to real clients, LoopbackTransport to a
// simulation. For development and tests; nothing in it costs money.
//
// Thread-safe. Time comes only from the Clock: each request first advances all states to the
// current time, in the order in which they became due, so a run is a function of requests, clock
// and Random. The cloud's own clock starts at the wall time of construction and advances with
// Clock::Now(), so a step of the operator machine's wall clock does not affect it. Clock, Random
// and Store must outlive the cloud. Handle blocks only on the cloud's lock and the Store.
//
// Besides /v2/... it serves the Kubernetes endpoint of each cluster under /simulated-clusters/ID:
// version, health, namespaces and nodes, enough for `kubectl get nodes` with the kubeconfig that it
// issues.
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
  // Without a store, everything is in memory only.
  SimulatedCloud(CloudOptions options, const Clock& clock, Random& random, Store* store = nullptr);
  ~SimulatedCloud() override;

  // Loads the state from the store. REQUIRES: called once, before the first request, if there is a
  // store. Errors: those of the store, and kDataLoss naming a document that cannot be read.
  Status Load() CAPSTAN_EXCLUDES(mutex_);

  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override
      CAPSTAN_EXCLUDES(mutex_);

  // Everything below is for tests and the local stack; an operator cannot do any of it.

  // All objects and changes so far; advances the states first.
  std::vector<LedgerEntry> Ledger() const CAPSTAN_EXCLUDES(mutex_);
  std::vector<JournalEntry> Journal() const CAPSTAN_EXCLUDES(mutex_);
  // The cluster as GET returns it to its owner (even while hidden or deleting), or nullopt once it
  // is gone.
  std::optional<std::string> ClusterJson(const std::string& cluster_id) const CAPSTAN_EXCLUDES(mutex_);
  // The number of requests for each operation ("GET /v2/kubernetes/clusters/{cluster_id}"),
  // including refused ones.
  std::map<std::string, std::uint64_t> RequestCounts() const CAPSTAN_EXCLUDES(mutex_);
  // The number of requests that were answered with 429.
  std::uint64_t RateLimited() const CAPSTAN_EXCLUDES(mutex_);

  void Inject(Fault fault) CAPSTAN_EXCLUDES(mutex_);
  void ClearFaults() CAPSTAN_EXCLUDES(mutex_);
  // How often any fault has struck so far.
  std::uint64_t FaultsStruck() const CAPSTAN_EXCLUDES(mutex_);

  void RevokeToken(const Secret& token) CAPSTAN_EXCLUDES(mutex_);
  void RestoreToken(const Secret& token) CAPSTAN_EXCLUDES(mutex_);
  // Adds an account, or replaces the one with this uuid and its tokens; its clusters stay.
  void PutAccount(const AccountOptions& account) CAPSTAN_EXCLUDES(mutex_);
  void SetBehaviour(const Behaviour& behaviour) CAPSTAN_EXCLUDES(mutex_);
  Behaviour behaviour() const CAPSTAN_EXCLUDES(mutex_);
  void SetCatalog(Catalog catalog) CAPSTAN_EXCLUDES(mutex_);
  void SetDurations(const Durations& durations) CAPSTAN_EXCLUDES(mutex_);
  // See CloudOptions::endpoint_base; for a server whose port is known only after it listens.
  void SetEndpointBase(const std::string& url, const std::string& ca_pem = "") CAPSTAN_EXCLUDES(mutex_);

  // Changes behind the operator's back. Errors: kNotFound naming the id. CreateByHand acts like a
  // user in the console: `create_body` is a create request. Returns the id.
  Result<std::string> CreateByHand(const std::string& account_uuid, const std::string& create_body)
      CAPSTAN_EXCLUDES(mutex_);
  // Removes the cluster immediately, without `deleting`; its associated resources stay.
  Status VanishCluster(const std::string& cluster_id) CAPSTAN_EXCLUDES(mutex_);
  Status DeleteClusterByHand(const std::string& cluster_id) CAPSTAN_EXCLUDES(mutex_);  // like DELETE
  Status RenameCluster(const std::string& cluster_id, const std::string& name) CAPSTAN_EXCLUDES(mutex_);
  // Replaces the user's tags, which can include an operator's identity.
  Status SetTags(const std::string& cluster_id, std::vector<std::string> tags) CAPSTAN_EXCLUDES(mutex_);
  // Sets another state, such as "degraded" or "error" with a message; "running" ends it.
  Status SetState(const std::string& cluster_id, const std::string& state, const std::string& message)
      CAPSTAN_EXCLUDES(mutex_);
  // Scales the pool of this name, as the cluster autoscaler or a user would.
  Status ScalePool(const std::string& cluster_id, const std::string& pool_name, int count)
      CAPSTAN_EXCLUDES(mutex_);
  Status RemovePool(const std::string& cluster_id, const std::string& pool_name) CAPSTAN_EXCLUDES(mutex_);
  // Adds a resource that Kubernetes would create through the cluster: kind "load_balancer",
  // "volume" or "volume_snapshot". Returns its id.
  Result<std::string> AddAssociated(const std::string& cluster_id, const std::string& kind,
                                    const std::string& name) CAPSTAN_EXCLUDES(mutex_);
  Status AddStatusMessage(const std::string& cluster_id, const std::string& message) CAPSTAN_EXCLUDES(mutex_);
  // Adds a network to the account. Returns its id.
  Result<std::string> AddVpc(const std::string& account_uuid, const std::string& region,
                             const std::string& name, const std::string& ip_range, bool nat_gateway)
      CAPSTAN_EXCLUDES(mutex_);
  // Makes the next `clusters` created clusters end in `error` with this message instead of
  // `running`.
  void FailProvisioning(int clusters, const std::string& message) CAPSTAN_EXCLUDES(mutex_);

 private:
  WallTime CloudNow() const;
  void Advance() const CAPSTAN_REQUIRES(mutex_);
  Status Flush() CAPSTAN_REQUIRES(mutex_);
  // Applies a change by hand and writes the result to the Store. Errors: those of the change, and
  // kNotFound naming the id.
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
