// World is everything in one process on simulated time: an embedded API server, a simulated cloud,
// and operators that live, die and are started again. Each effect of an operator goes through its
// EffectPort; a user acts through `admin`.
//
// For the driver thread of the SimulatedScheduler. Nothing here sleeps or uses a socket.
#pragma once

#include <functional>
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
#include <capstan/simulation/effect_port.hpp>

namespace capstan::simulation {

// Wraps an operator's transport, to make it careless on purpose; see careless.hpp.
using Wrap = std::function<std::unique_ptr<http::Transport>(http::Transport& next, Scheduler& scheduler)>;

struct WorldOptions {
  CloudSetting cloud;
  std::function<std::unique_ptr<CloudUnderTest>(const CloudSetting&, const Clock&)> make_cloud = MakeBoxes;
  managed::ManagedOptions managed;  // owner_id is set when empty
  SchedulePolicy policy = FirstInFirstOut();
  std::uint64_t seed = 1;
  Wrap carelessness;            // null: none
  std::function<bool()> lease;  // null: as the World's lease says
  bool ignore_lease = false;    // the operator believes that it holds its lease, whatever happens
  std::string crd;              // empty: the cloud's
};

class World;

// One life of an operator: from its start to its crash or stop. Empty memory at the start.
class Life {
 public:
  Life(World& world, int number);
  ~Life();
  bool dead() const { return port_.dead(); }
  // Looks at all objects now.
  void Poke();
  // Asks it to stop and waits; no crash.
  void Stop();
  managed::ManagedReconciler& reconciler() { return *reconciler_; }
  const std::string& holder() const { return holder_; }

 private:
  class WorldFence;
  class Events;
  void Run(const Context& context);
  // How long until the key is due again.
  Duration Once(const kube::ObjectKey& key, const Context& context, int& failures);

  World& world_;
  const int number_;
  const std::string holder_;
  EffectPort port_;
  std::unique_ptr<http::Transport> careless_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<external::Provider> provider_;
  std::unique_ptr<Random> random_;
  std::unique_ptr<runtime::Fence> fence_;
  std::unique_ptr<runtime::EventRecorder> events_;
  std::unique_ptr<managed::ManagedReconciler> reconciler_;
  Mutex mutex_;
  Event poked_;
  bool poke_ CAPSTAN_GUARDED_BY(mutex_) = false;
  Task task_;
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();

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
  SimulatedScheduler scheduler;
  RecordingLog log;
  EffectLog effects;
  std::unique_ptr<CloudUnderTest> cloud;
  kube::Kind kind;
  std::vector<kube::ObjectKey> keys;  // what the operator looks after
  Duration restart = std::chrono::seconds(2);

  http::Transport& network() { return *network_; }
  kube::Client& admin() { return *admin_; }
  const std::string kubernetes = "kubernetes.test";
  // Who may act: the number of a life. A life that pauses loses it after `lease`; then the next
  // life starts beside it.
  int leader = 0;
  Duration lease = std::chrono::seconds(15);

 private:
  friend class Life;
  std::unique_ptr<Random> random_;
  std::unique_ptr<apiserver::Storage> storage_;
  std::unique_ptr<apiserver::ApiServer> api_;
  std::unique_ptr<http::LoopbackTransport> network_;
  std::unique_ptr<http::Transport> direct_;
  std::unique_ptr<kube::Client> admin_;
  std::vector<std::unique_ptr<Life>> lives_;
  std::optional<Instant> takeover_;  // when the lease of a paused life runs out
};

}  // namespace capstan::simulation
