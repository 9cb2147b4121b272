// The two kinds of lives of a World.
//
// A full life is assembly::ManagedOperator, as `capstan run` has it: watches, store, queue,
// workers, lease, fence, events, quotas. A short life is the reconciler in a loop that looks at
// every object it knows: no watch, no cache, no queue; the World says who leads. Short lives are
// several times as fast, and see nothing of staleness, order and leadership.
//
// A life belongs to the simulated scheduler of its World, which must outlive it.
#pragma once

#include <memory>

#include <capstan/simulation/engine/life.hpp>

namespace capstan::simulation {

class World;

std::unique_ptr<Life> MakeFullLife(World& world, int number);
std::unique_ptr<Life> MakeShortLife(World& world, int number);

}  // namespace capstan::simulation
