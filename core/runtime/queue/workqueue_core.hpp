// WorkqueueCore decides which key is reconciled next. A pure step machine: no lock, no waiting, no
// clock of its own; every call takes the current time. Workqueue wraps it with blocking calls.
//
// A key is in the queue at most once and is never handed out again before Done. A key added while
// it is being processed is queued again afterwards. Four priorities; first in, first out within
// each. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/key_table.hpp>
#include <capstan/core/kube/kind.hpp>
#include <capstan/core/runtime/queue/timer_heap.hpp>

namespace capstan::runtime {

// Why a key is in the queue, most urgent first. A key added for several reasons keeps the most
// urgent one.
enum class Priority : std::uint8_t {
  kUser = 0,    // the object changed, or something it depends on
  kRetry = 1,   // an earlier attempt failed
  kListed = 2,  // found by the first list or a relist
  kPoll = 3,    // nothing changed; a periodic resync is due
};
inline constexpr std::size_t kPriorities = 4;

// A thousand objects that are polled once a minute would wake a worker 17 times a second, each time
// with cold caches. Polls with such a delay are due together, at whole seconds, and ...
inline constexpr Duration kLongPoll = std::chrono::seconds(16);
// ... wait this long for the worker that takes them one after another, before another one wakes.
inline constexpr Duration kPollPatience = std::chrono::milliseconds(100);

// A resourceVersion as a number, for comparing which is newer; 0 when it is not numeric.
std::uint64_t ParseResourceVersion(std::string_view text);

struct WorkqueueOptions {
  // Per key, for errors that back off. The first failure waits 0.5 to 1 s.
  BackoffOptions backoff{std::chrono::seconds(1), std::chrono::minutes(5), 2.0, 0.5};
  // After this many keys in a row overtook a waiting key of lower priority, the oldest of those
  // goes first. A flood of changes slows the first list and the resyncs but never starves them.
  int fairness = 8;
};

// What Take returns to a worker.
struct TakenKey {
  kube::ObjectKey key;
  // The cache may lack our own write: read the object from the server.
  bool fresh = false;
  Duration waited = Duration::zero();  // between being due and being taken
  Priority priority = Priority::kUser;
};

// Counters never decrease; the other values are current.
struct WorkqueueStats {
  std::uint64_t adds = 0;     // Add and Retry calls that had an effect
  std::uint64_t retries = 0;  // Retry calls
  std::uint64_t taken = 0;
  std::uint64_t holds_seen = 0;     // holds that ended because the cache caught up
  std::uint64_t holds_expired = 0;  // holds that ended because their time ran out
  std::size_t ready = 0, delayed = 0, held = 0, processing = 0;
};

class WorkqueueCore {
 public:
  // Random must outlive this.
  WorkqueueCore(WorkqueueOptions options, Random& random);
  ~WorkqueueCore();
  WorkqueueCore(const WorkqueueCore&) = delete;
  WorkqueueCore& operator=(const WorkqueueCore&) = delete;

  // Queues the key to be processed after `delay`. If it is already queued, the earlier due time and
  // the more urgent priority win. `fresh` asks the worker to read the object from the server. A
  // poll after kLongPoll or more is due at a whole second, up to a second later.
  void Add(const kube::ObjectKey& key, Priority priority, Instant now, Duration delay = {},
           bool fresh = false);
  // Counts one more failure of the key and queues it again after its backoff or `at_least`,
  // whichever is longer. Returns the delay. REQUIRES: the key is taken and not Done.
  Duration Retry(const kube::ObjectKey& key, Instant now, Duration at_least);
  // The key succeeded: resets its backoff.
  void Forget(const kube::ObjectKey& key);
  int failures(const kube::ObjectKey& key) const;

  // Keeps the key from workers until Seen reports that version or a newer one. At `until` it is
  // handed out with `fresh` set, whether or not it was queued. REQUIRES: the key is taken and not
  // Done.
  void Hold(const kube::ObjectKey& key, std::uint64_t version, Instant until);
  // The cache has the key at this version. True if a hold waits for exactly this version, which is
  // then our own write.
  bool Seen(const kube::ObjectKey& key, std::uint64_t version, Instant now);
  // The cache has everything up to this version.
  void SeenAll(std::uint64_t version, Instant now);

  // The next key that is due, or nullopt.
  std::optional<TakenKey> Take(Instant now);
  // The worker has finished with the key. REQUIRES: the key is taken.
  void Done(const kube::ObjectKey& key, Instant now);

  // When Take may next return a key without further calls; kForever if never, `now` or earlier if
  // immediately.
  Instant NextDue() const;
  // The same for the key after that one, if no key is ready.
  Instant DueAfterNext() const;
  // When one more worker is needed if those that are awake take no further key: NextDue, but a poll
  // that is ready waits kPollPatience for them.
  Instant NextWake() const;
  WorkqueueStats stats() const;
  // The key that has been processed for the longest time, and for how long; nullopt if none is.
  std::optional<std::pair<kube::ObjectKey, Duration>> LongestRunning(Instant now) const;
  // Sum of the processing times so far of all keys being processed.
  Duration UnfinishedWork(Instant now) const;

 private:
  struct Entry;
  // Intrusive list of the keys ready at one priority.
  struct Line {
    Entry* first = nullptr;
    Entry* last = nullptr;
  };
  struct Held {
    Entry* entry;
    std::uint64_t version;
    Instant until;
  };
  struct Processing {
    Entry* entry;
    Instant taken_at;
  };

  Entry& EntryOf(const kube::ObjectKey& key);
  Entry* Find(const kube::ObjectKey& key) const;
  void Erase(Entry& entry);
  // Moves an idle entry to where it belongs: a line, the timers, or out of the table if nothing is
  // known about it.
  void Place(Entry& entry, Instant now);
  void Link(Entry& entry);
  void Unlink(Entry& entry);
  void EndHold(Entry& entry);
  void RunTimers(Instant now);
  Entry* PickReady();

  const WorkqueueOptions options_;
  Random& random_;
  kube::KeyTable<Entry> entries_;  // owns them
  std::array<Line, kPriorities> lines_{};
  TimerHeap<Entry> timers_;
  std::vector<Held> held_;
  // As many as there are busy workers and statuses to be written: few enough to search.
  std::vector<Processing> processing_;
  std::uint64_t order_ = 0;
  int overtaken_ = 0;  // keys taken in a row while a lower priority waited
  WorkqueueStats stats_;
};

}  // namespace capstan::runtime
