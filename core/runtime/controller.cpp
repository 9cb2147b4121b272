#include <capstan/core/runtime/controller.hpp>

#include <exception>

#include <capstan/core/base/text.hpp>
#include <capstan/core/runtime/control/instruments.hpp>
#include <capstan/core/runtime/control/status_writer.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan::runtime {
namespace {

// An idle worker stays for a while, because bursts follow each other.
constexpr Duration kIdleWorker = std::chrono::seconds(30);
// Time that a reconcile which honours its deadline may need to return.
constexpr Duration kStuckAfter = std::chrono::seconds(30);

std::vector<kube::ObjectKey> ControllingOwner(const Change& change, const kube::Kind& kind) {
  std::vector<kube::ObjectKey> keys;
  const auto object = change.object.Load();
  if (!object) return keys;
  for (const json::OwnerReference& owner : object->metadata().owners) {
    // Compare only the group: the owner may be referenced in another version of it.
    const std::string group = owner.api_version.substr(0, owner.api_version.find('/'));
    const bool same_group = kind.group.empty() ? owner.api_version == kind.version : group == kind.group;
    if (owner.controller && owner.kind == kind.kind && same_group) {
      keys.push_back({kind.namespaced ? object->metadata().namespace_ : "", owner.name});
    }
  }
  return keys;
}

std::vector<WatchedObjects> SourcesOf(const ControllerOptions& options, const kube::Kind& kind) {
  std::vector<WatchedObjects> sources = options.watches;
  if (!options.owns.empty()) {
    sources.push_back(
        {options.owns, [kind](const Change& change) { return ControllingOwner(change, kind); }});
  }
  return sources;
}

}  // namespace

Predicate IntentChanged() {
  return [](const Change& change) {
    return !change.before || change.type != ChangeType::kModified ||
           change.before->intent_digest() != change.object.intent_digest();
  };
}

Controller::Controller(ControllerOptions options, kube::Kind kind, std::vector<Informer*> primary,
                       std::shared_ptr<Reconciler> reconciler, Dependencies dependencies)
    : options_(std::move(options)),
      kind_(std::move(kind)),
      reconcile_name_(StrCat("reconcile ", kind_.kind)),
      primary_(std::move(primary)),
      reconciler_(std::move(reconciler)),
      dependencies_(dependencies),
      sources_(SourcesOf(options_, kind_)),
      instruments_(std::make_unique<Instruments>(dependencies.metrics, options_.name, options_.workers)),
      queue_(dependencies.scheduler, dependencies.random, options_.queue),
      status_writer_(std::make_unique<StatusWriter>(
          dependencies.client, dependencies.scheduler, kind_, options_.name + " status",
          [this](const TakenKey& taken, const Result<Outcome>& outcome, const trace::Span* span) {
            Conclude(taken, outcome, span);
            queue_.Done(taken.key);
          })) {}

Controller::~Controller() { Stop(Duration::zero()); }

void Controller::OnPrimaryChange(const Change& change) {
  const kube::ObjectKey key = change.object.key();
  const bool own_write = queue_.Seen(key, change.object.version());
  for (const Predicate& passes : options_.filters) {
    if (!passes(change)) return;
  }
  // The watch event of our own write still needs a reconcile, but can wait for users' changes.
  const bool urgent = !change.listed && !own_write;
  queue_.Add(key, urgent ? Priority::kUser : Priority::kListed);
}

void Controller::Start() {
  for (Informer* informer : primary_) {
    subscriptions_.push_back(informer->Subscribe({[this](const Change& change) { OnPrimaryChange(change); },
                                                  [this](std::uint64_t version) {
                                                    // With one informer per namespace, each has its
                                                    // own position.
                                                    if (primary_.size() == 1) queue_.SeenAll(version);
                                                    EndOutage();
                                                  }}));
  }
  for (const WatchedObjects& source : sources_) {
    const auto on_change = [this, &source](const Change& change) {
      for (const kube::ObjectKey& key : source.map(change)) {
        queue_.Add(key, change.listed ? Priority::kListed : Priority::kUser);
      }
    };
    for (Informer* informer : source.informers) {
      subscriptions_.push_back(informer->Subscribe({on_change, {}}));
    }
  }
  AddWorkerIfAllAreBusy();
}

void Controller::AddWorkerIfAllAreBusy() {
  std::vector<Task> gone;  // joined after the lock is released
  MutexLock lock(mutex_);
  if (stopping_ || workers_busy_ < workers_alive_ || workers_alive_ >= options_.workers) return;
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    if (worker->finished()) {
      gone.push_back(std::move(*worker));
      worker = workers_.erase(worker);
    } else {
      ++worker;
    }
  }
  ++workers_alive_;
  workers_.push_back(dependencies_.scheduler.Spawn(StrCat(options_.name, " worker ", worker_names_++),
                                                   [this](const Context& context) { Work(context); }));
}

Duration Controller::IdleTimeout() {
  MutexLock lock(mutex_);
  return workers_alive_ - workers_busy_ > 1 ? kIdleWorker : Duration::max();
}

bool Controller::MayExit() {
  MutexLock lock(mutex_);
  if (workers_alive_ - workers_busy_ < 2) return false;
  --workers_alive_;
  --workers_running_;
  dependencies_.scheduler.Notify(worker_left_);
  return true;
}

void Controller::CountBusy(int more) {
  MutexLock lock(mutex_);
  workers_busy_ += more;
}

void Controller::Work(const Context& context) {
  bool synced = true;
  for (Informer* informer : primary_) synced = synced && informer->WaitForSync(context).has_value();
  for (const WatchedObjects& source : sources_) {
    for (Informer* informer : source.informers) synced = synced && informer->WaitForSync(context).has_value();
  }
  if (!synced) return;
  {
    MutexLock lock(mutex_);
    ++workers_running_;
  }
  for (;;) {
    const Context waiting = context.Within(dependencies_.scheduler, IdleTimeout());
    const auto taken = queue_.Take(waiting);
    if (taken) {
      CountBusy(1);
      AddWorkerIfAllAreBusy();
      if (ReconcileOne(*taken, context)) queue_.Done(taken->key);
      CountBusy(-1);
      continue;
    }
    const bool idle = !context.stopped() && dependencies_.scheduler.Now() >= waiting.deadline;
    if (!idle) break;
    if (MayExit()) return;
  }
  MutexLock lock(mutex_);
  --workers_alive_;
  --workers_running_;
  dependencies_.scheduler.Notify(worker_left_);
}

void Controller::StopTaking() { queue_.Shutdown(); }

bool Controller::Stop(Duration grace) {
  queue_.Shutdown();
  bool in_time = true;
  const Instant until = After(dependencies_.scheduler.Now(), grace);
  if (grace > Duration::zero()) {
    MutexLock lock(mutex_);
    while (workers_running_ > 0 && dependencies_.scheduler.Now() < until) {
      dependencies_.scheduler.Wait(worker_left_, lock, until, Context{});
    }
    in_time = workers_running_ == 0;
  }
  if (grace > Duration::zero()) in_time = status_writer_->Drain(until) && in_time;
  std::vector<Task> workers;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    workers = std::move(workers_);
  }
  for (Task& worker : workers) worker.RequestStop();
  workers.clear();
  status_writer_->Stop();
  subscriptions_.clear();
  return in_time;
}

void Controller::Pause() { queue_.Pause(); }
void Controller::Resume() { queue_.Resume(); }
void Controller::Enqueue(const kube::ObjectKey& key) { queue_.Add(key, Priority::kUser); }

Informer* Controller::InformerOf(const kube::ObjectKey& key) const {
  for (Informer* informer : primary_) {
    if (informer->target().namespace_.empty() || informer->target().namespace_ == key.namespace_)
      return informer;
  }
  return nullptr;
}

Result<std::optional<kube::Object>> Controller::Read(const TakenKey& taken, const Context& context) {
  if (!taken.fresh) {
    Informer* informer = InformerOf(taken.key);
    if (informer == nullptr) return std::optional<kube::Object>();
    return informer->store().Get(taken.key);
  }
  auto object = dependencies_.client.Get(kind_, taken.key, context);
  if (object) return std::optional<kube::Object>(std::move(*object));
  if (object.error().code == Code::kNotFound) return std::optional<kube::Object>();
  return Annotate(object.error(), "reading the object again");
}

// The trace of one reconcile; null without a tracer.
std::shared_ptr<trace::Span> Controller::BeginTrace(const TakenKey& taken) const {
  if (dependencies_.tracer == nullptr) return nullptr;
  auto span = dependencies_.tracer->Begin(reconcile_name_, StrCat(kind_.kind, " ", taken.key));
  span->Set("capstan.controller", options_.name);
  span->Set("capstan.kind", kind_.kind);
  span->Set("capstan.object", taken.key.ToString());
  return span;
}

void Controller::EndTrace(trace::Span* span, const Result<Outcome>& outcome) {
  if (span == nullptr) return;
  if (!outcome) {
    span->Set("capstan.outcome", std::string(CodeName(outcome.error().code)));
    span->Fail(outcome.error().message);
  } else if (outcome->requeue_after) {
    span->Set("capstan.outcome", "requeue");
    span->Set("capstan.requeue_after_ms",
              std::chrono::duration_cast<std::chrono::milliseconds>(*outcome->requeue_after).count());
  } else {
    span->Set("capstan.outcome", "done");
  }
  span->End();
}

bool Controller::ReconcileOne(const TakenKey& taken, const Context& context) {
  Scheduler& scheduler = dependencies_.scheduler;
  instruments_->active.Set(++active_);
  instruments_->queued.Observe(Seconds(taken.waited));
  const Instant started = scheduler.Now();
  const auto span = BeginTrace(taken);
  const Context limited = context.Within(scheduler, options_.reconcile_timeout).As(span);
  Result<Outcome> outcome = Outcome{};
  if (auto cached = Read(taken, limited)) {
    outcome = Call(Request{taken.key, std::move(*cached)}, limited);
  } else {
    outcome = Fail(cached.error());
  }
  // A reconcile whose trace is kept writes its status itself, so that the request is part of it.
  if (span && dependencies_.tracer->keeps() && outcome && outcome->status)
    outcome = status_writer_->Write(taken, std::move(*outcome), limited);
  EndTrace(span.get(), outcome);
  const double took = Seconds(scheduler.Now() - started);
  instruments_->time.Observe(took);
  instruments_->worked.Observe(took);
  const bool concluded = !outcome || !outcome->status;
  if (concluded) {
    Conclude(taken, outcome, span.get());
  } else {
    status_writer_->Add(taken, std::move(*outcome), span, context);
  }
  instruments_->active.Set(--active_);
  return concluded;
}

void Controller::Conclude(const TakenKey& taken, const Result<Outcome>& outcome, const trace::Span* span) {
  if (outcome) {
    Settle(taken, *outcome);
  } else {
    SettleError(taken, outcome.error(), span);
  }
}

Result<Outcome> Controller::Call(const Request& request, const Context& context) {
  std::string what;
  try {
    return reconciler_->Reconcile(request, context);
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
    what = "something that is not a std::exception";
  }
  instruments_->panics.Add();
  return Fail(Code::kInternal, StrCat("the reconciler threw: ", what));
}

Status Controller::Health() const {
  const auto longest = queue_.LongestRunning();
  if (!longest || longest->second < options_.reconcile_timeout + kStuckAfter) return {};
  return Fail(Code::kUnavailable, StrCat("a worker of ", options_.name, " is stuck: the reconcile of ",
                                         longest->first, " has run for ", FormatDuration(longest->second),
                                         ", its deadline was ", FormatDuration(options_.reconcile_timeout)));
}

void Controller::CollectMetrics() { instruments_->Collect(queue_); }

}  // namespace capstan::runtime
