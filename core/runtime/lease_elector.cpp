#include <capstan/core/runtime/lease_elector.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>

namespace capstan::runtime {
namespace {

std::string SpecOf(const LeaseRecord& record) {
  return StrCat(R"({"holderIdentity":)", json::Quote(record.holder), R"(,"leaseDurationSeconds":)",
                record.duration_seconds, R"(,"acquireTime":)", json::Quote(record.acquire_time),
                R"(,"renewTime":)", json::Quote(record.renew_time), R"(,"leaseTransitions":)",
                record.transitions, "}");
}

std::string LeaseLabels(const std::map<std::string, std::string>& labels) {
  std::string text;
  for (const auto& [name, value] : labels)
    text += StrCat(text.empty() ? R"(,"labels":{)" : ",", json::Quote(name), ":", json::Quote(value));
  return text.empty() ? text : text + "}";
}

LeaseRecord RecordOf(const kube::Object& lease) {
  LeaseRecord record;
  record.holder = lease.StringAt("/spec/holderIdentity").value_or("");
  record.duration_seconds = lease.IntegerAt("/spec/leaseDurationSeconds").value_or(0);
  record.acquire_time = lease.StringAt("/spec/acquireTime").value_or("");
  record.renew_time = lease.StringAt("/spec/renewTime").value_or("");
  record.transitions = lease.IntegerAt("/spec/leaseTransitions").value_or(0);
  return record;
}

// What the user can do about it.
std::string_view LeaseAdvice(Code code) {
  switch (code) {
    case Code::kNotFound:
      return "create the namespace of the lease";
    case Code::kUnauthenticated:
      return "the server refuses the credentials: renew them";
    case Code::kPermissionDenied:
      return "grant get, create and patch on leases in this namespace to this identity";
    default:
      return "it is tried again";
  }
}

}  // namespace

LeaseElector::LeaseElector(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
                           Metrics& metrics, LeaseElectorOptions options)
    : client_(client),
      scheduler_(scheduler),
      log_(log),
      options_(std::move(options)),
      master_status_(options_.elects
                         ? &metrics.gauge("leader_election_master_status", "1 while this process leads",
                                          {{"name", options_.lease.name}})
                         : nullptr),
      machine_(options_.timing, options_.identity, random) {
  if (master_status_ != nullptr) master_status_->Set(0);
  MutexLock lock(mutex_);
  answered_at_ = scheduler_.Now();
}

LeaseElector::~LeaseElector() { task_ = Task(); }

void LeaseElector::Abandon() {
  task_ = Task();
  held_until_.store(0, std::memory_order_release);
}

void LeaseElector::Start() {
  task_ =
      scheduler_.Spawn(StrCat("lease ", options_.lease), [this](const Context& context) { Run(context); });
}

bool LeaseElector::HeldUntil(Instant until) const {
  const Instant held_until{Duration(held_until_.load(std::memory_order_acquire))};
  return scheduler_.Now() < held_until && until < held_until;
}

std::string LeaseElector::leader() const {
  MutexLock lock(mutex_);
  return leader_;
}

Status LeaseElector::Health() const {
  MutexLock lock(mutex_);
  const Duration silence = scheduler_.Now() - answered_at_;
  if (silence <= options_.timing.lease_duration + options_.timing.renew_deadline) return {};
  return Fail(Code::kUnavailable, StrCat("the lease ", options_.lease, " could not be read or renewed for ",
                                         FormatDuration(silence), ": ", last_error_));
}

void LeaseElector::Run(const Context& context) {
  LeaseCommand command = machine_.Start(scheduler_.Now());
  bool cancelled = false;
  while (!context.stopped() && !cancelled) {
    command = Step(command, context, cancelled);
    Publish(command);
  }
}

LeaseCommand LeaseElector::Step(const LeaseCommand& command, const Context& context, bool& cancelled) {
  const Context limited = context.Until(command.until);
  Error error;
  switch (command.what) {
    case LeaseDo::kWait: {
      const Duration delay = command.until - scheduler_.Now();
      if (delay > Duration::zero()) cancelled = scheduler_.Sleep(delay, context) == Woke::kStopped;
      return cancelled ? LeaseCommand() : machine_.OnWaited(scheduler_.Now(), scheduler_.WallNow());
    }
    case LeaseDo::kRead: {
      auto lease = Read(limited);
      if (lease) return machine_.OnRead(*lease, scheduler_.Now(), scheduler_.WallNow());
      error = std::move(lease).error();
      break;
    }
    case LeaseDo::kCreate:
    case LeaseDo::kUpdate: {
      const Instant sent_at = scheduler_.Now();
      auto written = Write(command, limited);
      if (written) {
        told_deleted_ = false;
        return machine_.OnWritten(*written, sent_at, scheduler_.Now());
      }
      error = std::move(written).error();
      break;
    }
  }
  if (error.code == Code::kCancelled) {
    cancelled = true;
    return LeaseCommand();
  }
  if (command.what == LeaseDo::kUpdate && error.code == Code::kNotFound) {
    NoteDeleted();
  } else {
    NoteFailure(error);
  }
  return machine_.OnFailed(error, scheduler_.Now());
}

Result<std::optional<ObservedLease>> LeaseElector::Read(const Context& context) {
  const auto lease = client_.Get(kube::LeaseKind(), options_.lease, context);
  if (!lease && lease.error().code == Code::kNotFound) return std::optional<ObservedLease>();
  if (!lease) return Fail(lease.error());
  return std::optional<ObservedLease>({RecordOf(*lease), lease->resource_version()});
}

Result<std::string> LeaseElector::Write(const LeaseCommand& command, const Context& context) {
  if (command.what == LeaseDo::kCreate) {
    const std::string json =
        StrCat(R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":)",
               json::Quote(options_.lease.name), R"(,"namespace":)", json::Quote(options_.lease.namespace_),
               LeaseLabels(options_.labels), R"(},"spec":)", SpecOf(command.record), "}");
    CAPSTAN_TRY(const kube::Object created,
                client_.Create(kube::LeaseKind(), options_.lease.namespace_, json, context));
    return created.resource_version();
  }
  // The other processes that hold it under our identity change its version all the time. The lease
  // is ours as long as it carries that identity.
  if (options_.shared && machine_.holder() == options_.identity && !command.record.holder.empty()) {
    const std::string operations =
        StrCat(R"([{"op":"test","path":"/spec/holderIdentity","value":)", json::Quote(options_.identity),
               R"(},{"op":"replace","path":"/spec/renewTime","value":)",
               json::Quote(command.record.renew_time), "}]");
    auto renewed = client_.PatchForVersion(kube::LeaseKind(), options_.lease, kube::PatchType::kJson,
                                           operations, {}, context);
    if (renewed) return renewed;
    if (renewed.error().code == Code::kInvalidArgument)
      return Fail(Code::kConflict, StrCat("another process holds the lease: ", renewed.error().message));
    return Fail(renewed.error());
  }
  // A patch, so that labels and owner references that other clients set are kept.
  const std::string patch =
      StrCat(R"({"metadata":{"resourceVersion":)", json::Quote(command.resource_version), R"(},"spec":)",
             SpecOf(command.record), "}");
  return client_.PatchForVersion(kube::LeaseKind(), options_.lease, kube::PatchType::kMerge, patch, {},
                                 context);
}

void LeaseElector::Publish(const LeaseCommand& command) {
  // Close the fence first: no new effect passes when on_stopped runs.
  held_until_.store(machine_.held_until().time_since_epoch().count(), std::memory_order_release);
  bool news = false;
  {
    MutexLock lock(mutex_);
    news = leader_ != machine_.holder();
    leader_ = machine_.holder();
  }
  if (command.what == LeaseDo::kWait || command.started) {
    MutexLock lock(mutex_);
    if (last_error_.empty()) answered_at_ = scheduler_.Now();
    last_error_.clear();
  }
  if (command.stopped) {
    log_.Warning(!options_.lost_message.empty() ? options_.lost_message
                 : options_.elects              ? "lost the lease: paused until it is acquired again"
                                                : "lost the lease that announces this process",
                 {{"lease", options_.lease.ToString()}, {"identity", options_.identity}});
    StopLeading();
  }
  if (command.started) {
    if (master_status_ != nullptr) master_status_->Set(1);
    log_.Info(!options_.held_message.empty() ? options_.held_message
              : options_.elects              ? "leading"
                                             : "announced this process: no other one starts next to it",
              {{"lease", options_.lease.ToString()}, {"identity", options_.identity}});
    if (options_.on_started) options_.on_started();
  } else if (news && !machine_.holder().empty() && machine_.holder() != options_.identity) {
    log_.Info(options_.elects ? "another process is the leader" : "another process holds the lease",
              {{"lease", options_.lease.ToString()}, {"leader", machine_.holder()}});
  }
}

void LeaseElector::StopLeading() {
  held_until_.store(0, std::memory_order_release);
  if (master_status_ != nullptr) master_status_->Set(0);
  if (options_.on_stopped) options_.on_stopped();
}

void LeaseElector::NoteFailure(const Error& error) {
  {
    MutexLock lock(mutex_);
    last_error_ = error.message;
    const Instant now = scheduler_.Now();
    const bool conflict = error.code == Code::kConflict || error.code == Code::kAlreadyExists;
    if (conflict) last_error_.clear();  // the server answered: another process was faster
    if (conflict || !reports_.IsNews(error, now)) return;
  }
  log_.Warning("cannot read or renew the lease", {{"lease", options_.lease.ToString()},
                                                  {"server", client_.server()},
                                                  {"code", CodeName(error.code)},
                                                  {"error", error.message},
                                                  {"advice", LeaseAdvice(error.code)}});
}

void LeaseElector::NoteDeleted() {
  {
    MutexLock lock(mutex_);
    last_error_.clear();  // the server answered
  }
  if (std::exchange(told_deleted_, true)) return;
  log_.Warning("the lease was deleted: creating it again", {{"lease", options_.lease.ToString()}});
}

void LeaseElector::Stop(Duration timeout) {
  task_ = Task();
  auto command = machine_.Release(scheduler_.WallNow());
  if (!command) return;
  StopLeading();
  const Context context = Context{}.Within(scheduler_, timeout);
  auto released = Write(*command, context);
  if (!released && released.error().code == Code::kConflict) {
    // A renewal that was in flight may have succeeded after all.
    const auto lease = Read(context);
    if (lease && *lease && (*lease)->record.holder == options_.identity) {
      command->resource_version = (*lease)->resource_version;
      released = Write(*command, context);
    }
  }
  if (released) {
    log_.Info("released the lease", {{"lease", options_.lease.ToString()}});
  } else {
    log_.Warning("cannot release the lease: other processes wait until it expires",
                 {{"lease", options_.lease.ToString()},
                  {"server", client_.server()},
                  {"error", released.error().message}});
  }
}

}  // namespace capstan::runtime
