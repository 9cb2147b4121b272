#include <capstan/simulation/engine/mishap.hpp>

namespace capstan::simulation {

const std::vector<MishapInfo>& MishapTable() {
  using F = MishapFamily;
  static const std::vector<MishapInfo> table = {
      {Mishap::kCrashBefore, "crash-before", F::kCrash, false, false,
       "the process dies before the request leaves"},
      {Mishap::kCrashInFlight, "crash-in-flight", F::kCrash, false, false,
       "the process dies while the request is on its way"},
      {Mishap::kCrashAfterCommit, "crash-after-commit", F::kCrash, false, false,
       "the process dies after the server has done it and before the reply"},
      {Mishap::kCrashAfterReply, "crash-after-reply", F::kCrash, false, false,
       "the process dies right after the reply"},
      {Mishap::kConflict, "409", F::kFailure, false, false, "the server answers 409"},
      {Mishap::kTooMany, "429", F::kFailure, false, false, "the server answers 429"},
      {Mishap::kInvalid, "400", F::kFailure, false, false,
       "an admission webhook answers 400, or the cloud 422"},
      {Mishap::kUnauthorized, "401", F::kFailure, false, false, "the server answers 401"},
      {Mishap::kErrorBefore, "500-before", F::kFailure, false, false,
       "the server answers 500 and has done nothing"},
      {Mishap::kErrorAfter, "500-after", F::kFailure, false, false, "the server answers 500 and has done it"},
      {Mishap::kTimeoutBefore, "timeout-before", F::kFailure, false, false,
       "no answer comes, and the server has done nothing"},
      {Mishap::kTimeoutAfter, "timeout-after", F::kFailure, false, false,
       "no answer comes, and the server has done it"},
      {Mishap::kResetAfter, "reset-after", F::kFailure, false, false,
       "the connection breaks after the server has done it"},
      {Mishap::kTruncated, "truncated", F::kFailure, false, false, "half of the answer arrives"},
      {Mishap::kPauseBefore, "pause-before", F::kPause, false, false,
       "the process sleeps longer than its lease before the request"},
      {Mishap::kPauseAfter, "pause-after", F::kPause, false, false,
       "the process sleeps longer than its lease after the reply"},
      {Mishap::kRefusedForLong, "refused-for-long", F::kRefusal, false, false,
       "this request and those like it are refused for ten minutes"},
      {Mishap::kRightsTaken, "rights-taken", F::kRefusal, false, false,
       "the right to this request and those like it is missing for ten minutes"},
      {Mishap::kWatchDelayed, "watch-delayed", F::kStale, true, false,
       "for a minute the caches show the state of eight seconds ago"},
      {Mishap::kWatchDuplicated, "watch-duplicated", F::kStale, true, false,
       "the next watch events come twice"},
      {Mishap::kWatchLost, "watch-lost", F::kStale, true, false,
       "the next watch event is lost with its stream"},
      {Mishap::kWatchSwapped, "watch-swapped", F::kStale, true, false,
       "the next two watch events come in the other order"},
      {Mishap::kWatchCompacted, "watch-compacted", F::kStale, true, false,
       "the history is compacted and every watch is cut"},
      {Mishap::kRelistOlder, "relist-older", F::kStale, true, false,
       "every watch is cut and the next list is older than the cache"},
      {Mishap::kSecondTask, "second-task", F::kOrder, true, false,
       "the second of the tasks that are ready goes first"},
      {Mishap::kLastTask, "last-task", F::kOrder, true, false,
       "the last of the tasks that are ready goes first"},
      {Mishap::kSecondReplica, "second-replica", F::kWorld, true, false, "a second replica starts"},
      {Mishap::kLeaseLost, "lease-lost", F::kWorld, true, false, "another process takes the lease and dies"},
      {Mishap::kClockForward, "clock-forward", F::kWorld, true, false,
       "the clock of the operator's machine jumps an hour ahead"},
      {Mishap::kClockBack, "clock-back", F::kWorld, true, false,
       "the clock of the operator's machine jumps an hour back"},
      {Mishap::kUserEdit, "user-edit", F::kWorld, false, true, "a user edits the object"},
      {Mishap::kUserDelete, "user-delete", F::kWorld, false, true, "a user deletes the object"},
      {Mishap::kCrdDeleted, "crd-deleted", F::kWorld, false, true, "the CRD is deleted"},
      {Mishap::kCloudDrift, "cloud-drift", F::kWorld, false, true, "a user changes the cloud object"},
      {Mishap::kLogStalls, "log-stalls", F::kWorld, true, false, "writing to the log blocks for 40 seconds"},
  };
  return table;
}

const MishapInfo& InfoOf(Mishap mishap) {
  return MishapTable()[static_cast<std::size_t>(static_cast<int>(mishap) - 1)];
}

std::string MishapName(Mishap mishap) { return mishap == Mishap::kNone ? "none" : InfoOf(mishap).name; }

bool IsCrash(Mishap mishap) {
  return mishap != Mishap::kNone && InfoOf(mishap).family == MishapFamily::kCrash;
}

bool IsPause(Mishap mishap) {
  return mishap != Mishap::kNone && InfoOf(mishap).family == MishapFamily::kPause;
}

const std::vector<Mishap>& AllMishaps() {
  static const std::vector<Mishap> all = [] {
    std::vector<Mishap> list;
    for (const MishapInfo& info : MishapTable()) {
      if (info.family == MishapFamily::kCrash || info.family == MishapFamily::kFailure)
        list.push_back(info.mishap);
    }
    return list;
  }();
  return all;
}

std::vector<Mishap> FullMishaps(bool meddling) {
  std::vector<Mishap> list;
  for (const MishapInfo& info : MishapTable()) {
    if (!info.meddles || meddling) list.push_back(info.mishap);
  }
  return list;
}

}  // namespace capstan::simulation
