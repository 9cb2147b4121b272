// A cloud that keeps neither tags nor names cannot tell the outcome of an attempt: the user states
// it.
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

Result<Next> ResolveByHand(ReconcileContext& ctx) {
  const Pending pending = *ctx.record.pending;
  const std::string prefix = StrCat(pending.attempt, "=");
  const std::string answer(ctx.object.Annotation(kResolveAnnotation).value_or(""));
  if (answer == prefix + "none") {
    CAPSTAN_RETURN_IF_ERROR(ClearIntent(ctx));
    return Next::kGoOn;
  }
  if (answer.rfind(prefix, 0) == 0 && answer.size() > prefix.size())
    return RecordId(ctx, answer.substr(prefix.size()), {});
  if (ctx.info().identity != external::IdentityKept::kNone) return Next::kGoOn;  // a Find will tell
  return ctx.Blocked(
      Reason::kOutcomeUnknown,
      StrCat("attempt ", pending.attempt, " (", pending.step, ", begun ", pending.started_at,
             ") may have created something, and this cloud offers no way to find out. Check there, and set "
             "annotation ",
             kResolveAnnotation, "=", prefix, "none or ", kResolveAnnotation, "=", prefix, "<id>"),
      ctx.options().poll_blocked);
}

Result<Next> SettleCreate(ReconcileContext& ctx) {
  const auto open = [&] { return ctx.record.pending && ctx.record.pending->step == kCreateStep; };
  if (open()) CAPSTAN_STEP(ResolveByHand(ctx));
  if (open()) CAPSTAN_STEP(SettleIntent(ctx));
  return Next::kGoOn;
}

}  // namespace capstan::managed
