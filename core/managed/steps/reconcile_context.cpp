#include <capstan/core/managed/steps/reconcile_context.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/managed/memory/last_looks.hpp>
#include <capstan/core/managed/memory/refused_credentials.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/plan_view.hpp>

namespace capstan::managed {

ReconcileContext::ReconcileContext(Setting& shared, kube::Object fresh, const Context& call)
    : setting(shared),
      context(call),
      object(std::move(fresh)),
      record(ReadRecord(object)),
      fields(json::MakeObject()),
      external_changes(json::MakeObject()) {
  identity.tag = kIdentityPrefix + object.uid();
  identity.owner = kOwnerPrefix + setting.options.owner_id;
  if (record.from_mirror) {
    external_changes->set("id", record.id);
    external_changes->set("account", record.account);
    external_changes->set("attempts", record.attempts);
    if (record.adopted) external_changes->set("adopted", true);
    external_changes->set("doubt", true);
  }
}

Status ReconcileContext::Adopt(Result<kube::Object> reply) {
  if (!reply) {
    gone = gone || reply.error().code == Code::kNotFound;
    return Failure(std::move(reply).error());
  }
  object = std::move(*reply);
  record = ReadRecord(object);
  wrote = object.resource_version();
  return {};
}

Status ReconcileContext::PatchStatus(const json::ObjectPtr& status) {
  auto metadata = json::MakeObject();
  metadata->set("resourceVersion", object.resource_version());
  auto patch = json::MakeObject();
  patch->set("metadata", metadata);
  patch->set("status", status);
  return Adopt(setting.parts.client.Patch(setting.kind, object.key(), kube::PatchType::kMerge,
                                          json::ToText(patch), kube::PatchOptions{"status", false, false},
                                          context));
}

Status ReconcileContext::PatchObject(const json::ObjectPtr& changes) {
  auto patch = json::Clone(changes);
  auto metadata = json::ObjectIn(patch, "metadata");
  if (!metadata) metadata = json::MakeObject();
  metadata->set("resourceVersion", object.resource_version());
  metadata->set("uid", object.uid());
  patch->set("metadata", metadata);
  return Adopt(setting.parts.client.Patch(setting.kind, object.key(), kube::PatchType::kMerge,
                                          json::ToText(patch), kube::PatchOptions{}, context));
}

Status ReconcileContext::PatchStatusByTest(const std::string& operations) {
  return Adopt(setting.parts.client.Patch(setting.kind, object.key(), kube::PatchType::kJson, operations,
                                          kube::PatchOptions{"status", false, false}, context));
}

Status ReconcileContext::ReadAgain() {
  auto fresh = setting.parts.client.Get(setting.kind, object.key(), context);
  if (fresh && fresh->uid() != object.uid()) {
    gone = true;
    return Fail(Code::kNotFound,
                StrCat(What(), " was deleted and made again while it was worked on; the new one is next"));
  }
  if (!fresh) {
    gone = fresh.error().code == Code::kNotFound;
    return Failure(std::move(fresh).error());
  }
  object = std::move(*fresh);
  record = ReadRecord(object);
  return {};
}

void ReconcileContext::Ready(std::string status, Reason reason, std::string message) {
  conditions["Ready"] = Condition{std::move(status), reason, Shorten(message, 1024)};
}

void ReconcileContext::Synced(std::string status, Reason reason, std::string message) {
  conditions["Synced"] = Condition{std::move(status), reason, Shorten(message, 1024)};
}

Next ReconcileContext::Blocked(Reason reason, std::string message, Duration delay) {
  Synced("False", reason, std::move(message));
  Again(delay);
  return Next::kStop;
}

bool ReconcileContext::ToleratesRefusal(Duration wait) {
  if (ConditionReason("Synced").empty()) return false;  // nothing was said of it yet
  const Instant now = setting.parts.scheduler.Now();
  return setting.looks->Refused(object.key(), true, now) + wait <= setting.options.refusal_patience;
}

Result<Next> ReconcileContext::Trouble(const Error& error, const std::string& doing) {
  refused = refused || error.code == Code::kResourceExhausted;
  const Duration wait = std::max(error.retry_after.value_or(Duration::zero()), setting.options.backoff_first);
  if (error.code == Code::kResourceExhausted && !context.stopped() && ToleratesRefusal(wait)) {
    Again(wait);
    return Next::kStop;
  }
  Reason reason = Reason::kCloudUnavailable;
  if (error.code == Code::kUnauthenticated) reason = Reason::kUnauthenticated;
  if (error.code == Code::kPermissionDenied) reason = Reason::kPermissionDenied;
  if (error.code == Code::kResourceExhausted) reason = Reason::kRateLimited;
  CAPSTAN_TRY(const Next next, Refused(error, reason, doing));
  if (again && (reason == Reason::kUnauthenticated || reason == Reason::kPermissionDenied)) {
    // The cloud is left alone for that long; the Secret is looked at sooner.
    setting.refused_credentials->Note(object.uid(), credentials, object.generation(),
                                      After(setting.parts.scheduler.Now(), *again));
    Again(setting.options.poll_blocked);
  }
  return next;
}

Result<Next> ReconcileContext::Refused(const Error& error, Reason reason, const std::string& doing) {
  if (error.code == Code::kCancelled || context.stopped()) return Fail(error);
  std::string message = StrCat(doing, ": ", error.message);
  if (!error.request_id.empty() && error.message.find(error.request_id) == std::string::npos) {
    message += StrCat(" (request id ", error.request_id, ")");
  }
  denied = true;
  Duration delay = BackoffDelay();
  if (error.retry_after) delay = std::max(delay, *error.retry_after);
  return Blocked(reason, std::move(message), delay);
}

void ReconcileContext::Again(Duration delay) {
  const auto jitter =
      static_cast<std::int64_t>(static_cast<double>(delay.count()) * 0.1 * setting.parts.random.Fraction());
  const Duration when = std::max(Duration::zero(), delay - Duration(jitter));
  again = again ? std::min(*again, when) : when;
}

std::optional<Duration> ReconcileContext::ConditionAge(std::string_view type) const {
  const auto condition = kube::ConditionIn(object, type);
  return condition ? Since(condition->last_transition_time, Now()) : std::nullopt;
}

std::string ReconcileContext::ConditionReason(std::string_view type) const {
  const auto condition = kube::ConditionIn(object, type);
  return condition ? condition->reason : "";
}

Duration ReconcileContext::BackoffDelay() const {
  Duration age = Duration::zero();
  const std::string reason = ConditionReason("Synced");
  if (!reason.empty() && reason != ReasonName(Reason::kInSync))
    age = ConditionAge("Synced").value_or(Duration::zero());
  return std::clamp(age, setting.options.backoff_first, setting.options.backoff_limit);
}

bool ReconcileContext::MayChange() {
  const Instant end = After(setting.parts.scheduler.Now(), setting.options.change_deadline);
  if (setting.parts.fence.HeldUntil(end)) return true;
  setting.parts.log.Debug("the lease does not outlast a change; nothing is done", {{"object", What()}});
  Again(std::chrono::seconds(1));
  return false;
}

Context ReconcileContext::Reading(Urgency urgency) const {
  return context.For(urgency).Within(setting.parts.scheduler, setting.options.read_deadline);
}
Context ReconcileContext::Reading() const {
  if (object.deleting()) {
    // Once it goes, waiting for its end may wait itself.
    const bool goes = ConditionReason("Ready") == ReasonName(Reason::kDeleting);
    return Reading(goes ? Urgency::kChange : Urgency::kRemove);
  }
  return Reading(record.id.empty() ? Urgency::kCreate : Urgency::kLook);
}
Context ReconcileContext::Changing() const {
  return context.Within(setting.parts.scheduler, setting.options.change_deadline);
}

std::string ReconcileContext::Desired() const { return DesiredDocument(object); }

std::string ReconcileContext::What() const { return StrCat(setting.kind.kind, " ", object.key()); }

}  // namespace capstan::managed
