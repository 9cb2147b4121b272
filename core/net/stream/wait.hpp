// Private to core/net: waiting for a socket, for a time and for a stop, all at once.
#pragma once

#include <stop_token>

#include <capstan/core/base/time.hpp>

namespace capstan::net {

// The boot-time clock, which Context's deadlines are on.
Instant BootNow();

// An eventfd that ends waits from another thread. Raise is thread-safe; Clear is for the thread
// that waits.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  void Raise() noexcept;
  void Clear() noexcept;
  int fd() const { return fd_; }

 private:
  int fd_;  // -1 when the process has no descriptors left: waits then only end by themselves, in slices
};

// While it lives, a stop of `token` raises the interrupt. Its end clears a raised interrupt:
// code that shares one between two links asks both tokens before each wait.
class StopLink {
 public:
  StopLink(Interrupt& interrupt, std::stop_token token);
  ~StopLink();
  StopLink(const StopLink&) = delete;
  StopLink& operator=(const StopLink&) = delete;

 private:
  struct Raise {
    Interrupt* interrupt;
    void operator()() const noexcept { interrupt->Raise(); }
  };
  Interrupt& interrupt_;
  std::stop_token token_;
  std::stop_callback<Raise> callback_;
};

enum class Waited { kReady, kTime, kStopped };
// Waits for `events` (as for poll) on fd. fd -1: for the others only. An error or hang-up of the
// socket counts as ready.
Waited WaitFor(int fd, short events, const Interrupt& interrupt, Instant until);

}  // namespace capstan::net
