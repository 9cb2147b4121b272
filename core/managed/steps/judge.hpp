// Private to core/managed. What an answer of the cloud means, for every step alike: one table from
// code to whose fault it is and which condition says so, and one way to go on after a request that
// was not carried out. What became of a request is judged by what was seen on the wire as much as
// by the provider's word: a provider that says "rejected" must have seen an answer that says so.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/external/external.hpp>
#include <capstan/core/managed/reasons.hpp>
#include <capstan/core/managed/steps/reconcile_context.hpp>

namespace capstan::managed {

// Whose fault an error of the cloud is, which decides who has to do something about it.
enum class Fault {
  kSpec,         // what was asked for: the same request is refused again until the spec changes
  kCredentials,  // who asked
  kQuota,        // how often
  kTrouble,      // nobody's that asked: the same request may work later
};
struct Meaning {
  Fault fault;
  Reason reason;  // of condition Synced; for kSpec only where the step has no reason of its own
};
Meaning MeaningOf(Code code);

enum class Fate {
  kMade,     // and its id is known
  kNotMade,  // certainly
  kUnknown,  // time and a Find will tell
};

Fate JudgeMaking(const external::Outcome& outcome);

// The outcome's error, with words also where the provider gave none.
Error ErrorOf(const external::Outcome& outcome);

// A request that changes something, for AfterRefusal.
struct Attempt {
  std::string doing;                  // "create it", "scale size: ...", "remove id-1"
  Reason rejected;                    // what Synced says when the spec is at fault
  std::optional<Duration> wait_then;  // when to ask again after kWait; nothing: later each time
};
// Goes on after a request that was not carried out, or may not have been: condition Synced says
// why, and the object is requeued. Returns kStop; kCancelled comes back as an error.
// REQUIRES: the verdict is not kDone.
Result<Next> AfterRefusal(ReconcileContext& ctx, const external::Outcome& outcome, const Attempt& attempt);

}  // namespace capstan::managed
