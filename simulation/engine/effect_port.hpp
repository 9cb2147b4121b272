// EffectPort is the one door through which one life of an operator acts: it numbers every effect
// (each request to Kubernetes or to the cloud, each stream opened), and lets a Mishap strike there:
// the life dies, the server fails, the world changes.
//
// A life that died gets kCancelled for everything it still tries, until its stacks have unwound.
// Thread-safe in a SimulatedScheduler's sense: one task runs at a time.
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
  std::string shape;  // what it asks for without names and ids: ShapeOf
  std::string what;   // "PATCH /apis/example.test/v1/... status", "POST boxes.test/boxes"
  bool cloud = false;
  bool stream = false;  // a watch
  Mishap mishap = Mishap::kNone;
  std::string result;  // "200", "404", "cancelled"
  Instant at;
  // What the servers hold, what the life remembers and what goes on of earlier mishaps right before
  // it, as a number; 0 unless asked for. `moment`: the same, whatever is about to leave.
  std::uint64_t state = 0, moment = 0;
};

// Requests that are refused for a while: those of one life or another with the same method on the
// same sort of thing.
struct Refusal {
  std::string shape;  // see ShapeOf
  bool cloud = false;
  int status = 403;
  std::string words;  // what the answer says; unique, so that it can be looked for
  Instant from, until;
  int count = 0;        // requests refused so far
  bool judged = false;  // whether the operator reported it
};

// "PATCH boxes/*/status", "GET boxes" (a list or watch), "POST boxes.test /boxes": the request
// without names and ids.
std::string ShapeOf(const http::Request& request, const std::string& kubernetes);

// Shared by all lives of a run: what happened, and what will happen.
class EffectLog {
 public:
  // Asked with each effect before it happens; its number, life and description are set.
  std::function<Mishap(const Effect&)> script;
  // Called after each effect, and after a life has died at one.
  std::function<void(const Effect&)> check;
  // Carries out a mishap that is not the port's own: pauses, and what changes the world. Called on
  // the task of that life, without locks.
  std::function<void(Mishap, Life&, const Effect&)> strike;
  // What the servers hold and what other lives are about, as a number; null: states are not asked
  // for.
  std::function<std::uint64_t()> digest;
  const Life* acting = nullptr;  // whose effect is the present one, for `digest`
  // A part of the URL of an operator's fresh read of one object, such as "/boxes/": see
  // Effect::state.
  std::string fresh_read;
  std::vector<Refusal> refusals;
  std::uint64_t under_way = 0;                // requests of the dead that no server has yet, as a number
  Duration pause = std::chrono::seconds(58);  // longer than a lease; what took over has just acted then

  // Beyond so many effects a life dies at its next one, and `endless` says so: an operator that
  // does not come to rest would run for ever. The longest of our scenarios has some two thousand.
  int most = 20'000;
  bool endless = false;

  std::vector<Effect> effects;
  // One line an effect, the last `count` up to `number` and a few after it.
  std::string Timeline(int number, int count) const;
};

class EffectPort final : public http::Transport {
 public:
  // All must outlive it. It must outlive whatever acts through it.
  EffectPort(http::Transport& next, Scheduler& scheduler, EffectLog& log, Life& life,
             std::string kubernetes_authority);
  ~EffectPort() override = default;

  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

  bool dead() const { return dead_; }
  // What its watches and lists are made to show.
  WatchFaults& faults() { return *faults_; }
  // Called once when the life dies; asks its tasks to stop.
  std::function<void()> on_death;
  // What it heard since its object was last read, as a number.
  std::uint64_t memory() const { return memory_; }
  // What its views still show wrongly, and what it is to wake up with from a pause, as a number.
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
  // The answer of a server that refuses this once; nothing for other failures.
  std::optional<http::Response> RefusedOnce(int number);
  Result<http::StreamResponse> FailedStream(const http::Request& request, const Context& context, int number);
  void Wait(const Context& context);

  http::Transport& next_;
  Scheduler& scheduler_;
  EffectLog& log_;
  Life& life_;
  const std::string kubernetes_;
  const std::shared_ptr<WatchFaults> faults_;
  std::uint64_t memory_ = 0;  // of what was heard since the object was last read
  std::uint64_t asleep_ = 0;  // where and how it fell asleep; 0: it is awake
  bool dead_ = false;
  std::vector<Task> late_;  // requests of the dead that are still on their way
};

}  // namespace capstan::simulation
