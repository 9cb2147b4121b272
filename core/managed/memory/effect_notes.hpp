// Private to core/managed. EffectNotes records the effects of one object: reads of its cloud,
// changes there, and writes to Kubernetes. Each effect becomes a span of the reconcile's trace, a
// log line and an entry in the flight recorder. Used by one thread.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/managed/flight_recorder.hpp>
#include <capstan/core/managed/memory/shared_cloud.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan::managed {

// Kind of effect. A change in a cloud is logged at every level; the others only at level debug.
enum class Reach { kQuestion, kChange, kWrite };

class EffectNotes final {
 public:
  // A null recorder records nothing. `log` is the log of this object's reconcile. Everything passed
  // in must outlive it.
  EffectNotes(FlightRecorder* recorder, const Clock& clock, Log& log, std::string kind, kube::ObjectKey key)
      : recorder_(recorder), clock_(clock), log_(log), kind_(std::move(kind)), key_(std::move(key)) {}

  // Calls `call` with a context that belongs to the effect's span, and records the outcome and the
  // duration.
  template <class Call>
  std::invoke_result_t<const Call&, const Context&> Ask(Reach reach, const char* operation,
                                                        const std::string& target, const Context& context,
                                                        const Call& call) {
    const trace::Scope span(context, operation);
    const Instant begun = clock_.Now();
    const WallTime at = clock_.WallNow();
    auto answer = call(span.Of(context));
    Conclude(reach, span, Effect{operation, target, "", "", at, clock_.Now() - begun, 1}, Ending(answer));
    return answer;
  }
  void Ended(std::optional<Duration> again, std::string_view waits_for) {
    if (recorder_ != nullptr) recorder_->Ended(kind_, key_, again, waits_for);
  }
  // The resourceVersion of a reconcile's last write; empty: it wrote nothing.
  void Wrote(const std::string& version) {
    if (recorder_ != nullptr && !version.empty()) recorder_->Wrote(kind_, key_, version);
  }

 private:
  struct End {
    std::string outcome, detail;
    bool good = true;
    std::string id;  // of the object that was created
  };
  static End Of(const Error& error) { return {std::string(CodeName(error.code)), error.message, false, ""}; }
  static End Ending(const external::Outcome& outcome);
  static End Ending(const Status& status) { return status ? End{"ok", "", true, ""} : Of(status.error()); }
  static End Ending(const Result<std::optional<external::Observed>>& seen) {
    if (!seen) return Of(seen.error());
    return *seen ? Seen(**seen) : End{"not_found", "", true, ""};
  }
  static End Ending(const Result<SharedCloud::Seen>& seen) {
    if (!seen) return Of(seen.error());
    return seen->object ? Seen(*seen->object) : End{"not_found", "", true, ""};
  }
  static End Ending(const Result<std::vector<external::Observed>>& found) {
    return found ? End{"ok", std::to_string(found->size()) + " found", true, ""} : Of(found.error());
  }
  template <class T>
  static End Ending(const Result<T>& answer) {
    return answer ? End{"ok", "", true, ""} : Of(answer.error());
  }
  static End Seen(const external::Observed& seen) {
    return {"ok", std::string(external::PhaseName(seen.phase)), true, ""};
  }
  void Conclude(Reach reach, const trace::Scope& span, Effect effect, End end);
  void Say(Reach reach, const Effect& effect, const End& end);

  FlightRecorder* const recorder_;
  const Clock& clock_;
  Log& log_;
  const std::string kind_;
  const kube::ObjectKey key_;
};

}  // namespace capstan::managed
