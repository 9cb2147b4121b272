// Reasons are the closed list of words that conditions Ready and Synced may carry. Dashboards and
// scripts match on them, so a released word is never changed or reused. docs/conditions.md says of
// each what it means and what to do; `capstan explain REASON` prints the same.
//
// A new reason is one enumerator here (before kCount), one row in reasons.cpp, and one row in
// docs/conditions.md; a test compares the three. Pure, thread-safe.
#pragma once

#include <span>
#include <string_view>

namespace capstan::managed {

enum class Reason {
  // Condition Ready: what the cloud object is.
  kPending,     // nothing has been made yet
  kCreating,    // the cloud has accepted it and is at work
  kAvailable,   // usable as desired
  kUpdating,    // changing
  kDegraded,    // usable with faults
  kFailed,      // the cloud says that it will not become usable by itself
  kDeleting,    // being removed
  kNotVisible,  // recorded, not found just now, not yet long enough to believe it
  kLost,        // recorded, and gone without our doing
  kDeleted,     // removed, and seen to be gone

  // Condition Synced: whether the object's spec is carried out, and what is in the way.
  kInSync,                 // the cloud object matches the spec
  kApplying,               // a step of the plan was applied; the message names it
  kWaiting,                // something else must finish first; the message names it
  kApprovalNeeded,         // the next step destroys nodes or data, and nobody approved it
  kUpdateUnsupported,      // the spec differs in what the cloud cannot change
  kUpdateRejected,         // the cloud refused a change
  kCreateRejected,         // the cloud refused the creation
  kDeletionRejected,       // the cloud refused the deletion
  kDeletionProtected,      // spec.deletionProtection keeps the cloud object
  kOutcomeUnknown,         // a create may have happened; the operator is finding out
  kNameTaken,              // the account has another object of that name, which is not ours
  kAwaitingAdoption,       // restored or created again: a former cloud object is known
  kAdoptionClaimed,        // another object has adopted, or is adopting, it
  kAdoptionRefused,        // what spec.adopt names cannot be adopted
  kAdoptionConflict,       // spec.adopt names another cloud object than the recorded one
  kObserveOnly,            // the cloud object differs, and managementPolicy is Observe
  kIdentityTagMissing,     // the cloud object does not carry this object's tag
  kForeignOwner,           // the cloud object carries another operator's owner tag
  kSurplusObjects,         // more than one cloud object carries this object's tag
  kCredentialsMissing,     // the Secret, or a key in it, does not exist
  kCredentialsForbidden,   // the Secret does not allow its use from this namespace
  kUnauthenticated,        // the cloud does not accept the credentials (401)
  kPermissionDenied,       // the credentials lack a permission (403)
  kRateLimited,            // the quota is used up (429), or reserved for more urgent requests
  kCloudUnavailable,       // the cloud did not answer, or not usefully
  kAccountChanged,         // the credentials belong to another account than the recorded one
  kAccountUnknown,         // the account of the credentials is unknown
  kConnectionSecretTaken,  // a Secret of that name exists and is not ours
  kConnectionUnavailable,  // the connection Secret cannot be filled
  kCRDOutdated,            // the CRD lacks fields that a safe create needs
  kCRDDeleted,             // the CRD is being deleted; the cloud object is kept
  kPaused,                 // annotation capstan.dev/paused is true
  kSpecInvalid,            // the spec cannot be understood; nothing is made or changed
  kWriteRefused,           // Kubernetes refuses something that the operator writes

  // Further reasons of condition Ready.
  kCreatingTooLong,  // the cloud takes longer over it than such things take

  // Further reasons of condition Synced.
  kReadOnly,
  kReferenceNotFound,

  kCount,  // how many there are
};

// Whether a change to a reason is announced by an Event, and of which type: what happens is, a
// state that every object passes through is not.
enum class Told {
  kNot,          // no Event
  kNormal,       // an Event of type Normal when the condition takes this reason
  kWarning,      // the same of type Warning
  kEachMessage,  // as kNormal, and again whenever the message differs
};

struct ReasonInfo {
  Reason reason;
  std::string_view name;       // as it stands in the condition: "NameTaken"
  std::string_view condition;  // "Ready" or "Synced"
  Told told;
  std::string_view meaning;  // one sentence
  std::string_view remedy;   // what a person does about it; empty when nothing is to be done
};

// All of them, in the order of the enum: AllReasons()[n].reason is the n-th. Lives as long as the
// process.
std::span<const ReasonInfo> AllReasons();
std::string_view ReasonName(Reason reason);
Told ToldAs(Reason reason);

}  // namespace capstan::managed
