#include <capstan/apps/capstan/verify/supervised.hpp>

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <iostream>

#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

// Memory shared by both processes.
struct SharedState {
  std::atomic<bool> returned = false;
  char during[512] = {};
};

// A file in memory that both processes have open; without one, nothing is kept.
class SharedLines {
 public:
  SharedLines() : file_(::memfd_create("capstan kept lines", MFD_CLOEXEC)) {}
  ~SharedLines() {
    if (file_ >= 0) ::close(file_);
  }
  SharedLines(const SharedLines&) = delete;
  SharedLines& operator=(const SharedLines&) = delete;

  void Add(std::string line) {
    line += '\n';
    for (std::string_view rest = line; file_ >= 0 && !rest.empty();) {
      const ssize_t written = ::write(file_, rest.data(), rest.size());
      if (written < 0 && errno != EINTR) return;
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  // The complete lines; a last line that is incomplete does not count.
  std::vector<std::string> Lines() const {
    std::string text;
    char part[4096];
    for (ssize_t got = 0; (got = ::pread(file_, part, sizeof part, static_cast<off_t>(text.size()))) > 0;)
      text.append(part, static_cast<std::size_t>(got));
    std::vector<std::string> lines = Split(text, '\n');
    if (!lines.empty()) lines.pop_back();
    return lines;
  }

 private:
  const int file_;
};

class SharedProgress final : public Progress {
 public:
  SharedProgress(SharedState& shared_state, SharedLines& kept) : shared_state_(shared_state), kept_(kept) {}
  void Begins(const std::string& what) override {
    const std::string text = Shorten(what, sizeof shared_state_.during - 4);
    std::fill(std::begin(shared_state_.during), std::end(shared_state_.during), '\0');
    std::copy(text.begin(), text.end(), shared_state_.during);
  }
  void Keep(const std::string& line) override { kept_.Add(line); }

 private:
  SharedState& shared_state_;
  SharedLines& kept_;
};

sigset_t PassedOn() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&set, number);
  return set;
}

std::int64_t NowMilliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Waits for the end of the child. The child has its own process group, so that every signal is
// forwarded by this process, and a signal that was sent twice at the same time (to the process and
// to its group) is forwarded once: a second one would end the child before it has cleaned up.
int WaitFor(pid_t child) {
  constexpr std::int64_t kAtOnce = 500;
  const sigset_t set = PassedOn();
  std::int64_t passed_on = -kAtOnce;
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) return status;
    siginfo_t info{};
    if (::sigwaitinfo(&set, &info) <= 0 || info.si_signo == SIGCHLD) continue;
    if (NowMilliseconds() - passed_on < kAtOnce) continue;
    passed_on = NowMilliseconds();
    ::kill(child, info.si_signo == SIGHUP ? SIGTERM : info.si_signo);
  }
}

std::string HowOf(int status) {
  if (!WIFSIGNALED(status)) return StrCat("exit status ", WEXITSTATUS(status));
  const char* name = ::sigabbrev_np(WTERMSIG(status));
  return StrCat("SIG", name == nullptr ? "?" : name);
}

}  // namespace

int RunSupervised(const std::function<int(Progress&)>& work, const std::function<int(const Death&)>& died) {
  SharedLines kept;
  void* shared =
      ::mmap(nullptr, sizeof(SharedState), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const auto alone = [&] {
    SharedState shared_state;
    SharedProgress progress(shared_state, kept);
    return work(progress);
  };
  if (shared == MAP_FAILED) return alone();
  auto* shared_state = new (shared) SharedState;
  sigset_t before;
  const sigset_t passed_on = PassedOn();
  ::sigprocmask(SIG_BLOCK, &passed_on, &before);
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    SharedProgress progress(*shared_state, kept);
    const int status = work(progress);
    std::cout.flush();
    shared_state->returned = true;
    ::_exit(status);
  }
  if (child < 0) {
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return alone();
  }
  const int status = WaitFor(child);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (shared_state->returned) return WEXITSTATUS(status);
  return died({std::string(shared_state->during), HowOf(status), kept.Lines()});
}

}  // namespace capstan::app
