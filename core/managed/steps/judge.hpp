// Private to core/managed. What an answer of the cloud means, for every step alike: one table from
// code to fault and condition reason, and one way to continue after a request that was not carried
// out. The outcome of a request is judged by what was observed on the wire as much as by the
// provider's claim: a provider that says "rejected" must have received an answer that says so.
//
// Pure and thread-safe, except AfterRefusal, which belongs to the thread of its reconcile.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/external/external.hpp>
#include <capstan/core/managed/reasons.hpp>
#include <capstan/core/managed/steps/reconcile_context.hpp>

namespace capstan::managed {

// Who is at fault for an error of the cloud, and so has to fix it.
enum class Fault {
  kSpec,         // the request: it is refused again until the spec changes
  kCredentials,  // the credentials
  kQuota,        // the request rate
  kTrouble,      // none of these: the same request may succeed later
};
struct ErrorClass {
  Fault fault;
  Reason reason;  // of condition Synced; for kSpec only if the step has no reason of its own
};
ErrorClass ClassifyError(Code code);

enum class CreateOutcome {
  kCreated,     // and its id is known
  kNotCreated,  // certainly
  kUnknown,     // only time and a Find can tell
};

CreateOutcome JudgeCreate(const external::Outcome& outcome);

// The outcome's error, with a message even if the provider gave none.
Error ErrorOf(const external::Outcome& outcome);

// A request that changes something, for AfterRefusal.
struct Attempt {
  std::string doing;  // "create it", "scale size: ...", "remove id-1"
  Reason rejected;    // reason of Synced when the spec is at fault
  // Delay before a retry after kWait; nullopt: exponential backoff.
  std::optional<Duration> wait_then;
};
// Continues after a request that was not, or may not have been, carried out: condition Synced says
// why, and the object is requeued. Returns kStop; kCancelled is returned as an error. REQUIRES: the
// verdict is not kDone.
Result<Next> AfterRefusal(ReconcileContext& ctx, const external::Outcome& outcome, const Attempt& attempt);

}  // namespace capstan::managed
