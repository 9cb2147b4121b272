// WatcherMachine decides how a cache is kept equal to the server: when to list, to watch, to wait
// and to doubt. A pure step machine: each input gives the next command; no waiting, no lock, no
// request. Watcher carries the commands out.
//
//   kListing     pages, one command each. Nothing is announced before the last.
//   kStreaming   a watch that begins with everything there is (sendInitialEvents), announced at its closing
//                bookmark.
//   kWatching    changes since the list.
//   kDoubting    lists one item, to learn whether the server's history still contains the version we watch
//                from.
//   kResting     waits before what failed is tried again.
//
// Guarantees, whatever happens: a list that was cut is never announced; a version the server no
// longer has (410), or that lies in its future (etcd was restored), leads to a new list; so does an
// outage, after which the server's history may be another one although its numbers look right; a
// connection that is silent beyond its time is given up. Not thread-safe. Random must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::runtime {

struct WatcherOptions {
  // Objects a page. 500 is what kubectl and client-go ask for.
  std::int64_t page_size = 500;
  // Ask for a streaming list first; servers that have none (before 1.27, or switched off) answer
  // 400 or 422.
  bool streaming_list = true;
  // How long the server should keep a watch open; each is up to half longer, so that not all end at
  // once.
  std::chrono::seconds watch_timeout{300};
  // How much later than asked the server may end a watch before we take the connection for dead.
  std::chrono::seconds slack{30};
  // A watch that the server ends earlier than this is a failure: tried again after a rest, never in
  // a tight loop.
  std::chrono::seconds shortest_watch{1};
  // How long a streaming list may be silent before it is given up in favour of pages.
  std::chrono::seconds streaming_silence{60};
  // How long the kind must be absent (404) before its objects count as gone; four times as long
  // after an outage, since a server that is coming back does not serve every kind at once.
  std::chrono::seconds absent_after{15};
  // A watch that broke after a longer silence is not taken up again where it stood: everything is
  // listed anew.
  std::chrono::seconds trust{300};
  // A server's Retry-After is honoured up to this; one that says "tomorrow" would end the watch for
  // a day.
  std::chrono::seconds longest_wish{300};
  // Between tries that failed.
  BackoffOptions backoff;
  // The same trouble is reported no more often than this.
  std::chrono::seconds report_every{60};
};

// What to do next.
enum class WatcherDo {
  kListPage,   // one page: command.continue_token, command.limit; items go to the sink's Put
  kOpenWatch,  // from command.resource_version, or as a streaming list
  kNextEvent,  // the next event of the open watch, until command.until
  kListOne,    // one item, thrown away; only the list's resourceVersion matters
  kWait,       // until command.until
};

struct WatcherCommand {
  WatcherDo what = WatcherDo::kWait;
  std::string resource_version;
  std::string continue_token;
  std::int64_t limit = 0;
  bool streaming = false;
  std::chrono::seconds timeout{0};
  Instant until = kForever;

  // Before `what`, in this order: close the watch that is open; what the sink must be told; what a
  // person must be told.
  bool close_watch = false;
  bool begin_replace = false;  // a list starts; the sink forgets any that was cut
  bool compare_bytes = false;  // equal versions prove nothing: the server's history may be another one
  bool end_replace = false;    // the list is complete at resource_version
  bool report = false;         // `trouble` is news, or a minute old
  std::string notice;          // something that happened and is over, or empty
};

// Where a watcher stands, for health and logs.
enum class WatcherState { kListing, kStreaming, kWatching, kDoubting, kResting };
std::string_view WatcherStateName(WatcherState state);

class WatcherMachine {
 public:
  WatcherMachine(WatcherOptions options, Random& random);

  WatcherCommand Start(Instant now);
  // The answer to kListPage.
  WatcherCommand OnListed(const kube::ListHead& head, Instant now);
  // The answer to kListOne.
  WatcherCommand OnListedOne(const kube::ListHead& head, Instant now);
  // The answers to kOpenWatch and kNextEvent. An event of `resource_version` was handed to the
  // sink; `end_of_initial` is set for the bookmark that closes a streaming list.
  WatcherCommand OnWatchOpened(Instant now);
  WatcherCommand OnEvent(const std::string& resource_version, bool end_of_initial, Instant now);
  WatcherCommand OnWatchEnded(Instant now);
  // Whatever the last command was, it failed. REQUIRES: error.code is not kCancelled.
  WatcherCommand OnFailed(const Error& error, Instant now);
  // The answer to kWait.
  WatcherCommand OnWaited(Instant now);

  WatcherState state() const { return state_; }
  bool synced() const { return synced_; }
  // The version up to which the cache is complete; 0 before the first list.
  std::uint64_t position() const { return position_; }
  // When the server last said anything that proves that it is there: an answer, an event, a
  // bookmark.
  std::optional<Instant> last_sign_of_life() const { return last_sign_; }
  // What is wrong now; nothing when all is well.
  const std::optional<Error>& trouble() const { return trouble_; }
  // Lists begun since the start, the first one included.
  std::uint64_t lists() const { return lists_; }

 private:
  WatcherCommand BeginList(Instant now);
  WatcherCommand ListPage() const;
  WatcherCommand Complete(const std::string& resource_version, Instant now, WatcherCommand next);
  WatcherCommand OpenWatch(Instant now);
  WatcherCommand NextEvent() const;
  WatcherCommand ListOne();
  // The server's history is not the one we know: everything anew.
  WatcherCommand WentBack(std::uint64_t version, Instant now);
  WatcherCommand Rest(const Error& error, Instant now, bool tell = true);
  WatcherCommand FailedStreaming(const Error& error, Instant now);
  WatcherCommand FailedWatching(const Error& error, Instant now);
  void Alive(Instant now);
  // Notes the trouble; whether a person should hear of it now.
  bool ReportNow(const Error& error, Instant now);

  const WatcherOptions options_;
  Random& random_;
  Backoff backoff_;
  WatcherState state_ = WatcherState::kListing;
  WatcherState after_rest_ = WatcherState::kListing;
  bool synced_ = false;
  bool streaming_works_;  // false once the server refused it
  bool paged_ = true;     // false after a continue token expired: then all in one
  std::string continue_token_;
  std::string resource_version_;
  std::uint64_t position_ = 0;
  bool watch_open_ = false;
  bool watch_spoke_ = false;  // this watch delivered an event or a bookmark
  bool outage_ = false;       // since the last list or watch the server could not be reached
  std::chrono::seconds watch_timeout_{0};
  Instant watch_opened_{};
  Instant watch_deadline_{};
  Instant streaming_deadline_{};
  std::optional<Instant> absent_since_;
  bool emptied_ = false;
  std::optional<Instant> last_sign_;
  Instant last_good_{};  // an answer, event or bookmark we wanted
  std::optional<Error> trouble_;
  std::map<Code, Instant> reported_;  // of this trouble: when each sort of it was told
  std::uint64_t lists_ = 0;
};

}  // namespace capstan::runtime
