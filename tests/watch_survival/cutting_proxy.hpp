// CuttingProxy simulates network faults between a client and a server: it forwards bytes on
// loopback, until a test makes it cut connections, fall silent, or vanish. TLS passes through
// unchanged.
//
// Thread-safe. One task serves all connections. The scheduler must outlive it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>

namespace capstan::survival {

class CuttingProxy {
 public:
  CuttingProxy(Scheduler& scheduler, std::uint16_t target_port);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  std::uint16_t port() const { return port_; }
  // Resets every connection. New ones are accepted, unless refused.
  void Cut();
  // From now on new connections are reset immediately, or accepted again.
  void Refuse(bool refuse);
  // Open connections stop forwarding in both directions; the kernel still acknowledges. Simulates a
  // server that hangs.
  void Freeze();
  // Open connections vanish: no byte, no acknowledgement, no answer to a keepalive, no FIN.
  // Simulates a machine that lost power. (A socket filter drops all incoming packets; it needs no
  // privileges.)
  void Vanish();
  // Resets the next connection that carries more than `bytes` from the server at that point, and
  // refuses new ones from then on, so that a test controls the time between the cut and the next
  // attempt.
  void CutAfter(std::uint64_t bytes);
  int open_connections() const { return open_; }
  // The number of connections that CutAfter has cut.
  int cut_in_the_middle() const { return cut_in_the_middle_; }

 private:
  struct Pair;
  void Run(const Context& context);
  void Accept();
  // Forwards bytes in one direction; false when the connection has ended.
  bool Move(Pair& pair, bool to_client, short ready);
  void Reset(Pair& pair);
  void Wake();

  const std::uint16_t target_port_;
  int listener_ = -1;
  int wake_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> refuse_{false};
  std::atomic<int> open_{0};
  std::atomic<int> cut_in_the_middle_{0};
  Mutex mutex_;
  std::uint64_t cut_after_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // 0: never
  std::vector<std::unique_ptr<Pair>> pairs_ CAPSTAN_GUARDED_BY(mutex_);
  Task task_;
};

}  // namespace capstan::survival
