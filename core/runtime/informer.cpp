#include <capstan/core/runtime/informer.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::runtime {

struct Subscription::Entry {
  Subscriber subscriber;
  int calls = 0;       // in progress; guarded by the informer's mutex
  bool ended = false;  // guarded by the informer's mutex
};

Subscription::Subscription(Informer* informer, std::shared_ptr<Entry> entry)
    : informer_(informer), entry_(std::move(entry)) {}
Subscription::Subscription(Subscription&& other) noexcept
    : informer_(std::exchange(other.informer_, nullptr)), entry_(std::move(other.entry_)) {}
Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    End();
    informer_ = std::exchange(other.informer_, nullptr);
    entry_ = std::move(other.entry_);
  }
  return *this;
}
Subscription::~Subscription() { End(); }

void Subscription::End() {
  if (informer_ != nullptr) informer_->EndSubscription(entry_);
  informer_ = nullptr;
  entry_.reset();
}

Informer::Informer(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
                   InformerOptions options)
    : scheduler_(scheduler),
      options_(std::move(options)),
      store_(options_.indexes, options_.codec),
      watcher_(client, scheduler, random, log, options_.target, options_.watcher, *this) {}

Informer::~Informer() { Stop(); }

void Informer::Start() {
  {
    MutexLock lock(mutex_);
    started_ = scheduler_.Now();
  }
  task_ = scheduler_.Spawn(StrCat("watch ", options_.target.ToString()),
                           [this](const Context& context) { watcher_.Run(context); });
}

void Informer::RequestStop() { task_.RequestStop(); }
void Informer::Stop() { task_ = Task(); }

Status Informer::AddIndex(const std::string& name, IndexFunction function) {
  if (auto added = store_.AddIndex(name, std::move(function)); !added) {
    return Annotate(added.error(), options_.target.ToString());
  }
  return {};
}

Subscription Informer::Subscribe(Subscriber subscriber) {
  auto entry = std::make_shared<Subscription::Entry>();
  entry->subscriber = std::move(subscriber);
  bool tell;
  {
    MutexLock lock(mutex_);
    subscribers_.push_back(entry);
    // Before the first list is complete there is nothing to report; EndReplace reports everything.
    tell = synced_;
  }
  if (tell && entry->subscriber.on_change) {
    for (const StoredObject& object : store_.Snapshot()) {
      entry->subscriber.on_change(Change{ChangeType::kAdded, true, std::nullopt, object});
    }
  }
  if (tell && entry->subscriber.on_version) entry->subscriber.on_version(store_.version());
  return Subscription(this, std::move(entry));
}

void Informer::EndSubscription(const std::shared_ptr<Subscription::Entry>& entry) {
  MutexLock lock(mutex_);
  entry->ended = true;
  subscribers_.erase(std::remove(subscribers_.begin(), subscribers_.end(), entry), subscribers_.end());
  while (entry->calls > 0) scheduler_.Wait(changed_, lock, kForever, Context{});
}

void Informer::ForEachSubscriber(const std::function<void(const Subscriber&)>& tell) {
  std::vector<std::shared_ptr<Subscription::Entry>> entries;
  {
    MutexLock lock(mutex_);
    entries = subscribers_;
    for (const auto& entry : entries) ++entry->calls;
  }
  for (const auto& entry : entries) {
    bool ended;
    {
      MutexLock lock(mutex_);
      ended = entry->ended;
    }
    if (!ended) tell(entry->subscriber);
    MutexLock lock(mutex_);
    --entry->calls;
    if (entry->ended) scheduler_.Notify(changed_);
  }
}

void Informer::Announce(const Change& change) {
  ForEachSubscriber([&](const Subscriber& subscriber) {
    if (subscriber.on_change) subscriber.on_change(change);
  });
}

void Informer::AnnounceVersion() {
  const std::uint64_t version = store_.version();
  ForEachSubscriber([&](const Subscriber& subscriber) {
    if (subscriber.on_version) subscriber.on_version(version);
  });
}

Status Informer::WaitForSync(const Context& context) {
  {
    MutexLock lock(mutex_);
    while (!synced_) {
      if (context.stopped()) return Fail(Code::kCancelled, "stopped before the cache was filled");
      if (scheduler_.Now() >= context.deadline) break;
      scheduler_.Wait(changed_, lock, kForever, context);
    }
    if (synced_) return {};
  }
  const auto trouble = watcher_.status().trouble;
  return Fail(Code::kDeadlineExceeded,
              StrCat("the cache of ", options_.target.ToString(), " could not be filled in time",
                     trouble ? ": " : "", trouble ? trouble->message : ""));
}

bool Informer::synced() const {
  MutexLock lock(mutex_);
  return synced_;
}

std::optional<Duration> Informer::silence() const {
  auto since = watcher_.status().last_sign_of_life;
  if (!since) {
    MutexLock lock(mutex_);
    since = started_;
  }
  if (!since) return std::nullopt;
  return scheduler_.Now() - *since;
}

void Informer::BeginReplace(bool compare_bytes) { store_.BeginReplace(compare_bytes); }

Status Informer::Stage(std::string_view json) { return store_.Stage(json); }

void Informer::EndReplace(std::uint64_t version) {
  // Set synced_ once the store is complete and before the first announcement. Earlier subscribers
  // then receive every change, later ones receive every object, and all of them can read a complete
  // cache.
  bool marked = false;
  const auto mark_synced = [&] {
    if (std::exchange(marked, true)) return;
    MutexLock lock(mutex_);
    synced_ = true;
    scheduler_.Notify(changed_);
  };
  store_.EndReplace(version, [&](const Change& change) {
    mark_synced();
    Announce(change);
  });
  mark_synced();
  AnnounceVersion();
}

std::uint64_t Informer::Notify(const Written& written) {
  if (written.change) Announce(*written.change);
  AnnounceVersion();
  return written.version;
}

Result<std::uint64_t> Informer::Put(std::string_view json) {
  CAPSTAN_TRY(const Written written, store_.Put(json));
  return Notify(written);
}

Result<std::uint64_t> Informer::Remove(std::string_view json) {
  CAPSTAN_TRY(const Written written, store_.Remove(json));
  return Notify(written);
}

void Informer::Bookmark(std::uint64_t version) {
  store_.SetVersion(version);
  AnnounceVersion();
}

}  // namespace capstan::runtime
