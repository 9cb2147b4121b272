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
#include <variant>

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
  // A watch that broke after a longer silence does not continue where it stood: it relists.
  std::chrono::seconds trust{300};
  // A server's Retry-After is honoured up to this; one that says "tomorrow" would end the watch for
  // a day.
  std::chrono::seconds longest_wish{300};
  // Between tries that failed.
  BackoffOptions backoff;
  // The same trouble is reported no more often than this.
  std::chrono::seconds report_every{60};
};

// What the machine tells its watcher to do; each with what it needs.
struct WatcherAction {
  // One page of a list; its items go to the sink's Stage. A limit of 0: everything in one page.
  struct ListPage {
    std::string continue_token;
    std::int64_t limit = 0;
  };
  // A watch from `resource_version`, or one that begins with everything there is.
  struct OpenWatch {
    std::string resource_version;
    bool streaming = false;
    std::chrono::seconds timeout{0};
  };
  // The next event of the open watch, until then.
  struct NextEvent {
    Instant until = kForever;
  };
  // One item, thrown away; only the list's resourceVersion matters.
  struct ListOne {};
  struct Wait {
    Instant until = kForever;
  };
  // A list starts; the sink forgets any that was cut.
  struct BeginReplace {
    bool compare_bytes = false;  // equal versions prove nothing: the server's history may be another one
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
  std::string notice;                        // for people: something that happened and is over, or empty
  bool report = false;                       // for people: `trouble` is news, or a minute old
};

// Where a watcher stands, for health and logs.
enum class WatcherState { kListing, kStreaming, kWatching, kDoubting, kResting };
std::string_view WatcherStateName(WatcherState state);

class WatcherMachine {
 public:
  WatcherMachine(WatcherOptions options, Random& random);

  WatcherCommand Start(Instant now);
  // The answer to ListPage.
  WatcherCommand OnListed(const kube::ListHead& head, Instant now);
  // The answer to ListOne.
  WatcherCommand OnListedOne(const kube::ListHead& head, Instant now);
  // The answers to OpenWatch and NextEvent. An event of `resource_version` was handed to the
  // sink; `end_of_initial` is set for the bookmark that closes a streaming list.
  WatcherCommand OnWatchOpened(Instant now);
  WatcherCommand OnEvent(const std::string& resource_version, bool end_of_initial, Instant now);
  WatcherCommand OnWatchEnded(Instant now);
  // Whatever the last command was, it failed. REQUIRES: error.code is not kCancelled.
  WatcherCommand OnFailed(const Error& error, Instant now);
  // The answer to Wait.
  WatcherCommand OnWaited(Instant now);

  WatcherState state() const;
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
  // A watch that was asked for, from then to its end.
  struct WatchRun {
    std::chrono::seconds timeout{0};
    Instant deadline{};  // the server ends it before, or is not there
    Instant opened{};
    bool open = false;
    bool spoke = false;  // it delivered an event or a bookmark
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
    bool list_again = true;  // then; otherwise doubt first
  };

  WatcherCommand BeginList(Instant now);
  WatcherCommand ListPage(std::string continue_token);
  // The list is complete. Returns the notice for people, or nothing to say.
  std::string Complete(const std::string& resource_version, Instant now);
  WatchRun NewWatch(Instant now);
  WatcherCommand OpenWatch(Instant now);
  WatcherCommand NextEvent() const;
  WatcherCommand ListOne();
  // The server's history is not the one we know: relists.
  WatcherCommand WentBack(std::uint64_t version, Instant now);
  WatcherCommand Rest(const Error& error, Instant now, bool tell = true);
  WatcherCommand FailedStreaming(const Error& error, Instant now);
  WatcherCommand FailedWatching(const Error& error, Instant now);
  // The watch of this phase; null in a phase without one.
  WatchRun* watch();
  void Alive(Instant now);
  // Notes the trouble; whether a person should hear of it now.
  bool ReportNow(const Error& error, Instant now);

  // Constant after construction.
  const WatcherOptions options_;
  Random& random_;

  std::variant<Listing, Streaming, Watching, Doubting, Resting> phase_;  // in the order of WatcherState
  Backoff backoff_;
  // What the server can do.
  bool streaming_works_;  // false once the server refused it
  bool paged_ = true;     // false after a continue token expired: then all in one
  // How far the cache is.
  bool synced_ = false;
  std::string resource_version_;
  std::uint64_t position_ = 0;
  std::uint64_t lists_ = 0;
  // What is known of the server.
  bool outage_ = false;  // since the last list or watch the server could not be reached
  std::optional<Instant> absent_since_;
  bool emptied_ = false;
  std::optional<Instant> last_sign_;
  Instant last_good_{};  // an answer, event or bookmark we wanted
  std::optional<Error> trouble_;
  std::map<Code, Instant> reported_;  // of this trouble: when each code was reported
};

}  // namespace capstan::runtime
