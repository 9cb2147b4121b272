// The two kinds of lives of a World.
//
// A full life is assembly::ManagedOperator as `capstan run` uses it: watches, cache, queue,
// workers, lease, fence, events, quotas. A short life calls the reconciler in a loop for every
// object it knows: no watch, no cache, no queue; the World decides who leads. Short lives are
// several times as fast, but exercise neither staleness nor ordering nor leadership.
//
// A life uses the simulated scheduler of its World, which must outlive it.
#pragma once

#include <memory>

#include <capstan/simulation/engine/life.hpp>

namespace capstan::simulation {

class World;

std::unique_ptr<Life> MakeFullLife(World& world, int number);
std::unique_ptr<Life> MakeShortLife(World& world, int number);

}  // namespace capstan::simulation
