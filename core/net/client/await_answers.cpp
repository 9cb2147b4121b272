#include <capstan/core/net/client/await_answers.hpp>

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace capstan::net {
namespace {

enum class Ready { kNone, kSome, kOver };

// Polls all sockets until one is ready, and marks those that are; the first one is the interrupt.
// kNone: `until` came, which is before the deadline. kOver: the deadline passed, or a stop was
// requested.
Ready Poll(std::vector<pollfd>& sockets, Instant until, Instant deadline) {
  for (;;) {
    // poll uses a clock that stops while the machine is suspended, so it is asked in slices.
    const Duration left = until == kForever ? Duration(std::chrono::seconds(5)) : until - BootNow();
    const auto slice = std::clamp<std::int64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(left + std::chrono::microseconds(999)).count(),
        0, 5000);
    const int ready = ::poll(sockets.data(), static_cast<nfds_t>(sockets.size()), static_cast<int>(slice));
    if (ready > 0) return sockets.front().revents == 0 ? Ready::kSome : Ready::kOver;
    if (ready < 0 && errno != EINTR) return Ready::kOver;  // each read reports its own error
    if (until == kForever || BootNow() < until) continue;
    return until >= deadline ? Ready::kOver : Ready::kNone;
  }
}

}  // namespace

void AwaitAnswers(const std::vector<Channel*>& channels, const Context& context, Duration longest,
                  const std::function<void(std::size_t)>& read) {
  Interrupt interrupt;
  const StopLink link(interrupt, context.stop);
  std::vector<pollfd> sockets = {{interrupt.fd(), POLLIN, 0}};
  std::vector<std::size_t> pending;  // the channel of each socket after the first
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i] == nullptr) continue;
    sockets.push_back({channels[i]->fd(), POLLIN, 0});
    pending.push_back(i);
  }
  const Instant sent = BootNow();
  Ready ready = Ready::kNone;
  while (!pending.empty() && ready != Ready::kOver && !context.stopped()) {
    if (ready == Ready::kNone) {
      ready = Poll(sockets, context.deadline, context.deadline);
      if (ready == Ready::kOver) break;
    }
    if (pending.size() > 1) {
      const Instant now = BootNow();
      const Instant next = std::min(After(now, std::min((now - sent) / 2, longest)), context.deadline);
      if (next > now && WaitFor(-1, 0, interrupt, next) == Waited::kStopped) break;
      ready = Poll(sockets, BootNow(), context.deadline);
      if (ready != Ready::kSome) continue;
    }
    std::vector<pollfd> left = {sockets.front()};
    std::vector<std::size_t> left_pending;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      if (sockets[i + 1].revents != 0) {
        channels[pending[i]]->KnownReady();
        read(pending[i]);
      } else {
        left.push_back(sockets[i + 1]);
        left_pending.push_back(pending[i]);
      }
    }
    sockets.swap(left);
    pending.swap(left_pending);
    if (pending.size() == 1) ready = Ready::kNone;  // the last one is waited for
  }
  for (const std::size_t i : pending) read(i);  // each reports the end of its time
}

}  // namespace capstan::net
