// Private to core/managed. SharedCloud is the External of one set of credentials, shared by all
// objects that use them. It forwards every call, and answers observations of single objects from
// one list of the account: a page of a list costs as much as a Get and shows two hundred objects.
//
// Flow of Look
//
// 1. use the last list, if it was requested recently enough and after our last change of the object
// 2. otherwise read a new list; one caller reads it while the others wait
// 3. otherwise Get: if the list does not show the object, or not as ours; if there are so few
//    objects that Gets are cheaper; if the cloud cannot list, or its lists are broken
//
// Guarantees. A list never proves that an object or a tag is absent: only a Get does. After a
// change made through this class, no list requested earlier is trusted for that object. No lock is
// held during a request to the cloud.
//
// A list whose pages are inconsistent is still usable: each item in it was observed, and missing
// items are fetched with a Get. Figures: docs/decisions/007-one-list-for-all.md.
//
// When lists begin to be refused or broken, when a refusal changes its words, and when they work
// again, a line is logged: meanwhile every object is fetched by its own Get, which costs requests
// and hides nothing from users.
//
// Thread-safe. Owns the External. Scheduler and log must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/trouble_reports.hpp>
#include <capstan/core/external/forwarding.hpp>
#include <capstan/core/managed/memory/packed_observed.hpp>

namespace capstan::managed {

class SharedCloud final : public external::ForwardingExternal {
 public:
  // `few`: up to this many observed objects are fetched one by one, whatever a list would cost.
  SharedCloud(std::unique_ptr<external::External> cloud, Scheduler& scheduler, Log& log, std::size_t few)
      : ForwardingExternal(std::move(cloud)), scheduler_(scheduler), log_(log), few_(few) {}

  struct Seen {
    std::optional<external::Observed> object;
    bool listed = false;  // from a list; the object must be fetched with a Get before a change
  };
  // Whether an item of a list is the object in question. Pure; called without a lock.
  using Ours = std::function<bool(const external::Observed&)>;
  // The object as it was at most `age` before this call. Errors: those of Get.
  Result<Seen> Look(const std::string& id, Duration age, const Ours& ours, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);
  // Whether a Look would return an object with this DigestOf. Errors: those of Get.
  Result<bool> LooksAs(const std::string& id, const std::string& digest, Duration age, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);

  // These calls may change an object: no earlier list is trusted for it afterwards.
  external::Outcome Create(const external::Identity& identity, const std::string& desired,
                           const Context& context) override;
  external::Outcome Adopt(const std::string& id, const external::Identity& identity,
                          const Context& context) override;
  external::Outcome Delete(const std::string& id, const external::DeleteOptions& options,
                           const Context& context) override;
  external::Outcome Apply(const std::string& id, const external::Step& step,
                          const external::Identity& identity, const Context& context) override;
  Result<external::Connection> ReadConnection(const std::string& id, const std::string& desired,
                                              const Context& context) override;

 private:
  // The result of reading the list once. Immutable.
  struct Snapshot {
    // By id. An object that did not change is shared with the snapshot before.
    std::unordered_map<std::string, std::shared_ptr<const PackedObserved>> items;
    ObservedPacker::Dictionary dictionary;  // of the next list's new objects
    Instant asked{};                        // when its first page was requested
    // The same moment in the sequence of our changes.
    std::uint64_t order = 0;
    std::size_t pages = 0;
  };
  using SnapshotPtr = std::shared_ptr<const Snapshot>;
  // A list request in flight, for those that wait for it.
  struct Reading {
    Urgency urgency = Urgency::kLook;
    bool done = false;
    bool news = false;  // its error was not logged yet, or lists work again
    std::optional<Error> error;
  };
  struct Looked {
    Instant at;
    Duration age;  // as requested
  };

  // A snapshot that answers this look; null: use a Get. Fails only with errors that a Get would
  // have met as well.
  Result<SnapshotPtr> Listed(const std::string& id, Duration age, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);
  bool IsUsable(const std::string& id, Instant not_before) const CAPSTAN_REQUIRES(mutex_);
  bool GetsAreCheaper(Duration age, Instant now) CAPSTAN_REQUIRES(mutex_);
  Status Await(const Reading& reading, MutexLock& lock, const Context& context) CAPSTAN_REQUIRES(mutex_);
  void Read(const std::shared_ptr<Reading>& reading, std::uint64_t order, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);
  Result<SnapshotPtr> Pages(std::uint64_t order, const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // Suspends lists for a while because they are broken, longer each time. True if they were not
  // suspended before.
  bool SuspendLists(const Error& error) CAPSTAN_REQUIRES(mutex_);
  void Report(const Reading& reading) CAPSTAN_EXCLUDES(mutex_);
  void Changed(const std::string& id) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;
  Log& log_;
  const std::size_t few_;

  // Guarded by mutex_.
  Mutex mutex_;
  Event read_;                                                   // a list request has ended
  std::shared_ptr<Reading> reading_ CAPSTAN_GUARDED_BY(mutex_);  // null: none is in flight
  SnapshotPtr last_ CAPSTAN_GUARDED_BY(mutex_);
  bool cannot_list_ CAPSTAN_GUARDED_BY(mutex_) = false;
  Instant no_list_before_ CAPSTAN_GUARDED_BY(mutex_) = Instant::min();
  Duration distrusted_for_ CAPSTAN_GUARDED_BY(mutex_){};  // zero: the last list worked
  TroubleReports reports_ CAPSTAN_GUARDED_BY(mutex_){TroubleReports::kOnce};
  std::uint64_t order_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  // Id to order.
  std::unordered_map<std::string, std::uint64_t> changed_ CAPSTAN_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Looked> looks_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::managed
