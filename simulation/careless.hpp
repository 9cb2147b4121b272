// Operators that are careless in the ways real ones were: each is the true operator behind a
// Transport that undoes one precaution. They prove that the explorer finds bugs: it must catch
// every one of them.
//
// Each function returns a Wrap for WorldOptions::carelessness.
#pragma once

#include <capstan/simulation/world.hpp>

namespace capstan::simulation {

// Creates without recording the intent first.
Wrap WithoutIntent();
// Repeats a create that got no answer or a 5xx, as generic HTTP clients do.
Wrap WithBlindRetry();
// Removes the finalizer when it requests the deletion, instead of when the cloud object is gone.
Wrap WithEarlyFinalizer();
// Reads its objects from a cache that is `age` behind, and writes without resourceVersion.
Wrap WithCachedReads(Duration age);
// Omits the operator's tags from creates.
Wrap WithoutTags();
// Treats every claim as its own: adopts without checking for other claims.
Wrap WithoutClaims();
// Treats its claims as removed without removing them.
Wrap WithClaimsLeft();
// Treats a list that the cloud refuses as empty.
Wrap WithRefusedListsTakenForEmpty();
// Renews its lease but never notices that it lost it: a fence that was open once stays open.
Wrap WithFenceAskedOnce();
// Waits for a missing Secret inside a reconcile, and blocks the worker meanwhile.
Wrap WithWaitingWorkers();

}  // namespace capstan::simulation
