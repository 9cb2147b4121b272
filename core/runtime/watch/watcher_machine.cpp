#include <capstan/core/runtime/watch/watcher_machine.hpp>

#include <algorithm>
#include <utility>

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
    case WatcherState::kVerifying:
      return "verifying";
    case WatcherState::kBackingOff:
      return "backing off";
  }
  return "unknown";
}

namespace {

// A watch that ends this much before its timeout still counts as ended by its timeout.
constexpr auto kEarly = std::chrono::seconds(1);

// All ways of being unreachable are the same problem to a user.
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

// The server itself refused: whatever else is wrong, it is alive.
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

WatcherState WatcherMachine::state() const { return static_cast<WatcherState>(phase_.index()); }

WatcherMachine::WatchRun* WatcherMachine::watch() {
  if (auto* streaming = std::get_if<Streaming>(&phase_)) return &streaming->watch;
  if (auto* watching = std::get_if<Watching>(&phase_)) return &watching->watch;
  return nullptr;
}

WatcherCommand WatcherMachine::BeginList(Instant now) {
  ++lists_;
  WatcherCommand command;
  if (streaming_works_) {
    const WatchRun run = NewWatch(now);
    phase_ = Streaming{run, After(now, options_.streaming_silence)};
    command.action = WatcherAction::OpenWatch{"", true, run.timeout};
  } else {
    command = ListPage("");
  }
  // Equal versions prove that nothing changed only as long as nothing broke; comparing the bytes is
  // cheap.
  command.begin_replace = WatcherAction::BeginReplace{synced_};
  return command;
}

WatcherCommand WatcherMachine::ListPage(std::string continue_token) {
  WatcherCommand command;
  command.action = WatcherAction::ListPage{continue_token, paged_ ? options_.page_size : 0};
  phase_ = Listing{std::move(continue_token)};
  return command;
}

WatcherCommand WatcherMachine::OnListed(const kube::ListHead& head, Instant now) {
  Alive(now);
  if (!head.continue_token.empty()) return ListPage(head.continue_token);
  paged_ = true;
  std::string notice = Complete(head.resource_version, now);
  WatcherCommand command = OpenWatch(now);
  command.end_replace = position_;
  command.notice = std::move(notice);
  return command;
}

std::string WatcherMachine::Complete(const std::string& resource_version, Instant now) {
  Alive(now);
  synced_ = true;
  outage_ = false;
  const std::uint64_t version = ParseResourceVersion(resource_version);
  const bool back = version != 0 && version < position_;
  std::string notice = back ? WentBackMessage(position_, version) : std::string();
  resource_version_ = resource_version;
  position_ = version;
  trouble_.reset();
  reported_.clear();
  return notice;
}

WatcherMachine::WatchRun WatcherMachine::NewWatch(Instant now) {
  const auto half = static_cast<std::uint64_t>(options_.watch_timeout.count()) / 2 + 1;
  WatchRun run;
  run.timeout = options_.watch_timeout + std::chrono::seconds(static_cast<std::int64_t>(random_.Below(half)));
  run.deadline = After(now, run.timeout + options_.slack);
  return run;
}

WatcherCommand WatcherMachine::OpenWatch(Instant now) {
  const WatchRun run = NewWatch(now);
  phase_ = Watching{run};
  WatcherCommand command;
  command.action = WatcherAction::OpenWatch{resource_version_, false, run.timeout};
  return command;
}

WatcherCommand WatcherMachine::OnWatchOpened(Instant now) {
  Alive(now);
  if (WatchRun* run = watch()) {
    run->open = true;
    run->opened = now;
    run->deadline = After(now, run->timeout + options_.slack);
  }
  if (auto* streaming = std::get_if<Streaming>(&phase_)) {
    streaming->silent_until = After(now, options_.streaming_silence);
  } else {
    trouble_.reset();
    reported_.clear();
    outage_ = false;
  }
  return NextEvent();
}

WatcherCommand WatcherMachine::NextEvent() const {
  WatcherCommand command;
  if (const auto* streaming = std::get_if<Streaming>(&phase_)) {
    command.action = WatcherAction::NextEvent{std::min(streaming->watch.deadline, streaming->silent_until)};
  } else if (const auto* watching = std::get_if<Watching>(&phase_)) {
    command.action = WatcherAction::NextEvent{watching->watch.deadline};
  }
  return command;
}

WatcherCommand WatcherMachine::OnEvent(const std::string& resource_version, bool end_of_initial,
                                       Instant now) {
  Alive(now);
  if (WatchRun* run = watch()) run->delivered = true;
  if (auto* streaming = std::get_if<Streaming>(&phase_)) {
    if (!end_of_initial) {
      streaming->silent_until = After(now, options_.streaming_silence);
      return NextEvent();
    }
    backoff_.Reset();
    phase_ = Watching{WatchRun(streaming->watch)};
    std::string notice = Complete(resource_version, now);
    WatcherCommand command = NextEvent();
    command.end_replace = position_;
    command.notice = std::move(notice);
    return command;
  }
  const std::uint64_t version = ParseResourceVersion(resource_version);
  if (version != 0 && version < position_) {
    // A watch never goes back, so the server did, under the open watch.
    WatcherCommand again = WentBack(version, now);
    again.close_watch = true;
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
  if (std::holds_alternative<Streaming>(phase_)) {
    return FailedStreaming(
        MakeError(Code::kUnavailable, "the server ended a streaming list before it was complete"), now);
  }
  const WatchRun* run = watch();
  const Duration lasted = run == nullptr ? Duration::zero() : now - run->opened;
  if (run == nullptr || lasted < options_.shortest_watch) {
    // Once is chance: a kind that is being deleted, or a server that is shutting down.
    return BackOff(
        MakeError(Code::kUnavailable, StrCat("the server ended a watch after ", FormatDuration(lasted))), now,
        backoff_.failures() > 0);
  }
  backoff_.Reset();
  // A watch that ran for its whole timeout proves that the server is alive. But if it delivered not
  // a single bookmark, our version may be ahead of the server. A watch that ended early did so
  // because something happened at the server.
  const bool as_asked = lasted >= run->timeout - kEarly;
  return run->delivered && as_asked ? OpenWatch(now) : ListOne();
}

WatcherCommand WatcherMachine::ListOne() {
  phase_ = Doubting{};
  WatcherCommand command;
  command.action = WatcherAction::ListOne{};
  return command;
}

WatcherCommand WatcherMachine::OnListedOne(const kube::ListHead& head, Instant now) {
  Alive(now);
  const std::uint64_t version = ParseResourceVersion(head.resource_version);
  return version < position_ ? WentBack(version, now) : OpenWatch(now);
}

WatcherCommand WatcherMachine::WentBack(std::uint64_t version, Instant now) {
  if (std::holds_alternative<Watching>(phase_) && backoff_.failures() > 0) {
    return BackOff(MakeError(Code::kGone, WentBackMessage(position_, version)), now);
  }
  backoff_.Next();
  return BeginList(now);
}

WatcherCommand WatcherMachine::OnFailed(const Error& error, Instant now) {
  WatchRun* const run = watch();
  const bool close = run != nullptr && std::exchange(run->open, false);
  // An answer, even if not the one we wanted. A status below 400 does not belong to this failure:
  // the body was cut or fell silent.
  if (error.http_status >= 400) last_sign_ = now;
  if (!close && !Refused(error)) outage_ = true;
  const auto* listing = std::get_if<Listing>(&phase_);
  WatcherCommand command;
  if (std::holds_alternative<Streaming>(phase_)) {
    command = FailedStreaming(error, now);
  } else if (std::holds_alternative<Watching>(phase_)) {
    command = FailedWatching(error, now);
  } else if (listing != nullptr && error.code == Code::kGone && !listing->continue_token.empty()) {
    // A continue token lives about five minutes. If this one expired, the next one would too: list
    // everything in a single page.
    paged_ = false;
    command = BeginList(now);
  } else {
    command = BackOff(error, now);
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
      // 400 and 422 mean "not supported"; servers that accept the parameter and ignore it stay
      // silent.
      streaming_works_ = false;
      --lists_;
      return BeginList(now);
    default:
      return BackOff(error, now);
  }
}

WatcherCommand WatcherMachine::FailedWatching(const Error& error, Instant now) {
  if (error.code == Code::kGone) {
    // The first time immediately; a server that keeps saying so gets the usual backoff.
    if (backoff_.failures() > 0) return BackOff(error, now);
    backoff_.Next();
    WatcherCommand command = BeginList(now);
    command.report = ReportNow(error, now);
    return command;
  }
  if (error.code == Code::kDeadlineExceeded && now >= std::get<Watching>(phase_).watch.deadline) {
    // Past the time at which the server should have ended the watch: the peer vanished silently.
    Error silent = error;
    silent.message = StrCat("nothing was heard for ", FormatDuration(now - last_good_),
                            ", not even the end of the watch: the connection counts as dead");
    WatcherCommand command = ListOne();
    command.report = ReportNow(silent, now);
    return command;
  }
  return BackOff(error, now);
}

WatcherCommand WatcherMachine::BackOff(const Error& error, Instant now, bool tell) {
  // After a lost connection the server that answers may be another one: doubt first, then watch. A
  // server that was unreachable may have been restored and written to beyond our version: only a
  // list can tell.
  const bool watched = std::holds_alternative<Watching>(phase_) || std::holds_alternative<Doubting>(phase_);
  const bool trusted = !outage_ && now - last_good_ <= options_.resume_within;
  const bool list_again = !watched || !trusted || error.code == Code::kGone || error.code == Code::kNotFound;
  phase_ = Resting{list_again};
  WatcherCommand command;
  const Duration delay = backoff_.Next();
  const Duration requested_wait =
      std::min<Duration>(error.retry_after.value_or(Duration::zero()), options_.max_retry_after);
  command.action = WatcherAction::Wait{After(now, std::max(delay, requested_wait))};
  command.report = tell && ReportNow(error, now);
  if (error.code == Code::kNotFound) {
    if (!absent_since_) absent_since_ = now;
    // A server that is starting up may not serve every kind immediately.
    const Duration believed = options_.absent_after * (outage_ ? 4 : 1);
    if (synced_ && !emptied_ && now - *absent_since_ >= believed) {
      // The kind itself is gone, and with it every object.
      command.begin_replace.emplace();
      command.end_replace = 0;
      emptied_ = true;
      position_ = 0;
    }
  } else {
    absent_since_.reset();
  }
  return command;
}

bool WatcherMachine::ReportNow(const Error& error, Instant now) {
  const Code sort = SortOf(error.code);
  // A server that is starting up refuses various things for a moment: another code for the same
  // problem is worth reporting only if it persists. A lost history (410) is reported in any case.
  const bool stays = !trouble_ || sort == Code::kGone || SortOf(trouble_->code) == sort;
  trouble_ = error;
  if (!stays) return false;
  // Likewise for a kind that a server which is starting up does not serve yet.
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
  const auto* resting = std::get_if<Resting>(&phase_);
  return resting == nullptr || resting->list_again ? BeginList(now) : ListOne();
}

}  // namespace capstan::runtime
