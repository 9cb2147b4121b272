// WatcherMachine decides how to keep a cache in sync with the server: when to list, watch, wait,
// and check whether the server's history is still the one we know. A pure step machine: each input
// returns the next command; no waiting, no lock, no request. Watcher executes the commands.
//
//   kListing     lists in pages, one command each. Nothing is announced before the last page.
//   kStreaming   a watch that begins with all existing objects (sendInitialEvents), announced when
//                the closing bookmark arrives.
//   kWatching    follows changes since the list.
//   kVerifying   lists one item, to learn whether the server's history still contains the version
//                we watch from.
//   kBackingOff  waits before a retry.
//
// Guarantees, whatever happens: a list that was cut is never announced; a version that the server
// no longer has (410), or that is ahead of the server (etcd was restored), leads to a relist; so
// does an outage, after which the server may have another history even if its numbers look
// plausible; a connection that is silent for too long is closed. Not thread-safe. Random must
// outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::runtime {

struct WatcherOptions {
  // Objects per page. 500 is what kubectl and client-go use.
  std::int64_t page_size = 500;
  // Request a streaming list first; servers without support (before 1.27, or disabled) answer 400
  // or 422.
  bool streaming_list = true;
  // How long the server should keep a watch open. Up to half is added as jitter, so that watches do
  // not all end together.
  std::chrono::seconds watch_timeout{300};
  // How long past its timeout a watch may stay open before the connection counts as dead.
  std::chrono::seconds slack{30};
  // A watch that the server ends earlier than this is a failure: retried after a backoff, never in
  // a tight loop.
  std::chrono::seconds shortest_watch{1};
  // How long a streaming list may be silent before the machine falls back to pages.
  std::chrono::seconds streaming_silence{60};
  // How long the kind must be absent (404) before its objects count as deleted; four times as long
  // after an outage, because a server that is starting up does not serve every kind immediately.
  std::chrono::seconds absent_after{15};
  // A watch that breaks after a silence longer than this does not resume: it relists.
  std::chrono::seconds resume_within{300};
  // Upper bound for a server's Retry-After; without it, one that says "tomorrow" would stop the
  // watch for a day.
  std::chrono::seconds max_retry_after{300};
  // Between failed attempts.
  BackoffOptions backoff;
  // Minimum interval between two reports of the same problem.
  std::chrono::seconds report_every{60};
};

// The actions a command can ask for, each with its parameters.
struct WatcherAction {
  // List one page; its items go to the sink's Stage. A limit of 0 means everything in one page.
  struct ListPage {
    std::string continue_token;
    std::int64_t limit = 0;
  };
  // Watch from `resource_version`, or with `streaming` a watch that begins with all existing
  // objects.
  struct OpenWatch {
    std::string resource_version;
    bool streaming = false;
    std::chrono::seconds timeout{0};
  };
  // Wait for the next event of the open watch, until the deadline.
  struct NextEvent {
    Instant until = kForever;
  };
  // List one item and discard it; only the list's resourceVersion matters.
  struct ListOne {};
  struct Wait {
    Instant until = kForever;
  };
  // A list starts; the sink discards any that was cut.
  struct BeginReplace {
    // Equal versions prove nothing: the server's history may be another one.
    bool compare_bytes = false;
  };
};

// What to do next.
struct WatcherCommand {
  std::variant<WatcherAction::Wait, WatcherAction::ListPage, WatcherAction::OpenWatch,
               WatcherAction::NextEvent, WatcherAction::ListOne>
      action;

  // Before the action, in this order.
  bool close_watch = false;
  std::optional<WatcherAction::BeginReplace> begin_replace;
  std::optional<std::uint64_t> end_replace;  // the list is complete as of this version
  // To log: something that happened and is over; or empty.
  std::string notice;
  // To log: `trouble` is new, or was last reported a minute ago.
  bool report = false;
};

// State of a watcher, for health and logs.
enum class WatcherState { kListing, kStreaming, kWatching, kVerifying, kBackingOff };
std::string_view WatcherStateName(WatcherState state);

class WatcherMachine {
 public:
  WatcherMachine(WatcherOptions options, Random& random);

  WatcherCommand Start(Instant now);
  // Result of ListPage.
  WatcherCommand OnListed(const kube::ListHead& head, Instant now);
  // Result of ListOne.
  WatcherCommand OnListedOne(const kube::ListHead& head, Instant now);
  // Results of OpenWatch and NextEvent. OnEvent: an event with this `resource_version` was handed
  // to the sink; `end_of_initial` is set for the bookmark that closes a streaming list.
  WatcherCommand OnWatchOpened(Instant now);
  WatcherCommand OnEvent(const std::string& resource_version, bool end_of_initial, Instant now);
  WatcherCommand OnWatchEnded(Instant now);
  // The last command failed, whatever it was. REQUIRES: error.code is not kCancelled.
  WatcherCommand OnFailed(const Error& error, Instant now);
  // Wait is over.
  WatcherCommand OnWaited(Instant now);

  WatcherState state() const;
  bool synced() const { return synced_; }
  // The version up to which the cache is complete; 0 before the first list.
  std::uint64_t position() const { return position_; }
  // When the server last proved that it is alive: an answer, an event or a bookmark.
  std::optional<Instant> last_sign_of_life() const { return last_sign_; }
  // The current problem; nullopt when there is none.
  const std::optional<Error>& trouble() const { return trouble_; }
  // Lists begun since the start, including the first one.
  std::uint64_t lists() const { return lists_; }

 private:
  // One watch, from the request that opens it to its end.
  struct WatchRun {
    std::chrono::seconds timeout{0};
    Instant deadline{};  // by then the server ends it, or is dead
    Instant opened{};
    bool open = false;
    bool delivered = false;  // it delivered an event or a bookmark
  };
  struct Listing {
    std::string continue_token;
  };
  struct Streaming {
    WatchRun watch;
    Instant silent_until{};
  };
  struct Watching {
    WatchRun watch;
  };
  struct Doubting {};
  struct Resting {
    bool list_again = true;  // after resting; otherwise doubts first
  };

  WatcherCommand BeginList(Instant now);
  WatcherCommand ListPage(std::string continue_token);
  // The list is complete. Returns a notice to log, or an empty string.
  std::string Complete(const std::string& resource_version, Instant now);
  WatchRun NewWatch(Instant now);
  WatcherCommand OpenWatch(Instant now);
  WatcherCommand NextEvent() const;
  WatcherCommand ListOne();
  // The server's history is not the one we know: relists.
  WatcherCommand WentBack(std::uint64_t version, Instant now);
  WatcherCommand BackOff(const Error& error, Instant now, bool tell = true);
  WatcherCommand FailedStreaming(const Error& error, Instant now);
  WatcherCommand FailedWatching(const Error& error, Instant now);
  // The watch of the current phase; null in a phase without one.
  WatchRun* watch();
  void Alive(Instant now);
  // Records the problem; true if it should be logged now.
  bool ReportNow(const Error& error, Instant now);

  // Constant after construction.
  const WatcherOptions options_;
  Random& random_;

  // In the order of WatcherState.
  std::variant<Listing, Streaming, Watching, Doubting, Resting> phase_;
  Backoff backoff_;
  // What the server supports.
  bool streaming_works_;  // false once the server refused it
  bool paged_ = true;     // false after a continue token expired: the next list is a single page
  // How far the cache has got.
  bool synced_ = false;
  std::string resource_version_;
  std::uint64_t position_ = 0;
  std::uint64_t lists_ = 0;
  // What we know about the server.
  bool outage_ = false;  // the server was unreachable since the last list or watch
  std::optional<Instant> absent_since_;
  bool emptied_ = false;
  std::optional<Instant> last_sign_;
  Instant last_good_{};  // an answer, event or bookmark we wanted
  std::optional<Error> trouble_;
  std::map<Code, Instant> reported_;  // when each code of this problem was reported
};

}  // namespace capstan::runtime
