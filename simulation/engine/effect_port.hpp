// EffectPort is the single exit of one life of an operator: it numbers every effect (each request
// to Kubernetes or to the cloud, each opened stream), and lets a Mishap strike there: the life
// dies, the server fails, the world changes.
//
// A dead life gets kCancelled for every further request, until its stacks have unwound. Thread-safe
// in the sense of a SimulatedScheduler: one task runs at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/simulation/engine/mishap.hpp>
#include <capstan/simulation/engine/watch_faults.hpp>

namespace capstan::simulation {

class Life;

struct Effect {
  int number = 0;  // from 1, over all lives of a run
  int life = 0;
  std::string shape;  // the request without names and ids: ShapeOf
  std::string what;   // "PATCH /apis/example.test/v1/... status", "POST boxes.test/boxes"
  bool cloud = false;
  bool stream = false;  // a watch
  Mishap mishap = Mishap::kNone;
  std::string result;  // "200", "404", "cancelled"
  Instant at;
  // Hash of the state of the servers, of the life's memory and of pending earlier mishaps right
  // before the effect; 0 unless requested. `moment`: likewise without the life's memory and the
  // request itself.
  std::uint64_t state = 0, moment = 0;
};

// A refusal that lasts for a while: of requests with the same method and the same kind of target,
// by any life.
struct Refusal {
  std::string shape;  // see ShapeOf
  bool cloud = false;
  int status = 403;
  std::string words;  // the message in the answer; unique, so that it can be searched for
  Instant from, until;
  int count = 0;        // requests refused so far
  bool judged = false;  // whether the operator's report of it was checked
};

// "PATCH boxes/*/status", "GET boxes" (a list or watch), "POST boxes.test /boxes": the request
// without names and ids.
std::string ShapeOf(const http::Request& request, const std::string& kubernetes);

// Shared by all lives of a run: past effects, and the script of mishaps.
class EffectLog {
 public:
  // Called with each effect before it happens; its number, life and description are set.
  std::function<Mishap(const Effect&)> script;
  // Called after each effect, and after a life has died at one.
  std::function<void(const Effect&)> check;
  // Applies a mishap that the port itself does not implement: pauses, and changes of the world.
  // Called on the task of that life, without locks held.
  std::function<void(Mishap, Life&, const Effect&)> strike;
  // Hash of the state of the servers and of the other lives; null: states are not recorded.
  std::function<std::uint64_t()> digest;
  const Life* acting = nullptr;  // the life of the current effect, for `digest`
  // A part of the URL with which an operator reads one object afresh, such as "/boxes/": see
  // Effect::state.
  std::string fresh_read;
  std::vector<Refusal> refusals;
  std::uint64_t under_way = 0;  // hash of requests of dead lives that no server has received yet
  // Longer than a lease, so the new leader has acted by then.
  Duration pause = std::chrono::seconds(58);

  // After this many effects a life dies at its next one, and `endless` is set: an operator that
  // never settles would run forever. The longest scenario has about two thousand effects.
  int most = 20'000;
  bool endless = false;

  std::vector<Effect> effects;
  // One line for each effect: the last `count` up to `number`, and a few after it.
  std::string Timeline(int number, int count) const;
};

class EffectPort final : public http::Transport {
 public:
  // The references must outlive this object, which must outlive everything that sends through it.
  EffectPort(http::Transport& next, Scheduler& scheduler, EffectLog& log, Life& life,
             std::string kubernetes_authority);
  ~EffectPort() override = default;

  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

  bool dead() const { return dead_; }
  // Faults of its watches and lists.
  WatchFaults& faults() { return *faults_; }
  // Called once when the life dies; must ask its tasks to stop.
  std::function<void()> on_death;
  // Hash of the answers since its object was last read afresh.
  std::uint64_t memory() const { return memory_; }
  // Hash of the faults that are still armed, and of the pause in progress.
  std::uint64_t lingering() const;

 private:
  int Begin(const http::Request& request, bool stream);
  Effect& At(int number) { return log_.effects[static_cast<std::size_t>(number - 1)]; }
  void Finish(int number, const std::string& result);
  void Strike(Mishap mishap, int number);
  void Remember(const http::Request& request, const Result<http::Response>& reply);
  Refusal* RefusalOf(const http::Request& request, bool cloud);
  Failure Die(int number, const std::string& result);
  Result<http::Response> Failed(const http::Request& request, const Context& context, int number);
  // The answer of a server that refuses once; nullopt for other failures.
  std::optional<http::Response> RefusedOnce(int number);
  Result<http::StreamResponse> FailedStream(const http::Request& request, const Context& context, int number);
  void Wait(const Context& context);

  http::Transport& next_;
  Scheduler& scheduler_;
  EffectLog& log_;
  Life& life_;
  const std::string kubernetes_;
  const std::shared_ptr<WatchFaults> faults_;
  std::uint64_t memory_ = 0;  // of the answers since the object was last read
  std::uint64_t asleep_ = 0;  // where and how it was paused; 0: it is not
  bool dead_ = false;
  std::vector<Task> late_;  // in-flight requests of the dead life
};

}  // namespace capstan::simulation
