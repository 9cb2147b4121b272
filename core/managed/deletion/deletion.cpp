// Deletion: everything of ours is removed and seen to be gone before the finalizer leaves. What
// cannot be known is waited for; what a person decides (Retain, abandon, protection) is obeyed and
// written down.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// All is decided: the Secret first, so that nobody is left who would have to do it.
Result<Next> LetGo(Visit& visit) {
  if (visit.record.adopted) CAPSTAN_CHECK_OK(ReleaseClaim(visit, visit.record.known_id()));
  CAPSTAN_CHECK_OK(ReleaseSecret(visit));
  CAPSTAN_CHECK_OK(DropFinalizer(visit));
  return Next::kStop;
}

// The cloud object stays, which is written down.
Result<Next> LeaveBehind(Visit& visit, const std::string& id, const std::string& why) {
  const auto& record = visit.record;
  const std::string& account =
      record.account.empty() && record.pending ? record.pending->account : record.account;
  CAPSTAN_CHECK_OK(RecordAbandoned(visit, id, account, why));
  return LetGo(visit);
}

// What in the spec keeps the cloud object; empty: nothing.
std::string Keeper(const Visit& visit) {
  if (ObservesOnly(visit.object, visit.record)) return "managementPolicy Observe";
  return Retains(visit.object, visit.record) ? "deletionPolicy Retain" : "";
}

// Whether the cloud object may be on its way out, or gone, so that no spec keeps it any more.
// Without a request to remove it, it stays, and no credentials are needed to say so.
Result<bool> GoesAlready(Visit& visit) {
  if (!visit.record.removing || visit.record.id.empty()) return false;
  CAPSTAN_TRY(Next next, ReadCredentials(visit));
  if (next == Next::kStop) return true;
  CAPSTAN_TRY(next, CheckAccount(visit));
  if (next == Next::kStop || !visit.account_proven) return true;
  const auto seen = GetByItself(visit, visit.record.id);
  if (!seen && visit.context.stopped()) return Fail(seen.error());
  return !seen || !seen->object || seen->object->phase == external::Phase::kDeleting;
}

// What a person has decided. kGoOn: to remove it.
Result<Next> Decided(Visit& visit) {
  const std::string id = visit.record.known_id();
  const auto abandon = visit.object.Annotation(kAbandonAnnotation);
  if (abandon && !abandon->empty() && (*abandon == id || *abandon == visit.object.uid())) {
    return LeaveBehind(visit, id, "annotation capstan.dev/abandon");
  }
  if (const std::string keeper = Keeper(visit); !keeper.empty()) {
    CAPSTAN_TRY(const bool goes, GoesAlready(visit));
    return goes ? Result<Next>(Next::kGoOn) : LeaveBehind(visit, id, keeper);
  }
  if (visit.object.BooleanAt("/spec/deletionProtection").value_or(false)) {
    return visit.Blocked(
        Reason::kDeletionProtected,
        "spec.deletionProtection is true: the cloud object is kept, and this object with it. Set it to false "
        "to delete both, or spec.deletionPolicy to Retain to keep the cloud object alone",
        visit.setting.options.poll_blocked);
  }
  CAPSTAN_TRY(const Next next, SpareFromCrdDeletion(visit));
  if (next == Next::kStop) return next;
  if (visit.object.Annotation(kPausedAnnotation) == "true") {
    return visit.Blocked(Reason::kPaused, StrCat("annotation ", kPausedAnnotation, " is true"),
                         visit.setting.options.poll_blocked);
  }
  return Next::kGoOn;
}

// Before the request leaves, so that whoever comes after a crash, or a change of mind, knows that
// it may have.
Status MarkRemoval(Visit& visit) {
  if (visit.record.removing) return {};
  auto external = json::MakeObject(), status = json::MakeObject();
  external->set("removing", true);
  status->set("external", external);
  return visit.PatchStatus(status);
}

Result<Next> RequestRemoval(Visit& visit, const std::string& id) {
  if (const std::string keeper = Keeper(visit); !keeper.empty()) return LeaveBehind(visit, id, keeper);
  external::DeleteOptions options;
  if (id == visit.record.id) {  // surplus was never used
    CAPSTAN_TRY(const Next next, DecideAssociated(visit, id, options));
    if (next == Next::kStop) return next;
  }
  if (!visit.MayChange()) return Next::kStop;
  const std::string version = visit.object.resource_version();
  CAPSTAN_CHECK_OK(visit.ReadAgain());
  if (visit.object.resource_version() != version) {  // perhaps a change of mind
    visit.Again(Duration::zero());
    return Next::kStop;
  }
  CAPSTAN_CHECK_OK(MarkRemoval(visit));
  if (!visit.MayChange()) return Next::kStop;
  const auto outcome = visit.cloud->Delete(id, options, visit.Changing());
  Error error = outcome.error.value_or(Error{});
  if (error.message.empty())
    error.message = StrCat("the provider answered ", external::VerdictName(outcome.verdict));
  switch (outcome.verdict) {
    case external::Verdict::kDone:
    case external::Verdict::kNotFound:
      visit.setting.parts.log.Info("asked the cloud to remove an object",
                                   {{"object", visit.What()}, {"id", id}});
      visit.Ready("False", Reason::kDeleting, StrCat("the cloud removes ", id));
      visit.Synced("False", Reason::kWaiting, StrCat("until cloud object ", id, " is gone"));
      visit.Again(visit.setting.options.poll_changing);
      return Next::kStop;
    case external::Verdict::kWait:
      visit.Synced("False", Reason::kWaiting,
                   StrCat("the cloud is not ready to remove ", id, ": ", error.message));
      visit.Again(visit.setting.options.poll_changing);
      return Next::kStop;
    case external::Verdict::kRejected: {
      const bool refused = error.code == Code::kInvalidArgument || error.code == Code::kFailedPrecondition ||
                           error.code == Code::kConflict || error.code == Code::kUnimplemented;
      const std::string doing = "the cloud refused to remove " + id;
      return refused ? visit.Refused(error, Reason::kDeletionRejected, doing) : visit.Trouble(error, doing);
    }
    case external::Verdict::kUnknown:
      return visit.Trouble(error, "it is not known yet whether the removal began of " + id);
  }
  return Next::kStop;
}

// Brings one cloud object to its end. kGoOn: a Get with proven credentials says that it is not
// there.
Result<Next> RemoveOne(Visit& visit, const std::string& id) {
  auto seen = LookAt(visit, id);
  if (seen && seen->listed && seen->object->phase != external::Phase::kDeleting) {
    seen = GetByItself(visit, id);  // right before it is asked to go
  }
  if (!seen) return visit.Trouble(seen.error(), StrCat("cannot look at cloud object ", id));
  if (!seen->object) {
    if (visit.account_proven) return Next::kGoOn;
    return visit.Blocked(Reason::kAccountUnknown,
                         StrCat("cloud object ", id,
                                " is not found, but it cannot be told whether these credentials belong to "
                                "account ",
                                visit.record.account,
                                ". Let the token read the account, or let the object go with "
                                "annotation ",
                                kAbandonAnnotation, "=", id),
                         visit.BackoffDelay());
  }
  const external::Observed& observed = *seen->object;
  Show(visit, observed);
  if (const auto reason = NotOurs(visit, observed)) {
    return visit.Blocked(*reason, NotOursMessage(visit, observed, *reason), visit.BackoffDelay());
  }
  ProveAccount(visit);
  CAPSTAN_CHECK_OK(AskForNotices(visit, observed));
  if (!visit.record.empty_since.empty()) visit.external_changes->set("emptySince", Poco::Dynamic::Var());
  if (observed.phase == external::Phase::kDeleting) {
    const std::string keeper = Keeper(visit);
    visit.Ready("False", Reason::kDeleting, StrCat("the cloud removes ", id));
    visit.Synced("False", Reason::kWaiting,
                 StrCat("until cloud object ", id, " is gone",
                        keeper.empty() ? "" : "; " + keeper + " came too late to keep it"));
    visit.Again(Pace(visit, true));
    return Next::kStop;
  }
  return RequestRemoval(visit, id);
}

// Removes all that a Find shows. kGoOn: it shows nothing that a Get confirms.
Result<Next> RemoveFound(Visit& visit) {
  auto found = FindOurs(visit, visit.identity);
  if (!found) {
    if (found.error().code == Code::kUnimplemented) return Next::kGoOn;
    return visit.Trouble(found.error(), "cannot list what the account has");
  }
  if (found->foreign) {
    return visit.Blocked(Reason::kForeignOwner, NotOursMessage(visit, *found->foreign, Reason::kForeignOwner),
                         visit.BackoffDelay());
  }
  for (const auto& item : found->ours) {
    CAPSTAN_TRY(const Next next, RemoveOne(visit, item.id));
    if (next == Next::kStop) return next;
  }
  return Next::kGoOn;
}

Next WaitStill(Visit& visit, Duration remaining, const std::string& why) {
  visit.Ready("False", Reason::kDeleting, "the cloud shows it no more");
  visit.Synced("False", Reason::kWaiting, why);
  visit.again = remaining;
  return Next::kStop;
}

// kGoOn: nothing of ours is there, and it has been so long enough to be believed.
Result<Next> BelieveAbsence(Visit& visit) {
  const Duration window = visit.setting.options.create_settle + std::chrono::seconds(1);
  if (!visit.record.id.empty()) {
    const Duration age = Since(visit.record.recorded_at, visit.Now()).value_or(window);
    if (age < window) return WaitStill(visit, window - age, "a cloud object this new may not be shown yet");
  }
  if (!visit.record.doubt && visit.record.surplus.empty()) return Next::kGoOn;
  CAPSTAN_TRY(const Next next, RemoveFound(visit));
  if (next == Next::kStop) return next;
  const auto since = Since(visit.record.empty_since, visit.Now());
  if (!since) visit.external_changes->set("emptySince", visit.Stamp());
  const Duration age = since.value_or(Duration::zero());
  if (age < window) {
    return WaitStill(visit, window - age,
                     "an attempt's outcome was unknown once, so the account is asked twice for what is ours");
  }
  return Next::kGoOn;
}

}  // namespace

Result<Next> Remove(Visit& visit) {
  if (!visit.object.HasFinalizer(kFinalizer)) {  // not ours to finish; others may still hold it
    visit.gone = true;
    return Next::kStop;
  }
  if (!visit.setting.info.plan_status_field.empty())
    visit.fields->set(visit.setting.info.plan_status_field, Poco::Dynamic::Var());
  if (visit.record.gone || visit.record.nothing_made()) return LetGo(visit);
  Next next = Next::kGoOn;
  if (visit.record.pending && visit.record.pending->step == kAdoptStep) {
    CAPSTAN_TRY(next, SettleIntent(visit));  // no request of ours may come later than the claim goes
    if (next == Next::kStop) return next;
  }
  CAPSTAN_TRY(next, Decided(visit));
  if (next == Next::kStop) return next;
  CAPSTAN_TRY(next, ReadCredentials(visit));
  if (next == Next::kStop) return next;
  CAPSTAN_TRY(next, CheckAccount(visit));
  if (next == Next::kStop) return next;
  CAPSTAN_CHECK_OK(HoldSecret(visit));
  if (visit.record.pending && visit.record.pending->step == kCreateStep) {
    CAPSTAN_TRY(next, ResolveByHand(visit));
    if (next == Next::kStop) return next;
  }
  if (visit.record.pending && visit.record.pending->step == kCreateStep) {
    CAPSTAN_TRY(next, SettleIntent(visit));
    if (next == Next::kStop) return next;
  }
  if (!visit.record.id.empty()) {
    CAPSTAN_TRY(next, RemoveOne(visit, visit.record.id));
    if (next == Next::kStop) return next;
  }
  CAPSTAN_TRY(next, BelieveAbsence(visit));
  if (next == Next::kStop) return next;

  if (visit.record.adopted) CAPSTAN_CHECK_OK(ReleaseClaim(visit, visit.record.known_id()));
  // The conclusion is written before anything is let go: a later life may have neither credentials
  // nor cloud to ask again.
  const Poco::Dynamic::Var none;
  for (const char* field : {"id", "pending", "surplus", "absentSince", "emptySince"})
    visit.external_changes->set(field, none);
  visit.external_changes->set("gone", true);
  visit.Ready("False", Reason::kDeleted, "the cloud object is gone");
  visit.Synced("True", Reason::kInSync, "nothing is left to do");
  CAPSTAN_CHECK_OK(WriteStatus(visit));
  if (!visit.record.gone)
    return Fail(Code::kConflict, StrCat(visit.What(), " changed while its end was being recorded"));
  return LetGo(visit);
}

}  // namespace capstan::managed
