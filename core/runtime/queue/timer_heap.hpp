// Private to core/runtime. TimerHeap: the timers of a queue, the next one first. Each thing has one
// timer at most and holds it itself, so that a timer costs a pointer here; a node of a std::set
// costs 64 bytes.
//
// Stores non-owning pointers. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <capstan/core/base/time.hpp>

namespace capstan::runtime {

// Member `timer` of a thing. Only the heap changes it.
struct Timer {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  Instant at{};
  std::uint64_t order = 0;  // of timers at the same instant
  std::uint32_t place = kNone;

  bool set() const { return place != kNone; }
  bool before(const Timer& other) const { return at != other.at ? at < other.at : order < other.order; }
};

template <class Thing>
class TimerHeap {
 public:
  bool empty() const { return things_.empty(); }
  std::size_t size() const { return things_.size(); }
  // REQUIRES: not empty.
  Thing& first() const { return *things_.front(); }
  // When the timer after the first one is due; kForever if there is none.
  Instant second() const {
    if (things_.size() < 2) return kForever;
    const Instant at = things_[1]->timer.at;
    return things_.size() == 2 ? at : std::min(at, things_[2]->timer.at);
  }

  // Replaces the timer of the thing, if it has one.
  void Set(Thing& thing, Instant at, std::uint64_t order) {
    Clear(thing);
    thing.timer.at = at;
    thing.timer.order = order;
    things_.push_back(&thing);
    Rise(things_.size() - 1, &thing);
  }
  void Clear(Thing& thing) {
    if (!thing.timer.set()) return;
    const std::size_t hole = std::exchange(thing.timer.place, Timer::kNone);
    Thing* const last = things_.back();
    things_.pop_back();
    if (things_.capacity() > kKept && 4 * things_.size() < things_.capacity()) things_.shrink_to_fit();
    if (last == &thing) return;
    if (hole > 0 && last->timer.before(things_[Parent(hole)]->timer)) {
      Rise(hole, last);
    } else {
      Sink(hole, last);
    }
  }

 private:
  static constexpr std::size_t kKept = 64;

  static std::size_t Parent(std::size_t place) { return (place - 1) / 2; }
  void Put(std::size_t place, Thing* thing) {
    things_[place] = thing;
    thing->timer.place = static_cast<std::uint32_t>(place);
  }
  // Both put `thing` at `place`, or where it belongs above or below.
  void Rise(std::size_t place, Thing* thing) {
    for (; place > 0 && thing->timer.before(things_[Parent(place)]->timer); place = Parent(place))
      Put(place, things_[Parent(place)]);
    Put(place, thing);
  }
  void Sink(std::size_t place, Thing* thing) {
    for (std::size_t child = 2 * place + 1; child < things_.size(); child = 2 * place + 1) {
      if (child + 1 < things_.size() && things_[child + 1]->timer.before(things_[child]->timer)) ++child;
      if (!things_[child]->timer.before(thing->timer)) break;
      Put(place, things_[child]);
      place = child;
    }
    Put(place, thing);
  }

  std::vector<Thing*> things_;
};

}  // namespace capstan::runtime
