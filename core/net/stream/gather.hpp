// Private to core/net: how often a stream of many small pieces is looked at.
//
// A watch brings each event as a packet of its own, and each would wake us up. So the look that
// follows one which brought little comes no sooner than a pause after it, and takes all that has
// come meanwhile. What comes after a silence as long as the pause is taken at once; nothing waits
// longer than the pause. A look that brought much (kMuch) is followed by the next at once: a body
// that comes as fast as we read gathers by itself, and a pause would only slow its sender down.
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
  // What one look must bring to be followed by the next at once.
  static constexpr std::size_t kMuch = std::size_t{32} << 10;

  // Zero: no pauses. Forgets what came.
  void Start(Duration pause) { *this = Gather(pause); }
  // The socket gave that many bytes.
  void Came(std::size_t bytes, Instant now) {
    came_ += bytes;
    last_ = now;
  }
  bool enabled() const { return pause_ > Duration::zero(); }
  // Nothing more is there: when to look again without waiting for the socket, or `now` to wait for
  // it. The look begins with this call.
  Instant NextLook(Instant now) {
    const bool little = came_ > 0 && came_ < kMuch;
    came_ = 0;
    return little ? std::max(now, After(last_, pause_)) : now;
  }

 private:
  explicit Gather(Duration pause) : pause_(pause) {}
  Duration pause_{};
  std::size_t came_ = 0;  // since the last look began
  Instant last_{};
};

}  // namespace capstan::net
