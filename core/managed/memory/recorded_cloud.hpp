// Private to core/managed. RecordedCloud is the connection of one reconcile: the SharedCloud that
// all objects of its credentials share, and what this object asks of it is noted in the flight
// recorder. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <capstan/core/managed/flight_recorder.hpp>
#include <capstan/core/managed/memory/shared_cloud.hpp>

namespace capstan::managed {

// Where the effects of one object go. The recorder may be null: nothing is noted.
class EffectNotes final {
 public:
  EffectNotes(FlightRecorder* recorder, const Clock& clock, std::string kind, kube::ObjectKey key)
      : recorder_(recorder), clock_(clock), kind_(std::move(kind)), key_(std::move(key)) {}

  // Calls `call` and notes how it ended, and how long it took.
  template <class Call>
  std::invoke_result_t<const Call&> Ask(const char* operation, const std::string& target, const Call& call) {
    if (recorder_ == nullptr) return call();
    const Instant begun = clock_.Now();
    const WallTime at = clock_.WallNow();
    auto answer = call();
    Note(operation, target, Ending(answer), at, clock_.Now() - begun);
    return answer;
  }
  void Ended(std::optional<Duration> again, std::string_view waits_for) {
    if (recorder_ != nullptr) recorder_->Ended(kind_, key_, again, waits_for);
  }

 private:
  struct End {
    std::string outcome, detail;
  };
  static End Of(const Error& error) { return {std::string(CodeName(error.code)), error.message}; }
  static End Ending(const external::Outcome& outcome) {
    return {std::string(external::VerdictName(outcome.verdict)), outcome.error ? outcome.error->message : ""};
  }
  static End Ending(const Status& status) { return status ? End{"ok", ""} : Of(status.error()); }
  static End Ending(const Result<std::optional<external::Observed>>& seen) {
    if (!seen) return Of(seen.error());
    return *seen ? Seen(**seen) : End{"not_found", ""};
  }
  static End Ending(const Result<SharedCloud::Seen>& seen) {
    if (!seen) return Of(seen.error());
    return seen->object ? Seen(*seen->object) : End{"not_found", ""};
  }
  static End Ending(const Result<std::vector<external::Observed>>& found) {
    return found ? End{"ok", std::to_string(found->size()) + " found"} : Of(found.error());
  }
  template <class T>
  static End Ending(const Result<T>& answer) {
    return answer ? End{"ok", ""} : Of(answer.error());
  }
  static End Seen(const external::Observed& seen) {
    return {"ok", std::string(external::PhaseName(seen.phase))};
  }
  void Note(const char* operation, const std::string& target, End end, WallTime at, Duration took) {
    Effect effect;
    effect.operation = operation;
    effect.target = target;
    effect.outcome = std::move(end.outcome);
    effect.detail = std::move(end.detail);
    effect.at = at;
    effect.took = took;
    recorder_->Note(kind_, key_, std::move(effect));
  }

  FlightRecorder* const recorder_;
  const Clock& clock_;
  const std::string kind_;
  const kube::ObjectKey key_;
};

class RecordedCloud final {
 public:
  RecordedCloud() = default;
  RecordedCloud(std::shared_ptr<SharedCloud> shared, EffectNotes& notes)
      : shared_(std::move(shared)), notes_(&notes) {}

  RecordedCloud* operator->() { return this; }
  explicit operator bool() const { return shared_ != nullptr; }
  // What all objects of these credentials share.
  const std::shared_ptr<SharedCloud>& shared() const { return shared_; }

  Result<external::Account> WhoAmI(const Context& context) { return shared_->WhoAmI(context); }
  Result<external::Plan> MakePlan(const std::string& desired, const external::Observed& observed) const {
    return shared_->MakePlan(desired, observed);
  }
  Result<SharedCloud::Seen> Look(const std::string& id, Duration age, const SharedCloud::Ours& ours,
                                 const Context& context) {
    return notes_->Ask("observe", id, [&] { return shared_->Look(id, age, ours, context); });
  }
  Result<std::vector<external::Observed>> Find(const external::Identity& identity, const std::string& desired,
                                               const Context& context) {
    return notes_->Ask("find", identity.tag, [&] { return shared_->Find(identity, desired, context); });
  }
  Result<std::optional<external::Observed>> Get(const std::string& id, const Context& context) {
    return notes_->Ask("get", id, [&] { return shared_->Get(id, context); });
  }
  Result<std::vector<external::Associated>> ListAssociated(const std::string& id, const Context& context) {
    return notes_->Ask("list associated", id, [&] { return shared_->ListAssociated(id, context); });
  }
  Result<std::vector<external::Notice>> Notices(const std::string& id, const std::string& since,
                                                const Context& context) {
    return notes_->Ask("read notices", id, [&] { return shared_->Notices(id, since, context); });
  }
  external::Outcome Create(const external::Identity& identity, const std::string& desired,
                           const Context& context) {
    return notes_->Ask("create", identity.tag, [&] { return shared_->Create(identity, desired, context); });
  }
  external::Outcome Adopt(const std::string& id, const external::Identity& identity, const Context& context) {
    return notes_->Ask("adopt", id, [&] { return shared_->Adopt(id, identity, context); });
  }
  external::Outcome Delete(const std::string& id, const external::DeleteOptions& options,
                           const Context& context) {
    return notes_->Ask("delete", id, [&] { return shared_->Delete(id, options, context); });
  }
  external::Outcome Apply(const std::string& id, const external::Step& step,
                          const external::Identity& identity, const Context& context) {
    return notes_->Ask("apply", step.verb + " " + step.target,
                       [&] { return shared_->Apply(id, step, identity, context); });
  }
  Result<external::Connection> ReadConnection(const std::string& id, const std::string& desired,
                                              const Context& context) {
    return notes_->Ask("read connection", id, [&] { return shared_->ReadConnection(id, desired, context); });
  }

 private:
  std::shared_ptr<SharedCloud> shared_;
  EffectNotes* notes_ = nullptr;
};

}  // namespace capstan::managed
