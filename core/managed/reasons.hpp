// Reasons are the closed list of words that conditions Ready and Synced may carry. Dashboards and
// scripts match on them, so a released word is never changed or reused. docs/conditions.md says of
// each what it means and what to do.
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
  kInSync,
  kApplying,
  kWaiting,
  kApprovalNeeded,
  kUpdateUnsupported,
  kUpdateRejected,
  kCreateRejected,
  kDeletionRejected,
  kDeletionProtected,
  kOutcomeUnknown,
  kNameTaken,
  kAwaitingAdoption,
  kAdoptionClaimed,
  kAdoptionRefused,
  kAdoptionConflict,
  kObserveOnly,
  kIdentityTagMissing,
  kForeignOwner,
  kSurplusObjects,
  kCredentialsMissing,
  kCredentialsForbidden,
  kUnauthenticated,
  kPermissionDenied,
  kRateLimited,
  kCloudUnavailable,
  kAccountChanged,
  kAccountUnknown,
  kConnectionSecretTaken,
  kConnectionUnavailable,
  kCRDOutdated,
  kCRDDeleted,
  kPaused,
  kSpecInvalid,
  kWriteRefused,

  // Further reasons of condition Ready.
  kCreatingTooLong,

  kCount,  // how many there are
};

// Whether a turn to a reason is told by an Event, and of which type: turns of events are, states
// that everything passes through are not.
enum class Told {
  kNot,
  kNormal,
  kWarning,
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

// All of them, in the order of the enum. Thread-safe.
std::span<const ReasonInfo> AllReasons();
std::string_view ReasonName(Reason reason);
Told ToldAs(Reason reason);

}  // namespace capstan::managed
