// CuttingProxy stands between a client and a server as networks do: it forwards bytes on loopback,
// until a test makes it cut, fall silent, or vanish. TLS goes through it
// untouched.
//
// Thread-safe. One task carries all connections. The scheduler must outlive it.
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
  // Resets every connection. New ones are welcome, unless refused.
  void Cut();
  // From now on new connections are reset at once, or no longer.
  void Refuse(bool refuse);
  // Connections open now forward nothing more, in neither direction; the kernel still acknowledges.
  // What a server does that hangs.
  void Freeze();
  // Connections open now vanish: no byte, no acknowledgement, no answer to a keepalive, no FIN.
  // What a machine does that loses its power. (A socket filter drops all that arrives; needs no
  // rights.)
  void Vanish();
  // The next connection that carries more than `bytes` from the server is reset there, and from
  // then on new ones are refused: so the time between the cut and the next try is as long as one
  // likes.
  void CutAfter(std::uint64_t bytes);
  int open_connections() const { return open_; }
  // How many connections CutAfter has cut.
  int cut_in_the_middle() const { return cut_in_the_middle_; }

 private:
  struct Pair;
  void Run(const Context& context);
  void Accept();
  // Moves bytes one way; false when the connection is over.
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
