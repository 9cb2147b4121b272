// Operators that are careless in the ways real ones were: each is the true operator behind a
// Transport that undoes one precaution. They show that the explorer bites: every one of them must
// be caught.
//
// Each function gives a Wrap for WorldOptions::carelessness.
#pragma once

#include <capstan/simulation/world.hpp>

namespace capstan::simulation {

// Creates without having written down that it is about to.
Wrap WithoutIntent();
// Sends a create again when it was not answered or failed with 5xx, as generic HTTP clients do.
Wrap WithBlindRetry();
// Takes the finalizer away when it asks for the deletion, instead of when the cloud object is gone.
Wrap WithEarlyFinalizer();
// Reads its objects from a cache that is `age` behind, and writes without resourceVersion.
Wrap WithCachedReads(Duration age);
// Leaves our tags out of the request that makes something.
Wrap WithoutTags();
// Takes every claim for its own: adopts without having asked who else does.
Wrap WithoutClaims();
// Believes that its claims went without having removed them.
Wrap WithClaimsLeft();
// Takes a list that the cloud refuses for an empty one.
Wrap WithRefusedListsTakenForEmpty();
// Renews its lease and never believes that it lost it: the fence that was open once stays open.
Wrap WithFenceAskedOnce();
// Waits for a Secret that is missing in the reconcile that needs it, and keeps the worker
// meanwhile.
Wrap WithWaitingWorkers();

}  // namespace capstan::simulation
