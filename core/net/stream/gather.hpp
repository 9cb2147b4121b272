// Private to core/net: how often to poll a stream of many small pieces.
//
// A watch delivers each event in a packet of its own, and each packet would cause a wake-up.
// Therefore, after a read that returned little, the next read comes no sooner than a pause later
// and takes everything that arrived meanwhile. Data that arrives after a silence is read
// immediately.
//
// The pause grows with the burst: it is a tenth of the time the burst has lasted, at least the
// pause that Start was given and at most kLongest of it. Most of what a wake-up costs is that our
// code and data have left the processor's caches meanwhile: the first event of a read costs several
// times what the next one does.
//
// A read that returned much (kMuch) is followed by the next one immediately, and halves the burst's
// age: a body that arrives as fast as it is read gathers by itself, and a pause would only slow
// down its sender. In a lasting burst (kLasting) it is first followed by a read that does not wait:
// if that returns little, much came because the pause was long, and the next pause is as long.
//
// No I/O and no clock of its own. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <capstan/core/base/time.hpp>

namespace capstan::net {

class Gather {
 public:
  Gather() = default;  // no pauses
  // A read of at least this many bytes is followed immediately by the next.
  static constexpr std::size_t kMuch = std::size_t{32} << 10;
  // The age from which on a burst lasts: most lists are over by then.
  static constexpr Duration kLasting = std::chrono::seconds(2);
  // The longest pause, as a multiple of the shortest. A longer silence ends a burst.
  static constexpr int kLongest = 10;

  // Zero: no pauses. Resets the byte count.
  void Start(Duration pause) { *this = Gather(pause); }
  // The socket delivered that many bytes.
  void Received(std::size_t bytes, Instant now) {
    if (last_ == Instant{} || now - last_ > kLongest * pause_) since_ = began_ = now;
    received_ += bytes;
    last_ = now;
  }
  bool enabled() const { return pause_ > Duration::zero(); }
  // Nothing more is available: whether to read again without waiting for anything. Then the next
  // read begins with this call.
  bool ReadsOn() {
    if (tried_ || received_ < kMuch || last_ - since_ < kLasting) return false;
    received_ = 0;
    return tried_ = true;
  }
  // Nothing more is available, and ReadsOn is false: returns when to read again without waiting for
  // the socket, or `now` to wait for the socket. The next read begins with this call.
  Instant NextRead(Instant now) {
    const std::size_t came = std::exchange(received_, 0);
    const bool tried = std::exchange(tried_, false);
    const Duration age = last_ - began_;
    if (came >= kMuch) began_ += age / 2;
    if ((came == 0 && !tried) || came >= kMuch) return now;
    return std::max(now, After(last_, std::clamp(age / 10, pause_, kLongest * pause_)));
  }

 private:
  explicit Gather(Duration pause) : pause_(pause) {}
  Duration pause_{};
  std::size_t received_ = 0;  // since the last read began
  bool tried_ = false;        // ReadsOn was true for the read before
  Instant since_{};           // when the burst began
  Instant began_{};           // the same, or later: see kMuch
  Instant last_{};
};

}  // namespace capstan::net
