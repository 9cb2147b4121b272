// FlightRecorder records the last effects of each object's reconciles: requests to the cloud,
// writes to Kubernetes, their outcomes and durations, and what the object waits for. It answers a
// user's question why something is not ready; the operator never decides anything by it.
//
// Bounded: the last 64 effects per object, the 2,000 most recently reconciled objects per kind;
// texts are cut at 300 bytes. Consecutive requests with the same answer are one effect with a
// count. Empty after a restart.
//
// Thread-safe. The clock must outlive it. Secrets must not be passed to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::managed {

// One request or write.
struct Effect {
  std::string operation;  // "create", "apply", "observe", "write status", ...
  // An id, or the target of a step: "nodePools/web"; may be empty.
  std::string target;
  // "done", "rejected", "ok", "not_found", or the name of an error code.
  std::string outcome;
  std::string detail;                // the message of a refusal; may be empty
  WallTime at;                       // when it began; if repeated, the latest
  Duration took = Duration::zero();  // of the latest
  std::uint64_t count = 1;           // how many consecutive ones were alike
};

// What is recorded about one object.
struct Recording {
  std::string kind;
  kube::ObjectKey key;
  std::vector<Effect> effects;    // oldest first
  std::uint64_t dropped = 0;      // older effects that are no longer kept
  std::optional<WallTime> until;  // when it is reconciled again even if nothing changes
  // Reason of condition Synced or Ready that it waits for; may be empty.
  std::string waits_for;
  std::uint64_t reconciles = 0;  // since this process started
  std::string wrote;             // resourceVersion last written by a reconcile; may be empty
  // Whether the cache has yet to observe that write; the object is held until then. Not known to
  // the recorder: set by the code that serves the recordings.
  bool write_unseen = false;
};

struct FlightRecorderOptions {
  std::size_t effects_of_an_object = 64;
  std::size_t objects_of_a_kind = 2000;
  std::size_t text = 300;  // bytes per text
};

class FlightRecorder final {
 public:
  explicit FlightRecorder(const Clock& clock, FlightRecorderOptions options = {});
  ~FlightRecorder();

  void Note(const std::string& kind, const kube::ObjectKey& key, Effect effect);
  // A reconcile ended. `again`: delay until the next one if nothing changes.
  void Ended(const std::string& kind, const kube::ObjectKey& key, std::optional<Duration> again,
             std::string_view waits_for);

  // The resourceVersion that a reconcile wrote last.
  void Wrote(const std::string& kind, const kube::ObjectKey& key, const std::string& version);

  // Recordings of every kind that has an object with this key, by kind; empty if none is known.
  std::vector<Recording> Of(const kube::ObjectKey& key) const;

  const Clock& clock() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// {"recordings": [{"kind", "namespace", "name", "reconciles", "until", "waitsFor", "wrote",
// "writeUnseen", "dropped", "effects": [{"time", "operation", "target", "outcome", "detail",
// "tookMilliseconds", "count"}]}]}: the response of /debug/objects/NAMESPACE/NAME. Empty fields are
// omitted.
std::string RecordingsToJson(const std::vector<Recording>& recordings);
// Inverse of RecordingsToJson. Errors: kInvalidArgument, one sentence, if the text is not such a
// document.
Result<std::vector<Recording>> RecordingsFromJson(std::string_view text);

}  // namespace capstan::managed
