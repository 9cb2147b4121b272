#include <capstan/core/net/stream/wait.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace capstan::net {

Instant BootNow() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return Instant(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

Interrupt::Interrupt() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Interrupt::~Interrupt() {
  if (fd_ >= 0) ::close(fd_);
}

void Interrupt::Raise() noexcept {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(fd_, &one, sizeof(one));
}

void Interrupt::Clear() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] auto got = ::read(fd_, &count, sizeof(count));
}

StopLink::StopLink(Interrupt& interrupt, std::stop_token token)
    : interrupt_(interrupt), token_(token), callback_(std::move(token), Raise{&interrupt}) {}

StopLink::~StopLink() {
  if (token_.stop_requested()) interrupt_.Clear();
}

Waited WaitFor(int fd, short events, const Interrupt& interrupt, Instant until) {
  for (;;) {
    // poll uses a clock that stops while the machine is suspended; after each slice the boot-time
    // clock is read again.
    auto left = until == kForever ? Duration(std::chrono::seconds(5)) : until - BootNow();
    int slice = static_cast<int>(std::clamp<std::int64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(left + std::chrono::microseconds(999)).count(),
        0, 5000));
    pollfd both[2] = {{fd, events, 0}, {interrupt.fd(), POLLIN, 0}};
    int ready = ::poll(both, 2, slice);
    if (ready < 0 && errno != EINTR) return Waited::kReady;  // the next read or write reports the error
    if (ready > 0 && both[1].revents != 0) return Waited::kStopped;
    if (ready > 0 && both[0].revents != 0) return Waited::kReady;
    if (until != kForever && BootNow() >= until) return Waited::kTime;
  }
}

}  // namespace capstan::net
