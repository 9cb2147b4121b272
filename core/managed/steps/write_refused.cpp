// Writes that Kubernetes refuses (a webhook, a policy, a CRD that does not fit) are reported in
// condition Synced, or in an Event if not even that can be written.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// A conflict resolves itself with the next attempt, an object that is gone needs no report, and a
// server that is unreachable or overloaded accepts no Event either.
bool IsRefusal(const Error& error) {
  if (DeniedByAdmission(error)) return true;
  switch (error.code) {
    case Code::kInvalidArgument:
    case Code::kPermissionDenied:
    case Code::kTooLarge:
    case Code::kUnsupportedMedia:
    case Code::kUnimplemented:
      return true;
    case Code::kUnavailable:  // "Internal error occurred: failed calling webhook ..."
      return error.http_status == 500 && error.message.find("webhook") != std::string::npos;
    default:
      return false;
  }
}

// No other condition is reported: the reconcile did not complete.
bool SayInStatus(ReconcileContext& ctx, const std::string& message) {
  ctx.conditions.clear();
  ctx.notices.clear();
  ctx.fields = json::MakeObject();
  ctx.external_changes = json::MakeObject();
  ctx.Synced("False", Reason::kWriteRefused, message);
  return WriteStatus(ctx).has_value();
}

// What the conditions would have reported, had they been written: there is no other place for it.
void ReportUnwritten(ReconcileContext& ctx) {
  for (const auto& [type, condition] : ctx.conditions) {
    if (AnnouncementOf(condition.reason) != Announcement::kWarning ||
        condition.reason == Reason::kWriteRefused)
      continue;
    const std::string reason(ReasonName(condition.reason));
    ctx.events().Record(ctx.kind(), ctx.object, runtime::EventType::kWarning, reason, condition.message,
                        ctx.context);
    ctx.log().Warning(StrCat("condition ", type, " is bad and cannot be written"),
                      {{"object", ctx.What()}, {"reason", reason}, {"message", condition.message}});
  }
}

}  // namespace

bool DeniedByAdmission(const Error& error) {
  for (const char* words : {"denied the request", "denied request"}) {  // of a webhook, of a policy
    if (error.message.find(words) != std::string::npos) return true;
  }
  return false;
}

void ReportReadRefused(ReconcileContext& ctx, const Error& error) {
  if (ctx.context.stopped() || !IsRefusal(error)) return;
  ctx.events().Record(
      ctx.kind(), ctx.object, runtime::EventType::kWarning, std::string(ReasonName(Reason::kWriteRefused)),
      Shorten("Kubernetes does not let the operator read this object: " + error.message, 1024), ctx.context);
}

bool ReportWriteRefused(ReconcileContext& ctx, const Error& error) {
  if (ctx.gone || ctx.context.stopped() || !IsRefusal(error)) return false;
  auto& parts = ctx.setting.parts;
  const std::string what = ctx.write_refused.empty() ? "other" : ctx.write_refused;
  const bool outdated = what == "status" && error.code == Code::kUnimplemented && !DeniedByAdmission(error);
  const std::string message =
      StrCat("Kubernetes refuses a write of the operator: ", error.message,
             outdated ? ". Apply the CustomResourceDefinition that `capstan crds` prints"
                      : ". Change what refuses it (RBAC, a webhook, a policy, or the "
                        "CustomResourceDefinition); the operator tries again within minutes");
  parts.log.Warning(
      "Kubernetes refuses a write",
      {{"object", ctx.What()}, {"what", what}, {"code", CodeName(error.code)}, {"error", error.message}});
  if (parts.metrics != nullptr) {
    parts.metrics
        ->counter("capstan_write_refusals_total", "Writes for managed objects that Kubernetes refused",
                  {{"kind", ctx.kind().kind}, {"what", what}})
        .Add();
  }
  if (what != "status" && SayInStatus(ctx, message)) return true;
  if (what == "status") ReportUnwritten(ctx);
  const Reason reason = outdated ? Reason::kCRDOutdated : Reason::kWriteRefused;
  parts.events.Record(ctx.kind(), ctx.object, runtime::EventType::kWarning, std::string(ReasonName(reason)),
                      Shorten("the conditions of this object may be old. " + message, 1024), ctx.context);
  return false;
}

}  // namespace capstan::managed
