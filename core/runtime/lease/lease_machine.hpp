// LeaseMachine decides how to become and remain the single holder of a coordination.k8s.io/v1
// Lease. It follows the rules and uses the fields of client-go, so the two can compete for one
// lease. A pure step machine; LeaseElector executes its commands.
//
//   kFollowing  another process holds the lease, or none does yet: reads it every retry period,
//               takes it over once it has expired.
//   kLeading    we hold the lease and renew it in time.
//   kLost       we held the lease and could not renew it in time: parked. Continues like
//               kFollowing; the same process may win the lease again.
//
// Safety: the holder measures from before it sent the renewal, every other process from when it
// observed the renewal, both on clocks that keep running during suspend. Clocks of two machines are
// never compared. A lease that was deleted still belongs to its holder, which recreates it with the
// next renewal: a process that saw it held waits as if it still existed. Only a process that never
// saw it may create it in between. Not thread-safe.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::runtime {

struct LeaseOptions {
  // How long a holder that stops renewing keeps the others out.
  std::chrono::seconds lease_duration{15};
  // How long a holder tries to renew before it gives up leadership. Must be shorter than
  // lease_duration.
  std::chrono::seconds renew_deadline{10};
  // Between attempts. Followers wait up to 2.2 times as long.
  std::chrono::seconds retry_period{2};
  // Subtracted from the time for which we consider the lease held, because clocks may run at
  // different speeds.
  std::chrono::milliseconds margin{500};
};

// The spec of a Lease. Times are RFC 3339 with microseconds.
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
  kCreate,  // with command.record
  kUpdate,  // with command.record, only if the lease still has command.resource_version
  kWait,    // until command.until
};
struct LeaseCommand {
  LeaseDo what = LeaseDo::kWait;
  LeaseRecord record;
  std::string resource_version;
  Instant until = kForever;  // end of kWait; deadline of a request
  bool started = false;      // we have just become leader
  bool stopped = false;      // we have just stopped being leader
};

enum class LeaseState { kFollowing, kLeading, kLost };

class LeaseMachine {
 public:
  // Random must outlive it. `identity` must be unique to this run of the process.
  LeaseMachine(LeaseOptions options, std::string identity, Random& random);

  LeaseCommand Start(Instant now);
  // Result of kRead; nullopt: no such lease exists.
  LeaseCommand OnRead(const std::optional<ObservedLease>& lease, Instant now, WallTime wall);
  // kCreate or kUpdate succeeded. `sent_at` was taken before the request was sent.
  LeaseCommand OnWritten(const std::string& resource_version, Instant sent_at, Instant now);
  LeaseCommand OnFailed(const Error& error, Instant now);
  LeaseCommand OnWaited(Instant now, WallTime wall);
  // The write that lets other processes take over immediately; nullopt if we do not hold the lease.
  // Ends our leadership.
  std::optional<LeaseCommand> Release(WallTime wall);

  LeaseState state() const { return state_; }
  // Until when no other process can hold the lease; in the past if we do not hold it.
  Instant held_until() const { return state_ == LeaseState::kLeading ? held_until_ : Instant{}; }
  // The holder as of the last read; our own identity while leading.
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
  LeaseRecord writing_;    // what the request in flight writes
  bool creating_ = false;  // the request in flight creates the lease
  Instant observed_at_{};  // when the current content of lease_ was first observed
  Instant held_until_{};
  Instant renew_until_{};
};

}  // namespace capstan::runtime
