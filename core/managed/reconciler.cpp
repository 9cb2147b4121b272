#include <capstan/core/managed/reconciler.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/memory/connections.hpp>
#include <capstan/core/managed/memory/last_looks.hpp>
#include <capstan/core/managed/memory/notice_times.hpp>
#include <capstan/core/managed/memory/refused_credentials.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// Nothing is recorded yet: it is adopted, made, or only looked for.
Result<Next> Obtain(Visit& visit) {
  const auto wish = WishToAdopt(visit.object, visit.setting.info);
  if (wish) return AdoptExisting(visit, *wish);
  if (visit.record.pending && visit.record.pending->step == kAdoptStep) return ForgetAdoption(visit);
  if (!ObservesOnly(visit.object, visit.record)) return Make(visit);
  if (!visit.record.nothing_made()) {
    CAPSTAN_TRY(const Next next, TakeOwn(visit));
    if (next == Next::kStop) return next;
  }
  return visit.Blocked(
      Reason::kObserveOnly,
      "managementPolicy is Observe, so nothing is made. Name what exists in spec.adopt, or set "
      "managementPolicy to Full",
      visit.setting.options.poll_blocked);
}

// An object stands for one cloud object all its life; what spec.adopt says later cannot change
// that.
Result<Next> CompareWish(Visit& visit) {
  const auto wish = WishToAdopt(visit.object, visit.setting.info);
  if (!wish || wish->id.empty() || wish->id == visit.record.id) return Next::kGoOn;
  return visit.Blocked(
      Reason::kAdoptionConflict,
      StrCat("spec.adopt names ", wish->id, ", but this object stands for cloud object ", visit.record.id,
             ". Nothing is changed. Change spec.adopt back, and make another "
             "object for ",
             wish->id),
      visit.BackoffDelay());
}

// What the cloud refuses it may refuse for weeks, and the connection must not lapse meanwhile. What
// is said of the refusal stays.
Result<Next> KeepConnection(Visit& visit) {
  const Condition refusal = visit.conditions["Synced"];
  CAPSTAN_CHECK_OK(PublishConnection(visit));
  visit.conditions["Synced"] = refusal;
  return Next::kStop;
}

// A live object: from nothing to ready, and kept so.
Result<Next> Keep(Visit& visit) {
  const bool made_nothing = visit.record.id.empty();
  if (made_nothing) {
    visit.Ready("False", Reason::kPending, "nothing has been made yet");
    if (!visit.setting.info.phase_status_field.empty()) {
      visit.fields->set(visit.setting.info.phase_status_field, std::string("pending"));
    }
  }
  if (!visit.record.never_tried()) {  // somebody took the finalizer away while there is something to lose
    CAPSTAN_TRY(const Next next, EnsureFinalizer(visit));
    if (next == Next::kStop) return next;
  }
  if (visit.object.Annotation(kPausedAnnotation) == "true") {
    return visit.Blocked(Reason::kPaused, StrCat("annotation ", kPausedAnnotation, " is true"),
                         visit.setting.options.poll_blocked);
  }
  CAPSTAN_TRY(Next next, ReadCredentials(visit));
  if (next == Next::kStop) return next;
  CAPSTAN_TRY(next, CheckAccount(visit));
  if (next == Next::kStop) return next;
  if (visit.record.pending && visit.record.pending->step == kCreateStep) {
    CAPSTAN_TRY(next, ResolveByHand(visit));
    if (next == Next::kStop) return next;
  }
  if (visit.record.pending && visit.record.pending->step == kCreateStep) {
    CAPSTAN_TRY(next, SettleIntent(visit));
    if (next == Next::kStop) return next;
  }
  if (visit.record.id.empty()) {
    CAPSTAN_TRY(next, Obtain(visit));
    if (!visit.gone) CAPSTAN_CHECK_OK(EnsureMirror(visit));
    return next;
  }
  CAPSTAN_CHECK_OK(HoldSecret(visit));
  CAPSTAN_CHECK_OK(EnsureMirror(visit));
  CAPSTAN_TRY(next, Observe(visit));
  if (next == Next::kStop) return next;
  CAPSTAN_CHECK_OK(AskForNotices(visit, *visit.observed));
  CAPSTAN_TRY(next, CompareWish(visit));
  if (next == Next::kStop) return next;
  CAPSTAN_TRY(next, CarryOut(visit));
  if (next == Next::kStop) return visit.denied ? KeepConnection(visit) : next;
  CAPSTAN_TRY(next, PublishConnection(visit));
  LookAgainLater(visit);
  return next;
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
  auto connections =
      std::make_unique<Connections>(parts.provider, info.kind, parts.scheduler, options.few_objects);
  state_.reset(new State{Setting{std::move(info), kind, parts, std::move(options), std::move(connections),
                                 std::make_unique<LastLooks>(), std::make_unique<RefusedCredentials>(),
                                 std::make_unique<NoticeTimes>()}});
}

ManagedReconciler::~ManagedReconciler() = default;

const kube::Kind& ManagedReconciler::kind() const { return state_->setting.kind; }

Result<runtime::Outcome> ManagedReconciler::Reconcile(const runtime::Request& request,
                                                      const Context& context) {
  Setting& setting = state_->setting;
  LastLooks& looks = *setting.looks;
  const auto unchanged = [&](const kube::Object& object) {
    return looks.NothingNew(request.key, object.uid() + object.resource_version(),
                            setting.parts.scheduler.Now());
  };
  if (request.cached) {
    if (const auto rest = unchanged(*request.cached)) return runtime::Outcome{*rest, ""};
  }
  auto fresh = setting.parts.client.Get(setting.kind, request.key, context);
  if (!fresh) {
    looks.LookAgain(request.key);
    if (fresh.error().code == Code::kNotFound) {
      looks.Forget(request.key);
      return runtime::Outcome{};
    }
    return Failure(std::move(fresh).error());
  }
  if (const auto rest = unchanged(*fresh)) return runtime::Outcome{*rest, ""};
  looks.LookAgain(request.key);

  Visit visit(setting, std::move(*fresh), context);
  Result<Next> done = visit.object.deleting() ? Remove(visit) : Keep(visit);
  looks.Refused(request.key, visit.refused, setting.parts.scheduler.Now());
  if (!done) {
    if (visit.gone && done.error().code == Code::kNotFound) return runtime::Outcome{};
    return Failure(std::move(done).error());
  }
  if (visit.gone) return runtime::Outcome{std::nullopt, visit.wrote};
  const Status written = WriteStatus(visit);
  if (!written && written.error().code == Code::kNotFound) return runtime::Outcome{};
  if (!written) return Fail(written.error());
  if (visit.again && *visit.again > Duration::zero()) {
    looks.Note(request.key, visit.object.uid() + visit.object.resource_version(),
               After(setting.parts.scheduler.Now(), *visit.again));
  }
  return runtime::Outcome{visit.again, visit.wrote};
}

}  // namespace capstan::managed
