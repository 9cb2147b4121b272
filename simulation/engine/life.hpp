// Life is one life of an operator: from its start to its crash or stop, without any state at the
// start. All of its effects leave through its EffectPort, and the methods below apply mishaps to
// it.
//
// For the driver thread of the scheduler.
#pragma once

#include <string>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/simulation/engine/effect_port.hpp>

namespace capstan::simulation {

// What all lives of a run share.
struct LifeDoor {
  http::Transport& network;
  Scheduler& scheduler;
  EffectLog& effects;
  std::string kubernetes;  // the authority of the API server
};

class Life {
 public:
  // The references in `door` must outlive this object.
  Life(const LifeDoor& door, int number);
  virtual ~Life() = default;
  bool dead() const { return port_.dead(); }
  int number() const { return number_; }
  const std::string& holder() const { return holder_; }
  EffectPort& port() { return port_; }
  // Reconciles all objects immediately. A life with watches observes changes by itself.
  virtual void ReconcileAll() {}
  // Asks it to stop and waits, or cleans up after its death.
  virtual void Stop() = 0;
  // Suspends all its tasks until then, like a suspended machine.
  virtual void Freeze(Instant until) = 0;
  // Shifts its clock by the given time.
  virtual void SkewClock(Duration) {}
  // Writes to its log block until then.
  virtual void StallLog(Instant) {}
  // Hash of the pending effects of earlier mishaps; 0: none.
  virtual std::uint64_t lingering() const { return port_.lingering(); }

 protected:
  const int number_;
  const std::string holder_;
  EffectPort port_;
};

}  // namespace capstan::simulation
