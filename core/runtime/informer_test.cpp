#include <capstan/core/runtime/informer.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/runtime/testing/simulated_api.hpp>

namespace capstan::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::string Widget(const std::string& name, int size = 1) {
  return StrCat(R"({"metadata":{"name":")", name, R"(","generation":1},"spec":{"size":)", size, "}}");
}

class InformerTest : public testing::Test {
 protected:
  static InformerOptions Options() {
    InformerOptions options;
    options.target.kind = WidgetKind();
    options.watcher.page_size = 2;
    return options;
  }
  void Start(InformerOptions options = Options()) {
    transport_.Route("api", &api_);
    informer_ = std::make_unique<Informer>(client_, scheduler_, *random_, log_, std::move(options));
    subscription_ = informer_->Subscribe({[this](const Change& change) {
                                            const char* const names[] = {"added ", "modified ", "deleted "};
                                            told_.push_back(names[static_cast<int>(change.type)] +
                                                            std::string(change.object.name()));
                                            if (!informer_->synced()) told_before_sync_ = true;
                                          },
                                          {}});
    informer_->Start();
  }
  void TearDown() override {
    subscription_ = Subscription();
    informer_.reset();
  }
  // True if the cache and the server hold the same objects.
  bool Equal() const {
    const auto objects = informer_->store().Snapshot();
    if (objects.size() != api_.Count(WidgetKind())) return false;
    return std::all_of(objects.begin(), objects.end(), [&](const StoredObject& object) {
      const auto loaded = object.Load();
      return loaded && loaded->json() == api_.Get(WidgetKind(), "", std::string(object.name()));
    });
  }
  bool RunUntilEqual(Duration limit) {
    return scheduler_.RunUntil([this] { return informer_->synced() && Equal(); }, limit);
  }
  std::vector<std::string> TakeTold() { return std::exchange(told_, {}); }
  int reported(std::string_view text) const {
    const auto lines = log_.Lines();
    return static_cast<int>(std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    }));
  }

  SimulatedScheduler scheduler_{SeededSchedule(3)};
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  RecordingLog log_;
  SimulatedApi api_{scheduler_};
  http::LoopbackTransport transport_{scheduler_};
  kube::Client client_{transport_, scheduler_, {"http://api", "test", seconds(30)}};
  std::unique_ptr<Informer> informer_;
  Subscription subscription_;
  std::vector<std::string> told_;
  bool told_before_sync_ = false;
};

using Names = std::vector<std::string>;

TEST_F(InformerTest, FillsTheCacheInPagesAndFollowsTheWatch) {
  for (const char* name : {"a", "b", "c", "d", "e"}) api_.Apply(WidgetKind(), Widget(name));
  Start();
  ASSERT_TRUE(RunUntilEqual(seconds(5)));
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(api_.CountRequests("list"), 3);
  EXPECT_EQ(TakeTold().size(), 5u);
  EXPECT_FALSE(told_before_sync_);
  api_.Apply(WidgetKind(), Widget("b", 7));
  api_.Apply(WidgetKind(), Widget("f"));
  api_.Delete(WidgetKind(), "", "a");
  scheduler_.RunFor(seconds(1));
  EXPECT_TRUE(Equal());
  EXPECT_EQ(TakeTold(), (Names{"modified b", "added f", "deleted a"}));
}

TEST_F(InformerTest, UsesAStreamingListWhereTheServerHasOne) {
  api_.set_streaming_lists(true);
  for (const char* name : {"a", "b", "c"}) api_.Apply(WidgetKind(), Widget(name));
  Start();
  ASSERT_TRUE(RunUntilEqual(seconds(5)));
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(api_.CountRequests("list"), 0);
  EXPECT_EQ(api_.CountRequests("watch"), 1);
  auto told = TakeTold();
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (Names{"added a", "added b", "added c"}));
  EXPECT_FALSE(told_before_sync_);
}

TEST_F(InformerTest, SurvivesCompactionWithANewList) {
  for (const char* name : {"a", "b", "c"}) api_.Apply(WidgetKind(), Widget(name));
  Start();
  ASSERT_TRUE(RunUntilEqual(seconds(5)));
  scheduler_.RunFor(seconds(1));
  TakeTold();
  transport_.Route("api", nullptr);
  api_.EndWatches(true);
  api_.Apply(WidgetKind(), Widget("b", 9));
  api_.Delete(WidgetKind(), "", "c");
  api_.Compact();
  transport_.Route("api", &api_);
  ASSERT_TRUE(RunUntilEqual(seconds(90)));
  scheduler_.RunFor(seconds(1));
  auto told = TakeTold();
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (Names{"deleted c", "modified b"}));
}

TEST_F(InformerTest, NoticesThatTheServerWasRestoredToAnOlderState) {
  api_.Apply(WidgetKind(), Widget("a"));
  const auto picture = api_.TakePicture();
  api_.Apply(WidgetKind(), Widget("a", 2));
  api_.Apply(WidgetKind(), Widget("b"));
  Start();
  ASSERT_TRUE(RunUntilEqual(seconds(5)));
  scheduler_.RunFor(seconds(1));
  TakeTold();
  api_.Restore(picture);
  // The same versions appear again, with other content.
  api_.Apply(WidgetKind(), Widget("a", 3));
  ASSERT_TRUE(RunUntilEqual(minutes(2)));
  scheduler_.RunFor(seconds(1));
  auto told = TakeTold();
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (Names{"deleted b", "modified a"}));
  api_.Apply(WidgetKind(), Widget("c"));
  scheduler_.RunFor(seconds(1));
  EXPECT_TRUE(Equal());
}

TEST_F(InformerTest, APageThatIsCutAnnouncesNoHalfList) {
  for (const char* name : {"a", "b", "c", "d"}) api_.Apply(WidgetKind(), Widget(name));
  int cuts = 0;
  api_.SetIntercept([&](const std::string& verb, const http::Request& request, http::ResponseWriter& writer) {
    if (verb != "list" || request.url.find("continue=") == std::string::npos || cuts >= 3) return false;
    ++cuts;
    EXPECT_FALSE(informer_->synced());
    (void)writer.Begin(200, {{"Content-Type", "application/json"}});
    (void)writer.Write(R"({"kind":"List","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"na)");
    writer.Abort();
    return true;
  });
  Start();
  ASSERT_TRUE(RunUntilEqual(minutes(2)));
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(cuts, 3);
  EXPECT_EQ(TakeTold().size(), 4u);
  EXPECT_FALSE(told_before_sync_);
}

TEST_F(InformerTest, WaitsForAKindThatIsNotInstalledAndLogsThatOnceAMinute) {
  bool installed = false;
  api_.SetIntercept([&](const std::string&, const http::Request&, http::ResponseWriter& writer) {
    if (installed) return false;
    SimulatedApi::RespondStatus(writer, 404, "NotFound", "the server could not find the requested resource");
    return true;
  });
  Start();
  scheduler_.RunFor(minutes(5));
  EXPECT_FALSE(informer_->synced());
  EXPECT_GE(reported("widgets.made.up"), 4);
  EXPECT_LE(reported("widgets.made.up"), 6);
  EXPECT_TRUE(log_.Contains("install its CustomResourceDefinition"));
  installed = true;
  api_.Apply(WidgetKind(), Widget("a"));
  EXPECT_TRUE(RunUntilEqual(minutes(1)));
}

TEST_F(InformerTest, ACrdThatIsDeletedAndRecreatedEmptiesAndRefillsTheCache) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start();
  ASSERT_TRUE(RunUntilEqual(seconds(5)));
  scheduler_.RunFor(seconds(1));
  TakeTold();
  bool installed = false;
  api_.SetIntercept([&](const std::string&, const http::Request&, http::ResponseWriter& writer) {
    if (installed) return false;
    SimulatedApi::RespondStatus(writer, 404, "NotFound", "the server could not find the requested resource");
    return true;
  });
  api_.Delete(WidgetKind(), "", "a");
  api_.Compact();
  api_.EndWatches(true);
  scheduler_.RunFor(minutes(2));
  EXPECT_EQ(informer_->store().size(), 0u);
  EXPECT_EQ(TakeTold(), (Names{"deleted a"}));
  installed = true;
  api_.Apply(WidgetKind(), Widget("b"));
  EXPECT_TRUE(RunUntilEqual(minutes(1)));
}

TEST_F(InformerTest, RecoversFromRevokedTokensMissingRightsAndOverload) {
  api_.Apply(WidgetKind(), Widget("a"));
  for (const auto& [code, reason] : std::map<int, std::string>{
           {401, "Unauthorized"}, {403, "Forbidden"}, {429, "TooManyRequests"}, {500, "InternalError"}}) {
    told_.clear();
    const int code_now = code;
    const std::string reason_now = reason;
    Start();
    ASSERT_TRUE(RunUntilEqual(seconds(5)));
    api_.SetIntercept([=](const std::string&, const http::Request&, http::ResponseWriter& writer) {
      SimulatedApi::RespondStatus(writer, code_now, reason_now, "not now", {{"Retry-After", "7"}});
      return true;
    });
    api_.EndWatches(true);
    const std::size_t before = api_.requests().size();
    scheduler_.RunFor(minutes(5));
    EXPECT_LT(api_.requests().size() - before, 30u) << "no tight loop on " << code;
    EXPECT_EQ(informer_->store().size(), 1u) << "existing fields stay";
    EXPECT_TRUE(informer_->status().trouble.has_value());
    api_.SetIntercept(nullptr);
    api_.Apply(WidgetKind(), Widget("a", code));
    EXPECT_TRUE(RunUntilEqual(minutes(1))) << code;
    TearDown();
  }
}

TEST_F(InformerTest, ASilentConnectionIsGivenUpAndReplaced) {
  api_.Apply(WidgetKind(), Widget("a"));
  bool hang = true;
  api_.SetIntercept([&](const std::string& verb, const http::Request&, http::ResponseWriter& writer) {
    if (verb != "watch" || !hang || informer_->status().lists == 0) return false;
    if (!informer_->synced()) return false;
    (void)writer.Begin(200, {{"Content-Type", "application/json"}});
    // The peer is dead: it sends neither events nor an end.
    while (hang && !writer.ClientGone()) scheduler_.Sleep(seconds(1), Context{});
    return true;
  });
  Start();
  ASSERT_TRUE(RunUntilEqual(seconds(5)));
  scheduler_.RunFor(seconds(5));
  api_.Apply(WidgetKind(), Widget("a", 2));
  scheduler_.RunFor(minutes(4));
  EXPECT_FALSE(Equal());
  EXPECT_GE(informer_->silence(), minutes(4)) << "the age of the last sign of life shows it";
  hang = false;
  EXPECT_TRUE(RunUntilEqual(minutes(9)));
}

TEST_F(InformerTest, AQuietServerIsNotSuspected) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start();
  scheduler_.RunFor(std::chrono::hours(2));
  EXPECT_EQ(informer_->status().lists, 1u);
  EXPECT_TRUE(Equal());
  EXPECT_EQ(reported("cannot watch"), 0);
}

TEST_F(InformerTest, AQuietKindContinuesFromItsLastBookmarkEvenAfterACompaction) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start();
  ASSERT_TRUE(RunUntilEqual(seconds(5)));
  scheduler_.RunFor(seconds(1));
  // Writes to other objects, so that compaction drops the version at which this kind was listed.
  for (const char* name : {"x", "y", "z"}) {
    api_.Apply(GadgetKind(),
               StrCat(R"({"metadata":{"name":")", name, R"(","namespace":"default"},"spec":{}})"));
  }
  api_.SendBookmark(WidgetKind());
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(informer_->store().version(), api_.version());
  api_.EndWatches(true);
  scheduler_.RunFor(std::chrono::milliseconds(1));
  api_.Compact();
  api_.Apply(WidgetKind(), Widget("b"));
  ASSERT_TRUE(RunUntilEqual(minutes(2)));
  EXPECT_EQ(informer_->status().lists, 1u);
}

TEST_F(InformerTest, ALateSubscriberReceivesEveryObject) {
  for (const char* name : {"a", "b", "c"}) api_.Apply(WidgetKind(), Widget(name));
  Start();
  ASSERT_TRUE(RunUntilEqual(seconds(5)));
  Names late;
  std::uint64_t version = 0;
  {
    const Subscription second =
        informer_->Subscribe({[&](const Change& change) { late.emplace_back(change.object.name()); },
                              [&](std::uint64_t v) { version = v; }});
    EXPECT_EQ(late.size(), 3u);
    EXPECT_EQ(version, api_.version());
    api_.Apply(WidgetKind(), Widget("d"));
    scheduler_.RunFor(seconds(1));
    EXPECT_EQ(late.size(), 4u);
  }
  api_.Apply(WidgetKind(), Widget("e"));
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(late.size(), 4u) << "an ended subscription receives nothing";
}

TEST_F(InformerTest, WaitingForSyncEndsWithTheReasonAtItsDeadline) {
  api_.SetIntercept([&](const std::string&, const http::Request&, http::ResponseWriter& writer) {
    SimulatedApi::RespondStatus(writer, 403, "Forbidden", "widgets is forbidden");
    return true;
  });
  Start();
  Status status;
  Task task = scheduler_.Spawn("waits", [&](const Context& context) {
    status = informer_->WaitForSync(context.Within(scheduler_, seconds(10)));
  });
  scheduler_.RunFor(seconds(20));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kDeadlineExceeded);
  EXPECT_NE(status.error().message.find("widgets is forbidden"), std::string::npos) << status.error().message;
}

TEST_F(InformerTest, AServerThatWasNeverHeardIsSilentSinceTheStart) {
  transport_.Route("api", nullptr);
  informer_ = std::make_unique<Informer>(client_, scheduler_, *random_, log_, Options());
  EXPECT_FALSE(informer_->silence().has_value());
  informer_->Start();
  scheduler_.RunFor(minutes(3));
  EXPECT_GE(informer_->silence(), minutes(3));
}

// Delivers the bodies of lists in small pieces, ten seconds apart: a large list over a slow link.
class SlowLists final : public http::ForwardingTransport {
 public:
  SlowLists(http::Transport& next, Scheduler& scheduler) : ForwardingTransport(next), scheduler_(scheduler) {}
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    CAPSTAN_TRY(http::StreamResponse response, next().Open(request, context));
    if (request.url.find("watch=1") == std::string::npos) {
      response.body = std::make_unique<Trickle>(std::move(response.body), scheduler_);
    }
    return response;
  }

 private:
  class Trickle final : public http::ByteStream {
   public:
    Trickle(std::unique_ptr<http::ByteStream> body, Scheduler& scheduler)
        : body_(std::move(body)), scheduler_(scheduler) {}
    Result<std::string_view> Read(const Context& context) override {
      if (scheduler_.Now() >= context.deadline) return Fail(Code::kDeadlineExceeded, "too late");
      if (scheduler_.Sleep(seconds(10), context) == Woke::kStopped) return Fail(Code::kCancelled, "stopped");
      if (rest_.empty()) {
        CAPSTAN_TRY(const std::string_view piece, body_->Read(context));
        rest_ = piece;
      }
      piece_ = rest_.substr(0, 40);
      rest_.erase(0, piece_.size());
      return std::string_view(piece_);
    }

   private:
    std::unique_ptr<http::ByteStream> body_;
    Scheduler& scheduler_;
    std::string rest_, piece_;
  };
  Scheduler& scheduler_;
};

TEST_F(InformerTest, AListMayTakeAnyTimeWhileDataArrives) {
  for (int i = 0; i < 20; ++i) api_.Apply(WidgetKind(), Widget(StrCat("w", i)));
  transport_.Route("api", &api_);
  SlowLists slow(transport_, scheduler_);
  kube::Client client(slow, scheduler_, {"http://api", "test", seconds(30)});
  InformerOptions options = Options();
  options.watcher.page_size = 0;
  options.watcher.streaming_list = false;
  informer_ = std::make_unique<Informer>(client, scheduler_, *random_, log_, std::move(options));
  informer_->Start();
  EXPECT_TRUE(RunUntilEqual(minutes(20)));
  EXPECT_EQ(informer_->status().lists, 1u) << "cut by us and started again";
  TearDown();
}

}  // namespace
}  // namespace capstan::runtime
