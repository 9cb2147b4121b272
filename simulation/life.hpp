// Life is one life of an operator: from its start to its crash or stop, with an empty memory at the
// start. There are two kinds.
//
// A full life is assembly::ManagedOperator, as `capstan run` has it: watches, store, queue, workers,
// lease, fence, events, quotas. A short life is the reconciler in a loop that looks at every object
// it knows: no watch, no cache, no queue; the World says who leads. Short lives are several times as
// fast, and see nothing of staleness, order and leadership.
//
// For the driver thread of the World's scheduler.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/simulation/effect_port.hpp>

namespace capstan::simulation {

class World;

class Life {
 public:
  Life(World& world, int number);
  virtual ~Life() = default;
  bool dead() const { return port_.dead(); }
  int number() const { return number_; }
  const std::string& holder() const { return holder_; }
  EffectPort& port() { return port_; }
  // Looks at all objects now. A full life sees by itself what changes.
  virtual void Poke() {}
  // Asks it to stop and waits, or clears away what died.
  virtual void Stop() = 0;
  // All its tasks stand still until then, as those of a suspended machine do.
  virtual void Freeze(Instant until) = 0;
  // Its clock is off by so much more from now on.
  virtual void SkewClock(Duration) {}
  // Writing to its log blocks until then.
  virtual void StallLog(Instant) {}

 protected:
  World& world_;
  const int number_;
  const std::string holder_;
  EffectPort port_;
};

std::unique_ptr<Life> MakeFullLife(World& world, int number);
std::unique_ptr<Life> MakeShortLife(World& world, int number);

}  // namespace capstan::simulation
