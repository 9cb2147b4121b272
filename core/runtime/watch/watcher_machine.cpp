#include <capstan/core/runtime/watch/watcher_machine.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/runtime/queue/workqueue_core.hpp>

namespace capstan::runtime {

std::string_view WatcherStateName(WatcherState state) {
  switch (state) {
    case WatcherState::kListing:
      return "listing";
    case WatcherState::kStreaming:
      return "streaming";
    case WatcherState::kWatching:
      return "watching";
    case WatcherState::kDoubting:
      return "doubting";
    case WatcherState::kResting:
      return "resting";
  }
  return "unknown";
}

namespace {

// How much earlier than asked the end of a watch is still the end that was asked for.
constexpr auto kEarly = std::chrono::seconds(1);

// To a person all ways of not being reached are one trouble.
Code SortOf(Code code) {
  switch (code) {
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
    case Code::kNotFound:
    case Code::kResourceExhausted:
    case Code::kGone:
      return code;
    default:
      return Code::kUnavailable;
  }
}

std::string WentBackMessage(std::uint64_t from, std::uint64_t to) {
  return StrCat("the server's resourceVersion went back from ", from, " to ", to,
                ": it was restored to an older state");
}

// The server itself refused: whatever else is wrong, it is there.
bool Refused(const Error& error) { return error.http_status >= 400 && error.http_status < 500; }

}  // namespace

WatcherMachine::WatcherMachine(WatcherOptions options, Random& random)
    : options_(options),
      random_(random),
      backoff_(options.backoff, random),
      streaming_works_(options.streaming_list) {}

WatcherCommand WatcherMachine::Start(Instant now) { return BeginList(now); }

void WatcherMachine::Alive(Instant now) {
  last_sign_ = last_good_ = now;
  absent_since_.reset();
  emptied_ = false;
}

WatcherCommand WatcherMachine::BeginList(Instant now) {
  ++lists_;
  continue_token_.clear();
  WatcherCommand command;
  if (streaming_works_) {
    state_ = WatcherState::kStreaming;
    resource_version_.clear();
    streaming_deadline_ = After(now, options_.streaming_silence);
    command = OpenWatch(now);
    command.streaming = true;
  } else {
    state_ = WatcherState::kListing;
    command = ListPage();
  }
  command.begin_replace = true;
  // Equal versions prove that nothing changed only as long as nothing broke; telling by bytes is
  // cheap.
  command.compare_bytes = synced_;
  return command;
}

WatcherCommand WatcherMachine::ListPage() const {
  WatcherCommand command;
  command.what = WatcherDo::kListPage;
  command.continue_token = continue_token_;
  command.limit = paged_ ? options_.page_size : 0;
  return command;
}

WatcherCommand WatcherMachine::OnListed(const kube::ListHead& head, Instant now) {
  Alive(now);
  if (!head.continue_token.empty()) {
    continue_token_ = head.continue_token;
    return ListPage();
  }
  paged_ = true;
  state_ = WatcherState::kWatching;
  return Complete(head.resource_version, now, OpenWatch(now));
}

WatcherCommand WatcherMachine::Complete(const std::string& resource_version, Instant now,
                                        WatcherCommand next) {
  Alive(now);
  state_ = WatcherState::kWatching;
  synced_ = true;
  outage_ = false;
  const std::uint64_t version = ParseResourceVersion(resource_version);
  if (version != 0 && version < position_) next.notice = WentBackMessage(position_, version);
  resource_version_ = resource_version;
  position_ = version;
  trouble_.reset();
  reported_.clear();
  next.end_replace = true;
  next.resource_version = resource_version;
  return next;
}

WatcherCommand WatcherMachine::OpenWatch(Instant now) {
  const auto half = static_cast<std::uint64_t>(options_.watch_timeout.count()) / 2 + 1;
  watch_timeout_ =
      options_.watch_timeout + std::chrono::seconds(static_cast<std::int64_t>(random_.Below(half)));
  watch_deadline_ = After(now, watch_timeout_ + options_.slack);
  watch_spoke_ = false;
  WatcherCommand command;
  command.what = WatcherDo::kOpenWatch;
  command.resource_version = resource_version_;
  command.timeout = watch_timeout_;
  return command;
}

WatcherCommand WatcherMachine::OnWatchOpened(Instant now) {
  Alive(now);
  watch_open_ = true;
  watch_opened_ = now;
  watch_deadline_ = After(now, watch_timeout_ + options_.slack);
  if (state_ == WatcherState::kStreaming) {
    streaming_deadline_ = After(now, options_.streaming_silence);
  } else {
    trouble_.reset();
    reported_.clear();
    outage_ = false;
  }
  return NextEvent();
}

WatcherCommand WatcherMachine::NextEvent() const {
  WatcherCommand command;
  command.what = WatcherDo::kNextEvent;
  command.until =
      state_ == WatcherState::kStreaming ? std::min(watch_deadline_, streaming_deadline_) : watch_deadline_;
  return command;
}

WatcherCommand WatcherMachine::OnEvent(const std::string& resource_version, bool end_of_initial,
                                       Instant now) {
  Alive(now);
  watch_spoke_ = true;
  if (state_ == WatcherState::kStreaming) {
    if (!end_of_initial) {
      streaming_deadline_ = After(now, options_.streaming_silence);
      return NextEvent();
    }
    backoff_.Reset();
    state_ = WatcherState::kWatching;
    return Complete(resource_version, now, NextEvent());
  }
  const std::uint64_t version = ParseResourceVersion(resource_version);
  if (version != 0 && version < position_) {
    // A watch never goes back, so its server did, under the open watch.
    WatcherCommand again = WentBack(version, now);
    again.close_watch = true;
    watch_open_ = false;
    return again;
  }
  backoff_.Reset();
  if (!resource_version.empty()) {
    resource_version_ = resource_version;
    position_ = version;
  }
  return NextEvent();
}

WatcherCommand WatcherMachine::OnWatchEnded(Instant now) {
  watch_open_ = false;
  if (state_ == WatcherState::kStreaming) {
    return FailedStreaming(
        MakeError(Code::kUnavailable, "the server ended a streaming list before it was complete"), now);
  }
  if (now - watch_opened_ < options_.shortest_watch) {
    // Once is chance: a kind that is being deleted, a server that is shutting down.
    return Rest(MakeError(Code::kUnavailable,
                          StrCat("the server ended a watch after ", FormatDuration(now - watch_opened_))),
                now, backoff_.failures() > 0);
  }
  backoff_.Reset();
  // It ended as asked, so the server is there. But not one bookmark in all that time: is our
  // version in its future? And one that ended before its time did so because something happened at
  // the server.
  const bool as_asked = now - watch_opened_ >= watch_timeout_ - kEarly;
  return watch_spoke_ && as_asked ? OpenWatch(now) : ListOne();
}

WatcherCommand WatcherMachine::ListOne() {
  state_ = WatcherState::kDoubting;
  WatcherCommand command;
  command.what = WatcherDo::kListOne;
  command.limit = 1;
  return command;
}

WatcherCommand WatcherMachine::OnListedOne(const kube::ListHead& head, Instant now) {
  Alive(now);
  const std::uint64_t version = ParseResourceVersion(head.resource_version);
  if (version < position_) return WentBack(version, now);
  state_ = WatcherState::kWatching;
  return OpenWatch(now);
}

WatcherCommand WatcherMachine::WentBack(std::uint64_t version, Instant now) {
  if (state_ == WatcherState::kWatching && backoff_.failures() > 0) {
    return Rest(MakeError(Code::kGone, WentBackMessage(position_, version)), now);
  }
  backoff_.Next();
  return BeginList(now);
}

WatcherCommand WatcherMachine::OnFailed(const Error& error, Instant now) {
  const bool close = watch_open_;
  watch_open_ = false;
  // An answer, if not the one we wanted. Below 400 it is not about this: a body that was cut or
  // fell silent.
  if (error.http_status >= 400) last_sign_ = now;
  if (!close && !Refused(error)) outage_ = true;
  WatcherCommand command;
  switch (state_) {
    case WatcherState::kStreaming:
      command = FailedStreaming(error, now);
      break;
    case WatcherState::kWatching:
      command = FailedWatching(error, now);
      break;
    case WatcherState::kListing:
      // A continue token lives about five minutes. If it ran out once, it would again: ask for all
      // in one.
      if (error.code == Code::kGone && !continue_token_.empty()) {
        paged_ = false;
        command = BeginList(now);
        break;
      }
      [[fallthrough]];
    case WatcherState::kDoubting:
    case WatcherState::kResting:
      command = Rest(error, now);
      break;
  }
  command.close_watch = close;
  return command;
}

WatcherCommand WatcherMachine::FailedStreaming(const Error& error, Instant now) {
  switch (error.code) {
    case Code::kInvalidArgument:
    case Code::kUnimplemented:
    case Code::kUnsupportedMedia:
    case Code::kDeadlineExceeded:
      // "Not here" on 400 and 422; silence from servers that take the parameter and do nothing with
      // it.
      streaming_works_ = false;
      --lists_;
      return BeginList(now);
    default:
      return Rest(error, now);
  }
}

WatcherCommand WatcherMachine::FailedWatching(const Error& error, Instant now) {
  if (error.code == Code::kGone) {
    // The first time at once; a server that says so again and again gets its rest.
    if (backoff_.failures() > 0) return Rest(error, now);
    backoff_.Next();
    WatcherCommand command = BeginList(now);
    command.report = ReportNow(error, now);
    return command;
  }
  if (error.code == Code::kDeadlineExceeded && now >= watch_deadline_) {
    // Beyond the time the server was to end it: the peer is gone without a word.
    Error silent = error;
    silent.message = StrCat("nothing was heard for ", FormatDuration(now - last_good_),
                            ", not even the end of the watch: the connection is taken for dead");
    WatcherCommand command = ListOne();
    command.report = ReportNow(silent, now);
    return command;
  }
  return Rest(error, now);
}

WatcherCommand WatcherMachine::Rest(const Error& error, Instant now, bool tell) {
  // After a lost connection nobody knows which server comes back: doubt first, watch then. One that
  // was away altogether may have been restored and written to since, beyond where we stood: only a
  // list tells.
  const bool watched = state_ == WatcherState::kWatching || state_ == WatcherState::kDoubting;
  const bool trusted = !outage_ && now - last_good_ <= options_.trust;
  const bool list_again = !watched || !trusted || error.code == Code::kGone || error.code == Code::kNotFound;
  after_rest_ = list_again ? WatcherState::kListing : WatcherState::kDoubting;
  WatcherCommand command;
  command.what = WatcherDo::kWait;
  const Duration delay = backoff_.Next();
  const Duration wish =
      std::min<Duration>(error.retry_after.value_or(Duration::zero()), options_.longest_wish);
  command.until = After(now, std::max(delay, wish));
  command.report = tell && ReportNow(error, now);
  if (error.code == Code::kNotFound) {
    if (!absent_since_) absent_since_ = now;
    // A server that is coming back may not serve every kind at once.
    const Duration believed = options_.absent_after * (outage_ ? 4 : 1);
    if (synced_ && !emptied_ && now - *absent_since_ >= believed) {
      // The kind itself is gone, and every object of it.
      command.begin_replace = command.end_replace = true;
      command.resource_version.clear();
      emptied_ = true;
      position_ = 0;
    }
  } else {
    absent_since_.reset();
  }
  state_ = WatcherState::kResting;
  return command;
}

bool WatcherMachine::ReportNow(const Error& error, Instant now) {
  const Code sort = SortOf(error.code);
  // A server that is just coming back refuses this and that for a moment: another sort of the same
  // trouble is news only when it stays. A history that is gone is gone.
  const bool stays = !trouble_ || sort == Code::kGone || SortOf(trouble_->code) == sort;
  trouble_ = error;
  if (!stays) return false;
  // Nor is a kind that a server which is coming back does not serve yet.
  if (sort == Code::kNotFound && outage_ &&
      (!absent_since_ || now - *absent_since_ < options_.absent_after)) {
    return false;
  }
  const auto told = reported_.find(sort);
  if (told != reported_.end() && now - told->second < options_.report_every) return false;
  reported_[sort] = now;
  return true;
}

WatcherCommand WatcherMachine::OnWaited(Instant now) {
  return after_rest_ == WatcherState::kDoubting ? ListOne() : BeginList(now);
}

}  // namespace capstan::runtime
