// Adoption: an existing cloud object becomes the one of this Kubernetes object. Only its tags are
// written, and only by whoever holds the claim.
//
// Flow: see what is wanted; write an intent, which names the id; claim it; look again, for only now
// nobody else writes tags; write ours; see them; record. The tags may be written twice without
// harm, so an unknown outcome is tried again at once; only who changes his mind waits until no
// request can be under way.
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

Next Refuse(Visit& visit, Reason reason, const std::string& why) {
  visit.Ready("False", Reason::kPending, "nothing has been taken over");
  return visit.Blocked(reason, why, visit.BackoffDelay());
}

Next Claimed(Visit& visit, const std::string& id, const std::string& holder) {
  return Refuse(visit, Reason::kAdoptionClaimed,
                StrCat("cloud object ", id, " belongs to ", holder,
                       ", or is about to. One cloud object has "
                       "one Kubernetes object: delete that one (with deletionPolicy Retain the cloud object "
                       "stays), or take spec.adopt away here"));
}

// All of that name; what we have tagged already counts as well, in case its name was changed
// meanwhile.
Result<std::optional<Observed>> FindByName(Visit& visit, const std::string& name) {
  auto all = visit.cloud->Find(visit.identity, SearchDocument(visit.object, name), visit.Reading());
  if (!all && all.error().code == Code::kUnimplemented) {
    (void)Refuse(visit, Reason::kAdoptionRefused,
                 "this provider cannot look for names; give the id in spec.adopt instead");
    return std::optional<Observed>();
  }
  if (!all) {
    CAPSTAN_TRY(const Next stop, visit.Trouble(all.error(), "cannot list what the account has"));
    (void)stop;
    return std::optional<Observed>();
  }
  const auto ours = std::find_if(all->begin(), all->end(),
                                 [&](const Observed& item) { return item.identity == visit.identity.tag; });
  if (ours != all->end()) return std::optional<Observed>(std::move(*ours));
  std::vector<std::string> ids;
  for (const auto& item : *all) {
    if (item.name == name) ids.push_back(item.id);
  }
  if (ids.empty()) {
    (void)Refuse(visit, Reason::kAdoptionRefused,
                 StrCat("account ", visit.account, " has nothing named ", name,
                        ". Correct spec.adopt, or use credentials of its account"));
    return std::optional<Observed>();
  }
  if (ids.size() > 1) {
    std::sort(ids.begin(), ids.end());
    (void)Refuse(
        visit, Reason::kAdoptionRefused,
        StrCat("account ", visit.account, " has ", ids.size(), " things named ", name, ": ", Join(ids, ", "),
               ". Name one by its id: ", AdoptionLine(visit.object, visit.setting.info, ids.front())));
    return std::optional<Observed>();
  }
  return std::optional<Observed>(
      *std::find_if(all->begin(), all->end(), [&](const Observed& item) { return item.id == ids.front(); }));
}

// What spec.adopt names, as the cloud shows it now. Nothing: the visit has said why not.
Result<std::optional<Observed>> Wanted(Visit& visit, const AdoptionWish& wish) {
  if (wish.id.empty()) return FindByName(visit, wish.name);
  auto seen = visit.cloud->Get(wish.id, visit.Reading());
  if (!seen) {
    CAPSTAN_TRY(const Next stop,
                visit.Trouble(seen.error(), StrCat("cannot look at cloud object ", wish.id)));
    (void)stop;
    return std::optional<Observed>();
  }
  if (!*seen) {
    (void)Refuse(visit, Reason::kAdoptionRefused,
                 StrCat("cloud object ", wish.id, " is not in account ", visit.account,
                        ". Correct spec.adopt, or use credentials of its account"));
  }
  return std::move(*seen);
}

// Who else has it: the object whose identity tag it carries, or whose record names it. Empty:
// nobody.
Result<std::string> OtherOwner(Visit& visit, const Observed& seen) {
  std::vector<external::KindInfo> kinds = visit.setting.options.sharing;
  kinds.push_back(visit.setting.info);
  std::string owner;
  for (std::size_t i = 0; i < kinds.size() && owner.empty(); ++i) {
    const kube::Kind kind = KindOf(kinds[i]);
    const bool last = i + 1 == kinds.size();
    if (!last && kind == visit.setting.kind) continue;  // it stands last anyway
    CAPSTAN_TRY(const bool found, AnyOther(visit, kind, [&](const kube::Object& other) {
                  const bool has = kIdentityPrefix + other.uid() == seen.identity ||
                                   (last && ReadRecord(other).id == seen.id);
                  if (has) owner = StrCat(kind.resource(), " ", other.key());
                  return has;
                }));
    if (found) break;
  }
  return owner;
}

// kGoOn: nothing speaks against taking it over.
Result<Next> MayBeTaken(Visit& visit, const Observed& seen) {
  if (!seen.owner.empty() && !EqualsIgnoreCase(seen.owner, visit.identity.owner)) {
    return Refuse(visit, Reason::kForeignOwner, NotOursMessage(visit, seen, Reason::kForeignOwner));
  }
  if (seen.phase == external::Phase::kDeleting) {
    return Refuse(
        visit, Reason::kAdoptionRefused,
        StrCat("cloud object ", seen.id,
               " is being deleted, and what goes cannot be kept. Name another one in spec.adopt, or "
               "delete this object"));
  }
  CAPSTAN_TRY(const std::string owner, OtherOwner(visit, seen));
  return owner.empty() ? Next::kGoOn : Claimed(visit, seen.id, owner);
}

// Nothing was written, or nothing of ours is there: others may have it.
Status GiveBack(Visit& visit, const std::string& id) {
  CAPSTAN_CHECK_OK(ReleaseClaim(visit, id));
  return ClearIntent(visit);
}

Result<Next> RecordAdoption(Visit& visit, const Observed& seen) {
  CAPSTAN_TRY(const Next next, RecordId(visit, seen.id, {}));
  if (next == Next::kStop) return next;
  visit.setting.parts.log.Info("adopted a cloud object",
                               {{"object", visit.What()}, {"id", seen.id}, {"name", seen.name}});
  Show(visit, seen);
  visit.Synced("False", Reason::kWaiting,
               StrCat("cloud object ", seen.id, " was adopted and is now compared with the spec"));
  visit.Again(Duration::zero());
  return Next::kStop;
}

// Writes our tags and looks whether they are there.
Result<Next> WriteTags(Visit& visit, const std::string& id) {
  const auto outcome = visit.cloud->Adopt(id, visit.identity, visit.Changing());
  Error error = outcome.error.value_or(Error{});
  if (error.message.empty())
    error.message = StrCat("the provider answered ", external::VerdictName(outcome.verdict));
  if (error.code == Code::kCancelled && visit.context.stopped()) return Fail(error);
  const bool unable = outcome.verdict == external::Verdict::kRejected && error.code == Code::kUnimplemented;
  const Fate fate = outcome.verdict == external::Verdict::kDone ? Fate::kMade
                    : unable                                    ? Fate::kNotMade
                                                                : JudgeMaking(outcome);
  if (fate == Fate::kNotMade) {
    CAPSTAN_CHECK_OK(GiveBack(visit, id));
    visit.Ready("False", Reason::kPending, "nothing has been taken over");
    const std::string doing = "the cloud does not let cloud object " + id + " be adopted";
    if (outcome.verdict == external::Verdict::kWait) return visit.Refused(error, Reason::kWaiting, doing);
    const bool credentials = error.code == Code::kUnauthenticated || error.code == Code::kPermissionDenied ||
                             error.code == Code::kResourceExhausted;
    return credentials ? visit.Trouble(error, doing) : visit.Refused(error, Reason::kAdoptionRefused, doing);
  }
  if (fate == Fate::kUnknown) {
    visit.setting.parts.log.Warning("the outcome of an adoption is unknown",
                                    {{"object", visit.What()}, {"id", id}, {"error", error.message}});
  }
  auto seen = visit.cloud->Get(id, visit.Reading());
  if (!seen && (seen.error().code == Code::kCancelled || visit.context.stopped())) return Fail(seen.error());
  if (seen && *seen && !NotOurs(visit, **seen)) return RecordAdoption(visit, **seen);
  visit.Ready("False", Reason::kPending, "it is not known yet whether it was taken over");
  visit.Synced("False", Reason::kOutcomeUnknown,
               StrCat("cloud object ", id, " does not show our tags yet; it is looked at again"));
  visit.Again(visit.setting.options.poll_changing);
  return Next::kStop;
}

// Under an intent and the claim: nobody else writes tags now, so what is seen counts.
Result<Next> TakeOver(Visit& visit, const std::string& id, Instant written) {
  auto seen = visit.cloud->Get(id, visit.Reading());
  if (!seen) return visit.Trouble(seen.error(), StrCat("cannot look at cloud object ", id));
  if (!*seen) {
    CAPSTAN_CHECK_OK(GiveBack(visit, id));
    return Refuse(
        visit, Reason::kAdoptionRefused,
        StrCat("cloud object ", id, " is gone. Name another one in spec.adopt, or delete this object"));
  }
  CAPSTAN_TRY(const Next next, MayBeTaken(visit, **seen));
  if (next == Next::kStop) {
    CAPSTAN_CHECK_OK(GiveBack(visit, id));
    return next;
  }
  if (!NotOurs(visit, **seen)) return RecordAdoption(visit, **seen);
  if (visit.setting.parts.scheduler.Now() - written > visit.setting.options.intent_age) {
    written = visit.setting.parts.scheduler.Now();
    CAPSTAN_TRY(const Next again, WriteIntent(visit, kAdoptStep, id));
    if (again == Next::kStop) return again;
  }
  // As with a create: only a fresh intent and a lease that lasts may let a request out.
  if (!visit.MayChange() ||
      visit.setting.parts.scheduler.Now() - written > visit.setting.options.intent_age) {
    visit.Synced("False", Reason::kWaiting,
                 "the intent grew too old, or the lease too short, for a request; trying again");
    visit.Again(std::chrono::seconds(1));
    return Next::kStop;
  }
  return WriteTags(visit, id);
}

Result<Next> ClaimAndTakeOver(Visit& visit, const std::string& id) {
  CAPSTAN_TRY(const Claim claim, LookAtClaim(visit, id));
  if (!claim.holder.empty()) return Claimed(visit, id, claim.holder);
  const Instant written = visit.setting.parts.scheduler.Now();
  CAPSTAN_TRY(const Next next, WriteIntent(visit, kAdoptStep, id));
  if (next == Next::kStop) return next;
  CAPSTAN_TRY(const bool taken, TakeClaim(visit, id, claim));
  if (!taken) {
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    visit.Again(std::chrono::seconds(1));  // then it is seen who was faster
    return Next::kStop;
  }
  return TakeOver(visit, id, written);
}

// Kubernetes refuses what an adoption needs: people have to know, and a bare error would only be
// logged.
Result<Next> SayWhatIsForbidden(Visit& visit, const Error& error) {
  if (error.code != Code::kPermissionDenied || visit.context.stopped()) return Fail(error);
  return Refuse(visit, Reason::kAdoptionRefused,
                StrCat("this operator may not do what an adoption needs: ", error.message));
}

}  // namespace

Result<Next> TakeOwn(Visit& visit) {
  auto found = FindOurs(visit, visit.identity);
  if (!found && found.error().code != Code::kUnimplemented)
    return visit.Trouble(found.error(), "cannot list what the account has");
  if (found && found->foreign) {
    return Refuse(visit, Reason::kForeignOwner,
                  NotOursMessage(visit, *found->foreign, Reason::kForeignOwner));
  }
  if (!found || found->ours.empty()) {
    if (visit.record.pending && visit.record.pending->step == kCreateStep)
      CAPSTAN_CHECK_OK(ClearIntent(visit));
    return Next::kGoOn;
  }
  std::vector<std::string> rest;
  for (std::size_t i = 1; i < found->ours.size(); ++i) rest.push_back(found->ours[i].id);
  if (visit.record.pending) {
    CAPSTAN_TRY(const Next next, RecordId(visit, found->ours.front().id, rest));
    if (next == Next::kStop) return next;
  } else {
    CAPSTAN_CHECK_OK(ReplaceId(visit, found->ours.front().id, rest));
  }
  visit.Again(Duration::zero());
  return Next::kStop;
}

Result<Next> ForgetAdoption(Visit& visit) {
  const std::string id = visit.record.pending->id;
  CAPSTAN_TRY(const Next next, SettleIntent(visit));
  if (next == Next::kStop) return next;
  auto seen = visit.cloud->Get(id, visit.Reading());
  if (!seen) return visit.Trouble(seen.error(), StrCat("cannot look at cloud object ", id));
  if (*seen && !NotOurs(visit, **seen)) return RecordAdoption(visit, **seen);
  CAPSTAN_CHECK_OK(GiveBack(visit, id));
  visit.Again(Duration::zero());
  return Next::kStop;
}

Result<Next> AdoptExisting(Visit& visit, const AdoptionWish& wish) {
  visit.Ready("False", Reason::kPending, "nothing has been taken over yet");
  if (visit.record.doubt && !(visit.record.pending && visit.record.pending->step == kAdoptStep)) {
    CAPSTAN_TRY(const Next next, TakeOwn(visit));  // a second one of ours would be one too many
    if (next == Next::kStop) return next;
  }
  CAPSTAN_TRY(const auto wanted, Wanted(visit, wish));
  if (!wanted) return Next::kStop;
  if (visit.record.pending && visit.record.pending->id != wanted->id) return ForgetAdoption(visit);
  if (const auto mirror = ReadMirror(visit.object);
      mirror && mirror->uid != visit.object.uid() && !mirror->id.empty()) {
    if (mirror->id != wanted->id) return AwaitAdoption(visit, *mirror);
    if (IsAccountId(mirror->account) && IsAccountId(visit.account) && mirror->account != visit.account) {
      return Refuse(visit, Reason::kAccountChanged,
                    StrCat("the credentials belong to account ", visit.account, ", but cloud object ",
                           mirror->id, " was in account ", mirror->account));
    }
  }
  const bool begun = visit.record.pending.has_value();
  if (!begun) {  // the answer costs nothing yet; it is asked again under the claim
    auto may = MayBeTaken(visit, *wanted);
    if (!may) return SayWhatIsForbidden(visit, may.error());
    if (*may == Next::kStop) return *may;
  }
  CAPSTAN_TRY(const Next finalizer, EnsureFinalizer(visit));
  if (finalizer == Next::kStop) return finalizer;
  CAPSTAN_CHECK_OK(HoldSecret(visit));
  if (!visit.MayChange()) return Next::kStop;
  auto done = ClaimAndTakeOver(visit, wanted->id);
  return done ? done : SayWhatIsForbidden(visit, done.error());
}

}  // namespace capstan::managed
