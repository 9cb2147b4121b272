#include <capstan/plugins/loader/file/trial.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <capstan/core/base/text.hpp>

namespace capstan::loader {
namespace {

// The copy must not use this process's handlers, masks and limits: no stack traces, no core files,
// no output of the dynamic linker on standard error.
void BecomeCopy() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  // Limits the copy's memory to slightly more than this process uses, in case it runs wild.
  unsigned long pages = 0;
  if (FILE* size = ::fopen("/proc/self/statm", "re"); size != nullptr) {
    if (::fscanf(size, "%lu", &pages) != 1) pages = 0;
    ::fclose(size);
  }
  const rlim_t memory = rlim_t{pages} * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{3} << 30);
  const rlimit enough{memory, memory};
  if (pages != 0) ::setrlimit(RLIMIT_AS, &enough);
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int stream = 0; nowhere >= 0 && stream < 3; ++stream) ::dup2(nowhere, stream);
}

std::int64_t NowMilliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

struct Seen {
  Stage stage = Stage::kLoading;
  bool ended = false;  // false: it is still running
};

// Reads stages until the copy ends or the time is over.
Seen Watch(int from, Duration limit) {
  Seen seen;
  const std::int64_t until =
      NowMilliseconds() + std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
  while (seen.stage != Stage::kOver) {
    const std::int64_t left = until - NowMilliseconds();
    if (left <= 0) return seen;
    pollfd file{from, POLLIN, 0};
    const int ready = ::poll(&file, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000)));
    if (ready <= 0) continue;  // interrupted, or timed out
    char stage = 0;
    const ssize_t got = ::read(from, &stage, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    seen.stage = static_cast<Stage>(stage);
  }
  seen.ended = true;
  return seen;
}

std::string EndOf(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return StrCat("SIG", name == nullptr ? "?" : name);
  }
  return StrCat("exit status ", WEXITSTATUS(status));
}

Status JudgeTrial(const Seen& seen, int status, Duration limit, const std::string& path) {
  if (seen.stage == Stage::kOver) return {};
  if (!seen.ended) {
    return Fail(Code::kDeadlineExceeded,
                StrCat(path, " was refused: it did not ",
                       seen.stage == Stage::kDescribing ? "describe itself" : "finish loading", " within ",
                       FormatDuration(limit), "; install a version that does"));
  }
  const std::string_view when = seen.stage == Stage::kLoading   ? "while it is loaded"
                                : seen.stage == Stage::kAsking  ? "when it is asked for its operations"
                                : seen.stage == Stage::kLeaving ? "when the process comes to its end"
                                                                : "when it is asked for its manifest";
  return Fail(Code::kInvalidArgument,
              StrCat(path, " was refused: it ends the process ", when, " (", EndOf(status),
                     " in a trial); install the plugin again, or report it to its author"));
}

}  // namespace

Status TryInCopy(const std::function<void(const std::function<void(Stage)>&)>& body, Duration limit,
                 const std::string& path) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return Fail(Code::kUnavailable, StrCat(path, " could not be tried: ", ::strerror(errno)));
  const pid_t copy = ::fork();
  if (copy < 0) {
    const int why = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    return Fail(Code::kUnavailable, StrCat(path, " could not be tried in a separate process: ",
                                           ::strerror(why), "; raise the limit of processes by one"));
  }
  if (copy == 0) {
    BecomeCopy();
    const auto enter = [to = ends[1]](Stage stage) {
      const char mark = static_cast<char>(stage);
      while (::write(to, &mark, 1) < 0 && errno == EINTR) {
      }
    };
    try {
      body(enter);
    } catch (...) {
      // The same exception will occur in the process itself, which reports it.
    }
    enter(Stage::kOver);
    ::_exit(0);
  }
  ::close(ends[1]);
  const Seen seen = Watch(ends[0], limit);
  ::close(ends[0]);
  if (seen.stage == Stage::kOver || !seen.ended) ::kill(copy, SIGKILL);
  int status = 0;
  while (::waitpid(copy, &status, 0) < 0 && errno == EINTR) {
  }
  return JudgeTrial(seen, status, limit, path);
}

}  // namespace capstan::loader
