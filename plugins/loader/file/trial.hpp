// Runs code in a copy of this process, because loading a plugin can end the process without
// warning.
#pragma once

#include <functional>
#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::loader {

// How far a trial got, in order.
enum class Stage : char { kLoading = 'l', kAsking = 'a', kDescribing = 'd', kLeaving = 'e', kOver = 'o' };

// Forks, runs `body` in the copy, and discards the copy. `body` reports the stage that it enters;
// it has no other threads, no standard streams and default signal handlers there, and an exception
// ends the trial. It has no effect on this process. Success: the copy reached the end of `body`.
// Errors, one sentence that names `path`: kInvalidArgument (it crashed or exited),
// kDeadlineExceeded (it did not finish within `limit` and was killed), kUnavailable (the fork
// failed).
//
// After a fork of a multi-threaded process only the calling thread continues, and locks held by the
// other threads stay locked in the copy. glibc makes memory allocation and the dynamic linker
// usable again in the copy; the copy uses nothing else of this program. Thread-safe.
Status TryInCopy(const std::function<void(const std::function<void(Stage)>&)>& body, Duration limit,
                 const std::string& path);

}  // namespace capstan::loader
