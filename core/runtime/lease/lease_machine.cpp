#include <capstan/core/runtime/lease/lease_machine.hpp>

#include <algorithm>

namespace capstan::runtime {
namespace {

// Content of a released lease, as client-go writes it: no holder, one second.
constexpr std::int64_t kReleasedSeconds = 1;
// Jitter of followers, so that they do not all write when a lease expires.
constexpr double kFollowerJitter = 1.2;

}  // namespace

LeaseMachine::LeaseMachine(LeaseOptions options, std::string identity, Random& random)
    : options_(options), identity_(std::move(identity)), random_(random) {}

LeaseCommand LeaseMachine::Start(Instant now) { return Read(now); }

LeaseCommand LeaseMachine::Read(Instant now) const {
  LeaseCommand command;
  command.what = LeaseDo::kRead;
  command.until = After(now, options_.renew_deadline);
  if (state_ == LeaseState::kLeading) command.until = std::min(command.until, renew_until_);
  return command;
}

bool LeaseMachine::LoseIfLate(Instant now) {
  if (state_ != LeaseState::kLeading || now < renew_until_) return false;
  state_ = LeaseState::kLost;
  return true;
}

LeaseCommand LeaseMachine::Wait(Instant now) {
  LeaseCommand command;
  command.what = LeaseDo::kWait;
  Duration delay = options_.retry_period;
  if (state_ == LeaseState::kLeading) {
    command.until = std::min(After(now, delay), renew_until_);
  } else {
    delay += std::chrono::duration_cast<Duration>(delay * (kFollowerJitter * random_.Fraction()));
    command.until = After(now, delay);
  }
  return command;
}

LeaseCommand LeaseMachine::OnRead(const std::optional<ObservedLease>& lease, Instant now, WallTime wall) {
  creating_ = false;
  if (!lease) return OnAbsent(now, wall);
  if (lease->resource_version != lease_.resource_version || !(lease->record == lease_.record)) {
    lease_ = *lease;
    observed_at_ = now;
  }
  const LeaseRecord& record = lease_.record;
  bool stopped = LoseIfLate(now);
  if (record.holder == identity_) {
    LeaseCommand command = Renew(now, wall);
    command.stopped = stopped;
    return command;
  }
  if (state_ == LeaseState::kLeading) {
    // Another process took the lease although we considered it ours. This happens only after our
    // time ran out or by a manual edit.
    state_ = LeaseState::kLost;
    stopped = true;
  }
  LeaseCommand command;
  if (HeldByAnother(now)) {
    command = Wait(now);
  } else {
    command.what = LeaseDo::kUpdate;
    command.resource_version = lease_.resource_version;
    command.record = {identity_, options_.lease_duration.count(), FormatRfc3339Micro(wall),
                      FormatRfc3339Micro(wall), record.transitions + 1};
    command.until = After(now, options_.renew_deadline);
    writing_ = command.record;
  }
  command.stopped = stopped;
  return command;
}

bool LeaseMachine::HeldByAnother(Instant now) const {
  const LeaseRecord& record = lease_.record;
  return !record.holder.empty() && record.holder != identity_ &&
         now < After(observed_at_, std::chrono::seconds(record.duration_seconds));
}

LeaseCommand LeaseMachine::OnAbsent(Instant now, WallTime wall) {
  const bool stopped = LoseIfLate(now);
  LeaseCommand command;
  if (HeldByAnother(now)) {
    command = Wait(now);
  } else {
    command.what = LeaseDo::kCreate;
    command.record = {identity_, options_.lease_duration.count(), FormatRfc3339Micro(wall),
                      FormatRfc3339Micro(wall), 0};
    command.until = After(now, options_.renew_deadline);
    if (state_ == LeaseState::kLeading) command.until = std::min(command.until, renew_until_);
    writing_ = command.record;
    creating_ = true;
  }
  command.stopped = stopped;
  return command;
}

LeaseCommand LeaseMachine::Renew(Instant now, WallTime wall) {
  LeaseCommand command;
  command.what = LeaseDo::kUpdate;
  command.resource_version = lease_.resource_version;
  command.record = lease_.record;
  command.record.duration_seconds = options_.lease_duration.count();
  command.record.renew_time = FormatRfc3339Micro(wall);
  command.until = After(now, options_.renew_deadline);
  if (state_ == LeaseState::kLeading) command.until = std::min(command.until, renew_until_);
  writing_ = command.record;
  creating_ = false;
  return command;
}

LeaseCommand LeaseMachine::OnWritten(const std::string& resource_version, Instant sent_at, Instant now) {
  lease_ = {writing_, resource_version};
  observed_at_ = now;
  held_until_ = After(sent_at, options_.lease_duration - options_.margin);
  renew_until_ = After(sent_at, options_.renew_deadline);
  const bool started = state_ != LeaseState::kLeading;
  state_ = LeaseState::kLeading;
  if (now >= renew_until_) {
    // The answer took longer than a renewal may take: the lease is ours, but can no longer be
    // relied on.
    state_ = started ? LeaseState::kLost : state_;
    LeaseCommand command = Read(now);
    command.stopped = LoseIfLate(now);
    return command;
  }
  LeaseCommand command = Wait(now);
  command.started = started;
  return command;
}

LeaseCommand LeaseMachine::OnFailed(const Error& error, Instant now) {
  const bool stopped = LoseIfLate(now);
  // Another client changed, created or deleted the lease. If not even a create works, its namespace
  // is missing, and reading again would tell nothing new.
  const bool changed = error.code == Code::kConflict || error.code == Code::kAlreadyExists ||
                       (error.code == Code::kNotFound && !creating_);
  const bool read_again = changed && state_ == LeaseState::kLeading;
  LeaseCommand command = read_again ? Read(now) : Wait(now);
  command.stopped = stopped;
  return command;
}

LeaseCommand LeaseMachine::OnWaited(Instant now, WallTime wall) {
  const bool stopped = LoseIfLate(now);
  LeaseCommand command = state_ == LeaseState::kLeading ? Renew(now, wall) : Read(now);
  command.stopped = stopped;
  return command;
}

std::optional<LeaseCommand> LeaseMachine::Release(WallTime wall) {
  if (state_ != LeaseState::kLeading) return std::nullopt;
  state_ = LeaseState::kLost;
  LeaseCommand command;
  command.what = LeaseDo::kUpdate;
  command.resource_version = lease_.resource_version;
  command.record = {"", kReleasedSeconds, FormatRfc3339Micro(wall), FormatRfc3339Micro(wall),
                    lease_.record.transitions};
  command.stopped = true;
  return command;
}

}  // namespace capstan::runtime
