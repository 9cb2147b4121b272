// A part of the cloud object (a node pool) is created with the same protocol. Its id is not
// recorded: what counts is that the plan no longer asks for it, so the intent stays until then, or
// until the settle window has passed.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/steps/judge.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// kGoOn: no such part exists.
Result<Next> LookForPart(ReconcileContext& ctx, const external::Identity& identity) {
  auto found = FindOurs(ctx, identity);
  if (!found) {
    // Then only the settled plan decides.
    if (found.error().code == Code::kUnimplemented) return Next::kGoOn;
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return ctx.Trouble(found.error(), "cannot list the parts of the cloud object");
  }
  auto& ours = found->ours;
  // A provider without parts returns the whole.
  ours.erase(
      std::remove_if(ours.begin(), ours.end(), [&](const auto& item) { return item.id == ctx.record.id; }),
      ours.end());
  if (!ours.empty()) {
    ctx.Synced("False", Reason::kApplying,
               StrCat(identity.target, " was made by an earlier attempt, with id ", ours.front().id));
    CAPSTAN_TRY(const Next next, SettleIntent(ctx));
    if (next == Next::kGoOn) ctx.Again(ctx.options().poll_changing);
    return Next::kStop;
  }
  if (found->stray) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return DoubtFind(ctx, *found->stray);
  }
  if (found->name_taken && found->name_taken->id != ctx.record.id) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return ctx.BackOff(Reason::kNameTaken, StrCat(found->name_taken->name, " exists already, with id ",
                                                  found->name_taken->id, ", and was not created for ",
                                                  identity.target, ". Choose another name, or delete it"));
  }
  return Next::kGoOn;
}

}  // namespace

Result<Next> MakePart(ReconcileContext& ctx, const external::Step& step) {
  external::Identity identity = ctx.identity;
  identity.parent = ctx.record.id;
  identity.target = step.target;
  Instant written = ctx.now();
  CAPSTAN_STEP(WriteIntent(ctx, step.target));
  CAPSTAN_STEP(LookForPart(ctx, identity));
  if (ctx.now() - written > ctx.options().intent_age) {
    written = ctx.now();
    CAPSTAN_STEP(WriteIntent(ctx, step.target));
  }
  if (!ctx.MayChange() || ctx.now() - written > ctx.options().intent_age) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    ctx.Again(std::chrono::seconds(1));
    return Next::kStop;
  }
  const auto outcome = ctx.cloud->Apply(ctx.record.id, step, identity, ctx.Changing());
  const Error error = ErrorOf(outcome);
  const std::string doing = StrCat(step.verb, " ", step.target);
  const CreateOutcome fate =
      outcome.verdict == external::Verdict::kDone ? CreateOutcome::kCreated : JudgeCreate(outcome);
  if (fate == CreateOutcome::kNotCreated && error.code != Code::kAlreadyExists) {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return AfterRefusal(ctx, outcome, {doing, Reason::kUpdateRejected, ctx.options().poll_changing});
  }
  if (error.code == Code::kCancelled && ctx.context.stopped()) return Fail(error);
  CAPSTAN_TRY([[maybe_unused]] const Next next, SettleIntent(ctx));
  if (fate == CreateOutcome::kCreated) {
    ctx.Synced("False", Reason::kApplying, StrCat(doing, ": ", step.why));
    ctx.again.reset();
    ctx.Again(ctx.options().poll_changing);
  }
  return Next::kStop;
}

}  // namespace capstan::managed
