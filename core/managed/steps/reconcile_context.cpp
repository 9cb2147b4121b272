#include <capstan/core/managed/steps/reconcile_context.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/managed/memory/last_reconciles.hpp>
#include <capstan/core/managed/memory/refused_credentials.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/plan_view.hpp>
#include <capstan/core/managed/steps/judge.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

std::vector<LogField> FieldsOf(const Setting& setting, const Context& call) {
  std::vector<LogField> fields = {{"plugin", setting.parts.provider.manifest().name}};
  if (call.span) fields.emplace_back("trace_id", call.span->ids().TraceText());
  return fields;
}

ReconcileContext::ReconcileContext(Setting& shared, kube::Object fresh, const Context& call)
    : setting(shared),
      log_(shared.parts.log, FieldsOf(shared, call)),
      context(call),
      object(std::move(fresh)),
      record(ReadRecord(object)),
      notes(shared.parts.recorder, shared.parts.scheduler, log_, shared.kind.kind, object.key()),
      fields(json::MakeObject()),
      external_changes(json::MakeObject()) {
  identity.tag = kIdentityPrefix + object.uid();
  identity.owner = kOwnerPrefix + options().owner_id;
  if (record.from_mirror) {
    external_changes->set("id", record.id);
    external_changes->set("account", record.account);
    external_changes->set("attempts", record.attempts);
    if (record.adopted) external_changes->set("adopted", true);
    external_changes->set("doubt", true);
  }
}

// A webhook may refuse with 404 or 409, codes that concern the object only if the server itself
// returns them: an object that still exists is not gone.
Status ReconcileContext::Adopt(Result<kube::Object> reply, const char* what) {
  write_refused = reply ? "" : what;
  if (!reply) {
    Error error = std::move(reply).error();
    if (error.code == Code::kNotFound && IsStillThere()) error.code = Code::kInvalidArgument;
    if (DeniedByAdmission(error)) error.code = Code::kInvalidArgument;
    gone = gone || error.code == Code::kNotFound;
    return Fail(std::move(error));
  }
  object = std::move(*reply);
  record = ReadRecord(object);
  wrote = object.resource_version();
  return {};
}

bool ReconcileContext::IsStillThere() {
  const auto seen = client().Get(kind(), object.key(), context);
  return seen && seen->uid() == object.uid();
}

Status ReconcileContext::PatchStatus(const json::ObjectPtr& status, const char* effect) {
  auto metadata = json::MakeObject();
  metadata->set("resourceVersion", object.resource_version());
  auto patch = json::MakeObject();
  patch->set("metadata", metadata);
  patch->set("status", status);
  return Adopt(notes.Ask(Reach::kWrite, effect, "", context,
                         [&](const Context& part) {
                           return client().Patch(kind(), object.key(), kube::PatchType::kMerge,
                                                 json::ToText(patch),
                                                 kube::PatchOptions{"status", false, false}, part);
                         }),
               "status");
}

Status ReconcileContext::PatchObject(const json::ObjectPtr& changes) {
  auto patch = json::Clone(changes);
  auto metadata = json::ObjectIn(patch, "metadata");
  if (!metadata) metadata = json::MakeObject();
  metadata->set("resourceVersion", object.resource_version());
  metadata->set("uid", object.uid());
  patch->set("metadata", metadata);
  return Adopt(notes.Ask(Reach::kWrite, "write metadata", "", context,
                         [&](const Context& part) {
                           return client().Patch(kind(), object.key(), kube::PatchType::kMerge,
                                                 json::ToText(patch), kube::PatchOptions{}, part);
                         }),
               "metadata");
}

Status ReconcileContext::PatchStatusByTest(const std::string& operations) {
  return Adopt(notes.Ask(Reach::kWrite, "record", "", context,
                         [&](const Context& part) {
                           return client().Patch(kind(), object.key(), kube::PatchType::kJson, operations,
                                                 kube::PatchOptions{"status", false, false}, part);
                         }),
               "status");
}

Status ReconcileContext::ReadAgain() {
  auto fresh = client().Get(kind(), object.key(), context);
  if (fresh && fresh->uid() != object.uid()) {
    gone = true;
    return Fail(
        Code::kNotFound,
        StrCat(What(),
               " was deleted and created again during its reconcile; the new one is reconciled next"));
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

Next ReconcileContext::BackOff(Reason reason, std::string message) {
  const Duration delay = BackoffDelay(std::string(ReasonName(reason)));
  return Blocked(reason, std::move(message), delay);
}

bool ReconcileContext::ToleratesRefusal(Duration wait) {
  if (ConditionReason("Synced").empty()) return false;  // nothing has been reported yet
  return setting.last_reconciles->Refused(object.key(), true, now()) + wait <= options().refusal_patience;
}

Result<Next> ReconcileContext::Trouble(const Error& error, const std::string& doing) {
  refused = refused || error.code == Code::kResourceExhausted;
  const Duration wait = std::max(error.retry_after.value_or(Duration::zero()), options().backoff_first);
  if (error.code == Code::kResourceExhausted && !context.stopped() && ToleratesRefusal(wait)) {
    Again(wait);
    return Next::kStop;
  }
  const ErrorClass meaning = ClassifyError(error.code);
  // The cloud refused a read: nothing in the spec is known to be wrong.
  const Reason reason = meaning.fault == Fault::kSpec ? Reason::kCloudUnavailable : meaning.reason;
  CAPSTAN_TRY(const Next next, Refused(error, reason, doing));
  if (again && meaning.fault == Fault::kCredentials) {
    // The cloud is not tried for that long; the Secret is read sooner.
    setting.refused_credentials->Note(object.uid(), credentials, object.generation(), After(now(), *again));
    Again(options().poll_blocked);
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
  Duration delay = BackoffDelay(StrCat(ReasonName(reason), " ", doing));
  if (error.retry_after) delay = std::max(delay, *error.retry_after);
  return Blocked(reason, std::move(message), delay);
}

Duration Spread(Duration delay, Random& random) {
  const auto jitter = static_cast<std::int64_t>(static_cast<double>(delay.count()) * 0.1 * random.Fraction());
  return std::max(Duration::zero(), delay - Duration(jitter));
}

void ReconcileContext::Again(Duration delay) {
  const Duration when = Spread(delay, random());
  again = again ? std::min(*again, when) : when;
}

std::optional<Duration> ReconcileContext::ConditionAge(std::string_view type) const {
  const auto condition = kube::ConditionIn(object, type);
  return condition ? Since(condition->last_transition_time, server_time()) : std::nullopt;
}

std::string ReconcileContext::ConditionReason(std::string_view type) const {
  const auto condition = kube::ConditionIn(object, type);
  return condition ? condition->reason : "";
}

Duration ReconcileContext::BackoffDelay(const std::string& operation) {
  failed = true;
  const int failures = setting.last_reconciles->Failed(object.key(), operation);
  const auto& limits = options();
  Duration delay = limits.backoff_first;
  for (int i = 1; i < failures && delay < limits.backoff_limit; ++i) delay *= 2;
  return std::min(delay, limits.backoff_limit);
}

bool ReconcileContext::MayChange() {
  const Instant end = After(now(), options().change_deadline);
  if (fence().HeldUntil(end)) return true;
  log().Debug("the lease may end before the write does: nothing is written", {{"object", What()}});
  Again(std::chrono::seconds(1));
  return false;
}

Context ReconcileContext::Reading(Urgency urgency) const {
  return context.For(urgency).Within(scheduler(), options().read_deadline);
}
Context ReconcileContext::Reading() const {
  if (object.deleting()) {
    // Once the removal has begun, waiting for its end is less urgent.
    const bool goes = ConditionReason("Ready") == ReasonName(Reason::kDeleting);
    return Reading(goes ? Urgency::kChange : Urgency::kRemove);
  }
  return Reading(record.id.empty() && !RefersOnly(object) ? Urgency::kCreate : Urgency::kLook);
}
Context ReconcileContext::Changing() const { return context.Within(scheduler(), options().change_deadline); }

std::string ReconcileContext::Desired() const { return DesiredDocument(object); }

std::string ReconcileContext::What() const { return StrCat(kind().kind, " ", object.key()); }

}  // namespace capstan::managed
