// Compares spec and cloud, and applies one step. The next reconcile observes again and applies the
// next step, so a crash between two steps loses nothing.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/plan_view.hpp>
#include <capstan/core/managed/steps/judge.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// An approval names a hash, and covers everything that was to be destroyed when it was given, until
// that is done. What it covers is recorded before the first destructive step, because the hash
// changes with each step, and so that the approval counts as used.
Result<bool> Approved(ReconcileContext& ctx, const external::Plan& plan) {
  if (!Approves(ctx.object, ctx.record, plan)) return false;
  const auto hashes = DestructionHashes(plan);
  const auto given = ctx.object.Annotation(kApproveAnnotation);
  if (given != PlanHash(plan) || ctx.record.approval == given) return true;
  auto list = json::MakeArray();
  for (const auto& hash : hashes) list->add(hash);
  auto external = json::MakeObject(), status = json::MakeObject();
  external->set("approval", std::string(*given));
  external->set("approved", list);
  status->set("external", external);
  CAPSTAN_RETURN_IF_ERROR(ctx.PatchStatus(status));
  return true;
}

// Everything it was given for is done. If it stayed, it would approve the next user's same edit
// later.
Status UseUpApproval(ReconcileContext& ctx) {
  if (ctx.record.approval.empty()) return {};
  if (ctx.object.Annotation(kApproveAnnotation) == ctx.record.approval) {
    auto annotations = json::MakeObject(), metadata = json::MakeObject(), fields = json::MakeObject();
    annotations->set(kApproveAnnotation, json::Tree());
    metadata->set("annotations", annotations);
    fields->set("metadata", metadata);
    CAPSTAN_RETURN_IF_ERROR(ctx.PatchObject(fields));
  }
  ctx.external_changes->set("approval", json::Tree());
  ctx.external_changes->set("approved", json::Tree());
  return {};
}

void ShowPlan(ReconcileContext& ctx, const external::Plan& plan, const std::string& current) {
  const std::string& field = ctx.info().plan_status_field;
  if (field.empty()) return;
  const json::Tree none;
  if (IsNothing(plan)) return void(ctx.fields->set(field, none));
  auto shown = json::ParseObject(PlanToJson(plan, current));
  if (!shown) return;
  // A merge patch must remove what an earlier plan left.
  for (const char* member :
       {"hash", "current", "waiting", "monthlyCostChange", "steps", "differences", "unsupported"}) {
    if (!(*shown)->has(member)) (*shown)->set(member, none);
  }
  ctx.fields->set(field, *shown);
}

// The value of spec that agrees with the cloud; empty: unknown.
std::string Matching(const external::Plan& plan, const std::string& field) {
  const auto same = std::find_if(plan.differences.begin(), plan.differences.end(),
                                 [&](const auto& difference) { return difference.field == field; });
  return same == plan.differences.end() || same->seen.empty()
             ? ""
             : StrCat("; to keep what is there, set ", field, " to ", same->seen);
}

// Possibly no user edited anything: a version or a tag may have been changed in the cloud. So the
// advice is how to make both agree, and never to remove what runs.
Next Unsupported(ReconcileContext& ctx, const external::Plan& plan) {
  std::string message = "the spec differs from the cloud object in fields that cannot be changed: ";
  for (std::size_t i = 0; i < plan.unsupported.size(); ++i) {
    const auto& item = plan.unsupported[i];
    message += StrCat(i ? "; " : "", item.field, " (", item.why, Matching(plan, item.field), ")");
  }
  ctx.Synced(
      "False", Reason::kUpdateUnsupported,
      message + ". The operator leaves them alone. What was changed in the cloud can be changed back there");
  return Next::kGoOn;
}

// Surplus objects are observed one by one: lists are expensive, and surplus is rare.
Result<Next> LookAtSurplus(ReconcileContext& ctx) {
  std::vector<std::string> left;
  for (const auto& id : ctx.record.surplus) {
    auto seen = ctx.cloud->Get(id, ctx.Reading());
    if (!seen && seen.error().code == Code::kCancelled) return Fail(seen.error());
    if (!seen || *seen) left.push_back(id);
  }
  if (left.size() != ctx.record.surplus.size()) {
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const auto& id : left) list->add(id);
    ctx.external_changes->set("surplus", list);
  }
  if (!left.empty()) {
    ctx.Synced(
        "False", Reason::kSurplusObjects,
        StrCat("the account has further cloud objects with our tag, made by an attempt whose outcome was "
               "unknown: ",
               Join(left, ", "),
               ". They cost money and are not used. Delete them; deleting this object removes them too"));
  }
  return Next::kGoOn;
}

// An object that is still being created agrees with the spec only as far as its request did.
Next StillBeingMade(ReconcileContext& ctx) {
  ctx.Synced("False", Reason::kWaiting,
             "the cloud is still creating it; the operator compares it with the spec afterwards");
  ctx.waits = true;
  return Next::kGoOn;
}

Result<Next> NothingToDo(ReconcileContext& ctx, const external::Plan& plan) {
  if (!plan.unsupported.empty()) return Unsupported(ctx, plan);
  if (ctx.observed->phase == external::Phase::kCreating && plan.waiting.empty()) return StillBeingMade(ctx);
  if (!plan.waiting.empty()) {
    ctx.Synced("False", Reason::kWaiting, plan.waiting);
    ctx.waits = true;
    return Next::kGoOn;
  }
  ctx.Synced("True", Reason::kInSync, "the cloud object matches the spec");
  return ctx.record.surplus.empty() ? Result<Next>(Next::kGoOn) : LookAtSurplus(ctx);
}

// managementPolicy Observe: the plan is shown, not applied.
Next ReportOnly(ReconcileContext& ctx, const external::Plan& plan) {
  if (plan.steps.empty() && plan.unsupported.empty() && plan.differences.empty()) {
    if (ctx.observed->phase == external::Phase::kCreating && plan.waiting.empty()) return StillBeingMade(ctx);
    ctx.waits = !plan.waiting.empty();
    ctx.Synced(ctx.waits ? "False" : "True", ctx.waits ? Reason::kWaiting : Reason::kInSync,
               ctx.waits ? plan.waiting : "nothing differs from the spec");
    return Next::kGoOn;
  }
  std::string message = "managementPolicy is Observe, so the operator changes nothing. ";
  if (!plan.steps.empty()) {
    message += StrCat("Full would begin with: ", DescribeStep(plan.steps.front()));
    if (plan.steps.size() > 1) message += StrCat(" (", plan.steps.size(), " steps in all)");
  } else if (!plan.unsupported.empty()) {
    message +=
        StrCat("Full could not change ", plan.unsupported.front().field, ": ", plan.unsupported.front().why);
  } else {
    message += StrCat(plan.differences.front().field, " differs");
  }
  const std::string& field = ctx.info().plan_status_field;
  if (!field.empty()) message += StrCat(". All of it is in status.", field);
  ctx.Synced("False", Reason::kObserveOnly, std::move(message));
  return Next::kGoOn;
}

Next AwaitApproval(ReconcileContext& ctx, const external::Plan& plan, const external::Step& step) {
  const std::string hash = PlanHash(plan);
  ctx.Synced("False", Reason::kApprovalNeeded,
             StrCat(step.makes ? "the next step replaces, and what it replaces is destroyed afterwards: "
                               : "the next step destroys: ",
                    DescribeStep(step), ". Approve it with annotation ", kApproveAnnotation, "=", hash,
                    ", or set spec.allowDestructive to true"));
  ctx.Again(ctx.options().poll_blocked);
  return Next::kGoOn;
}

Result<Next> ApplyStep(ReconcileContext& ctx, const external::Step& step) {
  // The object as it is now, not as it was before the cloud was observed.
  const std::int64_t generation = ctx.object.generation();
  CAPSTAN_RETURN_IF_ERROR(ctx.ReadAgain());
  if (ctx.object.generation() != generation || ctx.object.deleting()) {
    ctx.Again(Duration::zero());
    return Next::kStop;
  }
  if (!ctx.MayChange()) return Next::kStop;
  if (step.makes) return MakePart(ctx, step);
  const auto outcome = ctx.cloud->Apply(ctx.record.id, step, external::Identity{}, ctx.Changing());
  if (outcome.verdict != external::Verdict::kDone) {
    return AfterRefusal(ctx, outcome,
                        {DescribeStep(step), Reason::kUpdateRejected, ctx.options().poll_changing});
  }
  ctx.Synced("False", Reason::kApplying, DescribeStep(step));
  ctx.Again(ctx.options().poll_changing);
  if (!step.consumes.empty()) CAPSTAN_RETURN_IF_ERROR(UseUpRequests(ctx, {step.consumes}));
  return Next::kStop;
}

}  // namespace

Result<Next> CarryOut(ReconcileContext& ctx) {
  if (RefersOnly(ctx.object)) {  // it created or adopted this one before it became a reference
    ReportReference(ctx);
    return Next::kGoOn;
  }
  auto plan = ctx.cloud->MakePlan(ctx.Desired(), *ctx.observed);
  if (!plan) return ctx.Refused(plan.error(), Reason::kUpdateRejected, "the provider cannot plan this spec");
  if (ctx.record.pending) {
    const std::string target = ctx.record.pending->step;
    const bool wanted = std::any_of(plan->steps.begin(), plan->steps.end(), [&](const external::Step& step) {
      return step.makes && step.target == target;
    });
    if (wanted) {
      CAPSTAN_STEP(SettleIntent(ctx));  // and a settled one is overwritten by the next attempt
    } else {
      CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));  // it exists, or is no longer desired
    }
  }
  if (ObservesOnly(ctx.object, ctx.record)) {
    ShowPlan(ctx, *plan, "");
    return ReportOnly(ctx, *plan);
  }
  if (!plan->spent.empty()) {
    if (ctx.listed) {  // a list is no proof that nothing needs to be done
      CAPSTAN_TRY(const Next next, ObserveByItself(ctx));
      return next == Next::kStop ? Result<Next>(next) : CarryOut(ctx);
    }
    CAPSTAN_RETURN_IF_ERROR(UseUpRequests(ctx, plan->spent));
  }
  if (!NeedsConsent(*plan)) CAPSTAN_RETURN_IF_ERROR(UseUpApproval(ctx));
  ShowPlan(ctx, *plan, plan->steps.empty() ? "" : plan->steps.front().target);
  if (plan->steps.empty()) return NothingToDo(ctx, *plan);
  const external::Step& step = plan->steps.front();
  const external::Phase phase = ctx.observed->phase;
  if (phase == external::Phase::kCreating || phase == external::Phase::kDeleting ||
      (step.waits && (phase != external::Phase::kReady || !plan->waiting.empty()))) {
    ctx.Synced(
        "False", Reason::kWaiting,
        StrCat(plan->waiting.empty() ? "until it is ready" : plan->waiting, "; then: ", DescribeStep(step)));
    ctx.waits = true;
    return Next::kGoOn;
  }
  if (step.destroys) {
    CAPSTAN_TRY(const bool approved, Approved(ctx, *plan));
    if (!approved) return AwaitApproval(ctx, *plan, step);
  }
  if (ctx.listed) {
    CAPSTAN_TRY(const Next next, ObserveByItself(ctx));
    return next == Next::kStop ? Result<Next>(next) : CarryOut(ctx);
  }
  return ApplyStep(ctx, step);
}

}  // namespace capstan::managed
