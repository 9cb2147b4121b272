#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// Shows since when as a time, so that status does not change with each look.
void ShowCreating(ReconcileContext& ctx, const external::Observed& observed, const std::string& words) {
  const std::string& since = ParseRfc3339(observed.created_at) ? observed.created_at : ctx.record.recorded_at;
  const auto age = Since(since, ctx.server_time());
  const auto begun = ParseRfc3339(since);
  const std::string doing =
      StrCat("the cloud is creating it", begun ? " since " + FormatRfc3339(*begun) : std::string(), words);
  const Duration limit = CreateTimeout(ctx.object, ctx.info());
  if (!age || *age < limit) {
    // Report it at that moment, however rarely the object is observed by then.
    if (age) ctx.Again(limit - *age);
    return ctx.Ready("False", Reason::kCreating, doing);
  }
  ctx.Ready("False", Reason::kCreatingTooLong,
            StrCat(doing, ", longer than ", FormatDuration(limit),
                   ctx.object.ValueAt("/spec/createTimeoutSeconds") ? " (spec.createTimeoutSeconds)" : "",
                   ". Look at ", observed.id, " (", observed.name,
                   ") in the cloud's console: its state, the account's limits, and whether the networks, "
                   "regions and sizes of the spec fit together. The operator keeps observing it"));
}

void ShowReady(ReconcileContext& ctx, const external::Observed& observed) {
  const std::string words = observed.message.empty() ? std::string() : ": " + observed.message;
  switch (observed.phase) {
    case external::Phase::kCreating:
      return ShowCreating(ctx, observed, words);
    case external::Phase::kReady:
      return ctx.Ready("True", Reason::kAvailable, "it can be used" + words);
    case external::Phase::kUpdating:
      return ctx.Ready(observed.connectable ? "True" : "False", Reason::kUpdating, "it is changing" + words);
    case external::Phase::kDegraded:
      return ctx.Ready("False", Reason::kDegraded, "it works with faults" + words);
    case external::Phase::kFailed:
      return ctx.Ready("False", Reason::kFailed, "the cloud says that it failed" + words);
    case external::Phase::kDeleting:
      return ctx.Ready("False", Reason::kDeleting, "the cloud is removing it" + words);
  }
}

bool IsTheCores(const ReconcileContext& ctx, const std::string& field) {
  const auto& info = ctx.info();
  return field == "conditions" || field == "observedGeneration" || field == "external" ||
         field == info.connection_status_field || field == info.plan_status_field ||
         field == info.associated_status_field;  // no field of a provider has an empty name
}

// Stores the observation in the reconcile context.
Result<Next> Believe(ReconcileContext& ctx, Result<SharedCloud::Seen> seen) {
  if (!seen) return ctx.Trouble(seen.error(), StrCat("cannot observe cloud object ", ctx.record.id));
  if (!seen->object) return NotThere(ctx);
  const external::Observed observed = std::move(*seen->object);
  if (!ctx.record.absent_since.empty()) ctx.external_changes->set("absentSince", Poco::Dynamic::Var());
  Show(ctx, observed);
  if (const auto reason = NotOurs(ctx, observed)) {
    return ctx.BackOff(*reason, NotOursMessage(ctx, observed, *reason));
  }
  ProveAccount(ctx);
  ctx.observed = observed;
  ctx.listed = seen->listed;
  return Next::kGoOn;
}

}  // namespace

void ProveAccount(ReconcileContext& ctx) {
  if (ctx.account_proven) return;
  ctx.account_proven = true;
  ctx.external_changes->set("account", ctx.account);
  ctx.record.account = ctx.account;
}

void Show(ReconcileContext& ctx, const external::Observed& observed) {
  if (const auto status = json::ParseObject(observed.status)) {
    for (const auto& [field, value] : **status) {
      if (!IsTheCores(ctx, field)) ctx.fields->set(field, value);
    }
  }
  if (!ctx.info().id_status_field.empty()) ctx.fields->set(ctx.info().id_status_field, observed.id);
  ShowReady(ctx, observed);
}

Result<SharedCloud::Seen> GetByItself(ReconcileContext& ctx, const std::string& id) {
  // Usually precedes a change, and is as urgent as the change that waits for it.
  const Urgency urgency = std::max(ctx.Reading().urgency, Urgency::kChange);
  CAPSTAN_TRY(auto object, ctx.cloud->Get(id, ctx.Reading(urgency)));
  return SharedCloud::Seen{std::move(object), false};
}

Result<SharedCloud::Seen> LookAt(ReconcileContext& ctx, const std::string& id) {
  // A list never settles an unknown outcome or a doubt about existence.
  if (ctx.record.pending || !ctx.record.absent_since.empty()) return GetByItself(ctx, id);
  const Context context = ctx.Reading();
  if (context.urgency == Urgency::kRemove) return GetByItself(ctx, id);  // a list must not delay it
  const auto ours = [&](const external::Observed& item) { return !NotOurs(ctx, item); };
  return ctx.cloud->Look(id, LookAge(ctx), ours, context);
}

Result<Next> Observe(ReconcileContext& ctx) { return Believe(ctx, LookAt(ctx, ctx.record.id)); }

Result<Next> ObserveByItself(ReconcileContext& ctx) { return Believe(ctx, GetByItself(ctx, ctx.record.id)); }

}  // namespace capstan::managed
