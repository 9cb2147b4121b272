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

Next NameTaken(Visit& visit, const external::Observed& other) {
  visit.Ready("False", Reason::kPending, "nothing has been made: the name is taken");
  return visit.Blocked(Reason::kNameTaken,
                       StrCat("the account already has ", other.name, " with id ", other.id,
                              ", which is not ours. Choose another spec.name, remove or rename that one, or "
                              "take it over: ",
                              AdoptionLine(visit.object, visit.setting.info, other.id)),
                       visit.BackoffDelay());
}

// Takes what a Find showed: kStop when that decides the matter, kGoOn when there is nothing.
Result<Next> TakeFound(Visit& visit, const Found& found) {
  if (found.foreign) {
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    return visit.Blocked(Reason::kForeignOwner, NotOursMessage(visit, *found.foreign, Reason::kForeignOwner),
                         visit.BackoffDelay());
  }
  if (!found.ours.empty()) {
    CAPSTAN_TRY(const Next next, RecordId(visit, found.ours.front().id, IdsAfterFirst(found.ours)));
    if (next == Next::kStop) return next;
    visit.setting.parts.log.Info("found the cloud object of an earlier attempt",
                                 {{"object", visit.What()}, {"id", found.ours.front().id}});
    visit.Ready("False", Reason::kCreating,
                StrCat("cloud object ", found.ours.front().id, " of an earlier attempt was found"));
    visit.Synced("False", Reason::kWaiting, "it has not been looked at yet");
    visit.Again(Duration::zero());
    return Next::kStop;
  }
  if (found.name_taken) {
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    return NameTaken(visit, *found.name_taken);
  }
  return Next::kGoOn;
}

// "Already exists" may be the echo of an earlier request of ours that came through late.
Result<Next> LookBehindExists(Visit& visit, const Error& error) {
  auto found = FindOurs(visit, visit.identity);
  if (found && (!found->ours.empty() || found->name_taken || found->foreign)) return TakeFound(visit, *found);
  if (!found && found.error().code == Code::kCancelled) return Fail(found.error());
  CAPSTAN_TRY(const Next next, SettleIntent(visit));
  if (next == Next::kGoOn)
    return visit.Refused(error, Reason::kCreateRejected, "the cloud refused to create it");
  return next;
}

Result<Next> AfterCreate(Visit& visit, const external::Outcome& outcome) {
  const Fate fate = JudgeMaking(outcome);
  Error error = outcome.error.value_or(Error{});
  if (error.message.empty())
    error.message = StrCat("the provider answered ", external::VerdictName(outcome.verdict));
  if (fate == Fate::kMade) {
    CAPSTAN_TRY(const Next next, RecordId(visit, outcome.id, {}));
    if (next == Next::kStop) return next;
    visit.Ready("False", Reason::kCreating,
                StrCat("cloud object ", outcome.id, " was accepted by the cloud"));
    visit.Synced("False", Reason::kWaiting, "it has not been looked at yet");
    visit.Again(visit.setting.options.poll_changing);
    return Next::kStop;
  }
  if (fate == Fate::kNotMade) {
    if (error.code == Code::kAlreadyExists) return LookBehindExists(visit, error);
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    visit.Ready("False", Reason::kPending, "nothing has been made");
    if (outcome.verdict == external::Verdict::kWait) {
      return visit.Refused(error, Reason::kWaiting, "the cloud asks to try again later");
    }
    const bool spec = error.code == Code::kInvalidArgument || error.code == Code::kFailedPrecondition ||
                      error.code == Code::kNotFound || error.code == Code::kConflict ||
                      error.code == Code::kTooLarge || error.code == Code::kUnimplemented;
    const std::string doing = "the cloud refused to create it";
    return spec ? visit.Refused(error, Reason::kCreateRejected, doing) : visit.Trouble(error, doing);
  }
  if (error.code == Code::kCancelled && visit.context.stopped()) return Fail(error);
  visit.setting.parts.log.Warning("the outcome of a create is unknown",
                                  {{"object", visit.What()}, {"error", error.message}});
  return SettleIntent(visit);
}

}  // namespace

Next AwaitAdoption(Visit& visit, const Mirror& mirror) {
  visit.Ready("False", Reason::kPending,
              "waits for a decision about the cloud object of an earlier Kubernetes object");
  const auto& metadata = visit.object.metadata();
  return visit.Blocked(
      Reason::kAwaitingAdoption,
      StrCat("annotation ", kExternalAnnotation, " says that cloud object ", mirror.id,
             " belonged to this object before it was restored or made again. No second one is made. To take "
             "it over again: ",
             AdoptionLine(visit.object, visit.setting.info, mirror.id),
             " (add managementPolicy Full to have it changed as well). To make a new one: kubectl annotate ",
             visit.setting.kind.resource(), " ", metadata.name,
             metadata.namespace_.empty() ? std::string() : StrCat(" -n ", metadata.namespace_), " ",
             kExternalAnnotation, "-"),
      visit.setting.options.poll_blocked);
}

Result<Next> Make(Visit& visit) {
  visit.Ready("False", Reason::kPending, "nothing has been made yet");
  if (const auto mirror = ReadMirror(visit.object);
      mirror && mirror->uid != visit.object.uid() && !mirror->id.empty() && !visit.record.pending) {
    return AwaitAdoption(visit, *mirror);
  }
  CAPSTAN_TRY(const Next finalizer, EnsureFinalizer(visit));
  if (finalizer == Next::kStop) return finalizer;
  CAPSTAN_CHECK_OK(HoldSecret(visit));
  if (!visit.MayChange()) return Next::kStop;

  Instant written = visit.setting.parts.scheduler.Now();
  CAPSTAN_TRY(Next next, WriteIntent(visit, kCreateStep));
  if (next == Next::kStop) return next;
  auto found = FindOurs(visit, visit.identity);
  if (!found) {
    // Nothing has left for this attempt; if even clearing fails, the next visit takes it for
    // unknown, which is only slower.
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    return visit.Trouble(found.error(), "cannot list what the account has");
  }
  CAPSTAN_TRY(next, TakeFound(visit, *found));
  if (next == Next::kStop) return next;

  if (visit.setting.parts.scheduler.Now() - written > visit.setting.options.intent_age) {
    written = visit.setting.parts.scheduler.Now();
    CAPSTAN_TRY(next, WriteIntent(visit, kCreateStep));
    if (next == Next::kStop) return next;
  }
  if (!visit.MayChange() ||
      visit.setting.parts.scheduler.Now() - written > visit.setting.options.intent_age) {
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    visit.Synced("False", Reason::kWaiting,
                 "the intent grew too old, or the lease too short, for a request; trying again");
    visit.Again(std::chrono::seconds(1));
    return Next::kStop;
  }
  return AfterCreate(visit, visit.cloud->Create(visit.identity, visit.Desired(), visit.Changing()));
}

}  // namespace capstan::managed
