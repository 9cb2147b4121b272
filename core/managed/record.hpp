// Record is status.external as it stands in an object: all that the create protocol remembers. The
// reconciler writes it; others, such as `capstan plan`, only read. Values, thread-safe as such.
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
  std::string step;          // kCreateStep, kAdoptStep, or the target of a plan's step: "nodePools/pool-a"
  std::string id;            // kAdoptStep: what is adopted
  std::int64_t attempt = 0;  // never used twice for one object
  std::string identity;      // the tag that the request carries
  std::string account;       // where the request goes
  std::string holder;        // who wrote the intent, or took it over
  std::string started_at;    // RFC 3339, by the API server's clock
  // When it was taken over: no request of this attempt leaves after this; empty: not yet.
  std::string unknown_since;
};

struct Record {
  std::string id;                    // the cloud object that this object stands for; empty: none recorded
  std::string account;               // whose it is
  std::string recorded_at;           // when the id was recorded
  std::int64_t attempts = 0;         // how many intents were ever written
  bool doubt = false;                // some attempt's outcome was unknown once: a Get alone proves no absence
  std::string absent_since;          // since when a Get does not show it
  std::string empty_since;           // deletion: since when a Find shows nothing of ours
  bool gone = false;                 // deletion: all is removed and was seen to be gone
  std::vector<std::string> surplus;  // further cloud objects with our identity
  std::string credentials;           // the Secret that we hold, "namespace/name"; empty: none
  std::string approval;              // the hash that was approved, while what it covers is carried out
  std::vector<std::string> approved;  // what it covers: DestructionHashes of the plan it was given for
  bool removing = false;              // a request to remove it may have left
  bool adopted = false;               // the object was adopted, or an adoption has begun
  std::string noticed_at;             // the time of the last notice of the cloud that became an Event
  std::optional<Pending> pending;
  bool from_mirror = false;  // status was lost, and id and account come from the annotation

  // Whether no request that makes something can ever have left.
  bool never_tried() const { return id.empty() && attempts == 0 && !pending; }
  // Whether nothing can be out there: every attempt was certainly refused.
  bool nothing_made() const { return id.empty() && !pending && !doubt && surplus.empty(); }
  // The recorded id, or the one that an adoption is about.
  std::string known_id() const { return id.empty() && pending ? pending->id : id; }
};

// Never fails: what is missing or of another type reads as absent.
Record ReadRecord(const kube::Object& object);

// The annotation capstan.dev/external.
struct Mirror {
  std::string id, account, uid;
  bool adopted = false;
};
std::optional<Mirror> ReadMirror(const kube::Object& object);
std::string WriteMirror(const Mirror& mirror);

// Time since an RFC 3339 text; nothing when the text is none.
std::optional<Duration> Since(const std::string& text, WallTime now);

}  // namespace capstan::managed
