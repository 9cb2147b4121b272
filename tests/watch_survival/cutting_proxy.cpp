#include <capstan/tests/watch_survival/cutting_proxy.hpp>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace capstan::survival {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void CloseWithReset(int fd) {
  linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  ::close(fd);
}

}  // namespace

struct CuttingProxy::Pair {
  int client = -1, server = -1;
  std::string to_client, to_server;  // read and not yet written
  bool client_ended = false, server_ended = false;
  bool frozen = false;
  std::uint64_t from_server = 0;
};

CuttingProxy::CuttingProxy(Scheduler& scheduler, std::uint16_t target_port) : target_port_(target_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("cutting proxy");
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  task_ = scheduler.Spawn("cutting proxy", [this](const Context& context) { Run(context); });
}

CuttingProxy::~CuttingProxy() {
  task_.RequestStop();
  Wake();
  task_ = Task();
  Cut();
  ::close(listener_);
  ::close(wake_);
}

void CuttingProxy::Wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof(one));
}

void CuttingProxy::Reset(Pair& pair) {
  CloseWithReset(pair.client);
  if (pair.server >= 0) CloseWithReset(pair.server);
  --open_;
}

void CuttingProxy::Cut() {
  MutexLock lock(mutex_);
  for (const auto& pair : pairs_) Reset(*pair);
  pairs_.clear();
  Wake();
}

void CuttingProxy::Refuse(bool refuse) { refuse_ = refuse; }

void CuttingProxy::Freeze() {
  MutexLock lock(mutex_);
  for (const auto& pair : pairs_) pair->frozen = true;
  Wake();
}

void CuttingProxy::Vanish() {
  sock_filter drop_all[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  const sock_fprog program{1, drop_all};
  MutexLock lock(mutex_);
  for (const auto& pair : pairs_) {
    pair->frozen = true;
    if (::setsockopt(pair->client, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0) {
      std::perror("cutting proxy: filter");
      std::abort();
    }
  }
  Wake();
}

void CuttingProxy::CutAfter(std::uint64_t bytes) {
  MutexLock lock(mutex_);
  cut_after_ = bytes;
  for (const auto& pair : pairs_) pair->from_server = 0;
}

void CuttingProxy::Accept() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  const int server = refuse_ ? -1 : ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_port_);
  // Loopback accepts or refuses immediately.
  if (server < 0 || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (server >= 0) ::close(server);
    CloseWithReset(client);
    return;
  }
  auto pair = std::make_unique<Pair>();
  pair->client = client;
  pair->server = server;
  ++open_;
  MutexLock lock(mutex_);
  pairs_.push_back(std::move(pair));
}

bool CuttingProxy::Move(Pair& pair, bool to_client, short ready) {
  const int from = to_client ? pair.server : pair.client;
  const int to = to_client ? pair.client : pair.server;
  std::string& held = to_client ? pair.to_client : pair.to_server;
  bool& ended = to_client ? pair.server_ended : pair.client_ended;
  if (held.empty() && !ended && (ready & (POLLIN | POLLHUP | POLLERR)) != 0) {
    char piece[65536];
    const auto got = ::recv(from, piece, sizeof(piece), MSG_DONTWAIT);
    if (got < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (got > 0) held.assign(piece, static_cast<std::size_t>(got));
    if (got == 0) {
      ended = true;
      ::shutdown(to, SHUT_WR);
    }
    if (got > 0 && to_client) pair.from_server += static_cast<std::uint64_t>(got);
  }
  while (!held.empty()) {
    const auto put = ::send(to, held.data(), held.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0) return errno == EAGAIN || errno == EINTR;
    held.erase(0, static_cast<std::size_t>(put));
  }
  return !(pair.server_ended && pair.client_ended);
}

void CuttingProxy::Run(const Context& context) {
  while (!context.stopped()) {
    std::vector<pollfd> fds = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
    {
      MutexLock lock(mutex_);
      for (const auto& pair : pairs_) {
        const auto events = [](bool read, bool write) {
          return static_cast<short>((read ? POLLIN : 0) | (write ? POLLOUT : 0));
        };
        const short of_client =
            events(pair->to_server.empty() && !pair->client_ended, !pair->to_client.empty());
        const short of_server =
            events(pair->to_client.empty() && !pair->server_ended, !pair->to_server.empty());
        fds.push_back({pair->frozen || of_client == 0 ? -1 : pair->client, of_client, 0});
        fds.push_back({pair->frozen || of_server == 0 ? -1 : pair->server, of_server, 0});
      }
    }
    ::poll(fds.data(), fds.size(), 1000);
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof(count));
    if ((fds[0].revents & POLLIN) != 0) Accept();
    MutexLock lock(mutex_);
    for (auto at = pairs_.begin(); at != pairs_.end();) {
      Pair& pair = **at;
      // Pairs may have been added or removed during the wait; each is found by its descriptors.
      const auto ready = [&](int fd) {
        const auto found =
            std::find_if(fds.begin() + 2, fds.end(), [&](const pollfd& p) { return p.fd == fd; });
        return found == fds.end() ? short{0} : found->revents;
      };
      bool alive =
          pair.frozen || (Move(pair, true, ready(pair.server)) && Move(pair, false, ready(pair.client)));
      if (alive && cut_after_ > 0 && pair.from_server > cut_after_) {
        cut_after_ = 0;
        refuse_ = true;
        ++cut_in_the_middle_;
        alive = false;
      }
      if (!alive) Reset(pair);
      at = alive ? at + 1 : pairs_.erase(at);
    }
  }
}

}  // namespace capstan::survival
