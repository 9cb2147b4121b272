// Private to core/managed. SharedCloud is the External of one set of credentials, shared by all
// objects that use them. It passes every call on, and answers observations of single objects from
// one list of the account, since a page of a list costs as much as a Get and shows two hundred
// objects.
//
// Flow of Look
//   1. the last list, when it was asked for late enough, and after our last change of the object
//   2. else a new list, which one caller reads while the others wait for it
//   3. else a Get: the list does not show the object, or not as ours; there are so few objects that
//      Gets are cheaper; the cloud cannot list, or its lists are broken
//
// Guarantees. A list never proves absence, nor that a tag is missing: only a Get does. After a
// change that went through here, no list that was asked for earlier is believed about that object.
// No lock is held while the cloud is asked.
//
// A list whose pages do not add up is as good as any: each item in it was seen, and what it lacks
// is asked for. Numbers: docs/decisions/007-one-list-for-all.md.
//
// Lists that the cloud refuses, or that are broken, are a line in the log when that begins and when
// it ends: every object is got by itself meanwhile, which costs requests and hides nothing from
// users.
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
#include <capstan/core/external/forwarding.hpp>
#include <capstan/core/managed/memory/packed_observed.hpp>

namespace capstan::managed {

class SharedCloud final : public external::ForwardingExternal {
 public:
  // `few`: up to so many observed objects are fetched one by one, whatever a list would cost.
  SharedCloud(std::unique_ptr<external::External> cloud, Scheduler& scheduler, Log& log, std::size_t few)
      : ForwardingExternal(std::move(cloud)), scheduler_(scheduler), log_(log), few_(few) {}

  struct Seen {
    std::optional<external::Observed> object;
    bool listed = false;  // it is from a list; before a change the object has to be got
  };
  // Whether an item of a list is the object that is looked for. Pure, called without a lock.
  using Ours = std::function<bool(const external::Observed&)>;
  // The object as it was at most `age` before this call. Errors: those of Get.
  Result<Seen> Look(const std::string& id, Duration age, const Ours& ours, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);
  // Whether a Look would show it, with this DigestOf. Errors: those of Get.
  Result<bool> LooksAs(const std::string& id, const std::string& digest, Duration age, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);

  // Calls that may change an object: no earlier list is believed about it.
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
  // What one reading of the list showed. Constant once it is made.
  struct Snapshot {
    std::unordered_map<std::string, PackedObserved> items;  // by id
    Instant asked{};                                        // when its first page was asked for
    std::uint64_t order = 0;                                // the same, among our changes
    std::size_t pages = 0;
  };
  using SnapshotPtr = std::shared_ptr<const Snapshot>;
  // One reading under way, for those that wait for it.
  struct Reading {
    Urgency urgency = Urgency::kLook;
    bool done = false;
    bool news = false;  // lists begin to be broken, or to be whole again, with this one
    std::optional<Error> error;
  };
  struct Looked {
    Instant at;
    Duration age;  // as it was asked for
  };

  // A snapshot that answers this look; null: a Get has to. An error is one that a Get would meet
  // too.
  Result<SnapshotPtr> Listed(const std::string& id, Duration age, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);
  bool Good(const std::string& id, Instant not_before) const CAPSTAN_REQUIRES(mutex_);
  bool GetsAreCheaper(Duration age, Instant now) CAPSTAN_REQUIRES(mutex_);
  Status Await(const Reading& reading, MutexLock& lock, const Context& context) CAPSTAN_REQUIRES(mutex_);
  void Read(const std::shared_ptr<Reading>& reading, std::uint64_t order, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);
  Result<SnapshotPtr> Pages(std::uint64_t order, const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // Lists are left alone for a while when they are broken, longer each time. True: that is news.
  bool Distrust(const Error& error) CAPSTAN_REQUIRES(mutex_);
  void Tell(const Reading& reading) CAPSTAN_EXCLUDES(mutex_);
  void Changed(const std::string& id) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;
  Log& log_;
  const std::size_t few_;

  // Guarded by mutex_.
  Mutex mutex_;
  Event read_;                                                   // some reading has ended
  std::shared_ptr<Reading> reading_ CAPSTAN_GUARDED_BY(mutex_);  // null: none is under way
  SnapshotPtr last_ CAPSTAN_GUARDED_BY(mutex_);
  bool cannot_list_ CAPSTAN_GUARDED_BY(mutex_) = false;
  Instant no_list_before_ CAPSTAN_GUARDED_BY(mutex_) = Instant::min();
  Duration distrusted_for_ CAPSTAN_GUARDED_BY(mutex_){};  // zero: the last list was whole
  std::uint64_t order_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, std::uint64_t> changed_ CAPSTAN_GUARDED_BY(mutex_);  // id to order
  std::unordered_map<std::string, Looked> looks_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::managed
