// Life is one life of an operator: from its start to its crash or stop, with an empty memory at the
// start. Everything it does leaves through its EffectPort, and mishaps strike it by the methods
// here.
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
  // What the door names must outlive it.
  Life(const LifeDoor& door, int number);
  virtual ~Life() = default;
  bool dead() const { return port_.dead(); }
  int number() const { return number_; }
  const std::string& holder() const { return holder_; }
  EffectPort& port() { return port_; }
  // Looks at all objects now. A life with watches sees by itself what changes.
  virtual void Poke() {}
  // Asks it to stop and waits, or clears away what died.
  virtual void Stop() = 0;
  // All its tasks stand still until then, as those of a suspended machine do.
  virtual void Freeze(Instant until) = 0;
  // Its clock is off by so much more from now on.
  virtual void SkewClock(Duration) {}
  // Writing to its log blocks until then.
  virtual void StallLog(Instant) {}
  // What still goes on of what struck it, as a number; 0: nothing.
  virtual std::uint64_t lingering() const { return port_.lingering(); }

 protected:
  const int number_;
  const std::string holder_;
  EffectPort port_;
};

}  // namespace capstan::simulation
