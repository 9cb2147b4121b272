#include <capstan/core/managed/memory/shared_cloud.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::managed {
namespace {

using std::chrono::minutes;

constexpr std::size_t kMostPages = 1000;
// How long lists are suspended; doubles each time, because meanwhile every object needs its own
// Get, which costs more.
constexpr Duration kAfterBrokenList = minutes(1);
constexpr Duration kAfterForbiddenList = minutes(10);  // also the maximum
// After this time an object counts as no longer observed.
constexpr Duration kForgotten = minutes(10);

constexpr std::size_t kMostChanged = 1024;
constexpr std::size_t kTypical = 8;

// Whether a Get would fail in the same way, so that none is tried.
bool GetWouldFailToo(Code code) {
  return code == Code::kResourceExhausted || code == Code::kUnavailable || code == Code::kDeadlineExceeded ||
         code == Code::kUnauthenticated || code == Code::kCancelled;
}

}  // namespace

Result<SharedCloud::Seen> SharedCloud::Look(const std::string& id, Duration age, const Ours& ours,
                                            const Context& context) {
  CAPSTAN_TRY(const SnapshotPtr snapshot, Listed(id, age, context));
  if (snapshot) {
    const auto it = snapshot->items.find(id);
    if (it != snapshot->items.end()) {
      auto listed = it->second->Unpack();
      if (listed && ours(*listed)) return Seen{std::move(*listed), true};
    }
  }
  CAPSTAN_TRY(auto object, next().Get(id, context));
  return Seen{std::move(object), false};
}

Result<bool> SharedCloud::LooksAs(const std::string& id, const std::string& digest, Duration age,
                                  const Context& context) {
  CAPSTAN_TRY(const SnapshotPtr snapshot, Listed(id, age, context));
  if (snapshot) {
    const auto it = snapshot->items.find(id);
    return it != snapshot->items.end() && it->second->digest() == digest;
  }
  CAPSTAN_TRY(const auto object, next().Get(id, context));
  return object && DigestOf(*object) == digest;
}

Result<SharedCloud::SnapshotPtr> SharedCloud::Listed(const std::string& id, Duration age,
                                                     const Context& context) {
  const Instant arrived = scheduler_.Now();
  for (;;) {
    std::shared_ptr<Reading> reading;
    std::uint64_t order = 0;  // 0: another caller reads
    {
      MutexLock lock(mutex_);
      looks_[id] = Looked{arrived, age};
      if (cannot_list_ || arrived < no_list_before_) return SnapshotPtr();
      if (IsUsable(id, arrived - age)) return last_;
      if (GetsAreCheaper(age, arrived)) return SnapshotPtr();
      if (!reading_) {
        reading_ = std::make_shared<Reading>(Reading{context.urgency, false, false, std::nullopt});
        order = ++order_;
      }
      reading = reading_;
      if (order == 0) CAPSTAN_RETURN_IF_ERROR(Await(*reading, lock, context));
    }
    if (order != 0) {
      Read(reading, order, context);
      if (reading->news) Report(*reading);
    }
    // A finished reading is no longer written to.
    if (!reading->error) continue;
    if (!GetWouldFailToo(reading->error->code)) return SnapshotPtr();
    // The reader may have been cancelled or less urgent; that does not concern the callers that
    // waited.
    const bool own = reading->error->code == Code::kCancelled ||
                     (reading->error->code == Code::kResourceExhausted && reading->urgency < context.urgency);
    if (order != 0 || !own) return Fail(*reading->error);
  }
}

// Measured from the time of the call: a list that takes longer than `age` to read is still an
// answer.
bool SharedCloud::IsUsable(const std::string& id, Instant not_before) const {
  if (!last_ || last_->asked < not_before) return false;
  const auto changed = changed_.find(id);
  return changed == changed_.end() || changed->second < last_->order;
}

// A list serves every object that is observed as often as this one. It pays off if there are more
// of them than the list has pages.
bool SharedCloud::GetsAreCheaper(Duration age, Instant now) {
  std::size_t served = 0;
  for (auto it = looks_.begin(); it != looks_.end();) {
    const Duration since = now - it->second.at;
    if (since > kForgotten) {
      it = looks_.erase(it);
      continue;
    }
    if (it->second.age <= 2 * age && since <= 2 * std::max(age, it->second.age)) ++served;
    ++it;
  }
  return served <= few_ || (last_ && served < last_->pages);
}

Status SharedCloud::Await(const Reading& reading, MutexLock& lock, const Context& context) {
  while (!reading.done) {
    if (context.stopped()) return Fail(Code::kCancelled, "stopped while it waited for a list of the account");
    if (scheduler_.Now() >= context.deadline)
      return Fail(Code::kDeadlineExceeded, "the list of the account did not come in time");
    (void)scheduler_.Wait(read_, lock, context.deadline, context);
  }
  return {};
}

void SharedCloud::Read(const std::shared_ptr<Reading>& reading, std::uint64_t order, const Context& context) {
  auto read = Pages(order, context);
  MutexLock lock(mutex_);
  reading_.reset();
  reading->done = true;
  if (read) {
    last_ = *read;
    reading->news = std::exchange(distrusted_for_, Duration::zero()) != Duration::zero();
    reports_.Over();
    for (auto it = changed_.begin(); it != changed_.end();)
      it = it->second < last_->order ? changed_.erase(it) : std::next(it);
  } else {
    reading->error = read.error();
    reading->news = SuspendLists(read.error());
  }
  scheduler_.Notify(read_);
}

Result<SharedCloud::SnapshotPtr> SharedCloud::Pages(std::uint64_t order, const Context& context) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->asked = scheduler_.Now();
  snapshot->order = order;
  const SnapshotPtr before = [this] {
    MutexLock lock(mutex_);
    return last_;
  }();
  // One of a few objects may be unlike those that come later.
  const bool typical = before && before->items.size() >= kTypical;
  ObservedPacker packer(typical ? before->dictionary : nullptr);
  std::set<std::string> cursors;
  std::string cursor;
  do {
    if (!cursors.insert(cursor).second || snapshot->pages >= kMostPages)
      return Fail(Code::kDataLoss, "the list of the account does not end");
    CAPSTAN_TRY(external::Page page, next().List(cursor, context));
    ++snapshot->pages;
    // Items move between pages during a read: the later one is newer.
    for (auto& item : page.items) {
      std::shared_ptr<const PackedObserved>& packed = snapshot->items[item.id];
      if (before) {
        const auto known = before->items.find(item.id);
        if (known != before->items.end() && known->second->Holds(item, packer)) {
          packed = known->second;
          continue;
        }
      }
      packed = std::make_shared<const PackedObserved>(item, packer);
    }
    cursor = std::move(page.next);
  } while (!cursor.empty());
  snapshot->dictionary = packer.dictionary();
  return SnapshotPtr(std::move(snapshot));
}

bool SharedCloud::SuspendLists(const Error& error) {
  if (GetWouldFailToo(error.code)) return false;
  if (error.code == Code::kUnimplemented) {
    cannot_list_ = true;
    return false;
  }
  const bool first = distrusted_for_ == Duration::zero();
  distrusted_for_ = first ? kAfterBrokenList : std::min(2 * distrusted_for_, kAfterForbiddenList);
  if (error.code == Code::kPermissionDenied) distrusted_for_ = kAfterForbiddenList;
  no_list_before_ = After(scheduler_.Now(), distrusted_for_);
  return reports_.IsNews(error, scheduler_.Now());
}

void SharedCloud::Report(const Reading& reading) {
  if (!reading.error) {
    log_.Info("the account can be listed again: objects are observed from lists", {});
    return;
  }
  log_.Warning(
      "cannot list the account: each object is observed by a request of its own, which uses up the quota "
      "sooner; allow the credentials to list",
      {{"error", reading.error->message}});
}

void SharedCloud::Changed(const std::string& id) {
  if (id.empty()) return;
  MutexLock lock(mutex_);
  // If no list is ever read, nothing else would remove them.
  if (changed_.size() >= kMostChanged && !reading_) {
    last_.reset();  // a later list is newer than all of them
    changed_.clear();
  }
  changed_[id] = ++order_;
}

external::Outcome SharedCloud::Create(const external::Identity& identity, const std::string& desired,
                                      const Context& context) {
  external::Outcome outcome = next().Create(identity, desired, context);
  Changed(outcome.id);
  return outcome;
}

external::Outcome SharedCloud::Adopt(const std::string& id, const external::Identity& identity,
                                     const Context& context) {
  external::Outcome outcome = next().Adopt(id, identity, context);
  Changed(id);
  return outcome;
}

external::Outcome SharedCloud::Delete(const std::string& id, const external::DeleteOptions& options,
                                      const Context& context) {
  external::Outcome outcome = next().Delete(id, options, context);
  Changed(id);
  return outcome;
}

external::Outcome SharedCloud::Apply(const std::string& id, const external::Step& step,
                                     const external::Identity& identity, const Context& context) {
  external::Outcome outcome = next().Apply(id, step, identity, context);
  Changed(id);
  return outcome;
}

Result<external::Connection> SharedCloud::ReadConnection(const std::string& id, const std::string& desired,
                                                         const Context& context) {
  auto connection = next().ReadConnection(id, desired, context);
  Changed(id);
  return connection;
}

}  // namespace capstan::managed
