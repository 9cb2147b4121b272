// Intent, find, create, record: the part of the protocol that creates the one cloud object of this
// Kubernetes object.
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/judge.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

std::vector<std::string> IdsAfterFirst(const std::vector<external::Observed>& ours) {
  std::vector<std::string> ids;
  for (std::size_t i = 1; i < ours.size(); ++i) ids.push_back(ours[i].id);
  return ids;
}

// Suggests the adoption command only if it can work.
Result<Next> NameTaken(ReconcileContext& ctx, const external::Observed& other) {
  ctx.Ready("False", Reason::kPending, "nothing has been created: the name is taken");
  if (!other.owner.empty() && !EqualsIgnoreCase(other.owner, ctx.identity.owner)) {
    return ctx.BackOff(Reason::kNameTaken, StrCat("the account already has ", other.name,
                                                  ", which another operator manages (its tag is ",
                                                  other.owner, "). Choose another spec.name"));
  }
  CAPSTAN_TRY(const std::string living, OtherOwner(ctx, other));
  if (!living.empty()) {
    return ctx.BackOff(
        Reason::kNameTaken,
        StrCat("the account already has ", other.name,
               ", which belongs to another object of this operator. Choose another spec.name"));
  }
  return ctx.BackOff(
      Reason::kNameTaken,
      StrCat("the account already has ", other.name, " with id ", other.id,
             ", which is not ours. Choose another spec.name, delete or rename that one, or adopt it: ",
             AdoptionLine(ctx.object, ctx.info(), other.id)));
}

// Handles the result of a Find: kStop if that decides the matter, kGoOn if nothing was found.
Result<Next> TakeFound(ReconcileContext& ctx, const Found& found) {
  if (found.foreign) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return ctx.BackOff(Reason::kForeignOwner, NotOursMessage(ctx, *found.foreign, Reason::kForeignOwner));
  }
  if (!found.ours.empty()) {
    CAPSTAN_STEP(RecordId(ctx, found.ours.front().id, IdsAfterFirst(found.ours)));
    ctx.log().Info("found the cloud object of an earlier attempt",
                   {{"object", ctx.What()}, {"id", found.ours.front().id}});
    ctx.Ready("False", Reason::kCreating,
              StrCat("cloud object ", found.ours.front().id, " of an earlier attempt was found"));
    ctx.Synced("False", Reason::kWaiting, "it has not been observed yet");
    ctx.Again(Duration::zero());
    return Next::kStop;
  }
  if (found.name_taken || found.stray) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return found.stray ? DoubtFind(ctx, *found.stray) : NameTaken(ctx, *found.name_taken);
  }
  return Next::kGoOn;
}

// "Already exists" may be the echo of an earlier request of ours that arrived late.
Result<Next> FindAfterExists(ReconcileContext& ctx, const Error& error) {
  auto found = FindOurs(ctx, ctx.identity);
  if (found && (!found->ours.empty() || found->name_taken || found->foreign || found->stray))
    return TakeFound(ctx, *found);
  if (!found && found.error().code == Code::kCancelled) return Fail(found.error());
  CAPSTAN_TRY(const Next next, SettleIntent(ctx));
  if (next == Next::kGoOn)
    return ctx.Refused(error, Reason::kCreateRejected, "the cloud refused to create it");
  return next;
}

Result<Next> AfterCreate(ReconcileContext& ctx, const external::Outcome& outcome) {
  const CreateOutcome fate = JudgeCreate(outcome);
  const Error error = ErrorOf(outcome);
  if (fate == CreateOutcome::kCreated) {
    CAPSTAN_STEP(RecordId(ctx, outcome.id, {}));
    ctx.Ready("False", Reason::kCreating, StrCat("cloud object ", outcome.id, " was accepted by the cloud"));
    ctx.Synced("False", Reason::kWaiting, "it has not been observed yet");
    ctx.Again(ctx.options().poll_changing);
    return Next::kStop;
  }
  if (fate == CreateOutcome::kNotCreated) {
    if (error.code == Code::kAlreadyExists) return FindAfterExists(ctx, error);
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    ctx.Ready("False", Reason::kPending, "nothing has been created");
    return AfterRefusal(ctx, outcome, {"create it", Reason::kCreateRejected, std::nullopt});
  }
  if (error.code == Code::kCancelled && ctx.context.stopped()) return Fail(error);
  ctx.log().Warning("the outcome of a create is unknown", {{"object", ctx.What()}, {"error", error.message}});
  return SettleIntent(ctx);
}

}  // namespace

Next AwaitAdoption(ReconcileContext& ctx, const Mirror& mirror) {
  ctx.Ready("False", Reason::kPending,
            "waits for a decision about the cloud object of an earlier Kubernetes object");
  const auto& metadata = ctx.object.metadata();
  return ctx.Blocked(Reason::kAwaitingAdoption,
                     StrCat("annotation ", kExternalAnnotation, " says that cloud object ", mirror.id,
                            " belonged to this object before it was restored or created again. The operator "
                            "creates no second one. To adopt it again: ",
                            AdoptionLine(ctx.object, ctx.info(), mirror.id),
                            " (with managementPolicy Full the operator also changes it). To create a new "
                            "one: kubectl annotate ",
                            ctx.kind().resource(), " ", metadata.name,
                            metadata.namespace_.empty() ? std::string() : StrCat(" -n ", metadata.namespace_),
                            " ", kExternalAnnotation, "-"),
                     ctx.options().poll_blocked);
}

Result<Next> Make(ReconcileContext& ctx) {
  ctx.Ready("False", Reason::kPending, "nothing has been created yet");
  if (const auto mirror = ReadMirror(ctx.object);
      mirror && mirror->uid != ctx.object.uid() && !mirror->id.empty() && !ctx.record.pending) {
    return AwaitAdoption(ctx, *mirror);
  }
  CAPSTAN_STEP(EnsureFinalizer(ctx));
  CAPSTAN_RETURN_IF_ERROR(HoldSecret(ctx));
  if (!ctx.MayChange()) return Next::kStop;

  Instant written = ctx.now();
  CAPSTAN_STEP(WriteIntent(ctx, kCreateStep));
  auto found = FindOurs(ctx, ctx.identity);
  if (!found) {
    // No request of this attempt was sent; if even clearing fails, the next reconcile treats it as
    // unknown, which is only slower.
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return ctx.Trouble(found.error(), "cannot list what the account has");
  }
  CAPSTAN_STEP(TakeFound(ctx, *found));

  if (ctx.now() - written > ctx.options().intent_age) {
    written = ctx.now();
    CAPSTAN_STEP(WriteIntent(ctx, kCreateStep));
  }
  if (!ctx.MayChange() || ctx.now() - written > ctx.options().intent_age) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    ctx.Synced(
        "False", Reason::kWaiting,
        "the recorded intent is too old, or the lease too short, for a request; the operator tries again");
    ctx.Again(std::chrono::seconds(1));
    return Next::kStop;
  }
  return AfterCreate(ctx, ctx.cloud->Create(ctx.identity, ctx.Desired(), ctx.Changing()));
}

}  // namespace capstan::managed
