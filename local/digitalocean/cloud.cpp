#include <capstan/local/digitalocean/cloud.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/render.hpp>
#include <capstan/local/digitalocean/api/service.hpp>
#include <capstan/local/digitalocean/world/persist.hpp>
#include <utility>

namespace capstan::simulated_digitalocean {
namespace {

constexpr std::string_view kClusterKey = "cluster/", kVpcKey = "vpc/";

}  // namespace

SimulatedCloud::SimulatedCloud(CloudOptions options, const Clock& clock, Random& random, Store* store)
    : clock_(clock),
      store_(store),
      started_wall_(clock.WallNow()),
      started_(clock.Now()),
      world_(std::make_unique<World>(std::move(options), random)),
      service_(std::make_unique<Service>(*world_)) {}

SimulatedCloud::~SimulatedCloud() = default;

WallTime SimulatedCloud::CloudNow() const { return started_wall_ + (clock_.Now() - started_); }

void SimulatedCloud::Advance() const { world_->Advance(CloudNow()); }

Status SimulatedCloud::Load() {
  MutexLock lock(mutex_);
  if (!store_) return {};
  CAPSTAN_TRY(const std::vector<StoredDocument> documents, store_->Load());
  for (const StoredDocument& stored : documents) {
    if (stored.key.rfind(kClusterKey, 0) == 0) {
      auto cluster = ClusterFromDocument(stored.document);
      if (!cluster)
        return Fail(Code::kDataLoss, "the simulated cloud's document " + stored.key + " cannot be read");
      world_->Restore(std::move(*cluster));
    } else if (stored.key.rfind(kVpcKey, 0) == 0) {
      auto vpc = VpcFromDocument(stored.document);
      if (!vpc)
        return Fail(Code::kDataLoss, "the simulated cloud's document " + stored.key + " cannot be read");
      world_->Restore(std::move(*vpc));
    }
  }
  return {};
}

Status SimulatedCloud::Flush() {
  const std::set<std::string> clusters = world_->TakeDirty(), vpcs = world_->TakeDirtyVpcs();
  if (!store_ || (clusters.empty() && vpcs.empty())) return {};
  std::vector<StoredDocument> changes;
  for (const std::string& id : clusters) {
    const Cluster* cluster = std::as_const(*world_).FindCluster(id);
    changes.push_back({StrCat(kClusterKey, id), cluster ? ToDocument(*cluster) : ""});
  }
  for (const std::string& id : vpcs)
    changes.push_back({StrCat(kVpcKey, id), ToDocument(world_->vpcs().at(id))});
  return store_->Apply(changes);
}

void SimulatedCloud::Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) {
  Service::Result result;
  {
    MutexLock lock(mutex_);
    Advance();
    result = service_->Serve(request, CloudNow(), clock_.Now());
    if (Status flushed = Flush(); !flushed) {
      result.response.status = 500;
      result.response.headers.Set("Content-Type", "application/json; charset=utf-8");
      JsonWriter body;
      body.BeginObject().Field("id", "server_error").Field("message", flushed.error().message).EndObject();
      result.response.body = body.Take();
    }
  }
  if (result.cut) {
    writer.Abort();
    return;
  }
  // An error means that the client is gone and does not need its answer.
  (void)writer.Respond(result.response);
}

std::vector<LedgerEntry> SimulatedCloud::Ledger() const {
  MutexLock lock(mutex_);
  Advance();
  return world_->Ledger();
}

std::vector<JournalEntry> SimulatedCloud::Journal() const {
  MutexLock lock(mutex_);
  return world_->journal();
}

std::optional<std::string> SimulatedCloud::ClusterJson(const std::string& cluster_id) const {
  MutexLock lock(mutex_);
  Advance();
  const Cluster* cluster = std::as_const(*world_).FindCluster(cluster_id);
  if (!cluster) return std::nullopt;
  JsonWriter out;
  RenderCluster(out, *cluster, StrCat(world_->options.endpoint_base, "/simulated-clusters/", cluster_id),
                true);
  return out.Take();
}

std::map<std::string, std::uint64_t> SimulatedCloud::RequestCounts() const {
  MutexLock lock(mutex_);
  return service_->counts;
}

std::uint64_t SimulatedCloud::RateLimited() const {
  MutexLock lock(mutex_);
  return service_->rate_limited;
}

void SimulatedCloud::Inject(Fault fault) {
  MutexLock lock(mutex_);
  service_->faults.push_back(std::move(fault));
}

void SimulatedCloud::ClearFaults() {
  MutexLock lock(mutex_);
  service_->faults.clear();
}

std::uint64_t SimulatedCloud::FaultsStruck() const {
  MutexLock lock(mutex_);
  return service_->faults_struck;
}

void SimulatedCloud::RevokeToken(const Secret& token) {
  MutexLock lock(mutex_);
  service_->Revoke(token, true);
}

void SimulatedCloud::RestoreToken(const Secret& token) {
  MutexLock lock(mutex_);
  service_->Revoke(token, false);
}

void SimulatedCloud::PutAccount(const AccountOptions& account) {
  MutexLock lock(mutex_);
  std::erase_if(world_->options.accounts,
                [&](const AccountOptions& old) { return old.uuid == account.uuid; });
  world_->options.accounts.push_back(account);
  service_->ReadAccounts();
}

void SimulatedCloud::SetBehaviour(const Behaviour& behaviour) {
  MutexLock lock(mutex_);
  Advance();
  world_->options.behaviour = behaviour;
}

Behaviour SimulatedCloud::behaviour() const {
  MutexLock lock(mutex_);
  return world_->options.behaviour;
}

void SimulatedCloud::SetCatalog(Catalog catalog) {
  MutexLock lock(mutex_);
  world_->options.catalog = std::move(catalog);
}

void SimulatedCloud::SetDurations(const Durations& durations) {
  MutexLock lock(mutex_);
  Advance();
  world_->options.durations = durations;
}

void SimulatedCloud::SetEndpointBase(const std::string& url, const std::string& ca_pem) {
  MutexLock lock(mutex_);
  world_->options.endpoint_base = url;
  world_->options.endpoint_ca_pem = ca_pem;
}

}  // namespace capstan::simulated_digitalocean
