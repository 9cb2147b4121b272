#include <capstan/core/runtime/queue/timer_heap.hpp>

#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <set>
#include <tuple>
#include <vector>

namespace capstan::runtime {
namespace {

struct Thing {
  Timer timer;
};

TEST(TimerHeap, IsEmptyAfterTheLastTimerIsCleared) {
  TimerHeap<Thing> heap;
  Thing thing;
  heap.Clear(thing);
  EXPECT_TRUE(heap.empty());
  heap.Set(thing, Instant{}, 1);
  EXPECT_TRUE(thing.timer.set());
  heap.Clear(thing);
  EXPECT_FALSE(thing.timer.set());
  EXPECT_TRUE(heap.empty());
}

// Compares with a std::set while timers are set, moved and cleared; many are at the same instant.
TEST(TimerHeap, HasTheNextTimerFirstWhileTimersComeAndGo) {
  std::mt19937 random(7);
  for (const std::size_t things : {1U, 2U, 7U, 300U}) {
    TimerHeap<Thing> heap;
    std::vector<Thing> all(things);
    std::set<std::tuple<Instant, std::uint64_t, Thing*>> expected;
    const auto forget = [&](Thing& thing) {
      if (thing.timer.set()) expected.erase({thing.timer.at, thing.timer.order, &thing});
    };
    for (std::uint64_t step = 1; step < 10'000; ++step) {
      Thing& thing = all[random() % things];
      forget(thing);
      if (random() % 100 < 60) {
        const Instant at = Instant{} + std::chrono::seconds(random() % 50);
        heap.Set(thing, at, step);
        expected.insert({at, step, &thing});
      } else {
        heap.Clear(thing);
      }
      ASSERT_EQ(heap.size(), expected.size());
      if (!expected.empty()) {
        ASSERT_EQ(&heap.first(), std::get<Thing*>(*expected.begin()));
      }
      ASSERT_EQ(heap.second(),
                expected.size() < 2 ? kForever : std::get<Instant>(*std::next(expected.begin())));
    }
    for (; !heap.empty(); expected.erase(expected.begin())) {
      ASSERT_EQ(&heap.first(), std::get<Thing*>(*expected.begin()));
      heap.Clear(heap.first());
    }
    EXPECT_TRUE(expected.empty());
  }
}

}  // namespace
}  // namespace capstan::runtime
