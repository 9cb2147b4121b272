#include <capstan/simulation/engine/watch_faults.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::simulation {
namespace {

std::string Event(const std::string& name, int version) {
  return StrCat(R"({"type":"MODIFIED","object":{"metadata":{"name":")", name, R"(","resourceVersion":")",
                version, "\"}}}\n");
}

// Returns each piece from its own read, then the end.
class Pieces final : public http::ByteStream {
 public:
  explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  Result<std::string_view> Read(const Context&) override {
    if (at_ == pieces_.size()) return std::string_view();
    return std::string_view(pieces_[at_++]);
  }

 private:
  const std::vector<std::string> pieces_;
  std::size_t at_ = 0;
};

class WatchFaultsTest : public ::testing::Test {
 protected:
  // Everything that a watch delivers, and how its end looks.
  std::string Shown(std::vector<std::string> pieces, const std::string& url = "http://k/boxes?watch=true") {
    http::StreamResponse stream;
    stream.status = 200;
    stream.body = std::make_unique<Pieces>(std::move(pieces));
    stream = WithFaults(std::move(stream), url, faults, scheduler);
    std::string text;
    for (;;) {
      const auto bytes = stream.body->Read(Context{});
      if (!bytes) return StrCat(text, "!", CodeName(bytes.error().code));
      if (bytes->empty()) return text;
      text += *bytes;
    }
  }
  SimulatedScheduler scheduler;
  std::shared_ptr<WatchFaults> faults = std::make_shared<WatchFaults>();
};

TEST_F(WatchFaultsTest, WithoutOneAWatchDeliversEventsUnchanged) {
  EXPECT_EQ(Shown({Event("a", 1) + Event("b", 2).substr(0, 9), Event("b", 2).substr(9)}),
            Event("a", 1) + Event("b", 2));
}

TEST_F(WatchFaultsTest, AnEventIsDeliveredTwice) {
  faults->twice = 1;
  EXPECT_EQ(Shown({Event("a", 1), Event("b", 2)}), Event("a", 1) + Event("a", 1) + Event("b", 2));
}

TEST_F(WatchFaultsTest, AnEventIsLostWithItsStream) {
  faults->lost = 1;
  EXPECT_EQ(Shown({Event("a", 1), Event("b", 2)}), StrCat("!", CodeName(Code::kUnavailable)));
  EXPECT_EQ(Shown({Event("b", 2)}), Event("b", 2)) << "the next stream is whole";
}

TEST_F(WatchFaultsTest, TwoEventsOfDifferentObjectsAreReordered) {
  faults->swapped = 1;
  EXPECT_EQ(Shown({Event("a", 1), Event("b", 2), Event("a", 3)}),
            Event("b", 2) + Event("a", 1) + Event("a", 3));
}

TEST_F(WatchFaultsTest, TwoEventsOfOneObjectAreNeverReordered) {
  faults->swapped = 1;
  EXPECT_EQ(Shown({Event("a", 1), Event("a", 2)}), Event("a", 1) + Event("a", 2));
}

TEST_F(WatchFaultsTest, ADelayedEventIsDeliveredLater) {
  faults->delay_until = scheduler.Now() + std::chrono::seconds(1);
  const Instant before = scheduler.Now();
  EXPECT_EQ(Shown({Event("a", 1)}), Event("a", 1));
  EXPECT_EQ(scheduler.Now() - before, faults->delay);
}

TEST_F(WatchFaultsTest, AnOlderListRepeatsTheFirstOneOfItsUrl) {
  EXPECT_FALSE(faults->OlderList("http://k/boxes?limit=5"));
  EXPECT_EQ(Shown({"one"}, "http://k/boxes?limit=5"), "one");
  EXPECT_EQ(Shown({"two"}, "http://k/boxes?limit=5"), "two");
  EXPECT_FALSE(faults->OlderList("http://k/boxes?limit=5")) << "it was not asked for";
  faults->older_list = true;
  EXPECT_EQ(faults->OlderList("http://k/boxes?limit=5")->body, "one");
  EXPECT_FALSE(faults->OlderList("http://k/boxes?limit=5")) << "once";
}

}  // namespace
}  // namespace capstan::simulation
