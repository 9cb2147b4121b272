#include <capstan/core/managed/reconciler.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/connection_secret.hpp>
#include <capstan/core/managed/memory/cloud_pool.hpp>
#include <capstan/core/managed/memory/last_looks.hpp>
#include <capstan/core/managed/memory/notice_times.hpp>
#include <capstan/core/managed/memory/refused_credentials.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/rest/rests.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// Nothing is recorded yet: adopts, creates, or only refers to a cloud object.
Result<Next> Obtain(ReconcileContext& ctx) {
  std::string wrong = Misunderstood(ctx.object, ctx.info());
  // What is created must be usable: its connection needs a Secret.
  if (wrong.empty()) wrong = ReadConnectionSecretWish(ctx.object, ctx.info()).wrong;
  if (!wrong.empty())
    return ctx.BackOff(Reason::kSpecInvalid, wrong + ". The operator creates nothing until then");
  const auto wish = WishToAdopt(ctx.object, ctx.info());
  const bool refers = RefersOnly(ctx.object);
  if (wish && !refers) return AdoptExisting(ctx, *wish);
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
  const auto wish = WishToAdopt(ctx.object, ctx.info());
  if (!wish || wish->id.empty() || wish->id == ctx.record.id) return Next::kGoOn;
  return ctx.BackOff(
      Reason::kAdoptionConflict,
      StrCat("spec.adopt names ", wish->id, ", but this object stands for cloud object ", ctx.record.id,
             ". The operator changes nothing. Change spec.adopt back, and create another object for ",
             wish->id));
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
  if (const std::string puzzle = Misunderstood(ctx.object, ctx.info()); !puzzle.empty()) {
    (void)ctx.BackOff(Reason::kSpecInvalid, puzzle + ". Nothing is changed until then");
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
  setting.rests->Forget(ctx.object.key());
  if (TellWriteRefused(ctx, error)) {
    setting.looks->Note(ctx.object.key(), ctx.object.uid() + ctx.object.resource_version(),
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
    setting.rests->Forget(read.key());
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
    setting.looks->Note(read.key(), version, After(setting.parts.scheduler.Now(), *ctx.again));
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
                                 std::make_unique<LastLooks>(), std::make_unique<RefusedCredentials>(),
                                 std::make_unique<NoticeTimes>(), std::make_unique<Rests>()}});
}

ManagedReconciler::~ManagedReconciler() = default;

const kube::Kind& ManagedReconciler::kind() const { return state_->setting.kind; }

bool ManagedReconciler::ConnectionSeen(const kube::ObjectKey& object, const kube::ObjectKey& secret,
                                       const std::string& version) {
  const Setting& setting = state_->setting;
  return setting.rests->ConnectionSeen(object, secret, version, setting.parts.scheduler.Now());
}

std::vector<kube::ObjectKey> ManagedReconciler::ConnectionsListed(
    const std::string& namespace_, const std::map<kube::ObjectKey, std::string>& versions) {
  const Setting& setting = state_->setting;
  return setting.rests->ConnectionsListed(namespace_, versions, setting.parts.scheduler.Now());
}

void ManagedReconciler::Forget(const kube::ObjectKey& key) {
  state_->setting.looks->Forget(key);
  state_->setting.rests->Forget(key);
}

Result<runtime::Outcome> ManagedReconciler::Reconcile(const runtime::Request& request,
                                                      const Context& context) {
  Setting& setting = state_->setting;
  LastLooks& looks = *setting.looks;
  const auto unchanged = [&](const kube::Object& object) {
    return looks.NothingNew(request.key, object.uid() + object.resource_version(),
                            setting.parts.scheduler.Now());
  };
  if (setting.rests->ConnectionChanged(request.key)) looks.LookAgain(request.key);
  if (request.cached) {
    if (const auto rest = unchanged(*request.cached)) return runtime::Outcome{*rest, ""};
    if (const auto again = LookQuietly(setting, *request.cached, context)) {
      looks.Note(request.key, request.cached->uid() + request.cached->resource_version(),
                 After(setting.parts.scheduler.Now(), *again));
      return runtime::Outcome{*again, ""};
    }
  }
  auto fresh = setting.parts.client.Get(setting.kind, request.key, context);
  if (!fresh) {
    looks.LookAgain(request.key);
    if (fresh.error().code == Code::kNotFound) {
      looks.Forget(request.key);
      setting.rests->Forget(request.key);
      return runtime::Outcome{};
    }
    if (request.cached) {
      ReconcileContext ctx(setting, *request.cached, context);
      TellReadRefused(ctx, fresh.error());
    }
    return Failure(std::move(fresh).error());
  }
  if (const auto rest = unchanged(*fresh)) return runtime::Outcome{*rest, ""};
  looks.LookAgain(request.key);

  ReconcileContext ctx(setting, std::move(*fresh), context);
  const kube::Object read = ctx.object;
  Result<Next> done = ctx.object.deleting() ? Remove(ctx) : Keep(ctx);
  looks.Refused(request.key, ctx.refused, setting.parts.scheduler.Now());
  const auto synced = ctx.conditions.find("Synced");
  ctx.notes.Ended(done ? ctx.again : std::nullopt,
                  synced == ctx.conditions.end() || synced->second.status == "True"
                      ? std::string_view()
                      : ReasonName(synced->second.reason));
  if (!done) {
    if (ctx.gone && done.error().code == Code::kNotFound) return runtime::Outcome{};
    return RefusedByKubernetes(ctx, std::move(done).error());
  }
  if (!ctx.failed) looks.WentWell(request.key);
  if (ctx.gone) return runtime::Outcome{std::nullopt, ctx.wrote};
  return Conclude(ctx, read);
}

}  // namespace capstan::managed
