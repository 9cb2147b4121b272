// Informer keeps a Store of one kind equal to the server and tells subscribers what changed. One
// informer serves any number of consumers: the watch and the memory are paid once.
//
// Thread-safe. Client, scheduler, random and log must outlive it. Destruction stops it;
// subscriptions must be gone by then.
//
// Subscribers are level-triggered: they learn that an object changed and look up what it is now.
// They are called by the informer's task (and once by the task that subscribes, for what is there
// already), with no lock held; they must be quick and must not wait.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/runtime/store/store.hpp>
#include <capstan/core/runtime/watch/watcher.hpp>

namespace capstan::runtime {

struct InformerOptions {
  WatchTarget target;
  std::map<std::string, IndexFunction> indexes;
  WatcherOptions watcher;
};

class Informer;

// What a subscriber wants to hear. Empty functions are not called.
struct Subscriber {
  std::function<void(const Change&)> on_change;
  // The store now holds everything up to `version`, changes or not. After each event, list and
  // bookmark.
  std::function<void(std::uint64_t version)> on_version;
};

// Ends the subscription when it goes; after that no call is under way. Must not outlive its
// informer, and must not be destroyed inside a call of its own subscriber.
class Subscription {
 public:
  Subscription() = default;
  Subscription(Subscription&& other) noexcept;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

 private:
  friend class Informer;
  struct Entry;
  Subscription(Informer* informer, std::shared_ptr<Entry> entry);
  void End();
  Informer* informer_ = nullptr;
  std::shared_ptr<Entry> entry_;
};

class Informer final : private WatchSink {
 public:
  Informer(kube::Client& client, Scheduler& scheduler, Random& random, Log& log, InformerOptions options);
  ~Informer() override;

  // Starts the watcher's task. Once.
  void Start();
  // Asks the task to stop; Stop also waits until it has.
  void RequestStop();
  void Stop();

  // The store keeps its objects also under what `function` says; those that are there already
  // before this returns. Asking again for the same index is fine: two functions of one name are the
  // same when they are of one type (one lambda, one class). Errors: kAlreadyExists (another
  // function has the name), kInvalidArgument (no function).
  Status AddIndex(const std::string& name, IndexFunction function);

  // What is there already is reported as added and listed before this returns; changes may come in
  // between.
  [[nodiscard]] Subscription Subscribe(Subscriber subscriber);

  // Blocks until the first list is complete. Errors: kCancelled, kDeadlineExceeded naming the kind
  // and the last trouble.
  Status WaitForSync(const Context& context);
  bool synced() const;
  const Store& store() const { return store_; }
  const WatchTarget& target() const { return options_.target; }
  WatcherStatus status() const { return watcher_.status(); }
  // How long ago the server gave its last sign of life; before the first one, how long ago we
  // started to listen. Nothing before Start.
  std::optional<Duration> silence() const;

 private:
  friend class Subscription;
  void BeginReplace(bool compare_bytes) override;
  Status Stage(std::string_view json) override;
  void EndReplace(std::uint64_t version) override;
  Result<std::uint64_t> Put(std::string_view json) override;
  Result<std::uint64_t> Remove(std::string_view json) override;
  std::uint64_t Tell(const Written& written);
  void Bookmark(std::uint64_t version) override;

  void Announce(const Change& change);
  void AnnounceVersion();
  // Calls `tell` for each subscriber, none of which can go away meanwhile.
  void ForEachSubscriber(const std::function<void(const Subscriber&)>& tell) CAPSTAN_EXCLUDES(mutex_);
  void EndSubscription(const std::shared_ptr<Subscription::Entry>& entry) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;
  const InformerOptions options_;

  // Provides its own synchronization.
  Store store_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  Event changed_;  // synced_ or a subscriber's calls
  bool synced_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::optional<Instant> started_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Subscription::Entry>> subscribers_ CAPSTAN_GUARDED_BY(mutex_);

  // For the thread that calls Start and Stop.
  Watcher watcher_;
  Task task_;  // last: it uses all of the above
};

}  // namespace capstan::runtime
