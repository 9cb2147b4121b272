// World is everything in one process on simulated time: an embedded API server, a simulated cloud,
// and operators that live, die and are restarted. Each effect of an operator goes through its
// EffectPort; users act through `admin`.
//
// For the driver thread of the SimulatedScheduler. Nothing here sleeps or uses a socket.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/simulation/cloud_under_test.hpp>
#include <capstan/simulation/digested_storage.hpp>
#include <capstan/simulation/engine/effect_port.hpp>
#include <capstan/simulation/engine/interference.hpp>
#include <capstan/simulation/life.hpp>

namespace capstan::simulation {

// Wraps an operator's transport, to make it careless on purpose; see careless.hpp.
using Wrap = std::function<std::unique_ptr<http::Transport>(http::Transport& next, Scheduler& scheduler)>;

class World;

struct WorldOptions {
  CloudSetting cloud;
  std::function<std::unique_ptr<CloudUnderTest>(const CloudSetting&, const Clock&)> make_cloud = MakeBoxes;
  managed::ManagedOptions managed;  // owner_id is set when empty
  SchedulePolicy policy = FirstInFirstOut();
  std::uint64_t seed = 1;
  std::uint64_t uids = 0;       // seed of uids; 0: `seed`
  std::string name = "a";       // the object that users' mishaps and messages concern
  Wrap carelessness;            // null: none
  std::function<bool()> lease;  // null: HoldsLease of the World decides
  bool ignore_lease = false;    // the operator always believes that it has its lease
  std::string crd;              // empty: that of the cloud
  bool full = false;            // use full lives, see life.hpp
  // Creates the lives of another operator, which have watches and a lease like full ones; null:
  // lives of the product.
  std::function<std::unique_ptr<Life>(World&, int number)> make_life;
  // Lives also release Secrets whose last object disappeared while they were not running.
  bool sweep_secrets = false;
  int workers = 2;               // of a full life
  int shards = 1;                // number of shards that full lives divide the work into
  bool meddling = false;         // users, administrators and the cloud can interfere, see Mishap
  bool collects_garbage = true;  // the API server deletes objects whose owners are gone
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();

  std::size_t living() const;  // number of lives that have not died
  // Starts a life. The others, dead or alive, stay unchanged.
  Life& StartLife();
  Life* life() { return lives_.empty() ? nullptr : lives_.back().get(); }  // the youngest
  // Runs simulated time; whenever the youngest life has died, starts the next one after `restart`.
  // False when `limit` passed.
  bool RunUntil(const std::function<bool()>& done, Duration limit);
  void RunFor(Duration time) {
    (void)RunUntil([] { return false; }, time);
  }

  // Actions of a user: immediate, and without an effect number. `spec` is the inside of the JSON
  // object.
  Status MakeSecret(const std::string& name, const std::string& token);
  Status Apply(const std::string& name, const std::string& spec);  // creates, or merges into spec
  Status Patch(const kube::Kind& kind, const std::string& name, const std::string& merge_patch);
  Status Delete(const std::string& name);
  std::optional<kube::Object> Get(const std::string& name);
  std::optional<kube::Object> Get(const kube::Kind& kind, const std::string& name);
  // The status and reason of a condition, "True" or "False/NameTaken"; empty when the condition is
  // absent.
  std::string ConditionOf(const std::string& name, const std::string& type);

  // For invariants.
  std::vector<std::string> violations;
  void Violate(const std::string& what);

  WorldOptions options;
  // The index of the next task to run, once; 0: the policy decides.
  const std::shared_ptr<std::size_t> next_pick = std::make_shared<std::size_t>(0);
  SimulatedScheduler scheduler;
  RecordingLog log;
  EffectLog effects;
  std::unique_ptr<CloudUnderTest> cloud;
  kube::Kind kind;
  std::vector<kube::ObjectKey> keys;  // the objects that the operator manages
  std::string subject;                // options.name
  Duration restart = std::chrono::seconds(2);

  http::Transport& network() { return *network_; }
  LifeDoor door() { return {*network_, scheduler, effects, kubernetes}; }
  kube::Client& admin() { return *admin_; }
  const std::string kubernetes = "kubernetes.test";
  // Whether life `number` leads until then, for short lives.
  bool HoldsLease(int number, Instant until) const {
    return leader == number && (!takeover_ || until <= *takeover_);
  }
  // What mishaps did to the world, so that a scenario knows what it can still expect.
  bool user_deleted = false, user_edited = false;
  std::optional<Instant> crd_deleted;
  // Cloud objects that were not being deleted when the CRD was deleted.
  std::vector<std::string> kept;
  // Whether an action of a user or administrator has made the rest of the scenario pointless.
  bool CutShort();
  // Hash of the servers' content without times and versions, of the scenario's progress, and of the
  // lives other than the acting one.
  std::uint64_t Digest() const;
  int phase = 0;  // grows with each wait of the scenario, see Reach
  // Ends every watch of the API server, like the restart of a load balancer.
  void CutWatches();
  // Whether `words` occur in the conditions and events of the objects, or in the log.
  bool Says(const std::string& words, bool in_log);
  apiserver::ApiServer& api() { return *api_; }

  // The number of the life that may act. A paused life loses leadership after `lease`; then the
  // next life starts in parallel.
  int leader = 0;
  Duration lease = std::chrono::seconds(15);

 private:
  void Strike(Mishap mishap, Life& life, const Effect& effect);
  void StrikeWorld(Mishap mishap, Life& life);
  void DeleteCrd();
  std::unique_ptr<Random> random_;
  std::unique_ptr<DigestedStorage> storage_;
  std::unique_ptr<apiserver::ApiServer> api_;
  std::unique_ptr<StreamGate> gate_;  // in front of the API server, to cut its streams
  std::unique_ptr<http::LoopbackTransport> network_;
  std::unique_ptr<http::Transport> direct_;
  std::unique_ptr<kube::Client> admin_;
  std::vector<std::unique_ptr<Life>> lives_;
  // The last results of Get, and the storage's count of changes at that time.
  std::map<std::string, std::optional<kube::Object>> got_;
  std::uint64_t got_at_ = 0;
  std::optional<Instant> takeover_;  // when the lease of a paused life expires
};

}  // namespace capstan::simulation
