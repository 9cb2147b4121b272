#include <capstan/core/managed/reconciler.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/connection_secret.hpp>
#include <capstan/core/managed/memory/cloud_pool.hpp>
#include <capstan/core/managed/memory/last_reconciles.hpp>
#include <capstan/core/managed/memory/notice_times.hpp>
#include <capstan/core/managed/memory/refused_credentials.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/rest/stable_objects.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// Nothing is recorded yet: adopts, creates, or only refers to a cloud object.
Result<Next> Obtain(ReconcileContext& ctx) {
  std::string wrong = InvalidCoreField(ctx.object, ctx.info());
  // What is created must be usable: its connection needs a Secret.
  if (wrong.empty()) wrong = ReadConnectionSecretRequest(ctx.object, ctx.info()).wrong;
  if (!wrong.empty())
    return ctx.BackOff(Reason::kSpecInvalid, wrong + ". The operator creates nothing until then");
  const auto requested = RequestedAdoption(ctx.object, ctx.info());
  const bool refers = RefersOnly(ctx.object);
  if (requested && !refers) return AdoptExisting(ctx, *requested);
  if (ctx.record.pending && ctx.record.pending->step == kAdoptStep) return ForgetAdoption(ctx);
  if (!ObservesOnly(ctx.object, ctx.record)) return Make(ctx);
  if (!ctx.record.nothing_made()) {
    CAPSTAN_STEP(TakeOwn(ctx));
  }
  if (refers) return Refer(ctx);
  return ctx.Blocked(Reason::kObserveOnly,
                     "managementPolicy is Observe, so the operator creates nothing. Name an existing cloud "
                     "object in spec.adopt, or set "
                     "managementPolicy to Full",
                     ctx.options().poll_blocked);
}

// An object represents the same cloud object for its whole life; a later spec.adopt cannot change
// that.
Result<Next> CompareWish(ReconcileContext& ctx) {
  const auto requested = RequestedAdoption(ctx.object, ctx.info());
  if (!requested || requested->id.empty() || requested->id == ctx.record.id) return Next::kGoOn;
  return ctx.BackOff(
      Reason::kAdoptionConflict,
      StrCat("spec.adopt names ", requested->id, ", but this object stands for cloud object ", ctx.record.id,
             ". The operator changes nothing. Change spec.adopt back, and create another object for ",
             requested->id));
}

// The cloud may refuse a change for weeks, and the connection must not expire meanwhile. The
// condition that reports the refusal is kept.
Result<Next> KeepConnection(ReconcileContext& ctx) {
  const Condition refusal = ctx.conditions["Synced"];
  CAPSTAN_RETURN_IF_ERROR(PublishConnection(ctx));
  ctx.conditions["Synced"] = refusal;
  return Next::kStop;
}

// The recorded cloud object: observes it, compares, applies one step, and keeps its connection
// valid.
Result<Next> KeepExisting(ReconcileContext& ctx) {
  CAPSTAN_RETURN_IF_ERROR(HoldSecret(ctx));
  CAPSTAN_RETURN_IF_ERROR(EnsureMirror(ctx));
  CAPSTAN_STEP(Observe(ctx));
  CAPSTAN_RETURN_IF_ERROR(AskForNotices(ctx, *ctx.observed));
  if (const std::string invalid = InvalidCoreField(ctx.object, ctx.info()); !invalid.empty()) {
    (void)ctx.BackOff(Reason::kSpecInvalid, invalid + ". Nothing is changed until then");
    return KeepConnection(ctx);
  }
  CAPSTAN_STEP(CompareWish(ctx));
  CAPSTAN_TRY(Next next, CarryOut(ctx));
  if (next == Next::kStop) return ctx.denied ? KeepConnection(ctx) : next;
  CAPSTAN_TRY(next, PublishConnection(ctx));
  LookAgainLater(ctx);
  return next;
}

// An object that is not being deleted: makes it ready and keeps it so.
Result<Next> Keep(ReconcileContext& ctx) {
  const bool made_nothing = ctx.record.id.empty();
  // An object that is only referred to existed before; one failed answer does not mean that it is
  // gone.
  const bool referred = RefersOnly(ctx.object) && !ctx.ConditionReason("Ready").empty();
  if (made_nothing && !referred) {
    ctx.Ready("False", Reason::kPending, "nothing has been created yet");
    if (!ctx.info().phase_status_field.empty()) {
      ctx.fields->set(ctx.info().phase_status_field, std::string("pending"));
    }
  }
  // A user removed the finalizer although there is something to lose.
  if (!ctx.record.never_tried()) {
    CAPSTAN_STEP(EnsureFinalizer(ctx));
  }
  if (ctx.object.Annotation(kPausedAnnotation) == "true") {
    return ctx.Blocked(Reason::kPaused, StrCat("annotation ", kPausedAnnotation, " is true"),
                       ctx.options().poll_blocked);
  }
  CAPSTAN_STEP(ReadCredentials(ctx));
  CAPSTAN_STEP(CheckAccount(ctx));
  CAPSTAN_STEP(SettleCreate(ctx));
  if (!ctx.record.id.empty()) return KeepExisting(ctx);
  CAPSTAN_TRY(const Next next, Obtain(ctx));
  if (!ctx.gone) CAPSTAN_RETURN_IF_ERROR(EnsureMirror(ctx));
  return next;
}

// Reporting a refusal in status changes the object, and that change triggers a reconcile: without
// this backoff the reconcile would repeat immediately, forever, and report the refusal each time.
Failure RefusedByKubernetes(ReconcileContext& ctx, Error error) {
  Setting& setting = ctx.setting;
  setting.stable_objects->Forget(ctx.object.key());
  if (ReportWriteRefused(ctx, error)) {
    setting.last_reconciles->Note(ctx.object.key(), ctx.object.uid() + ctx.object.resource_version(),
                                  After(ctx.now(), ctx.BackoffDelay("refused by Kubernetes")));
  }
  return Failure(std::move(error));
}

// Nothing failed, and the object still exists. `read`: the object as it was when the reconcile
// began.
Result<runtime::Outcome> Conclude(ReconcileContext& ctx, const kube::Object& read) {
  const Setting& setting = ctx.setting;
  // Edited meanwhile, and read again by some step: the comparison was of the former spec.
  if (ctx.object.generation() != read.generation()) {
    setting.stable_objects->Forget(read.key());
    return runtime::Outcome{Duration::zero(), ctx.wrote};
  }
  const Status written = WriteStatus(ctx);
  ctx.notes.Wrote(ctx.wrote);
  if (!written && written.error().code == Code::kNotFound) return runtime::Outcome{};
  if (!written) return RefusedByKubernetes(ctx, written.error());
  // Only an object that was compared completely is at rest: as it was read, with no later write of
  // ours or of others.
  const std::string version = ctx.object.uid() + ctx.object.resource_version();
  ctx.settled = ctx.settled && version == read.uid() + read.resource_version();
  RememberRest(ctx);
  if (ctx.again && *ctx.again > Duration::zero())
    setting.last_reconciles->Note(read.key(), version, After(setting.parts.scheduler.Now(), *ctx.again));
  return runtime::Outcome{ctx.again, ctx.wrote};
}

}  // namespace

struct ManagedReconciler::State {
  Setting setting;
};

kube::Kind KindOf(const external::KindInfo& info) {
  return kube::Kind{info.group, info.version, info.kind, info.plural, info.namespaced};
}

Result<std::string> ReadOwnerId(kube::Client& client, const Context& context) {
  CAPSTAN_TRY(const kube::Object system, client.Get(kube::NamespaceKind(), {"", "kube-system"}, context));
  return system.uid();
}

ManagedReconciler::ManagedReconciler(external::KindInfo info, ManagedParts parts, ManagedOptions options) {
  const kube::Kind kind = KindOf(info);
  auto cloud_pool =
      std::make_unique<CloudPool>(parts.provider, info.kind, parts.scheduler, parts.log, options.few_objects);
  state_.reset(new State{Setting{std::move(info), kind, parts, std::move(options), std::move(cloud_pool),
                                 std::make_unique<LastReconciles>(), std::make_unique<RefusedCredentials>(),
                                 std::make_unique<NoticeTimes>(), std::make_unique<StableObjects>()}});
}

ManagedReconciler::~ManagedReconciler() = default;

const kube::Kind& ManagedReconciler::kind() const { return state_->setting.kind; }

bool ManagedReconciler::ConnectionSeen(const kube::ObjectKey& object, const kube::ObjectKey& secret,
                                       const std::string& version) {
  const Setting& setting = state_->setting;
  return setting.stable_objects->ConnectionSeen(object, secret, version, setting.parts.scheduler.Now());
}

std::vector<kube::ObjectKey> ManagedReconciler::ConnectionsListed(
    const std::string& namespace_, const std::map<kube::ObjectKey, std::string>& versions) {
  const Setting& setting = state_->setting;
  return setting.stable_objects->ConnectionsListed(namespace_, versions, setting.parts.scheduler.Now());
}

void ManagedReconciler::Forget(const kube::ObjectKey& key) {
  state_->setting.last_reconciles->Forget(key);
  state_->setting.stable_objects->Forget(key);
}

Result<runtime::Outcome> ManagedReconciler::Reconcile(const runtime::Request& request,
                                                      const Context& context) {
  Setting& setting = state_->setting;
  LastReconciles& last_reconciles = *setting.last_reconciles;
  const auto unchanged = [&](const kube::Object& object) {
    return last_reconciles.NothingNew(request.key, object.uid() + object.resource_version(),
                                      setting.parts.scheduler.Now());
  };
  if (setting.stable_objects->ConnectionChanged(request.key)) last_reconciles.LookAgain(request.key);
  if (request.cached) {
    if (const auto rest = unchanged(*request.cached)) return runtime::Outcome{*rest, ""};
    if (const auto again = LookQuietly(setting, *request.cached, context)) {
      last_reconciles.Note(request.key, request.cached->uid() + request.cached->resource_version(),
                           After(setting.parts.scheduler.Now(), *again));
      return runtime::Outcome{*again, ""};
    }
  }
  auto fresh = setting.parts.client.Get(setting.kind, request.key, context);
  if (!fresh) {
    last_reconciles.LookAgain(request.key);
    if (fresh.error().code == Code::kNotFound) {
      last_reconciles.Forget(request.key);
      setting.stable_objects->Forget(request.key);
      return runtime::Outcome{};
    }
    if (request.cached) {
      ReconcileContext ctx(setting, *request.cached, context);
      ReportReadRefused(ctx, fresh.error());
    }
    return Failure(std::move(fresh).error());
  }
  if (const auto rest = unchanged(*fresh)) return runtime::Outcome{*rest, ""};
  last_reconciles.LookAgain(request.key);

  ReconcileContext ctx(setting, std::move(*fresh), context);
  const kube::Object read = ctx.object;
  Result<Next> done = ctx.object.deleting() ? Remove(ctx) : Keep(ctx);
  last_reconciles.Refused(request.key, ctx.refused, setting.parts.scheduler.Now());
  const auto synced = ctx.conditions.find("Synced");
  ctx.notes.Ended(done ? ctx.again : std::nullopt,
                  synced == ctx.conditions.end() || synced->second.status == "True"
                      ? std::string_view()
                      : ReasonName(synced->second.reason));
  if (!done) {
    if (ctx.gone && done.error().code == Code::kNotFound) return runtime::Outcome{};
    return RefusedByKubernetes(ctx, std::move(done).error());
  }
  if (!ctx.failed) last_reconciles.Succeeded(request.key);
  if (ctx.gone) return runtime::Outcome{std::nullopt, ctx.wrote};
  return Conclude(ctx, read);
}

}  // namespace capstan::managed
