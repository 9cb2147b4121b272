// Private to core/net: waits for a socket, a time and a stop simultaneously.
#pragma once

#include <stop_token>

#include <capstan/core/base/time.hpp>

namespace capstan::net {

// The boot-time clock, which deadlines of Context use.
Instant BootNow();

// An eventfd that ends waits from another thread. Raise is thread-safe; Clear is for the waiting
// thread.
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
  // -1 if the process ran out of descriptors: then Raise has no effect, and waits only end by
  // themselves
  int fd_;
};

// During its lifetime, a stop of `token` raises the interrupt. Its destructor clears a raised
// interrupt: code that shares one between two links checks both tokens before each wait.
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
// Waits for `events` (as for poll) on fd. fd -1: only for the interrupt and the time. An error or
// hang-up of the socket counts as ready.
Waited WaitFor(int fd, short events, const Interrupt& interrupt, Instant until);

}  // namespace capstan::net
