#include <capstan/simulation/simulated_doks.hpp>

#include <algorithm>
#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/providers/digitalocean/provider.hpp>

namespace capstan::simulation {
namespace {

// Fewer nodes than any spec requests, because removing nodes needs an approval.
constexpr int kDriftedCount = 1;

simulated_digitalocean::CloudOptions Options(const CloudSetting& setting) {
  using simulated_digitalocean::AccountOptions;
  const auto scopes =
      setting.account_readable ? std::vector<std::string>() : simulated_digitalocean::ScopesWithoutAccount();
  AccountOptions first;
  first.team_uuid = "team-one";
  first.tokens = {{Secret("dop_v1_first"), scopes}, {Secret(SimulatedDoks::kSpareToken), scopes}};
  AccountOptions second;
  second.uuid = "0c0ffee0c0ffee0c0ffee0c0ffee0c0ffee0c0ff";
  second.email = "other@example.com";
  second.team_uuid = "team-two";
  second.tokens = {{Secret("dop_v1_second"), scopes}};
  simulated_digitalocean::CloudOptions options;
  options.accounts = {first, second};
  // Short durations: each further poll is one more effect to crash at, but no new one.
  options.durations.provisioning = std::chrono::seconds(25);
  options.durations.upgrade = std::chrono::minutes(2);
  options.behaviour.list_lag = setting.list_lag;
  options.behaviour.unique_names = false;
  return options;
}

}  // namespace

SimulatedDoks::SimulatedDoks(const CloudSetting& setting, const Clock& clock)
    : random_(MakeSeededRandom(11)), cloud_(Options(setting), clock, *random_) {}

std::vector<CloudObject> SimulatedDoks::Objects() const {
  std::vector<CloudObject> all;
  for (const auto& entry : cloud_.Ledger()) {
    if (entry.kind == "cluster" && !entry.deleted)
      all.push_back({entry.id, entry.name, entry.tags, entry.live(), true});
  }
  return all;
}

std::vector<CloudChange> SimulatedDoks::Changes() const {
  std::vector<CloudChange> all;
  std::map<std::string, std::string> identities;  // current identities of clusters
  for (const auto& object : Objects()) {
    for (const auto& tag : object.tags) {
      if (tag.rfind(managed::kIdentityPrefix, 0) == 0) identities[object.id] = tag;
    }
  }
  for (const auto& entry : cloud_.Journal()) {
    if (entry.operation.rfind("by hand", 0) == 0) continue;
    CloudChange change{entry.operation, entry.cluster, entry.operation == "POST /v2/kubernetes/clusters",
                       false, entry.tags_before};
    const auto identity = identities.find(entry.cluster);
    change.adopts = entry.operation == "PUT /v2/kubernetes/clusters/{cluster_id}" &&
                    identity != identities.end() &&
                    std::count(entry.tags_before.begin(), entry.tags_before.end(), identity->second) == 0;
    all.push_back(std::move(change));
  }
  return all;
}

std::unique_ptr<external::Provider> SimulatedDoks::MakeProvider(http::Transport& transport,
                                                                Scheduler& scheduler) const {
  auto provider = digitalocean::MakeProvider("", transport, scheduler, *random_, log_);
  return provider ? std::move(*provider) : nullptr;
}

std::string SimulatedDoks::crd() const { return digitalocean::MakeManifest().crds.front(); }

std::string SimulatedDoks::spec() const {
  return R"("region":"fra1","version":"latest","nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":2}])";
}

std::string SimulatedDoks::edit() const {
  return R"("nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":3}])";
}

std::vector<std::string> SimulatedDoks::NodeCounts() const {
  std::vector<std::string> counts;
  for (const auto& object : Objects()) {
    const std::string cluster = cloud_.ClusterJson(object.id).value_or("{}");
    const auto count = json::ValueAt(cluster, "/node_pools/0/count");
    if (object.live) counts.push_back(count ? count->value_or("") : "");
  }
  return counts;
}

bool SimulatedDoks::ShowsEdit() const {
  const auto counts = NodeCounts();
  return std::all_of(counts.begin(), counts.end(), [](const auto& count) { return count == "3"; });
}

void SimulatedDoks::Drift() {
  for (const auto& object : Objects()) (void)cloud_.ScalePool(object.id, "main", kDriftedCount);
}

bool SimulatedDoks::Drifted() const {
  const auto counts = NodeCounts();
  return std::count(counts.begin(), counts.end(), StrCat(kDriftedCount)) > 0;
}

std::unique_ptr<CloudUnderTest> MakeDoks(const CloudSetting& setting, const Clock& clock) {
  return std::make_unique<SimulatedDoks>(setting, clock);
}

}  // namespace capstan::simulation
