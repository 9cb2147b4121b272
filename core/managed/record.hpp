// Record is status.external of an object: everything that the create protocol remembers. The
// reconciler writes it; others, such as `capstan plan`, only read it. Value types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::managed {

// status.external.pending: a create was about to be sent, and its outcome is not recorded yet.
struct Pending {
  // kCreateStep, kAdoptStep, or the target of a plan's step: "nodePools/pool-a".
  std::string step;
  std::string id;            // kAdoptStep: the object being adopted
  std::int64_t attempt = 0;  // never used twice for one object
  std::string identity;      // the tag in the request
  std::string account;       // account to which the request goes
  std::string holder;        // which process wrote the intent, or took it over
  std::string started_at;    // RFC 3339, by the API server's clock
  // When it was taken over: no request of this attempt is sent afterwards; empty: not yet.
  std::string unknown_since;
};

struct Record {
  std::string id;             // the cloud object that this object represents; empty: none recorded
  std::string account;        // the account it belongs to
  std::string recorded_at;    // when the id was recorded
  std::int64_t attempts = 0;  // how many intents have been written
  // An attempt once had an unknown outcome: a Get alone does not prove absence.
  bool doubt = false;
  std::string absent_since;          // since when a Get does not show it
  std::string empty_since;           // deletion: since when a Find shows nothing of ours
  bool gone = false;                 // deletion: all is removed and confirmed to be gone
  std::vector<std::string> surplus;  // further cloud objects with our identity
  // The Secret with our in-use finalizer, "namespace/name"; empty: none.
  std::string credentials;
  // The approved hash, while the steps it covers are carried out.
  std::string approval;
  std::vector<std::string> approved;  // what it covers: DestructionHashes of the approved plan
  bool removing = false;              // a request to remove it may have been sent
  bool adopted = false;               // the object was adopted, or an adoption has begun
  std::string noticed_at;             // time of the last notice of the cloud that became an Event
  std::optional<Pending> pending;
  bool from_mirror = false;  // status was lost; id and account are from the annotation

  // True if no request that creates something can have been sent.
  bool never_tried() const { return id.empty() && attempts == 0 && !pending; }
  // Whether nothing can exist in the cloud: every attempt was certainly refused.
  bool nothing_made() const { return id.empty() && !pending && !doubt && surplus.empty(); }
  // The recorded id, or the one of the pending adoption.
  std::string known_id() const { return id.empty() && pending ? pending->id : id; }
};

// Never fails: fields that are missing or of another type count as absent.
Record ReadRecord(const kube::Object& object);

// The annotation capstan.dev/external.
struct Mirror {
  std::string id, account, uid;
  bool adopted = false;
};
std::optional<Mirror> ReadMirror(const kube::Object& object);
std::string WriteMirror(const Mirror& mirror);

// Time since an RFC 3339 time; nullopt if the text is not one.
std::optional<Duration> Since(const std::string& text, WallTime now);

}  // namespace capstan::managed
