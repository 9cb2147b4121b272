// A recorded cloud object that a Get does not find: perhaps too new to be shown, perhaps gone
// behind our back.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// How long the absence has to last still before it may be believed.
Duration Remaining(const Visit& visit) {
  const Duration window = visit.setting.options.create_settle + std::chrono::seconds(1);
  const Duration absent = Since(visit.record.absent_since, visit.Now()).value_or(Duration::zero());
  const Duration recorded = Since(visit.record.recorded_at, visit.Now()).value_or(window);
  return std::clamp(window - std::min(absent, recorded), Duration::zero(), window);
}

bool MakesAgain(const Visit& visit) { return MakesLostAgain(visit.object, visit.record, visit.setting.info); }

Result<Next> Lost(Visit& visit) {
  const std::string id = visit.record.id;
  if (!MakesAgain(visit)) {
    visit.Ready("False", Reason::kLost, StrCat("cloud object ", id, " is gone, and not by our doing"));
    return visit.Blocked(
        Reason::kWaiting,
        ObservesOnly(visit.object, visit.record) || WishToAdopt(visit.object, visit.setting.info)
            ? "it is not made again, for it was adopted or is only observed. Delete this object; or take "
              "spec.adopt away and set managementPolicy to Full and recreateIfLost to true"
            : "set spec.recreateIfLost to true to have it made again, or delete this object",
        visit.BackoffDelay());
  }
  if (!visit.MayChange()) return Next::kStop;
  visit.setting.parts.log.Warning("a cloud object is lost and will be made again",
                                  {{"object", visit.What()}, {"id", id}});
  CAPSTAN_CHECK_OK(ReplaceId(visit, "", {}));
  return Make(visit);
}

}  // namespace

Result<Next> NotThere(Visit& visit) {
  const std::string id = visit.record.id;
  if (!visit.account_proven) {
    return visit.Blocked(
        Reason::kAccountUnknown,
        StrCat("cloud object ", id,
               " is not found, but it cannot be told whether these credentials belong to "
               "account ",
               visit.record.account, ". Nothing is concluded. Let the token read the account"),
        visit.BackoffDelay());
  }
  if (visit.record.absent_since.empty()) visit.external_changes->set("absentSince", visit.Stamp());
  const Duration remaining = visit.record.absent_since.empty()
                                 ? visit.setting.options.create_settle + std::chrono::seconds(1)
                                 : Remaining(visit);
  if (remaining > Duration::zero()) {
    visit.Ready("Unknown", Reason::kNotVisible, StrCat("cloud object ", id, " is not found just now"));
    visit.Synced("False", Reason::kWaiting, "it has to stay away for a while before it counts as lost");
    visit.again = remaining;
    return Next::kStop;
  }
  const bool known = visit.ConditionReason("Ready") == ReasonName(Reason::kLost);
  if (!known || MakesAgain(visit)) {
    auto found = FindOurs(visit, visit.identity);
    if (!found && found.error().code != Code::kUnimplemented) {
      return visit.Trouble(found.error(), "cannot list what the account has");
    }
    if (found && found->foreign) {
      return visit.Blocked(Reason::kForeignOwner,
                           NotOursMessage(visit, *found->foreign, Reason::kForeignOwner),
                           visit.BackoffDelay());
    }
    if (found && !found->ours.empty()) {
      std::vector<std::string> rest;
      for (std::size_t i = 1; i < found->ours.size(); ++i) rest.push_back(found->ours[i].id);
      CAPSTAN_CHECK_OK(ReplaceId(visit, found->ours.front().id, rest));
      visit.Again(Duration::zero());
      return Next::kStop;
    }
  }
  return Lost(visit);
}

}  // namespace capstan::managed
