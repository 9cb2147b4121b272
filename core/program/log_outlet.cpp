#include <capstan/core/program/log_outlet.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace capstan::program {
namespace {

// A pipe that poll reports as writable takes this much without blocking (PIPE_BUF of Linux).
constexpr std::size_t kPiece = 4096;
// How long it takes to notice a stop while no reader takes anything.
constexpr int kSliceMilliseconds = 50;

constexpr std::array<int, 5> kFatal = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

// Read by the crash handler: the outlet of this process, if there is one.
std::atomic<const std::atomic<std::size_t>*> crash_pending{nullptr};
std::atomic<int> crash_slices{0};
// Earlier actions of the signals, such as a sanitizer's report.
struct sigaction before[kFatal.size()];

// The writer is another thread, which continues meanwhile. Afterwards the signal takes its earlier
// action.
void LetTheQueueBeWritten(int signal, siginfo_t* why, void*) {
  for (int slice = crash_slices.load(); slice > 0; --slice) {
    const auto* pending = crash_pending.load();
    if (pending == nullptr || pending->load() == 0) break;
    ::poll(nullptr, 0, kSliceMilliseconds);
  }
  for (std::size_t i = 0; i < kFatal.size(); ++i) {
    if (kFatal[i] == signal) ::sigaction(signal, &before[i], nullptr);
  }
  // A fault recurs when its instruction is repeated; a signal that was sent has to be sent again.
  if (why == nullptr || why->si_code <= 0) ::raise(signal);
}

}  // namespace

LogOutlet::LogOutlet(Scheduler& scheduler, LogOutletOptions options)
    : scheduler_(scheduler),
      options_(std::move(options)),
      writer_(scheduler.Spawn("log", [this](const Context& context) { Write(context); })) {
  crash_slices = static_cast<int>(options_.crash_flush / std::chrono::milliseconds(kSliceMilliseconds));
  crash_pending = &pending_;
  struct sigaction action {};
  action.sa_sigaction = LetTheQueueBeWritten;
  action.sa_flags = SA_SIGINFO;
  for (std::size_t i = 0; i < kFatal.size(); ++i) ::sigaction(kFatal[i], &action, &before[i]);
}

LogOutlet::~LogOutlet() {
  writer_ = Task();  // asks it to stop, and waits
  for (std::size_t i = 0; i < kFatal.size(); ++i) ::sigaction(kFatal[i], &before[i], nullptr);
  crash_pending = nullptr;
}

void LogOutlet::Queue(std::string line) {
  pending_ += line.size();
  lines_.push_back(std::move(line));
}

void LogOutlet::Put(std::string line) {
  line += '\n';
  MutexLock lock(mutex_);
  // Each line costs its text plus about as much as the queue needs per element.
  if (pending_ + line.size() + lines_.size() * 64 > options_.limit) {
    ++dropped_;
    ++unreported_;
    return;
  }
  if (unreported_ > 0 && options_.dropped) Queue(options_.dropped(std::exchange(unreported_, 0)) + "\n");
  Queue(std::move(line));
  scheduler_.Notify(queued_);
}

void LogOutlet::Write(const Context& context) {
  for (;;) {
    std::string line;
    {
      MutexLock lock(mutex_);
      while (lines_.empty() && unreported_ == 0) {
        if (scheduler_.Wait(queued_, lock, kForever, context) == Woke::kStopped && lines_.empty()) return;
      }
      if (lines_.empty() && options_.dropped) Queue(options_.dropped(std::exchange(unreported_, 0)) + "\n");
      if (lines_.empty()) continue;
      line = std::move(lines_.front());
      lines_.pop_front();
    }
    const bool over = !WriteLine(line, context);
    pending_ -= line.size();
    if (over) return;
  }
}

bool LogOutlet::WaitUntilTaken(const Context& context) {
  for (;;) {
    pollfd one{options_.descriptor, POLLOUT, 0};
    const int ready = ::poll(&one, 1, kSliceMilliseconds);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    if (!context.stopped()) continue;
    if (give_up_ == kForever) give_up_ = After(scheduler_.Now(), options_.flush);
    if (scheduler_.Now() >= give_up_) return false;
  }
}

bool LogOutlet::WriteLine(const std::string& line, const Context& context) {
  std::size_t written = 0;
  while (written < line.size()) {
    if (!WaitUntilTaken(context)) return false;
    const ssize_t put =
        ::write(options_.descriptor, line.data() + written, std::min(kPiece, line.size() - written));
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put <= 0) break;  // the reader of the log is gone: nobody would see the report
    written += static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace capstan::program
