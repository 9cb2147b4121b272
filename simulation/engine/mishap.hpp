// Mishap is what can happen at one effect of an operator: a death, a failure of the server, a stale
// or reordered view of the world, or a change of the world at that moment. Values and pure
// functions; thread-safe.
#pragma once

#include <string>
#include <vector>

namespace capstan::simulation {

enum class Mishap {
  kNone,
  // The process ends, and a new one starts with an empty memory.
  kCrashBefore,       // before the request leaves
  kCrashInFlight,     // after the request has left; the server gets it a little later
  kCrashAfterCommit,  // after the server has executed it, before the reply
  kCrashAfterReply,   // after the reply, before the next effect
  // The server, Kubernetes or the cloud, fails once.
  kConflict,       // 409, not executed
  kTooMany,        // 429 with Retry-After, not executed
  kInvalid,        // 400 like a denial by an admission webhook, or 422 of a cloud; not executed
  kUnauthorized,   // 401, not executed
  kErrorBefore,    // 500, not executed
  kErrorAfter,     // 500, although it is executed
  kTimeoutBefore,  // not executed, and no answer
  kTimeoutAfter,   // executed, and no answer
  kResetAfter,     // executed, and the connection is reset
  kTruncated,      // executed, and half of the reply arrives
  // The process is paused for longer than its lease, and another one takes over.
  kPauseBefore,  // right before the request
  kPauseAfter,   // after the answer has arrived; it continues with its old knowledge
  // The same request, and those like it, are refused for ten minutes.
  kRefusedForLong,  // 400 or 422
  kRightsTaken,     // 403
  // The view of the world. These need watches: full lives only.
  kWatchDelayed,     // for a minute watch events are 8 s late: the cache serves an older prefix
  kWatchDuplicated,  // the next events arrive twice
  kWatchLost,        // the next event is lost together with its stream
  kWatchSwapped,     // the next two events of different objects arrive in reverse order
  kWatchCompacted,   // the history is compacted and every stream cut: 410, relist
  kRelistOlder,      // likewise, and the next list is older than the cache
  // The order of tasks.
  kSecondTask,  // if several tasks are ready, the second one runs
  kLastTask,    // the last one runs
  // The world changes at this moment.
  kSecondReplica,  // another process starts and waits for the lease
  kLeaseLost,      // another process writes its name into the lease and dies
  kClockForward,   // the clock of the operator's machine jumps an hour ahead
  kClockBack,      // the clock jumps an hour back
  kUserEdit,       // a user changes the spec
  kUserDelete,     // a user deletes the object
  kCrdDeleted,     // a user deletes the CRD; the run ends soon after
  kCloudDrift,     // a user changes the cloud object by hand
  kLogStalls,      // the reader of the log stalls for 40 s, so writes to the log block
};

enum class MishapFamily { kCrash, kFailure, kPause, kRefusal, kStale, kOrder, kWorld };

struct MishapInfo {
  Mishap mishap;
  const char* name;  // in schedules
  MishapFamily family;
  bool full_only = false;  // needs watches, a lease or a log, which short lives do not have
  // Changes the subject of the scenario itself: only where a scenario allows it.
  bool meddles = false;
  const char* sentence;  // for users: "the process dies before the request leaves"
};

// Every mishap except kNone, in the order above.
const std::vector<MishapInfo>& MishapTable();
const MishapInfo& InfoOf(Mishap mishap);  // REQUIRES: not kNone
std::string MishapName(Mishap mishap);
bool IsCrash(Mishap mishap);
bool IsPause(Mishap mishap);

// Crashes and failures: mishaps that need neither a full life nor a scenario that allows them.
// Pauses are separate, see ExploreTwoAlive.
const std::vector<Mishap>& AllMishaps();
// All mishaps of a full life; with `meddling` also those that change the subject of the scenario.
std::vector<Mishap> FullMishaps(bool meddling);

}  // namespace capstan::simulation
