// SmallOperator is a box operator as an author writes one on core/runtime: informer, queue, worker,
// lease, fenced cloud, and one reconcile function. It follows only the usual protocol: finalizer
// first; look up the cloud object by tag before creating it; record the id; remove the finalizer
// last. With a cloud whose lists lag less than it waits, that keeps its guarantees under every
// mishap.
//
// Each precaution can be left out, to show that the explorer catches an operator without it.
#pragma once

#include <memory>

#include <capstan/simulation/explorer.hpp>

namespace capstan::simulation {

enum class Precaution {
  kNone,                // nothing is left out
  kReadYourWrites,      // the queue waits until the cache has seen the operator's own writes
  kFreshRead,           // the object is read from the server before anything is created
  kFreshFinalizer,      // the finalizer is removed only from the version that was checked
  kEventsAreKept,       // events that arrive while a key waits for its requeue are processed
  kRefusalsAreRetried,  // a request that a server refused (4xx) is retried
  kFenceAtEachEffect,   // the lease is checked before each change of the cloud
  kFenceByTheClock,     // a lease expires by the clock, even if the task that renews it is blocked
};

// Lives without kReadYourWrites, kFreshRead or kFreshFinalizer read from the cache.
std::unique_ptr<Life> MakeSmallLife(World& world, int number, Precaution left_out);

// "small-operator": create, edit, delete. Full lives: it has watches, a queue and a lease.
Scenario SmallOperatorScenario(Precaution left_out = Precaution::kNone);

}  // namespace capstan::simulation
