// What differs between spec and cloud, and one step against it. The next visit looks again and
// takes the next step, so a crash between two steps needs no memory.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/plan_view.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// An approval names a hash, and holds for all that was to be destroyed when it was given, until
// that is done. What it covers is written down before the first of it goes, for the hash changes
// with each step, and so that it is known to be used.
Result<bool> Approved(Visit& visit, const external::Plan& plan) {
  if (!Approves(visit.object, visit.record, plan)) return false;
  const auto hashes = DestructionHashes(plan);
  const auto given = visit.object.Annotation(kApproveAnnotation);
  if (given != PlanHash(plan) || visit.record.approval == given) return true;
  auto list = json::MakeArray();
  for (const auto& hash : hashes) list->add(hash);
  auto external = json::MakeObject(), status = json::MakeObject();
  external->set("approval", std::string(*given));
  external->set("approved", list);
  status->set("external", external);
  CAPSTAN_CHECK_OK(visit.PatchStatus(status));
  return true;
}

// All that it was given for is done. Left where it is, it would speak for whoever makes the same
// edit later.
Status UseUpApproval(Visit& visit) {
  if (visit.record.approval.empty()) return {};
  if (visit.object.Annotation(kApproveAnnotation) == visit.record.approval) {
    auto annotations = json::MakeObject(), metadata = json::MakeObject(), fields = json::MakeObject();
    annotations->set(kApproveAnnotation, json::Tree());
    metadata->set("annotations", annotations);
    fields->set("metadata", metadata);
    CAPSTAN_CHECK_OK(visit.PatchObject(fields));
  }
  visit.external_changes->set("approval", json::Tree());
  visit.external_changes->set("approved", json::Tree());
  return {};
}

void ShowPlan(Visit& visit, const external::Plan& plan, const std::string& current) {
  const std::string& field = visit.setting.info.plan_status_field;
  if (field.empty()) return;
  const json::Tree none;
  if (IsNothing(plan)) return void(visit.fields->set(field, none));
  auto shown = json::ParseObject(PlanToJson(plan, current));
  if (!shown) return;
  // A merge patch must take away what an earlier plan left.
  for (const char* member :
       {"hash", "current", "waiting", "monthlyCostChange", "steps", "differences", "unsupported"}) {
    if (!(*shown)->has(member)) (*shown)->set(member, none);
  }
  visit.fields->set(field, *shown);
}

Next Unsupported(Visit& visit, const external::Plan& plan) {
  std::string message = "this edit cannot be carried out: ";
  for (std::size_t i = 0; i < plan.unsupported.size(); ++i) {
    message += StrCat(i ? "; " : "", plan.unsupported[i].field, " (", plan.unsupported[i].why, ")");
  }
  visit.Synced("False", Reason::kUpdateUnsupported,
               message + ". Change it back, or delete the object and make a new one");
  return Next::kGoOn;
}

// Surplus objects are looked at one by one: lists are dear, and there are hardly ever any.
Result<Next> LookAtSurplus(Visit& visit) {
  std::vector<std::string> left;
  for (const auto& id : visit.record.surplus) {
    auto seen = visit.cloud->Get(id, visit.Reading());
    if (!seen && seen.error().code == Code::kCancelled) return Fail(seen.error());
    if (!seen || *seen) left.push_back(id);
  }
  if (left.size() != visit.record.surplus.size()) {
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const auto& id : left) list->add(id);
    visit.external_changes->set("surplus", list);
  }
  if (!left.empty()) {
    visit.Synced(
        "False", Reason::kSurplusObjects,
        StrCat("the account has further cloud objects with our tag, made by an attempt whose outcome was "
               "unknown: ",
               Join(left, ", "),
               ". They cost money and are not used. Delete them; deleting this object removes them too"));
  }
  return Next::kGoOn;
}

Result<Next> NothingToDo(Visit& visit, const external::Plan& plan) {
  if (!plan.unsupported.empty()) return Unsupported(visit, plan);
  if (!plan.waiting.empty()) {
    visit.Synced("False", Reason::kWaiting, plan.waiting);
    visit.waits = true;
    return Next::kGoOn;
  }
  visit.Synced("True", Reason::kInSync, "the spec is carried out");
  return visit.record.surplus.empty() ? Result<Next>(Next::kGoOn) : LookAtSurplus(visit);
}

// managementPolicy Observe: what would be done is shown, and nothing is.
Next TellOnly(Visit& visit, const external::Plan& plan) {
  if (plan.steps.empty() && plan.unsupported.empty() && plan.differences.empty()) {
    visit.waits = !plan.waiting.empty();
    visit.Synced(visit.waits ? "False" : "True", visit.waits ? Reason::kWaiting : Reason::kInSync,
                 visit.waits ? plan.waiting : "nothing differs from the spec");
    return Next::kGoOn;
  }
  std::string message = "managementPolicy is Observe, so nothing is changed. ";
  if (!plan.steps.empty()) {
    message += StrCat("Full would begin with: ", DescribeStep(plan.steps.front()));
    if (plan.steps.size() > 1) message += StrCat(" (", plan.steps.size(), " steps in all)");
  } else if (!plan.unsupported.empty()) {
    message +=
        StrCat("Full could not change ", plan.unsupported.front().field, ": ", plan.unsupported.front().why);
  } else {
    message += StrCat(plan.differences.front().field, " differs");
  }
  const std::string& field = visit.setting.info.plan_status_field;
  if (!field.empty()) message += StrCat(". All of it is in status.", field);
  visit.Synced("False", Reason::kObserveOnly, std::move(message));
  return Next::kGoOn;
}

Next AwaitApproval(Visit& visit, const external::Plan& plan, const external::Step& step) {
  const std::string hash = PlanHash(plan);
  visit.Synced("False", Reason::kApprovalNeeded,
               StrCat(step.makes ? "the next step replaces, and what it replaces is destroyed afterwards: "
                                 : "the next step destroys: ",
                      DescribeStep(step), ". Approve it with annotation ", kApproveAnnotation, "=", hash,
                      ", or set spec.allowDestructive to true"));
  visit.Again(visit.setting.options.poll_blocked);
  return Next::kGoOn;
}

Result<Next> ApplyStep(Visit& visit, const external::Step& step) {
  // The object as it is now, not as it was before the cloud was asked.
  const std::int64_t generation = visit.object.generation();
  CAPSTAN_CHECK_OK(visit.ReadAgain());
  if (visit.object.generation() != generation || visit.object.deleting()) {
    visit.Again(Duration::zero());
    return Next::kStop;
  }
  if (!visit.MayChange()) return Next::kStop;
  if (step.makes) return MakePart(visit, step);
  const auto outcome = visit.cloud->Apply(visit.record.id, step, external::Identity{}, visit.Changing());
  Error error = outcome.error.value_or(Error{});
  if (error.message.empty())
    error.message = StrCat("the provider answered ", external::VerdictName(outcome.verdict));
  switch (outcome.verdict) {
    case external::Verdict::kDone:
      visit.setting.parts.log.Info("applied a step",
                                   {{"object", visit.What()}, {"step", DescribeStep(step)}});
      visit.Synced("False", Reason::kApplying, DescribeStep(step));
      visit.Again(visit.setting.options.poll_changing);
      return Next::kStop;
    case external::Verdict::kWait:
      visit.Synced("False", Reason::kWaiting,
                   StrCat("the cloud is not ready to ", DescribeStep(step), ": ", error.message));
      visit.Again(visit.setting.options.poll_changing);
      return Next::kStop;
    case external::Verdict::kRejected:
    case external::Verdict::kNotFound: {
      const bool spec = error.code == Code::kInvalidArgument || error.code == Code::kFailedPrecondition ||
                        error.code == Code::kConflict || error.code == Code::kAlreadyExists ||
                        error.code == Code::kNotFound || error.code == Code::kUnimplemented;
      const std::string doing = "the cloud refused to " + DescribeStep(step);
      return spec ? visit.Refused(error, Reason::kUpdateRejected, doing) : visit.Trouble(error, doing);
    }
    case external::Verdict::kUnknown:
      return visit.Trouble(error, "it is not known yet whether this was done: " + DescribeStep(step));
  }
  return Next::kStop;
}

}  // namespace

Result<Next> CarryOut(Visit& visit) {
  auto plan = visit.cloud->MakePlan(visit.Desired(), *visit.observed);
  if (!plan)
    return visit.Refused(plan.error(), Reason::kUpdateRejected, "the provider cannot plan this spec");
  if (visit.record.pending) {
    const std::string target = visit.record.pending->step;
    const bool wanted = std::any_of(plan->steps.begin(), plan->steps.end(), [&](const external::Step& step) {
      return step.makes && step.target == target;
    });
    if (wanted) {
      CAPSTAN_TRY(const Next next, SettleIntent(visit));
      if (next == Next::kStop) return next;  // and a settled one is overwritten by the next attempt
    } else {
      CAPSTAN_CHECK_OK(ClearIntent(visit));  // it is there, or nobody wants it any more
    }
  }
  if (ObservesOnly(visit.object, visit.record)) {
    ShowPlan(visit, *plan, "");
    return TellOnly(visit, *plan);
  }
  if (!NeedsConsent(*plan)) CAPSTAN_CHECK_OK(UseUpApproval(visit));
  ShowPlan(visit, *plan, plan->steps.empty() ? "" : plan->steps.front().target);
  if (plan->steps.empty()) return NothingToDo(visit, *plan);
  const external::Step& step = plan->steps.front();
  const external::Phase phase = visit.observed->phase;
  if (phase == external::Phase::kCreating || phase == external::Phase::kDeleting ||
      (step.waits && (phase != external::Phase::kReady || !plan->waiting.empty()))) {
    visit.Synced(
        "False", Reason::kWaiting,
        StrCat(plan->waiting.empty() ? "until it is ready" : plan->waiting, "; then: ", DescribeStep(step)));
    visit.waits = true;
    return Next::kGoOn;
  }
  if (step.destroys) {
    CAPSTAN_TRY(const bool approved, Approved(visit, *plan));
    if (!approved) return AwaitApproval(visit, *plan, step);
  }
  if (visit.listed) {
    CAPSTAN_TRY(const Next next, ObserveByItself(visit));
    return next == Next::kStop ? Result<Next>(next) : CarryOut(visit);
  }
  return ApplyStep(visit, step);
}

}  // namespace capstan::managed
