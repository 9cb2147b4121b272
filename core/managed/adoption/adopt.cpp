// Adoption: an existing cloud object becomes the one that this Kubernetes object represents. Only
// its tags are written, and only by the holder of the claim.
//
// Flow: find the desired object; write an intent that names its id; claim it; observe it again,
// because only the claim keeps other objects from writing tags; write our tags; observe them;
// record. Writing the tags twice does no harm, so an unknown outcome is retried immediately; only a
// changed spec.adopt waits until no request can be in flight.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/plan_view.hpp>
#include <capstan/core/managed/steps/judge.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

using external::Observed;

Next Refuse(ReconcileContext& ctx, Reason reason, const std::string& why) {
  ctx.Ready("False", Reason::kPending, "nothing has been adopted");
  return ctx.BackOff(reason, why);
}

Next Claimed(ReconcileContext& ctx, const std::string& id, const std::string& holder) {
  return Refuse(
      ctx, Reason::kAdoptionClaimed,
      StrCat("cloud object ", id, " belongs to ", holder,
             ", or is about to. A cloud object belongs to one Kubernetes object only: remove spec.adopt "
             "here; or, to move it here, set deletionPolicy Retain on that object, then delete that object"));
}

// All objects of that name. An object that we have already tagged counts as well, in case its name
// was changed meanwhile.
Result<std::optional<Observed>> FindByName(ReconcileContext& ctx, const std::string& name) {
  auto all = ctx.cloud->Find(ctx.identity, SearchDocument(ctx.object, name), ctx.Reading());
  if (!all && all.error().code == Code::kUnimplemented) {
    (void)Refuse(ctx, Reason::kAdoptionRefused,
                 "this provider cannot look up names; name the id in spec.adopt instead");
    return std::optional<Observed>();
  }
  if (!all) {
    CAPSTAN_TRY(const Next stop, ctx.Trouble(all.error(), "cannot list what the account has"));
    (void)stop;
    return std::optional<Observed>();
  }
  const auto ours = std::find_if(all->begin(), all->end(),
                                 [&](const Observed& item) { return item.identity == ctx.identity.tag; });
  if (ours != all->end()) return std::optional<Observed>(std::move(*ours));
  std::vector<std::string> ids;
  for (const auto& item : *all) {
    if (item.name == name) ids.push_back(item.id);
  }
  if (ids.empty()) {
    (void)Refuse(ctx, Reason::kAdoptionRefused,
                 StrCat("account ", ctx.account, " has nothing named ", name,
                        ". Correct spec.adopt, or use credentials of its account"));
    return std::optional<Observed>();
  }
  if (ids.size() > 1) {
    std::sort(ids.begin(), ids.end());
    (void)Refuse(
        ctx, Reason::kAdoptionRefused,
        StrCat("account ", ctx.account, " has ", ids.size(), " objects named ", name, ": ", Join(ids, ", "),
               ". Name one by its id: ", AdoptionLine(ctx.object, ctx.info(), ids.front())));
    return std::optional<Observed>();
  }
  return std::optional<Observed>(
      *std::find_if(all->begin(), all->end(), [&](const Observed& item) { return item.id == ids.front(); }));
}

// The object in spec.adopt as currently observed. nullopt: a condition says why not.
Result<std::optional<Observed>> Wanted(ReconcileContext& ctx, const AdoptionRequest& requested) {
  if (requested.id.empty()) return FindByName(ctx, requested.name);
  auto seen = ctx.cloud->Get(requested.id, ctx.Reading());
  if (!seen) {
    CAPSTAN_TRY(const Next stop,
                ctx.Trouble(seen.error(), StrCat("cannot observe cloud object ", requested.id)));
    (void)stop;
    return std::optional<Observed>();
  }
  if (!*seen) {
    (void)Refuse(ctx, Reason::kAdoptionRefused,
                 StrCat("cloud object ", requested.id, " is not in account ", ctx.account,
                        ". Correct spec.adopt, or use credentials of its account"));
  }
  return std::move(*seen);
}

// kGoOn: it may be adopted.
Result<Next> CheckAdoptable(ReconcileContext& ctx, const Observed& seen) {
  if (!seen.owner.empty() && !EqualsIgnoreCase(seen.owner, ctx.identity.owner)) {
    return Refuse(ctx, Reason::kForeignOwner, NotOursMessage(ctx, seen, Reason::kForeignOwner));
  }
  if (seen.phase == external::Phase::kDeleting) {
    return Refuse(ctx, Reason::kAdoptionRefused,
                  StrCat("cloud object ", seen.id,
                         " is being deleted, and an object that is being deleted cannot be adopted. Name "
                         "another one in spec.adopt, or delete this object"));
  }
  CAPSTAN_TRY(const std::string owner, OtherOwner(ctx, seen));
  return owner.empty() ? Next::kGoOn : Claimed(ctx, seen.id, owner);
}

// Nothing was written, or nothing of ours is there: other objects may claim it.
Status GiveBack(ReconcileContext& ctx, const std::string& id) {
  CAPSTAN_RETURN_IF_ERROR(ReleaseClaim(ctx, id));
  return ClearIntent(ctx);
}

Result<Next> RecordAdoption(ReconcileContext& ctx, const Observed& seen) {
  CAPSTAN_STEP(RecordId(ctx, seen.id, {}));
  ctx.log().Info("adopted a cloud object", {{"object", ctx.What()}, {"id", seen.id}, {"name", seen.name}});
  Show(ctx, seen);
  ctx.Synced("False", Reason::kWaiting,
             StrCat("cloud object ", seen.id, " was adopted and is now compared with the spec"));
  ctx.Again(Duration::zero());
  return Next::kStop;
}

// Writes our tags and checks that they are there.
Result<Next> WriteTags(ReconcileContext& ctx, const std::string& id) {
  const auto outcome = ctx.cloud->Adopt(id, ctx.identity, ctx.Changing());
  const Error error = ErrorOf(outcome);
  if (error.code == Code::kCancelled && ctx.context.stopped()) return Fail(error);
  const bool unable = outcome.verdict == external::Verdict::kRejected && error.code == Code::kUnimplemented;
  const CreateOutcome fate = outcome.verdict == external::Verdict::kDone ? CreateOutcome::kCreated
                             : unable                                    ? CreateOutcome::kNotCreated
                                                                         : JudgeCreate(outcome);
  if (fate == CreateOutcome::kNotCreated) {
    CAPSTAN_RETURN_IF_ERROR(GiveBack(ctx, id));
    ctx.Ready("False", Reason::kPending, "nothing has been adopted");
    return AfterRefusal(ctx, outcome,
                        {"have cloud object " + id + " adopted", Reason::kAdoptionRefused, std::nullopt});
  }
  if (fate == CreateOutcome::kUnknown) {
    ctx.log().Warning("the outcome of an adoption is unknown",
                      {{"object", ctx.What()}, {"id", id}, {"error", error.message}});
  }
  auto seen = ctx.cloud->Get(id, ctx.Reading());
  if (!seen && (seen.error().code == Code::kCancelled || ctx.context.stopped())) return Fail(seen.error());
  if (seen && *seen && !NotOurs(ctx, **seen)) return RecordAdoption(ctx, **seen);
  ctx.Ready("False", Reason::kPending, "the outcome of its adoption is not known yet");
  ctx.Synced("False", Reason::kOutcomeUnknown,
             StrCat("cloud object ", id, " does not show our tags yet; the operator checks again"));
  ctx.Again(ctx.options().poll_changing);
  return Next::kStop;
}

// With an intent and the claim: no other object writes tags now, so the observation is reliable.
Result<Next> TakeOver(ReconcileContext& ctx, const std::string& id, Instant written) {
  auto seen = ctx.cloud->Get(id, ctx.Reading());
  if (!seen) return ctx.Trouble(seen.error(), StrCat("cannot observe cloud object ", id));
  if (!*seen) {
    CAPSTAN_RETURN_IF_ERROR(GiveBack(ctx, id));
    return Refuse(
        ctx, Reason::kAdoptionRefused,
        StrCat("cloud object ", id, " is gone. Name another one in spec.adopt, or delete this object"));
  }
  CAPSTAN_TRY(const Next next, CheckAdoptable(ctx, **seen));
  if (next == Next::kStop) {
    CAPSTAN_RETURN_IF_ERROR(GiveBack(ctx, id));
    return next;
  }
  if (!NotOurs(ctx, **seen)) return RecordAdoption(ctx, **seen);
  if (ctx.now() - written > ctx.options().intent_age) {
    written = ctx.now();
    CAPSTAN_STEP(WriteIntent(ctx, kAdoptStep, id));
  }
  // As with a create: a request is sent only under a fresh intent and a lease that outlasts it.
  if (!ctx.MayChange() || ctx.now() - written > ctx.options().intent_age) {
    ctx.Synced(
        "False", Reason::kWaiting,
        "the recorded intent is too old, or the lease too short, for a request; the operator tries again");
    ctx.Again(std::chrono::seconds(1));
    return Next::kStop;
  }
  return WriteTags(ctx, id);
}

Result<Next> ClaimAndTakeOver(ReconcileContext& ctx, const std::string& id) {
  CAPSTAN_TRY(const Claim claim, LookAtClaim(ctx, id));
  if (!claim.holder.empty()) return Claimed(ctx, id, claim.holder);
  const Instant written = ctx.now();
  CAPSTAN_STEP(WriteIntent(ctx, kAdoptStep, id));
  CAPSTAN_TRY(const bool taken, TakeClaim(ctx, id, claim));
  if (!taken) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    ctx.Again(std::chrono::seconds(1));  // then the next reconcile sees which writer was faster
    return Next::kStop;
  }
  return TakeOver(ctx, id, written);
}

// Kubernetes refuses something that an adoption needs: users have to learn of it, and a bare error
// would only be logged.
Result<Next> ReportForbidden(ReconcileContext& ctx, const Error& error) {
  if (error.code != Code::kPermissionDenied || ctx.context.stopped()) return Fail(error);
  return Refuse(ctx, Reason::kAdoptionRefused,
                StrCat("this operator lacks a right that adoption needs: ", error.message));
}

}  // namespace

// Which other object has it: the one whose identity tag it carries, or whose record names it.
// Empty: none.
Result<std::string> OtherOwner(ReconcileContext& ctx, const Observed& seen) {
  std::vector<external::KindInfo> kinds = ctx.options().sharing;
  kinds.push_back(ctx.info());
  std::string owner;
  for (std::size_t i = 0; i < kinds.size() && owner.empty(); ++i) {
    const kube::Kind kind = KindOf(kinds[i]);
    const bool last = i + 1 == kinds.size();
    if (!last && kind == ctx.kind()) continue;  // it comes last anyway
    CAPSTAN_TRY(const bool found, AnyOther(ctx, kind, [&](const kube::Object& other) {
                  const bool has = kIdentityPrefix + other.uid() == seen.identity ||
                                   (last && ReadRecord(other).id == seen.id);
                  if (has) owner = StrCat(kind.resource(), " ", other.key());
                  return has;
                }));
    if (found) break;
  }
  return owner;
}

Result<Next> TakeOwn(ReconcileContext& ctx) {
  auto found = FindOurs(ctx, ctx.identity);
  if (!found && found.error().code != Code::kUnimplemented)
    return ctx.Trouble(found.error(), "cannot list what the account has");
  if (found && found->foreign) {
    return Refuse(ctx, Reason::kForeignOwner, NotOursMessage(ctx, *found->foreign, Reason::kForeignOwner));
  }
  if (!found || found->ours.empty()) {
    if (ctx.record.pending && ctx.record.pending->step == kCreateStep)
      CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return Next::kGoOn;
  }
  std::vector<std::string> rest;
  for (std::size_t i = 1; i < found->ours.size(); ++i) rest.push_back(found->ours[i].id);
  if (ctx.record.pending) {
    CAPSTAN_STEP(RecordId(ctx, found->ours.front().id, rest));
  } else {
    CAPSTAN_RETURN_IF_ERROR(ReplaceId(ctx, found->ours.front().id, rest));
  }
  ctx.Again(Duration::zero());
  return Next::kStop;
}

Result<Next> ForgetAdoption(ReconcileContext& ctx) {
  const std::string id = ctx.record.pending->id;
  CAPSTAN_STEP(SettleIntent(ctx));
  auto seen = ctx.cloud->Get(id, ctx.Reading());
  if (!seen) return ctx.Trouble(seen.error(), StrCat("cannot observe cloud object ", id));
  if (*seen && !NotOurs(ctx, **seen)) return RecordAdoption(ctx, **seen);
  CAPSTAN_RETURN_IF_ERROR(GiveBack(ctx, id));
  ctx.Again(Duration::zero());
  return Next::kStop;
}

Result<Next> AdoptExisting(ReconcileContext& ctx, const AdoptionRequest& requested) {
  ctx.Ready("False", Reason::kPending, "nothing has been adopted yet");
  if (ctx.record.doubt && !(ctx.record.pending && ctx.record.pending->step == kAdoptStep)) {
    CAPSTAN_STEP(TakeOwn(ctx));  // another one of ours would be one too many
  }
  CAPSTAN_TRY(const auto wanted, Wanted(ctx, requested));
  if (!wanted) return Next::kStop;
  if (ctx.record.pending && ctx.record.pending->id != wanted->id) return ForgetAdoption(ctx);
  if (const auto mirror = ReadMirror(ctx.object);
      mirror && mirror->uid != ctx.object.uid() && !mirror->id.empty()) {
    if (mirror->id != wanted->id) return AwaitAdoption(ctx, *mirror);
    if (IsAccountId(mirror->account) && IsAccountId(ctx.account) && mirror->account != ctx.account) {
      return Refuse(ctx, Reason::kAccountChanged,
                    StrCat("the credentials belong to account ", ctx.account, ", but cloud object ",
                           mirror->id, " was in account ", mirror->account));
    }
  }
  const bool begun = ctx.record.pending.has_value();
  if (!begun) {  // a failure costs nothing yet; the check is repeated under the claim
    auto may = CheckAdoptable(ctx, *wanted);
    if (!may) return ReportForbidden(ctx, may.error());
    if (*may == Next::kStop) return *may;
  }
  CAPSTAN_STEP(EnsureFinalizer(ctx));
  CAPSTAN_RETURN_IF_ERROR(HoldSecret(ctx));
  if (!ctx.MayChange()) return Next::kStop;
  auto done = ClaimAndTakeOver(ctx, wanted->id);
  return done ? done : ReportForbidden(ctx, done.error());
}

}  // namespace capstan::managed
