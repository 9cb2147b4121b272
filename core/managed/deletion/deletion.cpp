// Deletion: everything of ours is removed and confirmed to be gone before the finalizer is removed.
// The operator waits for what it cannot know, and obeys and records what the user decided (Retain,
// abandon, protection).
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/judge.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// Everything is decided. Releases the Secret first: afterwards nobody is left to do it.
Result<Next> LetGo(ReconcileContext& ctx) {
  if (ctx.record.adopted) CAPSTAN_RETURN_IF_ERROR(ReleaseClaim(ctx, ctx.record.known_id()));
  CAPSTAN_RETURN_IF_ERROR(ReleaseSecret(ctx));
  CAPSTAN_RETURN_IF_ERROR(DropFinalizer(ctx));
  return Next::kStop;
}

// The cloud object stays, and that is recorded.
Result<Next> LeaveBehind(ReconcileContext& ctx, const std::string& id, const std::string& why) {
  const auto& record = ctx.record;
  const std::string& account =
      record.account.empty() && record.pending ? record.pending->account : record.account;
  CAPSTAN_RETURN_IF_ERROR(RecordAbandoned(ctx, id, account, why));
  return LetGo(ctx);
}

// The setting in the spec that keeps the cloud object; empty: none.
std::string KeptBy(const ReconcileContext& ctx) {
  if (ObservesOnly(ctx.object, ctx.record)) return "managementPolicy " + ObservingPolicy(ctx.object);
  return Retains(ctx.object, ctx.record) ? "deletionPolicy Retain" : "";
}

// Whether the cloud object may be on its way out, or gone, so that the spec can no longer keep it.
// If no removal was requested, it stays, and that needs no credentials.
Result<bool> RemovalMayHaveBegun(ReconcileContext& ctx) {
  if (!ctx.record.removing || ctx.record.id.empty()) return false;
  CAPSTAN_TRY(Next next, ReadCredentials(ctx));
  if (next == Next::kStop) return true;
  CAPSTAN_TRY(next, CheckAccount(ctx));
  if (next == Next::kStop || !ctx.account_proven) return true;
  const auto seen = GetByItself(ctx, ctx.record.id);
  if (!seen && ctx.context.stopped()) return Fail(seen.error());
  return !seen || !seen->object || seen->object->phase == external::Phase::kDeleting;
}

// An invalid spec removes nothing, because a removal cannot be undone. A removal in progress
// continues.
Next BlockedByInvalidSpec(ReconcileContext& ctx, const std::string& what) {
  return ctx.Blocked(Reason::kDeletionRejected,
                     StrCat(what,
                            ". The operator deletes nothing until that field is valid. Correct it, or "
                            "abandon the cloud object with annotation ",
                            kAbandonAnnotation, "=", ctx.object.uid()),
                     ctx.options().poll_blocked);
}

// What the user decided. kGoOn: to remove it.
Result<Next> Decided(ReconcileContext& ctx) {
  const std::string id = ctx.record.known_id();
  const auto abandon = ctx.object.Annotation(kAbandonAnnotation);
  if (abandon && !abandon->empty() && (*abandon == id || *abandon == ctx.object.uid())) {
    return LeaveBehind(ctx, id, "annotation capstan.dev/abandon");
  }
  if (const std::string what = InvalidCoreField(ctx.object, ctx.info()); !what.empty()) {
    CAPSTAN_TRY(const bool goes, RemovalMayHaveBegun(ctx));
    return goes ? Result<Next>(Next::kGoOn) : BlockedByInvalidSpec(ctx, what);
  }
  if (const std::string keeper = KeptBy(ctx); !keeper.empty()) {
    CAPSTAN_TRY(const bool goes, RemovalMayHaveBegun(ctx));
    return goes ? Result<Next>(Next::kGoOn) : LeaveBehind(ctx, id, keeper);
  }
  if (ctx.object.BooleanAt("/spec/deletionProtection").value_or(false)) {
    return ctx.Blocked(
        Reason::kDeletionProtected,
        "spec.deletionProtection is true: the cloud object is kept, and this object with it. Set it to false "
        "to delete both, or spec.deletionPolicy to Retain to keep the cloud object alone",
        ctx.options().poll_blocked);
  }
  CAPSTAN_STEP(SpareFromCrdDeletion(ctx));
  if (ctx.object.Annotation(kPausedAnnotation) == "true") {
    return ctx.Blocked(Reason::kPaused, StrCat("annotation ", kPausedAnnotation, " is true"),
                       ctx.options().poll_blocked);
  }
  return Next::kGoOn;
}

// Written before the request is sent, so that a process that runs after a crash or a change of the
// spec knows that it may have been sent.
Status MarkRemoval(ReconcileContext& ctx) {
  if (ctx.record.removing) return {};
  auto external = json::MakeObject(), status = json::MakeObject();
  external->set("removing", true);
  status->set("external", external);
  return ctx.PatchStatus(status);
}

Result<Next> RequestRemoval(ReconcileContext& ctx, const std::string& id) {
  if (const std::string what = InvalidCoreField(ctx.object, ctx.info()); !what.empty())
    return BlockedByInvalidSpec(ctx, what);
  if (const std::string keeper = KeptBy(ctx); !keeper.empty()) return LeaveBehind(ctx, id, keeper);
  AssociatedDecision decision;
  if (id == ctx.record.id) {  // surplus was never used
    CAPSTAN_STEP(DecideAssociated(ctx, id, decision));
  }
  if (!ctx.MayChange()) return Next::kStop;
  const std::string version = ctx.object.resource_version();
  CAPSTAN_RETURN_IF_ERROR(ctx.ReadAgain());
  if (ctx.object.resource_version() != version) {  // the user may have changed the spec
    ctx.Again(Duration::zero());
    return Next::kStop;
  }
  if (!ctx.record.removing) CAPSTAN_RETURN_IF_ERROR(AnnounceLeftBehind(ctx, id, decision.staying));
  CAPSTAN_RETURN_IF_ERROR(MarkRemoval(ctx));
  if (!ctx.MayChange()) return Next::kStop;
  const auto outcome =
      ctx.cloud->Delete(id, external::DeleteOptions{std::move(decision.going)}, ctx.Changing());
  if (outcome.verdict != external::Verdict::kDone && outcome.verdict != external::Verdict::kNotFound) {
    return AfterRefusal(ctx, outcome,
                        {"remove " + id, Reason::kDeletionRejected, ctx.options().poll_changing});
  }
  ctx.Ready("False", Reason::kDeleting, StrCat("the cloud removes ", id));
  ctx.Synced("False", Reason::kWaiting, StrCat("until cloud object ", id, " is gone"));
  ctx.Again(ctx.options().poll_changing);
  return Next::kStop;
}

// Removes one cloud object. kGoOn: a Get with verified credentials says that it does not exist.
Result<Next> RemoveOne(ReconcileContext& ctx, const std::string& id) {
  auto seen = LookAt(ctx, id);
  if (seen && seen->listed && seen->object->phase != external::Phase::kDeleting) {
    seen = GetByItself(ctx, id);  // a Get, because it is right before the removal
  }
  if (!seen) return ctx.Trouble(seen.error(), StrCat("cannot observe cloud object ", id));
  if (!seen->object) {
    if (ctx.account_proven) return Next::kGoOn;
    return ctx.BackOff(
        Reason::kAccountUnknown,
        StrCat(CannotTellAccount(StrCat("cloud object ", id, " is not found, but "), ctx.record.account),
               ". ", HowToProveAccount(ctx.record.account), ", or abandon the cloud object with annotation ",
               kAbandonAnnotation, "=", id));
  }
  const external::Observed& observed = *seen->object;
  Show(ctx, observed);
  if (const auto reason = NotOurs(ctx, observed)) {
    return ctx.BackOff(*reason, NotOursMessage(ctx, observed, *reason));
  }
  ProveAccount(ctx);
  CAPSTAN_RETURN_IF_ERROR(AskForNotices(ctx, observed));
  if (!ctx.record.empty_since.empty()) ctx.external_changes->set("emptySince", Poco::Dynamic::Var());
  if (observed.phase == external::Phase::kDeleting) {
    const std::string keeper = KeptBy(ctx);
    ctx.Ready("False", Reason::kDeleting, StrCat("the cloud removes ", id));
    ctx.Synced("False", Reason::kWaiting,
               StrCat("until cloud object ", id, " is gone",
                      keeper.empty() ? "" : "; " + keeper + " came too late to keep it"));
    ctx.Again(Pace(ctx, true));
    return Next::kStop;
  }
  return RequestRemoval(ctx, id);
}

// Removes everything that a Find shows. kGoOn: it shows nothing that a Get confirms.
Result<Next> RemoveFound(ReconcileContext& ctx) {
  auto found = FindOurs(ctx, ctx.identity);
  if (!found) {
    if (found.error().code == Code::kUnimplemented) return Next::kGoOn;
    return ctx.Trouble(found.error(), "cannot list what the account has");
  }
  if (found->foreign) {
    return ctx.BackOff(Reason::kForeignOwner, NotOursMessage(ctx, *found->foreign, Reason::kForeignOwner));
  }
  for (const auto& item : found->ours) {
    CAPSTAN_STEP(RemoveOne(ctx, item.id));
  }
  return Next::kGoOn;
}

Next WaitStill(ReconcileContext& ctx, Duration remaining, const std::string& why) {
  ctx.Ready("False", Reason::kDeleting, "the cloud no longer shows it");
  ctx.Synced("False", Reason::kWaiting, why);
  ctx.again = remaining;
  return Next::kStop;
}

// kGoOn: nothing of ours is there, and has not been for long enough to be sure.
Result<Next> ConfirmAbsence(ReconcileContext& ctx) {
  const Duration window = ctx.options().create_settle + std::chrono::seconds(1);
  if (!ctx.record.id.empty()) {
    const Duration age = Since(ctx.record.recorded_at, ctx.server_time()).value_or(window);
    if (age < window) return WaitStill(ctx, window - age, "a cloud object this new may not be shown yet");
  }
  if (!ctx.record.doubt && ctx.record.surplus.empty()) return Next::kGoOn;
  CAPSTAN_STEP(RemoveFound(ctx));
  const auto since = Since(ctx.record.empty_since, ctx.server_time());
  if (!since) ctx.external_changes->set("emptySince", ctx.Stamp());
  const Duration age = since.value_or(Duration::zero());
  if (age < window) {
    return WaitStill(
        ctx, window - age,
        "the outcome of an attempt was unknown once, so the operator searches the account twice");
  }
  return Next::kGoOn;
}

}  // namespace

Result<Next> Remove(ReconcileContext& ctx) {
  if (!ctx.object.HasFinalizer(kFinalizer)) {  // not ours to finish; other finalizers may remain
    ctx.gone = true;
    return Next::kStop;
  }
  if (!ctx.info().plan_status_field.empty())
    ctx.fields->set(ctx.info().plan_status_field, Poco::Dynamic::Var());
  if (ctx.record.gone || ctx.record.nothing_made()) return LetGo(ctx);
  if (ctx.record.pending && ctx.record.pending->step == kAdoptStep)
    CAPSTAN_STEP(SettleIntent(ctx));  // no request of ours may arrive after the claim is released
  CAPSTAN_STEP(Decided(ctx));
  CAPSTAN_STEP(ReadCredentials(ctx));
  CAPSTAN_STEP(CheckAccount(ctx));
  CAPSTAN_RETURN_IF_ERROR(HoldSecret(ctx));
  CAPSTAN_STEP(SettleCreate(ctx));
  if (!ctx.record.id.empty()) {
    CAPSTAN_STEP(RemoveOne(ctx, ctx.record.id));
  }
  CAPSTAN_STEP(ConfirmAbsence(ctx));

  if (ctx.record.adopted) CAPSTAN_RETURN_IF_ERROR(ReleaseClaim(ctx, ctx.record.known_id()));
  // The conclusion is recorded before anything is released: a later process may have neither
  // credentials nor a cloud to check again.
  const Poco::Dynamic::Var none;
  for (const char* field : {"id", "pending", "surplus", "absentSince", "emptySince"})
    ctx.external_changes->set(field, none);
  ctx.external_changes->set("gone", true);
  ctx.Ready("False", Reason::kDeleted, "the cloud object is gone");
  ctx.Synced("True", Reason::kInSync, "nothing is left to do");
  CAPSTAN_RETURN_IF_ERROR(WriteStatus(ctx));
  if (!ctx.record.gone)
    return Fail(Code::kConflict, StrCat(ctx.What(), " changed while its deletion was being recorded"));
  return LetGo(ctx);
}

}  // namespace capstan::managed
