#include <capstan/core/program/signals.hpp>

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>

namespace capstan::program {
namespace {

// The work sends SIGUSR1 to tell the waiting thread that it has ended by itself.
sigset_t Watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = Watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int Signals::RunUntilSignal(Scheduler& scheduler, const std::function<int(const Context&)>& work) {
  const sigset_t set = Watched();
  int status = 1;
  std::atomic<bool> ended = false;
  Task task = scheduler.Spawn("work", [&](const Context& context) {
    status = work(context);
    ended = true;
    ::kill(::getpid(), SIGUSR1);
  });
  bool asked = false;
  while (!ended) {
    int signal = 0;
    // Any process may send SIGUSR1: what counts is whether the work has ended.
    if (sigwait(&set, &signal) != 0 || signal == SIGUSR1) continue;
    if (asked) ::_exit(128 + signal);
    asked = true;
    task.RequestStop();
  }
  task.Join();
  // The last wait may have been ended by another sender's SIGUSR1. The work's own must not stay
  // pending: it would end the process once the signals are unblocked.
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, SIGUSR1);
  const timespec at_once{};
  while (sigtimedwait(&own, nullptr, &at_once) == SIGUSR1) {
  }
  return status;
}

}  // namespace capstan::program
