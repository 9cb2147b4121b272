// LeaseMachine decides how to become and stay the one holder of a coordination.k8s.io/v1 Lease, by
// the rules and with the fields of client-go, so that either side may compete with the other. A
// pure step machine; LeaseElector carries the commands out.
//
//   kFollowing  another process holds it, or none does yet: reads it every retry period, takes it once
//               it has expired.
//   kLeading    ours, and renewed in time.
//   kLost       was ours and could not be renewed in time: parked. Goes on as kFollowing does; the same
//               process may win it again.
//
// Safety: a holder counts its time from before it sent the renewal, every other process from when
// it saw the renewal, both on clocks that go on while the machine sleeps. Clocks of two machines
// are never compared. A lease that is deleted still belongs to its holder, which creates it again
// at the next renewal: a process that saw it held waits as if it were there. Only a process that
// never saw it may create it in between. Not thread-safe.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::runtime {

struct LeaseOptions {
  // How long a holder that falls silent keeps others out.
  std::chrono::seconds lease_duration{15};
  // How long a holder tries to renew before it gives up by itself. Shorter than lease_duration.
  std::chrono::seconds renew_deadline{10};
  // Between tries. Followers wait up to 2.2 times as long.
  std::chrono::seconds retry_period{2};
  // Taken off the time we believe to hold it, for clocks that run at different speeds.
  std::chrono::milliseconds margin{500};
};

// spec of a Lease. Times are RFC 3339 with microseconds.
struct LeaseRecord {
  std::string holder;  // empty: released
  std::int64_t duration_seconds = 0;
  std::string acquire_time, renew_time;
  std::int64_t transitions = 0;
  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};
struct ObservedLease {
  LeaseRecord record;
  std::string resource_version;
};

enum class LeaseDo {
  kRead,
  kCreate,  // command.record
  kUpdate,  // command.record, only if the lease still has command.resource_version
  kWait,    // until command.until
};
struct LeaseCommand {
  LeaseDo what = LeaseDo::kWait;
  LeaseRecord record;
  std::string resource_version;
  Instant until = kForever;  // of kWait; of a request: give it up then
  bool started = false;      // we lead from now on
  bool stopped = false;      // we no longer lead
};

enum class LeaseState { kFollowing, kLeading, kLost };

class LeaseMachine {
 public:
  // Random must outlive it. `identity` is unique to this process life.
  LeaseMachine(LeaseOptions options, std::string identity, Random& random);

  LeaseCommand Start(Instant now);
  // The answer to kRead; nothing: there is no such lease.
  LeaseCommand OnRead(const std::optional<ObservedLease>& lease, Instant now, WallTime wall);
  // kCreate or kUpdate worked. `sent_at` is from before the request was sent.
  LeaseCommand OnWritten(const std::string& resource_version, Instant sent_at, Instant now);
  LeaseCommand OnFailed(const Error& error, Instant now);
  LeaseCommand OnWaited(Instant now, WallTime wall);
  // What to write to let others in at once; nothing when we do not hold it. The machine leads no
  // longer.
  std::optional<LeaseCommand> Release(WallTime wall);

  LeaseState state() const { return state_; }
  // Until when nobody else can hold it; the past when we do not.
  Instant held_until() const { return state_ == LeaseState::kLeading ? held_until_ : Instant{}; }
  // The holder when it was last read; ourselves while leading.
  const std::string& holder() const { return lease_.record.holder; }
  const std::string& identity() const { return identity_; }

 private:
  LeaseCommand Read(Instant now) const;
  LeaseCommand Wait(Instant now);
  LeaseCommand Renew(Instant now, WallTime wall);
  bool LoseIfLate(Instant now);
  LeaseCommand OnAbsent(Instant now, WallTime wall);
  bool HeldByAnother(Instant now) const;

  const LeaseOptions options_;
  const std::string identity_;
  Random& random_;
  LeaseState state_ = LeaseState::kFollowing;
  ObservedLease lease_;    // as last read or written
  LeaseRecord writing_;    // what the request under way writes
  bool making_ = false;    // it makes the lease
  Instant observed_at_{};  // when lease_ was first seen as it is
  Instant held_until_{};
  Instant renew_until_{};
};

}  // namespace capstan::runtime
