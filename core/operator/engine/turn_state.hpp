// TurnState is the state behind an ObjectTurn: the object, what may be read and written, and what
// the function has reported so far.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <capstan/core/operator/controller_builder.hpp>
#include <capstan/core/operator/engine/children.hpp>
#include <capstan/core/operator/turn.hpp>
#include <capstan/core/runtime/event_recorder.hpp>
#include <capstan/core/runtime/lister.hpp>

namespace capstan {

// Status fields that the server is known to drop: each is logged once, and not written again.
// Thread-safe.
class DroppedFields {
 public:
  bool Has(const std::string& field) const {
    MutexLock lock(mutex_);
    return fields_.count(field) != 0;
  }
  // False if it was known already.
  bool Note(const std::string& field) {
    MutexLock lock(mutex_);
    return fields_.insert(field).second;
  }

 private:
  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::set<std::string> fields_ CAPSTAN_GUARDED_BY(mutex_);
};

// Shared by all turns of one controller. Constant after construction; the references must outlive
// it.
struct ControllerParts {
  const ControllerSpec& spec;
  std::string finalizer;
  kube::Client& client;
  http::Transport& outside;
  Scheduler& scheduler;
  Log& log;
  runtime::EventRecorder& events;
  std::map<kube::Kind, std::shared_ptr<Children>> owned, made;
  std::map<kube::Kind, runtime::Lister> listers;  // of every kind that may be read
  std::shared_ptr<DroppedFields> dropped = std::make_shared<DroppedFields>();
};

class TurnState {
 public:
  TurnState(const ControllerParts& parts, kube::Object object, const Context& context)
      : parts_(parts), object_(std::move(object)), context_(context) {}

  const ControllerParts& parts() const { return parts_; }
  const kube::Object& object() const { return object_; }
  const Context& context() const { return context_; }
  // Context for reporting at the end: a turn that used up its deadline can still report.
  Context reporting() const {
    const Instant now = parts_.scheduler.Now();
    return {context_.stop, std::max(context_.deadline, After(now, std::chrono::seconds(10))),
            context_.urgency};
  }
  // We wrote the object itself: takes the new version.
  void Wrote(kube::Object object) {
    wrote_ = object.resource_version();
    object_ = std::move(object);
  }
  // resourceVersion of that write; empty: none.
  const std::string& wrote() const { return wrote_; }
  void Record(runtime::EventType type, const std::string& reason, const std::string& message);

  // The status that was set, as a merge patch; nullopt if the object already has it.
  struct StatusWrite {
    Json wanted;
    std::string patch;
  };
  Result<std::optional<StatusWrite>> StatusToWrite() const;
  // What the server's answer to that patch means. Errors: that of the answer; kFailedPrecondition
  // if the kind has no status subresource.
  Status ReadAnswer(const Json& wanted, Result<kube::Object> answer);
  // Writes the status that was set, if it differs. Errors: those of Client::Patch and ReadAnswer.
  Status WriteStatus();

  Json fields;  // of status, by name
  std::vector<kube::Condition> conditions;
  std::optional<Duration> again;

 private:
  // The desired status; nullopt if the object already has it.
  Result<std::optional<Json>> WantedStatus() const;
  void NoteDroppedFields(const Json& wanted, const kube::Object& written);

  const ControllerParts& parts_;
  kube::Object object_;
  const Context& context_;
  std::string wrote_;
};

}  // namespace capstan
