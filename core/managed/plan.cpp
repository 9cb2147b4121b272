// What differs between spec and cloud, and one step against it. The next visit looks again and takes the next
// step, so a crash between two steps needs no memory.
#include <algorithm>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/detail/steps.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::managed {
namespace {

std::string Describe(const external::Step& step) {
  return StrCat(step.verb, " ", step.target, step.why.empty() ? "" : ": ", step.why);
}

// Tells plans apart by what they destroy: an approval holds for that and nothing else.
std::string HashOf(const external::Plan& plan) {
  std::string text;
  for (const auto& step : plan.steps) {
    if (step.destroys) text += StrCat(step.verb, "\n", step.target, "\n", step.arguments, "\n");
  }
  const std::string digest = Secret(std::move(text)).Fingerprint();
  return digest.substr(digest.find(':') + 1);
}

bool Approved(const Visit& visit, const std::string& hash) {
  return visit.object.BooleanAt("/spec/allowDestructive").value_or(false) ||
         visit.object.Annotation(kApproveAnnotation) == hash;
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
      visit.setting.parts.log.Info("applied a step", {{"object", visit.What()}, {"step", Describe(step)}});
      visit.Synced("False", Reason::kApplying, Describe(step));
      visit.Again(visit.setting.options.poll_changing);
      return Next::kStop;
    case external::Verdict::kWait:
      visit.Synced("False", Reason::kWaiting,
                   StrCat("the cloud is not ready to ", Describe(step), ": ", error.message));
      visit.Again(visit.setting.options.poll_changing);
      return Next::kStop;
    case external::Verdict::kRejected:
    case external::Verdict::kNotFound: {
      const bool spec = error.code == Code::kInvalidArgument || error.code == Code::kFailedPrecondition ||
                        error.code == Code::kConflict || error.code == Code::kAlreadyExists ||
                        error.code == Code::kNotFound || error.code == Code::kUnimplemented;
      const std::string doing = "the cloud refused to " + Describe(step);
      return spec ? visit.Refused(error, Reason::kUpdateRejected, doing) : visit.Trouble(error, doing);
    }
    case external::Verdict::kUnknown:
      return visit.Trouble(error, "it is not known yet whether this was done: " + Describe(step));
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
  if (plan->steps.empty()) {
    if (!plan->unsupported.empty()) return Unsupported(visit, *plan);
    visit.Synced("True", Reason::kInSync, "the spec is carried out");
    return visit.record.surplus.empty() ? Result<Next>(Next::kGoOn) : LookAtSurplus(visit);
  }
  const external::Step& step = plan->steps.front();
  const external::Phase phase = visit.observed->phase;
  if (phase == external::Phase::kCreating || phase == external::Phase::kDeleting ||
      (step.waits && phase != external::Phase::kReady)) {
    visit.Synced("False", Reason::kWaiting, StrCat("until it is ready; then: ", Describe(step)));
    return Next::kGoOn;
  }
  const std::string hash = HashOf(*plan);
  if (step.destroys && !Approved(visit, hash)) {
    visit.Synced("False", Reason::kApprovalNeeded,
                 StrCat("the next step destroys: ", Describe(step), ". Approve it with annotation ",
                        kApproveAnnotation, "=", hash, ", or set spec.allowDestructive to true"));
    visit.Again(visit.setting.options.poll_blocked);
    return Next::kGoOn;
  }
  return ApplyStep(visit, step);
}

}  // namespace capstan::managed
