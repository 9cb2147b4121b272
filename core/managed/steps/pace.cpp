// How often to observe: a changing object every few seconds, a stable one once a minute, and from a
// list if a recent one exists; docs/decisions/007-one-list-for-all.md has the figures.
#include <algorithm>
#include <array>
#include <string_view>

#include <capstan/core/managed/memory/last_reconciles.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// An operation of five minutes is noticed within ten seconds of its end; one that hangs costs no
// more than a stable object.
constexpr int kPartOfItsAge = 30;

// Whether the object was changing at its last reconcile.
bool WasMoving(const ReconcileContext& ctx) {
  const auto is = [&](std::string_view type, std::initializer_list<Reason> reasons) {
    const std::string reason = ctx.ConditionReason(type);
    return std::any_of(reasons.begin(), reasons.end(),
                       [&](Reason known) { return reason == ReasonName(known); });
  };
  return ctx.object.deleting() ||
         is("Ready", {Reason::kPending, Reason::kCreating, Reason::kCreatingTooLong, Reason::kUpdating,
                      Reason::kDeleting, Reason::kNotVisible}) ||
         is("Synced", {Reason::kApplying, Reason::kWaiting});
}

}  // namespace

Duration Pace(ReconcileContext& ctx, bool moving) {
  const auto& options = ctx.options();
  const Duration since = ctx.setting.last_reconciles->Moving(ctx.object.key(), moving, ctx.now());
  if (!moving) return options.poll_stable;
  return std::clamp(since / kPartOfItsAge, options.poll_changing,
                    std::max(options.poll_changing, options.poll_stable));
}

// A stable object is observed from a list that was requested since the last look, or almost: a
// change is noticed at the latest by the second look that follows it.
Duration LookAge(ReconcileContext& ctx) {
  return WasMoving(ctx) ? Pace(ctx, true) : RestingLookAge(ctx.options());
}

Duration RestingLookAge(const ManagedOptions& options) {
  return options.poll_stable - options.poll_stable / 12;
}

void LookAgainLater(ReconcileContext& ctx) {
  if (!ctx.observed) return;
  const auto phase = ctx.observed->phase;
  ctx.Again(Pace(ctx, phase == external::Phase::kCreating || phase == external::Phase::kUpdating ||
                          phase == external::Phase::kDeleting || ctx.waits));
}

}  // namespace capstan::managed
