// Mishap is what may happen at one effect of an operator: a death, a failure of the server that is
// asked, a stale or disordered view of the world, or the world itself changing at that moment.
#pragma once

#include <string>
#include <vector>

namespace capstan::simulation {

enum class Mishap {
  kNone,
  // The process ends, and a new one starts with an empty memory.
  kCrashBefore,       // before anything leaves
  kCrashInFlight,     // when the request has left; the server gets it a little later
  kCrashAfterCommit,  // when the server has done it, before the reply
  kCrashAfterReply,   // it gets the reply and dies before the next effect
  // The server that is asked, Kubernetes or the cloud, fails once.
  kConflict,       // 409, nothing is done
  kTooMany,        // 429 with Retry-After, nothing is done
  kInvalid,        // 400, as an admission webhook says no, or 422 of a cloud; nothing is done
  kUnauthorized,   // 401, nothing is done
  kErrorBefore,    // 500, nothing is done
  kErrorAfter,     // 500, although it is done
  kTimeoutBefore,  // nothing is done, and no answer comes
  kTimeoutAfter,   // it is done, and no answer comes
  kResetAfter,     // it is done, and the connection breaks
  kTruncated,      // it is done, and half of the reply arrives
  // The process sleeps longer than its lease, and another one takes over.
  kPauseBefore,  // right before the request
  kPauseAfter,   // when the answer has arrived; it goes on with what it knew then
  // The same request, and those like it, are refused for ten minutes.
  kRefusedForLong,  // 400 or 422
  kRightsTaken,     // 403
  // The view of the world. These need watches: full lives only.
  kWatchDelayed,     // what the watches show is 8 s old, for a minute: the cache serves an older prefix
  kWatchDuplicated,  // the next events come twice
  kWatchLost,        // the next event is lost with its stream
  kWatchSwapped,     // the next two events of different objects come in the other order
  kWatchCompacted,   // the history is compacted and every stream cut: 410, relist
  kRelistOlder,      // the same, and the next list is older than the cache
  // The order of tasks.
  kSecondTask,  // where several tasks could go on, the second one does
  kLastTask,    // the last one does
  // The world changes at this moment.
  kSecondReplica,  // another process starts and waits for the lease
  kLeaseLost,      // another process writes its name into the lease and dies
  kClockForward,   // the clock of the operator's machine jumps an hour ahead
  kClockBack,      // an hour back
  kUserEdit,       // a user changes the spec
  kUserDelete,     // a user deletes the object
  kCrdDeleted,     // a user deletes the CRD; the run ends soon after
  kCloudDrift,     // a user changes the cloud object by hand
  kLogStalls,      // what reads the log stops for 40 s, and writing to it blocks
};

enum class MishapFamily { kCrash, kFailure, kPause, kRefusal, kStale, kOrder, kWorld };

struct MishapInfo {
  Mishap mishap;
  const char* name;  // as schedules write it
  MishapFamily family;
  bool full_only = false;  // needs watches, a lease or a log that short lives do not have
  bool meddles = false;    // changes what the scenario itself is about: only where a scenario allows it
  const char* sentence;    // for people: "the process dies before the request leaves"
};

// Every mishap but kNone, in the order above.
const std::vector<MishapInfo>& MishapTable();
const MishapInfo& InfoOf(Mishap mishap);  // REQUIRES: not kNone
std::string MishapName(Mishap mishap);
bool IsCrash(Mishap mishap);
bool IsPause(Mishap mishap);

// Crashes and failures: what needs neither a full life nor a scenario that allows it. Pauses are
// apart, see ExploreTwoAlive.
const std::vector<Mishap>& AllMishaps();
// All that a full life can meet; with `meddling` also those that change what the scenario is about.
std::vector<Mishap> FullMishaps(bool meddling);

}  // namespace capstan::simulation
