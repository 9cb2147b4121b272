// SmallOperator is a box operator as an author writes one on core/runtime: informer, queue, worker,
// lease, fenced cloud, and one reconcile function. It keeps no protocol but the usual one:
// finalizer first; ask the cloud by tag before making anything; record the id; remove the finalizer
// last. With a cloud whose lists lag less than it waits, that holds its promises under every
// mishap.
//
// Each precaution can be left out, to show what the explorer makes of an operator without it.
#pragma once

#include <memory>

#include <capstan/simulation/explorer.hpp>

namespace capstan::simulation {

enum class Precaution {
  kNone,                // nothing is left out
  kReadYourWrites,      // the queue waits until the cache has seen what was written
  kFreshRead,           // the object is read from the server before anything is made
  kFreshFinalizer,      // the finalizer goes from the version that was looked at, or not at all
  kEventsAreKept,       // what changes while a key waits for its next turn is looked at
  kRefusalsAreRetried,  // what a server refused (4xx) is tried again
  kFenceAtEachEffect,   // the lease is asked before each change of the cloud
  kFenceByTheClock,     // a lease is over when its time is, whatever the task that renews it waits for
};

// Reads come from the cache in lives that lack kReadYourWrites, kFreshRead or kFreshFinalizer.
std::unique_ptr<Life> MakeSmallLife(World& world, int number, Precaution left_out);

// "small-operator": made, edited, deleted. Full lives: it has watches, a queue and a lease.
Scenario SmallOperatorScenario(Precaution left_out = Precaution::kNone);

}  // namespace capstan::simulation
