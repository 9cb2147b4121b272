#include <capstan/core/runtime/watcher_machine.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/runtime/workqueue_core.hpp>

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

WatcherMachine::WatcherMachine(WatcherOptions options, Random& random)
    : options_(options),
      random_(random),
      backoff_(options.backoff, random),
      streaming_works_(options.streaming_list) {}

WatcherCommand WatcherMachine::Start(Instant now) { return BeginList(now); }

void WatcherMachine::Alive(Instant now) {
  last_sign_ = now;
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
  command.compare_bytes = compare_bytes_;
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
  const std::uint64_t version = ParseResourceVersion(head.resource_version);
  if (version < position_ && !compare_bytes_) {
    // The server went back in time while we did not look. What this list skipped as unchanged may have
    // changed.
    compare_bytes_ = true;
    return BeginList(now);
  }
  state_ = WatcherState::kWatching;
  return Complete(head.resource_version, now, OpenWatch(now));
}

WatcherCommand WatcherMachine::Complete(const std::string& resource_version, Instant now,
                                        WatcherCommand next) {
  Alive(now);
  state_ = WatcherState::kWatching;
  synced_ = true;
  compare_bytes_ = false;
  resource_version_ = resource_version;
  position_ = ParseResourceVersion(resource_version);
  trouble_.reset();
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
    if (ParseResourceVersion(resource_version) < position_ && !compare_bytes_) {
      compare_bytes_ = true;
      WatcherCommand again = BeginList(now);
      again.close_watch = true;
      watch_open_ = false;
      return again;
    }
    state_ = WatcherState::kWatching;
    return Complete(resource_version, now, NextEvent());
  }
  backoff_.Reset();
  if (!resource_version.empty()) {
    resource_version_ = resource_version;
    position_ = ParseResourceVersion(resource_version);
  }
  return NextEvent();
}

WatcherCommand WatcherMachine::OnWatchEnded(Instant now) {
  watch_open_ = false;
  if (state_ == WatcherState::kStreaming) {
    Error error;
    error.code = Code::kUnavailable;
    error.message = "the server ended a streaming list before it was complete";
    return FailedStreaming(error, now);
  }
  if (now - watch_opened_ < options_.shortest_watch) {
    Error error;
    error.code = Code::kUnavailable;
    error.message = StrCat("the server ended a watch after ", FormatDuration(now - watch_opened_));
    return Rest(error, now);
  }
  backoff_.Reset();
  // It ended in time, so the server is there. But not one bookmark in all that time: is our version in its
  // future?
  return watch_spoke_ ? OpenWatch(now) : ListOne();
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
  if (ParseResourceVersion(head.resource_version) < position_) {
    compare_bytes_ = true;
    return BeginList(now);
  }
  state_ = WatcherState::kWatching;
  return OpenWatch(now);
}

WatcherCommand WatcherMachine::OnFailed(const Error& error, Instant now) {
  const bool close = watch_open_;
  watch_open_ = false;
  if (error.http_status != 0) last_sign_ = now;  // an answer, if not the one we wanted
  WatcherCommand command;
  switch (state_) {
    case WatcherState::kStreaming:
      command = FailedStreaming(error, now);
      break;
    case WatcherState::kWatching:
      command = FailedWatching(error, now);
      break;
    case WatcherState::kListing:
      // A continue token lives about five minutes. If it ran out once, it would again: ask for all in one.
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
      // "Not here" on 400 and 422; silence from servers that take the parameter and do nothing with it.
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
    return BeginList(now);
  }
  if (error.code == Code::kDeadlineExceeded && now >= watch_deadline_) {
    // Beyond the time the server was to end it: the peer is gone without a word.
    return ListOne();
  }
  return Rest(error, now);
}

WatcherCommand WatcherMachine::Rest(const Error& error, Instant now) {
  // After a lost connection nobody knows which server comes back: doubt first, watch then.
  const bool watched = state_ == WatcherState::kWatching || state_ == WatcherState::kDoubting;
  const bool list_again = !watched || error.code == Code::kGone || error.code == Code::kNotFound;
  after_rest_ = list_again ? WatcherState::kListing : WatcherState::kDoubting;
  WatcherCommand command;
  command.what = WatcherDo::kWait;
  const Duration delay = backoff_.Next();
  command.until = After(now, std::max(delay, error.retry_after.value_or(Duration::zero())));
  command.report = ReportNow(error, now);
  if (error.code == Code::kNotFound) {
    if (!absent_since_) absent_since_ = now;
    if (synced_ && !emptied_ && now - *absent_since_ >= options_.absent_after) {
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
  const bool news = !trouble_ || trouble_->code != error.code;
  trouble_ = error;
  if (!news && now - reported_at_ < options_.report_every) return false;
  reported_at_ = now;
  return true;
}

WatcherCommand WatcherMachine::OnWaited(Instant now) {
  return after_rest_ == WatcherState::kDoubting ? ListOne() : BeginList(now);
}

}  // namespace capstan::runtime
