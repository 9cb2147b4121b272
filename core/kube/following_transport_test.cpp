#include <capstan/core/kube/following_transport.hpp>

#include <gtest/gtest.h>

#include <deque>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::kube {
namespace {

using std::chrono::seconds;

// Answers with the token it was created with; 401 if the server does not accept that token.
class TokenTransport final : public http::Transport {
 public:
  TokenTransport(std::string token, const std::string& taken) : token_(std::move(token)), taken_(taken) {}
  Result<http::Response> Send(const http::Request&, const Context&) override {
    return http::Response{taken_.empty() || taken_ == token_ ? 200 : 401, {}, token_};
  }
  Result<http::StreamResponse> Open(const http::Request&, const Context&) override {
    return Fail(Code::kUnimplemented, "no streams here");
  }

 private:
  const std::string token_;
  const std::string& taken_;
};

class FollowingTransportTest : public testing::Test {
 protected:
  FollowingTransportTest() {
    on_disk_.origin = "context dev of /config";
    on_disk_.server = "https://api:6443";
    on_disk_.token = Secret("first");
    transport_ = std::move(*MakeFollowingTransport(
        on_disk_,
        [this] { return broken_.empty() ? Result<ClusterAccess>(on_disk_) : Fail(Code::kDataLoss, broken_); },
        [this](const ClusterAccess& access) -> Result<std::unique_ptr<http::Transport>> {
          if (access.proxy_url == "bad") return Fail(Code::kInvalidArgument, "no such proxy");
          ++connected_;
          return std::make_unique<TokenTransport>(std::string(access.token.Reveal()), taken_);
        },
        scheduler_, log_));
  }
  std::string Ask() {
    std::string said;
    Task task = scheduler_.Spawn("test", [&](const Context& context) {
      const auto answer = transport_->Send({}, context);
      said = answer ? StrCat(answer->status, " ", answer->body) : answer.error().message;
    });
    EXPECT_TRUE(scheduler_.RunUntil([&] { return task.finished(); }));
    return said;
  }

  SimulatedScheduler scheduler_{SeededSchedule(3)};
  RecordingLog log_;
  ClusterAccess on_disk_;
  std::string broken_, taken_;
  int connected_ = 0;
  std::unique_ptr<http::Transport> transport_;
};

TEST_F(FollowingTransportTest, UsesANewTokenWithinAMinute) {
  EXPECT_EQ(Ask(), "200 first");
  on_disk_.token = Secret("second");
  scheduler_.RunFor(seconds(61));
  EXPECT_EQ(Ask(), "200 second");
  EXPECT_TRUE(log_.Contains("the kubeconfig changed: using the new one"));
  EXPECT_FALSE(log_.Contains("second")) << "a token is not for the log";
  scheduler_.RunFor(seconds(600));
  EXPECT_EQ(connected_, 2) << "what has not changed is not made again";
}

TEST_F(FollowingTransportTest, ReadsTheKubeconfigImmediatelyAfterA401AndRepeatsTheRequest) {
  taken_ = "second";
  EXPECT_EQ(Ask(), "401 first");
  scheduler_.RunFor(seconds(6));
  on_disk_.token = Secret("second");
  EXPECT_EQ(Ask(), "200 second");
}

TEST_F(FollowingTransportTest, RepeatsEachOfSeveralRequestsThatIsRefused) {
  taken_ = "second";
  on_disk_.token = Secret("second");
  std::vector<int> statuses;
  Task task = scheduler_.Spawn("test", [&](const Context& context) {
    for (const auto& answer : transport_->SendAll(std::vector<http::Request>(3), context))
      statuses.push_back(answer ? answer->status : 0);
  });
  ASSERT_TRUE(scheduler_.RunUntil([&] { return task.finished(); }));
  EXPECT_EQ(statuses, (std::vector<int>{200, 200, 200}));
}

TEST_F(FollowingTransportTest, KeepsTheOldSettingsWhileTheNewOnesAreUnusableAndSaysSoOnce) {
  broken_ = "kubeconfig /config: line 3: it is not YAML";
  scheduler_.RunFor(seconds(300));
  EXPECT_EQ(Ask(), "200 first");
  EXPECT_EQ(log_.Lines().size(), 1U);
  EXPECT_TRUE(log_.Contains("line 3"));
  broken_.clear();
  on_disk_.token = Secret("second");
  on_disk_.proxy_url = "bad";
  scheduler_.RunFor(seconds(300));
  EXPECT_EQ(Ask(), "200 first");
  EXPECT_TRUE(log_.Contains("no such proxy"));
  on_disk_.proxy_url.clear();
  scheduler_.RunFor(seconds(61));
  EXPECT_EQ(Ask(), "200 second");
}

TEST_F(FollowingTransportTest, NeverFollowsToAnotherServer) {
  on_disk_.server = "https://elsewhere:6443";
  on_disk_.token = Secret("second");
  scheduler_.RunFor(seconds(300));
  EXPECT_EQ(Ask(), "200 first");
  EXPECT_TRUE(log_.Contains("it names another server, https://elsewhere:6443 instead of https://api:6443"));
}

TEST_F(FollowingTransportTest, IgnoresChangesOfFilesThatRotate) {
  on_disk_.token_file = "/token";
  on_disk_.ca_file = "/ca";
  scheduler_.RunFor(seconds(61));
  EXPECT_EQ(connected_, 2);
  on_disk_.token = Secret("rotated");
  on_disk_.ca_pem = "rotated";
  scheduler_.RunFor(seconds(300));
  EXPECT_EQ(connected_, 2);
}

}  // namespace
}  // namespace capstan::kube
