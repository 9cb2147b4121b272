// A part of the whole (a node pool) is made under the same protocol. Its id is nobody's concern:
// what counts is that the plan does not ask for it any more, so the intent stays until then, or
// until the settle window has passed.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/steps/judge.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// kGoOn: there is no such part.
Result<Next> LookForPart(Visit& visit, const external::Identity& identity) {
  auto found = FindOurs(visit, identity);
  if (!found) {
    if (found.error().code == Code::kUnimplemented)
      return Next::kGoOn;  // then the settled plan alone decides
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    return visit.Trouble(found.error(), "cannot list the parts of the cloud object");
  }
  auto& ours = found->ours;
  // A provider that knows no parts names the whole.
  ours.erase(
      std::remove_if(ours.begin(), ours.end(), [&](const auto& item) { return item.id == visit.record.id; }),
      ours.end());
  if (!ours.empty()) {
    visit.Synced("False", Reason::kApplying,
                 StrCat(identity.target, " was made by an earlier attempt, with id ", ours.front().id));
    CAPSTAN_TRY(const Next next, SettleIntent(visit));
    if (next == Next::kGoOn) visit.Again(visit.setting.options.poll_changing);
    return Next::kStop;
  }
  if (found->name_taken && found->name_taken->id != visit.record.id) {
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    return visit.Blocked(
        Reason::kNameTaken,
        StrCat(found->name_taken->name, " is there already with id ", found->name_taken->id,
               ", and was not made for ", identity.target, ". Choose another name, or remove it"),
        visit.BackoffDelay());
  }
  return Next::kGoOn;
}

}  // namespace

Result<Next> MakePart(Visit& visit, const external::Step& step) {
  external::Identity identity = visit.identity;
  identity.parent = visit.record.id;
  identity.target = step.target;
  Instant written = visit.setting.parts.scheduler.Now();
  CAPSTAN_TRY(Next next, WriteIntent(visit, step.target));
  if (next == Next::kStop) return next;
  CAPSTAN_TRY(next, LookForPart(visit, identity));
  if (next == Next::kStop) return next;
  if (visit.setting.parts.scheduler.Now() - written > visit.setting.options.intent_age) {
    written = visit.setting.parts.scheduler.Now();
    CAPSTAN_TRY(next, WriteIntent(visit, step.target));
    if (next == Next::kStop) return next;
  }
  if (!visit.MayChange() ||
      visit.setting.parts.scheduler.Now() - written > visit.setting.options.intent_age) {
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    visit.Again(std::chrono::seconds(1));
    return Next::kStop;
  }
  const auto outcome = visit.cloud->Apply(visit.record.id, step, identity, visit.Changing());
  Error error = outcome.error.value_or(Error{});
  if (error.message.empty())
    error.message = StrCat("the provider answered ", external::VerdictName(outcome.verdict));
  const std::string doing = StrCat(step.verb, " ", step.target);
  const Fate fate = outcome.verdict == external::Verdict::kDone ? Fate::kMade : JudgeMaking(outcome);
  if (fate == Fate::kNotMade && error.code != Code::kAlreadyExists) {
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    if (outcome.verdict == external::Verdict::kWait) {
      visit.Synced("False", Reason::kWaiting,
                   StrCat("the cloud is not ready to ", doing, ": ", error.message));
      visit.Again(visit.setting.options.poll_changing);
      return Next::kStop;
    }
    const bool spec = error.code == Code::kInvalidArgument || error.code == Code::kFailedPrecondition ||
                      error.code == Code::kConflict || error.code == Code::kNotFound ||
                      error.code == Code::kUnimplemented;
    return spec ? visit.Refused(error, Reason::kUpdateRejected, "the cloud refused to " + doing)
                : visit.Trouble(error, "the cloud refused to " + doing);
  }
  if (error.code == Code::kCancelled && visit.context.stopped()) return Fail(error);
  CAPSTAN_TRY(next, SettleIntent(visit));
  if (fate == Fate::kMade) {
    visit.setting.parts.log.Info("made a part",
                                 {{"object", visit.What()}, {"part", step.target}, {"id", outcome.id}});
    visit.Synced("False", Reason::kApplying, StrCat(doing, ": ", step.why));
    visit.again.reset();
    visit.Again(visit.setting.options.poll_changing);
  }
  return Next::kStop;
}

}  // namespace capstan::managed
