// FlightRecorder remembers of each object the last effects of its reconciles: what the cloud was
// asked and what Kubernetes was written, how each ended and how long it took, and what the object
// waits for now. For people who ask why something is not ready; nothing is ever decided by it.
//
// Bounded: of an object the last 64 effects, of a kind's objects the 2,000 that were worked on
// last; texts are cut at 300 bytes. The same question with the same answer in a row is one effect
// with a count. It is empty after a restart.
//
// Thread-safe. The clock must outlive it. Secrets must not be passed to it.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::managed {

// One thing that was asked or done.
struct Effect {
  std::string operation;             // "create", "apply", "observe", "write status", ...
  std::string target;                // an id, or the target of a step: "nodePools/web"; may be empty
  std::string outcome;               // "done", "rejected", "ok", "not_found", or the name of an error's code
  std::string detail;                // the words of what refused it; may be empty
  WallTime at;                       // when it began; of several: the last of them
  Duration took = Duration::zero();  // of the last of them
  std::uint64_t count = 1;           // how many in a row were alike
};

// What is known of one object.
struct Recording {
  std::string kind;
  kube::ObjectKey key;
  std::vector<Effect> effects;    // oldest first
  std::uint64_t dropped = 0;      // effects that were older than those
  std::optional<WallTime> until;  // when it is reconciled again although nothing changes
  std::string waits_for;          // the reason of condition Synced or Ready that it waits by; may be empty
  std::uint64_t reconciles = 0;   // since this process began
  std::string wrote;              // the resourceVersion that a reconcile wrote last; may be empty
  // Whether the cache has yet to see that write: the object is held until then. The recorder itself
  // does not know; who answers for it does.
  bool write_unseen = false;
};

struct FlightRecorderOptions {
  std::size_t effects_of_an_object = 64;
  std::size_t objects_of_a_kind = 2000;
  std::size_t text = 300;  // bytes of each text
};

class FlightRecorder final {
 public:
  explicit FlightRecorder(const Clock& clock, FlightRecorderOptions options = {})
      : clock_(clock), options_(options) {}

  void Note(const std::string& kind, const kube::ObjectKey& key, Effect effect) CAPSTAN_EXCLUDES(mutex_);
  // A reconcile has ended. `again`: when the next one is due although nothing changes.
  void Ended(const std::string& kind, const kube::ObjectKey& key, std::optional<Duration> again,
             std::string_view waits_for) CAPSTAN_EXCLUDES(mutex_);

  // What a reconcile wrote last.
  void Wrote(const std::string& kind, const kube::ObjectKey& key, const std::string& version)
      CAPSTAN_EXCLUDES(mutex_);

  // Of every kind that has an object of that key, by kind; empty when nothing is known.
  std::vector<Recording> Of(const kube::ObjectKey& key) const CAPSTAN_EXCLUDES(mutex_);

  const Clock& clock() const { return clock_; }

 private:
  struct Kept {
    Recording recording;
    std::list<kube::ObjectKey>::iterator place;
  };
  struct Kind {
    std::map<kube::ObjectKey, Kept> objects;
    std::list<kube::ObjectKey> order;  // the one that was worked on last stands first
  };
  Recording& Find(const std::string& kind, const kube::ObjectKey& key) CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  const Clock& clock_;
  const FlightRecorderOptions options_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::map<std::string, Kind> kinds_ CAPSTAN_GUARDED_BY(mutex_);
};

// {"recordings": [{"kind", "namespace", "name", "reconciles", "until", "waitsFor", "wrote",
// "writeUnseen", "dropped", "effects": [{"time", "operation", "target", "outcome", "detail",
// "tookMilliseconds", "count"}]}]}: what /debug/objects/NAMESPACE/NAME answers. What is empty is
// left out.
std::string RecordingsToJson(const std::vector<Recording>& recordings);
// The other way round. Errors: kInvalidArgument, one sentence, when the text is no such document.
Result<std::vector<Recording>> RecordingsFromJson(std::string_view text);

}  // namespace capstan::managed
