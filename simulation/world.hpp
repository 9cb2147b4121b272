// World is everything in one process on simulated time: an embedded API server, a simulated cloud,
// and operators that live, die and are started again. Each effect of an operator goes through its
// EffectPort; a user acts through `admin`.
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
  std::uint64_t uids = 0;       // what uids are drawn by; 0: `seed`
  std::string name = "a";       // of the object that users' mishaps and messages are about
  Wrap carelessness;            // null: none
  std::function<bool()> lease;  // null: as the World's lease says
  bool ignore_lease = false;    // the operator believes that it holds its lease, whatever happens
  std::string crd;              // empty: the cloud's
  bool full = false;            // lives are full ones, see life.hpp
  // Another operator's lives, which have watches and a lease as full ones do; null: the product's.
  std::function<std::unique_ptr<Life>(World&, int number)> make_life;
  bool sweep_secrets = false;    // lives let go of Secrets whose last object vanished without them
  int workers = 2;               // of a full life
  int shards = 1;                // full lives share the work, divided into so many
  bool meddling = false;         // users, administrators and the cloud may interfere, see Mishap
  bool collects_garbage = true;  // the API server deletes what only owners had that are gone
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();

  std::size_t living() const;  // how many lives there are that have not died
  // Starts a life. Others, dead or alive, stay as they are.
  Life& StartLife();
  Life* life() { return lives_.empty() ? nullptr : lives_.back().get(); }  // the youngest
  // Runs simulated time; whenever the youngest life has died, the next one starts after `restart` .
  // False when `limit` passed.
  bool RunUntil(const std::function<bool()>& done, Duration limit);
  void RunFor(Duration time) {
    (void)RunUntil([] { return false; }, time);
  }

  // A user's doing, at once and without an effect number. `spec` is the inside of the JSON object.
  Status MakeSecret(const std::string& name, const std::string& token);
  Status Apply(const std::string& name, const std::string& spec);  // creates, or merges into spec
  Status Patch(const kube::Kind& kind, const std::string& name, const std::string& merge_patch);
  Status Delete(const std::string& name);
  std::optional<kube::Object> Get(const std::string& name);
  std::optional<kube::Object> Get(const kube::Kind& kind, const std::string& name);
  // "True", "False", "Unknown" and the reason, as "False/NameTaken"; empty when there is no such
  // condition.
  std::string ConditionOf(const std::string& name, const std::string& type);

  // What invariants look at.
  std::vector<std::string> violations;
  void Violate(const std::string& what);

  WorldOptions options;
  // The place of the task that goes next, once; 0: as the policy says.
  const std::shared_ptr<std::size_t> next_pick = std::make_shared<std::size_t>(0);
  SimulatedScheduler scheduler;
  RecordingLog log;
  EffectLog effects;
  std::unique_ptr<CloudUnderTest> cloud;
  kube::Kind kind;
  std::vector<kube::ObjectKey> keys;  // what the operator looks after
  std::string subject;                // options.name
  Duration restart = std::chrono::seconds(2);

  http::Transport& network() { return *network_; }
  LifeDoor door() { return {*network_, scheduler, effects, kubernetes}; }
  kube::Client& admin() { return *admin_; }
  const std::string kubernetes = "kubernetes.test";
  // Whether life `number` leads until then, as far as short lives are concerned.
  bool HoldsLease(int number, Instant until) const {
    return leader == number && (!takeover_ || until <= *takeover_);
  }
  // What a mishap did to the world, so that a scenario knows what it may still expect.
  bool user_deleted = false, user_edited = false;
  std::optional<Instant> crd_deleted;
  std::vector<std::string> kept;  // cloud objects that nobody was removing when the CRD was deleted
  // A user's or an administrator's doing has made the rest of the scenario pointless.
  bool CutShort();
  // What the servers hold, without times and versions, how far the scenario has come, and what the
  // lives are about that do not act, as a number.
  std::uint64_t Digest() const;
  int phase = 0;  // grows with what the scenario waits for, see Reach
  // Every watch of the API server ends, as when a load balancer restarts.
  void CutWatches();
  // All words of conditions and events about the objects, and of the log.
  bool Says(const std::string& words, bool in_log);
  apiserver::ApiServer& api() { return *api_; }

  // Who may act: the number of a life. A life that pauses loses it after `lease`; then the next
  // life starts next to it.
  int leader = 0;
  Duration lease = std::chrono::seconds(15);

 private:
  void Strike(Mishap mishap, Life& life, const Effect& effect);
  void StrikeWorld(Mishap mishap, Life& life);
  void DeleteCrd();
  std::unique_ptr<Random> random_;
  std::unique_ptr<DigestedStorage> storage_;
  std::unique_ptr<apiserver::ApiServer> api_;
  std::unique_ptr<StreamGate> gate_;  // in front of the API server: its streams can be cut
  std::unique_ptr<http::LoopbackTransport> network_;
  std::unique_ptr<http::Transport> direct_;
  std::unique_ptr<kube::Client> admin_;
  std::vector<std::unique_ptr<Life>> lives_;
  // What Get last gave, and the changes of the storage at that time.
  std::map<std::string, std::optional<kube::Object>> got_;
  std::uint64_t got_at_ = 0;
  std::optional<Instant> takeover_;  // when the lease of a paused life runs out
};

}  // namespace capstan::simulation
