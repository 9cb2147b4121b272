// Informer keeps a Store of one kind in sync with the server and notifies subscribers of changes.
// One informer serves any number of consumers, which share its watch and its memory.
//
// Thread-safe. Client, scheduler, random and log must outlive it. The destructor stops it;
// subscriptions must be destroyed first.
//
// Subscribers are level-triggered: they learn that an object changed and look up its current state.
// They are called by the informer's task (and once by the subscribing task, for the objects already
// in the store), with no lock held. They must be fast and must not block.
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
  std::shared_ptr<ObjectCodec> codec;  // null: one of its own
};

class Informer;

// Callbacks of a subscriber. Empty functions are not called.
struct Subscriber {
  std::function<void(const Change&)> on_change;
  // The store contains everything up to `version`. Called after each event, list and bookmark,
  // whether or not anything changed.
  std::function<void(std::uint64_t version)> on_version;
};

// RAII handle: destruction ends the subscription, and no callback is running afterwards. The
// informer must outlive it. Must not be destroyed inside a callback of its own subscriber.
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

  // Starts the watcher's task. Call once.
  void Start();
  // RequestStop asks the task to stop; Stop also waits until it has stopped.
  void RequestStop();
  void Stop();

  // Adds an index to the store; objects already in the store are indexed before this returns.
  // Adding the same index again succeeds: two functions under one name are the same if they have
  // the same type (one lambda, one class). Errors: kAlreadyExists (the name is taken by another
  // function), kInvalidArgument (no function).
  Status AddIndex(const std::string& name, IndexFunction function);

  // Reports the objects already in the store as added and listed before this returns; changes may
  // be reported in between.
  [[nodiscard]] Subscription Subscribe(Subscriber subscriber);

  // Blocks until the first list is complete. Errors: kCancelled, kDeadlineExceeded; the message
  // names the kind and the last error.
  Status WaitForSync(const Context& context);
  bool synced() const;
  const Store& store() const { return store_; }
  const WatchTarget& target() const { return options_.target; }
  WatcherStatus status() const { return watcher_.status(); }
  // Time since the server last showed a sign of life; before the first one, time since Start.
  // nullopt before Start.
  std::optional<Duration> silence() const;

 private:
  friend class Subscription;
  void BeginReplace(bool compare_bytes) override;
  Status Stage(std::string_view json) override;
  void EndReplace(std::uint64_t version) override;
  Result<std::uint64_t> Put(std::string_view json) override;
  Result<std::uint64_t> Remove(std::string_view json) override;
  std::uint64_t Notify(const Written& written);
  void Bookmark(std::uint64_t version) override;

  void Announce(const Change& change);
  void AnnounceVersion();
  // Calls `tell` for each subscriber; none of them can be unsubscribed meanwhile.
  void ForEachSubscriber(const std::function<void(const Subscriber&)>& tell) CAPSTAN_EXCLUDES(mutex_);
  void EndSubscription(const std::shared_ptr<Subscription::Entry>& entry) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;
  const InformerOptions options_;

  // Provides its own synchronization.
  Store store_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  Event changed_;  // notified when synced_ or the calls of a subscriber change
  bool synced_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::optional<Instant> started_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Subscription::Entry>> subscribers_ CAPSTAN_GUARDED_BY(mutex_);

  // Used only by the thread that calls Start and Stop.
  Watcher watcher_;
  Task task_;  // last member: it uses everything above
};

}  // namespace capstan::runtime
