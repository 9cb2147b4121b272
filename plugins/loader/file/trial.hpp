// A trial in a copy of this process, for what may end a process without any sign beforehand.
#pragma once

#include <functional>
#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::loader {

// How far a trial came. In the order in which they are reached.
enum class Stage : char { kLoading = 'l', kAsking = 'a', kDescribing = 'd', kLeaving = 'e', kOver = 'o' };

// Forks, runs `body` in the copy, and throws the copy away. `body` says which stage it enters; it
// finds no other threads, no standard streams and the default signal handlers there, and what it
// throws counts as the end of the trial. Nothing it does reaches this process. Success: the copy
// came to the end of `body`. Errors, one sentence that names `path`: kInvalidArgument (it crashed
// or exited), kDeadlineExceeded (it did not come to an end within `limit` and was killed),
// kUnavailable (no copy could be made).
//
// After a fork of a process with threads only this thread goes on, in a copy of whatever the others
// held. glibc makes memory and the dynamic linker usable again in the copy; nothing else of ours is
// used there. Thread-safe.
Status TryInCopy(const std::function<void(const std::function<void(Stage)>&)>& body, Duration limit,
                 const std::string& path);

}  // namespace capstan::loader
