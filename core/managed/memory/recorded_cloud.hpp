// Private to core/managed. RecordedCloud is the connection of one reconcile: it forwards to the
// SharedCloud of the object's credentials and records each request as an effect: a span of the
// reconcile's trace, a log line and an entry in the flight recorder. Used by one thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/managed/memory/effect_notes.hpp>
#include <capstan/core/managed/memory/shared_cloud.hpp>

namespace capstan::managed {

class RecordedCloud final {
 public:
  RecordedCloud() = default;
  RecordedCloud(std::shared_ptr<SharedCloud> shared, EffectNotes& notes)
      : shared_(std::move(shared)), notes_(&notes) {}

  RecordedCloud* operator->() { return this; }
  explicit operator bool() const { return shared_ != nullptr; }
  // The cloud shared by all objects with these credentials.
  const std::shared_ptr<SharedCloud>& shared() const { return shared_; }

  Result<external::Account> WhoAmI(const Context& context) { return shared_->WhoAmI(context); }
  Result<external::Plan> MakePlan(const std::string& desired, const external::Observed& observed) const {
    return shared_->MakePlan(desired, observed);
  }
  Result<SharedCloud::Seen> Look(const std::string& id, Duration age, const SharedCloud::Ours& ours,
                                 const Context& context) {
    return notes_->Ask(Reach::kQuestion, "observe", id, context,
                       [&](const Context& part) { return shared_->Look(id, age, ours, part); });
  }
  Result<std::vector<external::Observed>> Find(const external::Identity& identity, const std::string& desired,
                                               const Context& context) {
    return notes_->Ask(Reach::kQuestion, "find", identity.tag, context,
                       [&](const Context& part) { return shared_->Find(identity, desired, part); });
  }
  Result<std::optional<external::Observed>> Get(const std::string& id, const Context& context) {
    return notes_->Ask(Reach::kQuestion, "get", id, context,
                       [&](const Context& part) { return shared_->Get(id, part); });
  }
  Result<std::vector<external::Associated>> ListAssociated(const std::string& id, const Context& context) {
    return notes_->Ask(Reach::kQuestion, "list associated", id, context,
                       [&](const Context& part) { return shared_->ListAssociated(id, part); });
  }
  Result<std::vector<external::Notice>> Notices(const std::string& id, const std::string& since,
                                                const Context& context) {
    return notes_->Ask(Reach::kQuestion, "read notices", id, context,
                       [&](const Context& part) { return shared_->Notices(id, since, part); });
  }
  external::Outcome Create(const external::Identity& identity, const std::string& desired,
                           const Context& context) {
    return notes_->Ask(Reach::kChange, "create", identity.tag, context,
                       [&](const Context& part) { return shared_->Create(identity, desired, part); });
  }
  external::Outcome Adopt(const std::string& id, const external::Identity& identity, const Context& context) {
    return notes_->Ask(Reach::kChange, "adopt", id, context,
                       [&](const Context& part) { return shared_->Adopt(id, identity, part); });
  }
  external::Outcome Delete(const std::string& id, const external::DeleteOptions& options,
                           const Context& context) {
    return notes_->Ask(Reach::kChange, "delete", id, context,
                       [&](const Context& part) { return shared_->Delete(id, options, part); });
  }
  external::Outcome Apply(const std::string& id, const external::Step& step,
                          const external::Identity& identity, const Context& context) {
    return notes_->Ask(Reach::kChange, "apply", step.verb + " " + step.target, context,
                       [&](const Context& part) { return shared_->Apply(id, step, identity, part); });
  }
  Result<external::Connection> ReadConnection(const std::string& id, const std::string& desired,
                                              const Context& context) {
    return notes_->Ask(Reach::kQuestion, "read connection", id, context,
                       [&](const Context& part) { return shared_->ReadConnection(id, desired, part); });
  }

 private:
  std::shared_ptr<SharedCloud> shared_;
  EffectNotes* notes_ = nullptr;
};

}  // namespace capstan::managed
