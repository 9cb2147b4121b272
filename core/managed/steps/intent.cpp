// The intent: what is about to be created is recorded before the request is sent, so that a process
// that runs after a crash knows that something may exist.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

json::ObjectPtr StatusWithPending(json::ObjectPtr external, const json::Tree& pending) {
  external->set("pending", pending);
  auto status = json::MakeObject();
  status->set("external", external);
  return status;
}

Next Outdated(ReconcileContext& ctx, const std::string& lacking) {
  return ctx.Blocked(Reason::kCRDOutdated,
                     StrCat("the API server dropped status.external", lacking,
                            ": the CustomResourceDefinition ", ctx.kind().resource(),
                            " is older than this operator. Apply the one that `capstan crds` prints; until "
                            "then the operator creates nothing, because a crash could create it twice"),
                     ctx.options().poll_blocked);
}

}  // namespace

Result<Next> WriteIntent(ReconcileContext& ctx, const std::string& step, const std::string& id) {
  const std::int64_t attempt = ctx.record.attempts + 1;
  const std::string started = ctx.Stamp();
  auto pending = json::MakeObject();
  pending->set("step", step);
  pending->set("id", id.empty() ? Poco::Dynamic::Var() : Poco::Dynamic::Var(id));
  pending->set("attempt", attempt);
  pending->set("identity", ctx.identity.tag);
  pending->set("account", ctx.account);
  pending->set("holder", ctx.Holder());
  pending->set("startedAt", started);
  pending->set("unknownSince",
               // A merge patch must remove what an earlier attempt left.
               Poco::Dynamic::Var());
  auto external = json::MakeObject();
  external->set("attempts", attempt);
  external->set("gone", Poco::Dynamic::Var());
  // Remembers the origin of the cloud object even after a crash.
  if (step == kAdoptStep) external->set("adopted", true);
  CAPSTAN_RETURN_IF_ERROR(ctx.PatchStatus(StatusWithPending(external, pending), "write intent"));

  const auto& kept = ctx.record.pending;
  if (!kept || ctx.record.attempts != attempt || kept->attempt != attempt || kept->step != step ||
      kept->id != id || (step == kAdoptStep && !ctx.record.adopted) || kept->identity != ctx.identity.tag ||
      kept->account != ctx.account || kept->holder != ctx.Holder() || kept->started_at != started) {
    return Outdated(ctx, ".pending or a field of it");
  }
  return Next::kGoOn;
}

Result<Next> SettleIntent(ReconcileContext& ctx) {
  // Date headers have whole seconds.
  const Duration window = ctx.options().create_settle + std::chrono::seconds(1);
  auto age = Since(ctx.record.pending->unknown_since, ctx.server_time());
  if (!age || *age < -window) {  // a time in the future would block it forever
    auto pending = json::MakeObject();
    pending->set("holder", ctx.Holder());
    pending->set("unknownSince", ctx.Stamp());
    auto external = json::MakeObject();
    const bool whole = ctx.record.pending->step == kCreateStep ||
                       ctx.record.pending->step == kAdoptStep;  // a part is removed with the whole
    if (whole) external->set("doubt", true);
    CAPSTAN_RETURN_IF_ERROR(ctx.PatchStatus(StatusWithPending(external, pending)));
    if (!ctx.record.pending || ctx.record.pending->unknown_since.empty() || (whole && !ctx.record.doubt)) {
      return Outdated(ctx, ".pending.unknownSince or .doubt");
    }
    age = Duration::zero();
  }
  // Such a cloud cannot be searched: the message to the user is the same from the start.
  if (ctx.info().identity == external::IdentityKept::kNone && ctx.record.pending->step == kCreateStep)
    return ResolveByHand(ctx);
  if (*age >= window) return Next::kGoOn;
  // Not Again(): its jitter would only wake it too early.
  ctx.again = window - *age;
  ctx.Synced("False", Reason::kOutcomeUnknown,
             StrCat("it is not known whether attempt ", ctx.record.pending->attempt, " (",
                    ctx.record.pending->step, ") made something; after ", FormatDuration(window),
                    " the operator lists everything with tag ", ctx.identity.tag));
  return Next::kStop;
}

Status ClearIntent(ReconcileContext& ctx) {
  if (!ctx.record.pending) return {};
  const std::string operations =
      StrCat(R"([{"op":"test","path":"/metadata/uid","value":)", json::Quote(ctx.object.uid()),
             R"(},{"op":"test","path":"/status/external/pending/attempt","value":)",
             ctx.record.pending->attempt, R"(},{"op":"remove","path":"/status/external/pending"}])");
  return ctx.PatchStatusByTest(operations);
}

}  // namespace capstan::managed
