// Private to core/net: how often to poll a stream of many small pieces.
//
// A watch delivers each event in a packet of its own, and each packet would cause a wake-up.
// Therefore, after a read that returned little, the next read comes no sooner than a pause later
// and takes everything that arrived meanwhile. Data that arrives after a silence at least as long
// as the pause is read immediately; no data waits longer than the pause. A read that returned much
// (kMuch) is followed by the next one immediately: a body that arrives as fast as it is read
// gathers by itself, and a pause would only slow down its sender.
//
// No I/O and no clock of its own. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>

#include <capstan/core/base/time.hpp>

namespace capstan::net {

class Gather {
 public:
  Gather() = default;  // no pauses
  // A read of at least this many bytes is followed immediately by the next.
  static constexpr std::size_t kMuch = std::size_t{32} << 10;

  // Zero: no pauses. Resets the byte count.
  void Start(Duration pause) { *this = Gather(pause); }
  // The socket delivered that many bytes.
  void Came(std::size_t bytes, Instant now) {
    came_ += bytes;
    last_ = now;
  }
  bool enabled() const { return pause_ > Duration::zero(); }
  // Nothing more is available: returns when to read again without waiting for the socket, or `now`
  // to wait for the socket. The next read begins with this call.
  Instant NextLook(Instant now) {
    const bool little = came_ > 0 && came_ < kMuch;
    came_ = 0;
    return little ? std::max(now, After(last_, pause_)) : now;
  }

 private:
  explicit Gather(Duration pause) : pause_(pause) {}
  Duration pause_{};
  std::size_t came_ = 0;  // since the last read began
  Instant last_{};
};

}  // namespace capstan::net
