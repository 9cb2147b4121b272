// EffectPort is the one door through which one life of an operator acts: it numbers every effect
// (each request to Kubernetes or to the cloud, each stream opened), and can let the life die there,
// or answer with a failure instead.
//
// A life that died gets kCancelled for everything it still tries, until its stacks have unwound.
// Thread-safe in a SimulatedScheduler's sense: one task runs at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::simulation {

// What may happen at one effect.
enum class Mishap {
  kNone,
  kCrashBefore,       // dies before anything leaves
  kCrashInFlight,     // dies when the request has left; the server gets it a little later
  kCrashAfterCommit,  // dies when the server has done it, before the reply
  kCrashAfterReply,   // gets the reply and dies before the next effect
  kConflict,          // 409, nothing is done
  kTooMany,           // 429 with Retry-After, nothing is done
  kErrorBefore,       // 500, nothing is done
  kErrorAfter,        // 500, although it is done
  kTimeoutBefore,     // nothing is done, and no answer comes
  kTimeoutAfter,      // it is done, and no answer comes
  kResetAfter,        // it is done, and the connection breaks
  kTruncated,         // it is done, and half of the reply arrives
  kUnauthorized,      // 401, nothing is done
  kPauseBefore,       // the process sleeps right before the request, longer than its lease
  kPauseAfter,        // it sleeps when the answer has arrived, and goes on with what it knew then
};
const std::vector<Mishap>& AllMishaps();
std::string MishapName(Mishap mishap);
bool IsCrash(Mishap mishap);
bool IsPause(Mishap mishap);

struct Effect {
  int number = 0;  // from 1, over all lives of a run
  int life = 0;
  std::string what;  // "PATCH /apis/example.test/v1/... status", "POST boxes.test/boxes"
  bool cloud = false;
  Mishap mishap = Mishap::kNone;
  std::string result;  // "200", "404", "cancelled"
  Instant at;
};

// Shared by all lives of a run: what happened, and what shall happen.
class EffectLog {
 public:
  // Asked with each effect before it happens; its number and description are set.
  std::function<Mishap(const Effect&)> script;
  // Called after each effect, and after a life has died at one.
  std::function<void(const Effect&)> check;
  // Called when a life falls asleep: somebody else will take its lease.
  std::function<void(int life)> on_pause;
  Duration pause = std::chrono::seconds(58);  // the next life has just made it itself then

  std::vector<Effect> effects;
  // One line an effect, the last `count` up to `number` and a few after it.
  std::string Timeline(int number, int count) const;
};

class EffectPort final : public http::Transport {
 public:
  // All must outlive it. It must outlive the life whose effects it carries.
  EffectPort(http::Transport& next, Scheduler& scheduler, EffectLog& log, int life,
             std::string kubernetes_authority)
      : next_(next),
        scheduler_(scheduler),
        log_(log),
        life_(life),
        kubernetes_(std::move(kubernetes_authority)) {}
  ~EffectPort() override = default;

  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

  bool dead() const { return dead_; }
  void Kill() { dead_ = true; }
  // Called once when the life dies; asks its tasks to stop.
  std::function<void()> on_death;

 private:
  Effect& Begin(const http::Request& request);
  Failure Die(Effect& effect, const std::string& result);
  Result<http::Response> Failed(const http::Request& request, const Context& context, Mishap mishap);
  void Pause(const Context& context);
  void Finish(int number, const std::string& result);

  http::Transport& next_;
  Scheduler& scheduler_;
  EffectLog& log_;
  const int life_;
  const std::string kubernetes_;
  bool dead_ = false;
  std::vector<Task> late_;  // requests that outlive the life that sent them
};

}  // namespace capstan::simulation
