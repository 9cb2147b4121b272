// Intent, find, create, record: the part of the protocol that makes the one cloud object of this
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

Next NameTaken(ReconcileContext& ctx, const external::Observed& other) {
  ctx.Ready("False", Reason::kPending, "nothing has been made: the name is taken");
  return ctx.Blocked(Reason::kNameTaken,
                     StrCat("the account already has ", other.name, " with id ", other.id,
                            ", which is not ours. Choose another spec.name, remove or rename that one, or "
                            "take it over: ",
                            AdoptionLine(ctx.object, ctx.setting.info, other.id)),
                     ctx.BackoffDelay());
}

// Takes what a Find showed: kStop when that decides the matter, kGoOn when there is nothing.
Result<Next> TakeFound(ReconcileContext& ctx, const Found& found) {
  if (found.foreign) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return ctx.Blocked(Reason::kForeignOwner, NotOursMessage(ctx, *found.foreign, Reason::kForeignOwner),
                       ctx.BackoffDelay());
  }
  if (!found.ours.empty()) {
    CAPSTAN_TRY(const Next next, RecordId(ctx, found.ours.front().id, IdsAfterFirst(found.ours)));
    if (next == Next::kStop) return next;
    ctx.setting.parts.log.Info("found the cloud object of an earlier attempt",
                               {{"object", ctx.What()}, {"id", found.ours.front().id}});
    ctx.Ready("False", Reason::kCreating,
              StrCat("cloud object ", found.ours.front().id, " of an earlier attempt was found"));
    ctx.Synced("False", Reason::kWaiting, "it has not been looked at yet");
    ctx.Again(Duration::zero());
    return Next::kStop;
  }
  if (found.name_taken) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return NameTaken(ctx, *found.name_taken);
  }
  return Next::kGoOn;
}

// "Already exists" may be the echo of an earlier request of ours that came through late.
Result<Next> LookBehindExists(ReconcileContext& ctx, const Error& error) {
  auto found = FindOurs(ctx, ctx.identity);
  if (found && (!found->ours.empty() || found->name_taken || found->foreign)) return TakeFound(ctx, *found);
  if (!found && found.error().code == Code::kCancelled) return Fail(found.error());
  CAPSTAN_TRY(const Next next, SettleIntent(ctx));
  if (next == Next::kGoOn)
    return ctx.Refused(error, Reason::kCreateRejected, "the cloud refused to create it");
  return next;
}

Result<Next> AfterCreate(ReconcileContext& ctx, const external::Outcome& outcome) {
  const Fate fate = JudgeMaking(outcome);
  Error error = outcome.error.value_or(Error{});
  if (error.message.empty())
    error.message = StrCat("the provider answered ", external::VerdictName(outcome.verdict));
  if (fate == Fate::kMade) {
    CAPSTAN_TRY(const Next next, RecordId(ctx, outcome.id, {}));
    if (next == Next::kStop) return next;
    ctx.Ready("False", Reason::kCreating, StrCat("cloud object ", outcome.id, " was accepted by the cloud"));
    ctx.Synced("False", Reason::kWaiting, "it has not been looked at yet");
    ctx.Again(ctx.setting.options.poll_changing);
    return Next::kStop;
  }
  if (fate == Fate::kNotMade) {
    if (error.code == Code::kAlreadyExists) return LookBehindExists(ctx, error);
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    ctx.Ready("False", Reason::kPending, "nothing has been made");
    if (outcome.verdict == external::Verdict::kWait) {
      return ctx.Refused(error, Reason::kWaiting, "the cloud asks to try again later");
    }
    const bool spec = error.code == Code::kInvalidArgument || error.code == Code::kFailedPrecondition ||
                      error.code == Code::kNotFound || error.code == Code::kConflict ||
                      error.code == Code::kTooLarge || error.code == Code::kUnimplemented;
    const std::string doing = "the cloud refused to create it";
    return spec ? ctx.Refused(error, Reason::kCreateRejected, doing) : ctx.Trouble(error, doing);
  }
  if (error.code == Code::kCancelled && ctx.context.stopped()) return Fail(error);
  ctx.setting.parts.log.Warning("the outcome of a create is unknown",
                                {{"object", ctx.What()}, {"error", error.message}});
  return SettleIntent(ctx);
}

}  // namespace

Next AwaitAdoption(ReconcileContext& ctx, const Mirror& mirror) {
  ctx.Ready("False", Reason::kPending,
            "waits for a decision about the cloud object of an earlier Kubernetes object");
  const auto& metadata = ctx.object.metadata();
  return ctx.Blocked(
      Reason::kAwaitingAdoption,
      StrCat("annotation ", kExternalAnnotation, " says that cloud object ", mirror.id,
             " belonged to this object before it was restored or made again. No second one is made. To take "
             "it over again: ",
             AdoptionLine(ctx.object, ctx.setting.info, mirror.id),
             " (add managementPolicy Full to have it changed as well). To make a new one: kubectl annotate ",
             ctx.setting.kind.resource(), " ", metadata.name,
             metadata.namespace_.empty() ? std::string() : StrCat(" -n ", metadata.namespace_), " ",
             kExternalAnnotation, "-"),
      ctx.setting.options.poll_blocked);
}

Result<Next> Make(ReconcileContext& ctx) {
  ctx.Ready("False", Reason::kPending, "nothing has been made yet");
  if (const auto mirror = ReadMirror(ctx.object);
      mirror && mirror->uid != ctx.object.uid() && !mirror->id.empty() && !ctx.record.pending) {
    return AwaitAdoption(ctx, *mirror);
  }
  CAPSTAN_TRY(const Next finalizer, EnsureFinalizer(ctx));
  if (finalizer == Next::kStop) return finalizer;
  CAPSTAN_RETURN_IF_ERROR(HoldSecret(ctx));
  if (!ctx.MayChange()) return Next::kStop;

  Instant written = ctx.setting.parts.scheduler.Now();
  CAPSTAN_TRY(Next next, WriteIntent(ctx, kCreateStep));
  if (next == Next::kStop) return next;
  auto found = FindOurs(ctx, ctx.identity);
  if (!found) {
    // Nothing has left for this attempt; if even clearing fails, the next reconcile takes it for
    // unknown, which is only slower.
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return ctx.Trouble(found.error(), "cannot list what the account has");
  }
  CAPSTAN_TRY(next, TakeFound(ctx, *found));
  if (next == Next::kStop) return next;

  if (ctx.setting.parts.scheduler.Now() - written > ctx.setting.options.intent_age) {
    written = ctx.setting.parts.scheduler.Now();
    CAPSTAN_TRY(next, WriteIntent(ctx, kCreateStep));
    if (next == Next::kStop) return next;
  }
  if (!ctx.MayChange() || ctx.setting.parts.scheduler.Now() - written > ctx.setting.options.intent_age) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    ctx.Synced("False", Reason::kWaiting,
               "the intent grew too old, or the lease too short, for a request; trying again");
    ctx.Again(std::chrono::seconds(1));
    return Next::kStop;
  }
  return AfterCreate(ctx, ctx.cloud->Create(ctx.identity, ctx.Desired(), ctx.Changing()));
}

}  // namespace capstan::managed
