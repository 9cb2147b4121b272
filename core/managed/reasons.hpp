// Reasons are the closed set of reasons of conditions Ready and Synced. Dashboards and scripts
// match on them, so a released name is never changed or reused. docs/conditions.md explains each of
// them and its remedy; `capstan explain REASON` prints the same.
//
// A new reason is one enumerator here (before kCount), one row in reasons.cpp, and one row in
// docs/conditions.md; a test compares the three. Pure, thread-safe.
#pragma once

#include <span>
#include <string_view>

namespace capstan::managed {

enum class Reason {
  // Condition Ready: the state of the cloud object.
  kPending,     // nothing has been created yet
  kCreating,    // the cloud accepted the request and is creating it
  kAvailable,   // usable as desired
  kUpdating,    // changing
  kDegraded,    // usable, with faults
  kFailed,      // the cloud reports that it will not become usable by itself
  kDeleting,    // being removed
  kNotVisible,  // recorded and not found, but not for long enough to be sure
  kLost,        // recorded, and gone without our doing
  kDeleted,     // removed, and confirmed to be gone

  // Condition Synced: whether the object's spec is applied, and what prevents it.
  kInSync,                 // the cloud object matches the spec
  kApplying,               // a step of the plan was applied; the message names it
  kWaiting,                // something else must finish first; the message names it
  kApprovalNeeded,         // the next step destroys nodes or data, and nobody has approved it
  kUpdateUnsupported,      // the spec differs in something that the cloud cannot change
  kUpdateRejected,         // the cloud refused a change
  kCreateRejected,         // the cloud refused the creation
  kDeletionRejected,       // the cloud refused the deletion
  kDeletionProtected,      // spec.deletionProtection keeps the cloud object
  kOutcomeUnknown,         // a create may have happened; the operator is finding out
  kNameTaken,              // the account has another object of that name, which is not ours
  kAwaitingAdoption,       // restored or recreated: a former cloud object is known
  kAdoptionClaimed,        // another object has adopted it, or is adopting it
  kAdoptionRefused,        // the object in spec.adopt cannot be adopted
  kAdoptionConflict,       // spec.adopt names a cloud object other than the recorded one
  kObserveOnly,            // the cloud object differs, and managementPolicy is Observe
  kIdentityTagMissing,     // the cloud object does not carry this object's tag
  kForeignOwner,           // the cloud object carries another operator's owner tag
  kSurplusObjects,         // more than one cloud object carries this object's tag
  kCredentialsMissing,     // the Secret, or a key in it, does not exist
  kCredentialsForbidden,   // the Secret does not allow its use from this namespace
  kUnauthenticated,        // the cloud does not accept the credentials (401)
  kPermissionDenied,       // the credentials lack a permission (403)
  kRateLimited,            // the quota is used up (429), or reserved for more urgent requests
  kCloudUnavailable,       // the cloud did not answer, or gave no usable answer
  kAccountChanged,         // the credentials belong to an account other than the recorded one
  kAccountUnknown,         // the account of the credentials is unknown
  kConnectionSecretTaken,  // a Secret of that name exists and is not ours
  kConnectionUnavailable,  // the connection Secret cannot be filled
  kCRDOutdated,            // the CRD lacks fields that a safe create needs
  kCRDDeleted,             // the CRD is being deleted; the cloud object is kept
  kPaused,                 // annotation capstan.dev/paused is true
  kSpecInvalid,            // the spec is invalid; nothing is created or changed
  kWriteRefused,           // Kubernetes refuses a write of the operator

  // Further reasons of condition Ready.
  kCreatingTooLong,  // the cloud takes longer than usual to create it

  // Further reasons of condition Synced.
  kReadOnly,
  kReferenceNotFound,

  kCount,  // number of reasons
};

// Whether a change to a reason is announced by an Event, and of which type: something that happened
// is announced, a state that every object passes through is not.
enum class Announcement {
  kNot,          // no Event
  kNormal,       // a Normal Event when the condition takes this reason
  kWarning,      // a Warning Event when the condition takes this reason
  kEachMessage,  // like kNormal, and again whenever the message changes
};

struct ReasonInfo {
  Reason reason;
  std::string_view name;       // as shown in the condition: "NameTaken"
  std::string_view condition;  // "Ready" or "Synced"
  Announcement announcement;
  std::string_view meaning;  // one sentence
  std::string_view remedy;   // what the user should do about it; empty if nothing
};

// All of them, in the order of the enum: AllReasons()[n].reason is the n-th. Static storage.
std::span<const ReasonInfo> AllReasons();
std::string_view ReasonName(Reason reason);
Announcement AnnouncementOf(Reason reason);

}  // namespace capstan::managed
