// WorkqueueCore decides which key is worked on next. A pure step machine: no lock, no waiting, no
// clock of its own; every call takes the time. Workqueue is its blocking face.
//
// A key is in the queue at most once and is never handed out again before Done. A key that is added
// while it is being worked on comes again afterwards. Four classes of priority; within a class,
// first come, first served. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::runtime {

// Why a key is in the queue, most urgent first. A key that is added for several reasons keeps the
// most urgent one.
enum class Priority : std::uint8_t {
  kUser = 0,    // the object changed, or something it depends on
  kRetry = 1,   // an earlier try failed
  kListed = 2,  // the first list, or a relist
  kPoll = 3,    // nothing changed; it is time to look again
};
inline constexpr std::size_t kPriorities = 4;

// A resourceVersion as a number, for "that one or newer"; 0 when the text is not one.
std::uint64_t ParseResourceVersion(std::string_view text);

struct WorkqueueOptions {
  // Per key, for errors that ask for it. The first failure waits half to a whole second.
  BackoffOptions backoff{std::chrono::seconds(1), std::chrono::minutes(5), 2.0, 0.5};
  // After this many keys in a row that overtook a waiting one of a lower class, the oldest of those
  // goes first: a flood of changes slows the first list and the polls, and never starves them.
  int fairness = 8;
};

// What Take gives to a worker.
struct TakenKey {
  kube::ObjectKey key;
  bool fresh = false;                  // the cache may lack our own write: read the object from the server
  Duration waited = Duration::zero();  // between being due and being taken
  Priority priority = Priority::kUser;
};

// Counters grow for ever; the rest is as of now.
struct WorkqueueStats {
  std::uint64_t adds = 0;     // Add and Retry calls that had an effect
  std::uint64_t retries = 0;  // Retry calls
  std::uint64_t taken = 0;
  std::uint64_t holds_seen = 0;     // holds that ended because the cache caught up
  std::uint64_t holds_expired = 0;  // holds that ended by their time limit
  std::size_t ready = 0, delayed = 0, held = 0, processing = 0;
};

class WorkqueueCore {
 public:
  // Random must outlive this.
  WorkqueueCore(WorkqueueOptions options, Random& random) : options_(options), random_(random) {}
  WorkqueueCore(const WorkqueueCore&) = delete;
  WorkqueueCore& operator=(const WorkqueueCore&) = delete;

  // Wants the key worked on after `delay`. An earlier due time and a more urgent priority win.
  // `fresh` asks that the worker reads the object from the server.
  void Add(const kube::ObjectKey& key, Priority priority, Instant now, Duration delay = {},
           bool fresh = false);
  // One more failure of the key: wants it again after its backoff, or after `at_least` where that
  // is longer. Returns the delay. REQUIRES: the key is taken and not Done.
  Duration Retry(const kube::ObjectKey& key, Instant now, Duration at_least);
  // The key went well: its backoff starts again.
  void Forget(const kube::ObjectKey& key);
  int failures(const kube::ObjectKey& key) const;

  // Nobody gets the key before Seen with that version or a newer one; at `until` it is handed out
  // `fresh`, whether or not anybody wanted it. REQUIRES: the key is taken and not Done.
  void Hold(const kube::ObjectKey& key, std::uint64_t version, Instant until);
  // The cache holds the key at this version. True when it is exactly the version a hold waits for:
  // our own write.
  bool Seen(const kube::ObjectKey& key, std::uint64_t version, Instant now);
  // The cache holds everything up to this version.
  void SeenAll(std::uint64_t version, Instant now);

  // The next key whose time has come, or nothing.
  std::optional<TakenKey> Take(Instant now);
  // The worker is finished with it. REQUIRES: the key is taken.
  void Done(const kube::ObjectKey& key, Instant now);

  // When Take may have something without further calls; kForever when never, `now` or earlier when
  // at once.
  Instant NextDue() const;
  WorkqueueStats stats() const;
  // The key that has been worked on for longest, and for how long; nothing when none is.
  std::optional<std::pair<kube::ObjectKey, Duration>> LongestRunning(Instant now) const;
  // How long all together have been worked on, as of now.
  Duration UnfinishedWork(Instant now) const;

 private:
  struct Entry;
  // Keys waiting at one priority, linked through their entries.
  struct Line {
    Entry* first = nullptr;
    Entry* last = nullptr;
  };
  struct Timed {
    Instant at;
    std::uint64_t order;
    Entry* entry;
    friend bool operator<(const Timed& a, const Timed& b) {
      return a.at != b.at ? a.at < b.at : a.order < b.order;
    }
  };
  struct Entry {
    const kube::ObjectKey* key = nullptr;  // of the map's node
    bool wanted = false;                   // to be reconciled at `due`
    bool ready = false;                    // linked into a Line
    bool processing = false;
    bool held = false;
    bool fresh = false;
    std::size_t held_at = 0;        // its place in held_
    std::size_t processing_at = 0;  // its place in processing_
    bool timed = false;             // in timers_, at `timer`
    Priority priority = Priority::kPoll;
    int failures = 0;
    Instant due{};         // meaningful when wanted
    Instant taken_at{};    // meaningful when processing
    Instant hold_until{};  // meaningful when held
    std::uint64_t hold_version = 0;
    Timed timer{};
    Entry* previous = nullptr;
    Entry* next = nullptr;
  };
  using Map = std::unordered_map<kube::ObjectKey, Entry>;

  Entry& EntryOf(const kube::ObjectKey& key);
  Entry* Find(const kube::ObjectKey& key);
  // Puts an idle entry where it belongs: a line, the timers, or out of the map when nothing is
  // known about it.
  void Place(Entry& entry, Instant now);
  void Link(Entry& entry);
  void Unlink(Entry& entry);
  void SetTimer(Entry& entry, Instant at);
  void ClearTimer(Entry& entry);
  void EndHold(Entry& entry);
  void RunTimers(Instant now);
  Entry* PickReady();

  const WorkqueueOptions options_;
  Random& random_;
  Map entries_;
  std::array<Line, kPriorities> lines_{};
  std::set<Timed> timers_;
  std::vector<Entry*> held_;
  std::vector<Entry*> processing_;
  std::uint64_t order_ = 0;
  int overtaken_ = 0;  // keys taken in a row while a lower class waited
  WorkqueueStats stats_;
};

}  // namespace capstan::runtime
