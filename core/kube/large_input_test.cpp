// Large or slow input from a server: bounded memory, patience, or a clear error.
#include <gtest/gtest.h>
#include <malloc.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::kube {
namespace {

using std::chrono::seconds;

const Kind kBox{"example.test", "v1", "Box", "boxes", true};
constexpr std::string_view kHead =
    R"({"kind":"BoxList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[)";

// A body that generates each piece on demand.
class MadeBody final : public http::ByteStream {
 public:
  using Next = std::function<std::string(std::size_t piece)>;  // empty: the end
  MadeBody(Next next, Scheduler* scheduler, Duration rest)
      : next_(std::move(next)), scheduler_(scheduler), rest_(rest) {}
  Result<std::string_view> Read(const Context& context) override {
    if (scheduler_ != nullptr) {
      const Instant until = After(scheduler_->Now(), rest_);
      if (context.deadline < until) {
        (void)scheduler_->Sleep(context.deadline - scheduler_->Now(), Context{});
        return Fail(Code::kDeadlineExceeded, "no byte came in time");
      }
      (void)scheduler_->Sleep(rest_, Context{});
    }
    piece_ = next_(number_++);
    return std::string_view(piece_);
  }

 private:
  const Next next_;
  Scheduler* const scheduler_;
  const Duration rest_;
  std::size_t number_ = 0;
  std::string piece_;
};

class MadeServer final : public http::Transport {
 public:
  explicit MadeServer(MadeBody::Next next, Scheduler* scheduler = nullptr, Duration rest = {})
      : next_(std::move(next)), scheduler_(scheduler), rest_(rest) {}
  Result<http::Response> Send(const http::Request&, const Context&) override {
    return Fail(Code::kUnimplemented, "only streams");
  }
  Result<http::StreamResponse> Open(const http::Request&, const Context&) override {
    return http::StreamResponse{200, {}, std::make_unique<MadeBody>(next_, scheduler_, rest_)};
  }

 private:
  const MadeBody::Next next_;
  Scheduler* const scheduler_;
  const Duration rest_;
};

std::string Item(std::size_t number, std::size_t size) {
  return StrCat(R"({"metadata":{"name":"box-)", number, R"("},"spec":{"text":")", std::string(size, 'x'),
                "\"}}");
}

TEST(LargeInput, AListOfAHundredMegabytesCostsTheMemoryOfAnItem) {
  constexpr std::size_t kItems = 50'000, kSize = 2'000;
  MadeServer server([](std::size_t piece) {
    if (piece > kItems) return std::string();
    if (piece == kItems) return std::string("]}");
    return StrCat(piece == 0 ? kHead : std::string_view(","), Item(piece, kSize));
  });
  SimulatedScheduler clock;
  Client client(server, clock, {"https://server.test", "test", seconds(30)});
  const std::size_t before = ::mallinfo2().uordblks;
  std::size_t items = 0, bytes = 0, most = 0;
  const auto head = client.List(
      kBox, "", {},
      [&](std::string_view item) -> Status {
        ++items;
        bytes += item.size();
        most = std::max(most, ::mallinfo2().uordblks);
        return {};
      },
      Context{});
  ASSERT_TRUE(head) << head.error();
  EXPECT_EQ(head->resource_version, "7");
  EXPECT_EQ(items, kItems);
  EXPECT_GT(bytes, 100'000'000u);
  EXPECT_LT(most - std::min(most, before), std::size_t{1} << 20);
}

TEST(LargeInput, AnItemAboveSixtyFourMebibytesIsRefusedBeforeItIsComplete) {
  std::size_t sent = 0;
  MadeServer server([&](std::size_t piece) {
    sent = piece;
    return piece == 0 ? StrCat(kHead, R"({"metadata":{"name":"huge"},"spec":")")
                      : std::string(std::size_t{1} << 20, 'x');
  });
  SimulatedScheduler clock;
  Client client(server, clock, {"https://server.test", "test", seconds(30)});
  const auto head = client.List(
      kBox, "", {}, [](std::string_view) { return Status(); }, Context{});
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, Code::kTooLarge);
  EXPECT_NE(head.error().message.find("list boxes.example.test"), std::string::npos) << head.error().message;
  EXPECT_LE(sent, 65u);
}

TEST(LargeInput, AServerThatSendsAByteASecondDoesNotTimeOut) {
  SimulatedScheduler scheduler;
  const std::string text = StrCat(kHead, Item(1, 500), "]}");
  MadeServer server(
      [&](std::size_t piece) { return piece < text.size() ? text.substr(piece, 1) : std::string(); },
      &scheduler, seconds(1));
  Client client(server, scheduler, {"https://server.test", "test", seconds(30)});
  std::size_t items = 0;
  Result<ListHead> head = Fail(Code::kInternal, "not asked");
  Task task = scheduler.Spawn("list", [&](const Context& context) {
    head = client.List(
        kBox, "", {},
        [&](std::string_view) -> Status {
          ++items;
          return {};
        },
        context);
  });
  scheduler.RunFor(seconds(text.size() + 5));
  ASSERT_TRUE(head) << head.error();
  EXPECT_EQ(items, 1u);
}

TEST(LargeInput, AServerThatFallsSilentWithinAListTimesOut) {
  SimulatedScheduler scheduler;
  const std::string text = StrCat(kHead, Item(1, 500));
  MadeServer server([&](std::size_t piece) { return piece == 0 ? text : std::string(","); }, &scheduler,
                    seconds(40));
  Client client(server, scheduler, {"https://server.test", "test", seconds(30)});
  Result<ListHead> head = ListHead();
  Task task = scheduler.Spawn("list", [&](const Context& context) {
    head = client.List(
        kBox, "", {}, [](std::string_view) { return Status(); }, context);
  });
  scheduler.RunFor(seconds(31));
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, Code::kDeadlineExceeded);
}

}  // namespace
}  // namespace capstan::kube
