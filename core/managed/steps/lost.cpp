// A recorded cloud object that a Get does not find: it may be too new to be shown, or it was
// removed without us.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// How much longer the absence has to last before it counts.
Duration Remaining(const ReconcileContext& ctx) {
  const Duration window = ctx.options().create_settle + std::chrono::seconds(1);
  const Duration absent = Since(ctx.record.absent_since, ctx.server_time()).value_or(Duration::zero());
  const Duration recorded = Since(ctx.record.recorded_at, ctx.server_time()).value_or(window);
  return std::clamp(window - std::min(absent, recorded), Duration::zero(), window);
}

bool Recreates(const ReconcileContext& ctx) { return RecreatesLost(ctx.object, ctx.record, ctx.info()); }

Result<Next> Lost(ReconcileContext& ctx) {
  const std::string id = ctx.record.id;
  if (!Recreates(ctx)) {
    ctx.Ready("False", Reason::kLost,
              StrCat("cloud object ", id, " is gone, and the operator did not delete it"));
    return ctx.BackOff(
        Reason::kWaiting,
        ObservesOnly(ctx.object, ctx.record) || RequestedAdoption(ctx.object, ctx.info())
            ? "the operator does not create it again, because it was adopted or is only observed. Delete "
              "this object; or remove spec.adopt and set managementPolicy to Full and recreateIfLost to true"
            : "set spec.recreateIfLost to true to create it again, or delete this object");
  }
  if (const std::string invalid = InvalidCoreField(ctx.object, ctx.info()); !invalid.empty())
    return ctx.BackOff(Reason::kSpecInvalid, invalid + ". The operator creates nothing until then");
  if (!ctx.MayChange()) return Next::kStop;
  ctx.log().Warning("a cloud object is lost: creating it again", {{"object", ctx.What()}, {"id", id}});
  CAPSTAN_RETURN_IF_ERROR(ReplaceId(ctx, "", {}));
  return Make(ctx);
}

}  // namespace

Result<Next> NotThere(ReconcileContext& ctx) {
  const std::string id = ctx.record.id;
  if (!ctx.account_proven) {
    return ctx.BackOff(
        Reason::kAccountUnknown,
        StrCat(CannotTellAccount(StrCat("cloud object ", id, " is not found, but "), ctx.record.account),
               ". The operator does not count it as lost. ", HowToProveAccount(ctx.record.account),
               ", or abandon it: delete this object with annotation ", kAbandonAnnotation, "=", id));
  }
  if (ctx.record.absent_since.empty()) ctx.external_changes->set("absentSince", ctx.Stamp());
  const Duration remaining = ctx.record.absent_since.empty()
                                 ? ctx.options().create_settle + std::chrono::seconds(1)
                                 : Remaining(ctx);
  if (remaining > Duration::zero()) {
    ctx.Ready("Unknown", Reason::kNotVisible, StrCat("cloud object ", id, " is not found at the moment"));
    ctx.Synced("False", Reason::kWaiting, "it counts as lost only when it stays missing for a while");
    ctx.again = remaining;
    return Next::kStop;
  }
  const bool known = ctx.ConditionReason("Ready") == ReasonName(Reason::kLost);
  if (!known || Recreates(ctx)) {
    auto found = FindOurs(ctx, ctx.identity);
    if (!found && found.error().code != Code::kUnimplemented) {
      return ctx.Trouble(found.error(), "cannot list what the account has");
    }
    if (found && found->foreign) {
      return ctx.BackOff(Reason::kForeignOwner, NotOursMessage(ctx, *found->foreign, Reason::kForeignOwner));
    }
    if (found && !found->ours.empty()) {
      std::vector<std::string> rest;
      for (std::size_t i = 1; i < found->ours.size(); ++i) rest.push_back(found->ours[i].id);
      CAPSTAN_RETURN_IF_ERROR(ReplaceId(ctx, found->ours.front().id, rest));
      ctx.Again(Duration::zero());
      return Next::kStop;
    }
  }
  return Lost(ctx);
}

}  // namespace capstan::managed
