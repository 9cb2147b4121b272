#include <capstan/core/http/quota.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <set>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/http/testing/faulty_transport.hpp>

namespace capstan::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Limits each Authorization to so many requests in any hour and any minute, with DigitalOcean's
// headers and messages.
class LimitingHandler final : public Handler {
 public:
  explicit LimitingHandler(Scheduler& scheduler) : scheduler_(scheduler) {}
  void Handle(const Request& request, ResponseWriter& writer, const Context&) override {
    auto& times = times_[std::string(request.headers.Get("Authorization").value_or(""))];
    const Instant now = scheduler_.Now();
    while (!times.empty() && times.front() + hours(1) <= now) times.pop_front();
    const auto minute = std::upper_bound(times.begin(), times.end(), now - minutes(1));
    Headers headers;
    const auto seconds_until = [&](Instant until) {
      return std::chrono::duration_cast<seconds>(until - now).count() + 1;
    };
    const bool minute_full = times.end() - minute >= per_minute;
    const bool hour_full = static_cast<std::int64_t>(times.size()) >= per_hour;
    if (minute_full) headers.Set("retry-after", std::to_string(seconds_until(*minute + minutes(1))));
    if (!minute_full && !hour_full) times.push_back(now);
    const auto left = minute_full ? 0 : per_hour - static_cast<std::int64_t>(times.size());
    if (tells) {
      headers.Set(limit_header, std::to_string(per_hour));
      headers.Set(remaining_header, std::to_string(left));
      const WallTime reset = scheduler_.WallNow() + (times.front() + hours(1) - now);
      headers.Set(reset_header,
                  std::to_string(std::chrono::duration_cast<seconds>(reset.time_since_epoch()).count()));
    }
    const bool refused = minute_full || hour_full;
    ++(refused ? refusals : accepted[request.method]);
    order.push_back(request.url.substr(request.url.rfind('/') + 1));
    (void)writer.Respond({refused ? 429 : 200, headers, ""});
  }

  std::int64_t per_minute = 250, per_hour = 5000;
  bool tells = true;
  std::string limit_header = "ratelimit-limit", remaining_header = "ratelimit-remaining",
              reset_header = "ratelimit-reset";
  std::map<std::string, int> accepted;
  int refusals = 0;
  std::vector<std::string> order;

 private:
  Scheduler& scheduler_;
  std::map<std::string, std::deque<Instant>> times_;
};

struct World {
  SimulatedScheduler scheduler;
  LoopbackTransport wire;
  LimitingHandler host;
  QuotaTransport quota;
  std::vector<Task> tasks;

  explicit World(QuotaOptions options = {}, SchedulePolicy policy = FirstInFirstOut())
      : scheduler(std::move(policy)),
        wire(scheduler, {milliseconds(40)}),
        host(scheduler),
        quota(wire, scheduler, std::move(options)) {
    wire.Route("api.test", &host);
  }
  static QuotaOptions Known(double per_minute) {
    QuotaOptions options;
    options.hosts["api.test"].per_minute = per_minute;
    return options;
  }
  static Request Make(const std::string& method, const std::string& path = "x",
                      const std::string& token = "one") {
    return {method, "https://api.test/" + path, {{"Authorization", "Bearer " + token}}, ""};
  }
  Context Soon() const { return Context{}.Within(scheduler, seconds(30)); }
  // Like the core: retries at the time that the error names, as often as necessary.
  void Insist(const Request& request, int& done) {
    tasks.push_back(scheduler.Spawn(request.method, [this, request, &done](const Context& context) {
      while (!context.stopped()) {
        const auto answer = quota.Send(request, context.Within(scheduler, seconds(30)));
        if (answer && answer->status == 200) break;
        Duration wait = seconds(1);
        if (!answer) wait = answer.error().retry_after.value_or(wait);
        if (answer) wait = ErrorFromStatus(*answer, "").retry_after.value_or(wait);
        if (scheduler.Sleep(wait, context) == Woke::kStopped) return;
      }
      ++done;
    }));
  }
  const QuotaState State(const std::string& token = "one") const {
    const std::string wanted = Secret("Bearer " + token).Fingerprint();
    for (const QuotaState& state : quota.States()) {
      if (state.credential == wanted) return state;
    }
    return {};
  }
};

TEST(QuotaTransport, CreatesTwoHundredTogetherWithoutARefusal) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    World world(World::Known(250), SeededSchedule(seed));
    int done = 0;
    for (int i = 0; i < 200; ++i) world.Insist(World::Make("POST"), done);
    ASSERT_TRUE(world.scheduler.RunUntil([&] { return done == 200; }, minutes(5)));
    EXPECT_EQ(world.host.refusals, 0);
    EXPECT_EQ(world.host.accepted["POST"], 200);
  }
}

TEST(QuotaTransport, MakesAThousandWithoutARefusalInLittleMoreThanTheLimitTakes) {
  World world(World::Known(250));
  int done = 0;
  for (int i = 0; i < 1000; ++i) world.Insist(World::Make("POST"), done);
  ASSERT_TRUE(world.scheduler.RunUntil([&] { return done == 1000; }, minutes(6)));
  EXPECT_EQ(world.host.refusals, 0);
}

TEST(QuotaTransport, LearnsAnUnknownLimitFromAHandfulOfRefusals) {
  World world;
  world.host.per_minute = 100;
  int done = 0;
  for (int i = 0; i < 600; ++i) world.Insist(World::Make("POST"), done);
  ASSERT_TRUE(world.scheduler.RunUntil([&] { return done == 600; }, minutes(10)));
  EXPECT_GE(world.host.refusals, 1);
  EXPECT_LE(world.host.refusals, 70);  // those in flight, and no wave of retries after them
  EXPECT_LE(world.State().per_minute, 110);
}

TEST(QuotaTransport, DeletesWhenReadsHaveUsedUpTheirShare) {
  World world;
  world.host.per_minute = 100000;
  world.host.per_hour = 100;
  for (int i = 0; i < 80; ++i) ASSERT_TRUE(world.quota.Send(World::Make("GET"), world.Soon()));
  const auto read = world.quota.Send(World::Make("GET"), world.Soon());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kResourceExhausted);
  EXPECT_EQ(read.error().sent, Sent::kNo);
  EXPECT_GT(read.error().retry_after.value(), minutes(50));
  EXPECT_EQ(read.error().message.find("Bearer"), std::string::npos);
  // Reads on behalf of a deletion have its priority.
  EXPECT_TRUE(world.quota.Send(World::Make("GET"), world.Soon().For(Urgency::kRemove)));
  for (int i = 0; i < 19; ++i) {
    const auto removed = world.quota.Send(World::Make("DELETE"), world.Soon());
    ASSERT_TRUE(removed) << i << removed.error();
    EXPECT_EQ(removed->status, 200);
  }
  EXPECT_FALSE(world.quota.Send(World::Make("DELETE"), world.Soon()));  // nothing is left
  EXPECT_EQ(world.host.refusals, 0);
}

TEST(QuotaTransport, ContinuesAsTheHourPassesAndIsNeverRefused) {
  World world;
  world.host.per_minute = 100000;
  world.host.per_hour = 120;
  int done = 0;
  for (int i = 0; i < 200; ++i) world.Insist(World::Make("GET"), done);
  ASSERT_TRUE(world.scheduler.RunUntil([&] { return done == 200; }, hours(4)));
  EXPECT_EQ(world.host.refusals, 0);
}

TEST(QuotaTransport, LetsADeleteOvertakeWaitingRequests) {
  World world(World::Known(60));
  int done = 0;
  for (int i = 0; i < 30; ++i) world.Insist(World::Make("GET", "read"), done);
  world.scheduler.RunFor(seconds(1));
  ASSERT_GT(world.State().waiting, 5u);
  int removed = 0;
  world.Insist(World::Make("DELETE", "gone"), removed);
  world.scheduler.RunFor(seconds(1));
  EXPECT_EQ(removed, 1);
  ASSERT_TRUE(world.scheduler.RunUntil([&] { return done == 30; }, minutes(5)));
}

TEST(QuotaTransport, ServesAClassInTheOrderItCame) {
  QuotaOptions options = World::Known(60);
  options.longest_wait = minutes(5);
  options.time_to_answer = Duration::zero();
  World world(options);
  for (int i = 0; i < 40; ++i) {
    world.tasks.push_back(world.scheduler.Spawn("reader", [&world, i](const Context& context) {
      world.scheduler.Sleep(milliseconds(i), context);
      EXPECT_TRUE(world.quota.Send(World::Make("GET", std::to_string(i)), context));
    }));
  }
  world.scheduler.RunFor(minutes(3));
  ASSERT_EQ(world.host.order.size(), 40u);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(world.host.order[static_cast<std::size_t>(i)], std::to_string(i));
}

// A read precedes each create, and creates wait less than reads. If creates queued behind the reads
// of other creates, they would be deferred and need their read again: 519 reads for 200 creates.
TEST(QuotaTransport, LetsACreateLeaveBeforeTheQuestionsOfOtherCreates) {
  World world(World::Known(60));
  int used = 0;
  for (int i = 0; i < 12; ++i) world.Insist(World::Make("DELETE", "used"), used);
  ASSERT_TRUE(world.scheduler.RunUntil([&] { return used == 12; }, seconds(30)));
  int asked = 0, made = 0;
  for (int i = 0; i < 4; ++i) {
    world.tasks.push_back(world.scheduler.Spawn("ask", [&](const Context& context) {
      asked += world.quota.Send(World::Make("GET", "question"),
                                context.Within(world.scheduler, seconds(30)).For(Urgency::kCreate))
                   ? 1
                   : 0;
    }));
  }
  world.scheduler.RunFor(milliseconds(1));
  const auto before = world.host.order.size();
  world.tasks.push_back(world.scheduler.Spawn("make", [&](const Context& context) {
    made +=
        world.quota.Send(World::Make("POST", "create"), context.Within(world.scheduler, seconds(30))) ? 1 : 0;
  }));
  world.scheduler.RunFor(seconds(8));
  EXPECT_EQ(asked, 4);
  EXPECT_EQ(made, 1) << "it was turned away";
  ASSERT_GT(world.host.order.size(), before);
  EXPECT_EQ(world.host.order[before], "create");
}

TEST(QuotaTransport, HoldsOneCredentialForRetryAfterAndNotAnother) {
  World world;
  world.host.per_minute = 5;
  for (int i = 0; i < 6; ++i) (void)world.quota.Send(World::Make("GET"), world.Soon());
  ASSERT_EQ(world.host.refusals, 1);
  EXPECT_GT(world.State().held, seconds(50));
  const auto held = world.quota.Send(World::Make("DELETE"), world.Soon());
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, Code::kResourceExhausted);
  EXPECT_GT(held.error().retry_after.value(), seconds(50));

  const Instant before = world.scheduler.Now();
  const auto other = world.quota.Send(World::Make("GET", "x", "two"), world.Soon());
  ASSERT_TRUE(other);
  EXPECT_EQ(other->status, 200);
  EXPECT_EQ(world.scheduler.Now() - before, milliseconds(80));
  EXPECT_EQ(world.host.refusals, 1);
}

TEST(QuotaTransport, DistinguishesTwoCredentialsWithTheSameFingerprint) {
  const std::string one = "token-45406", other = "token-57230";
  ASSERT_EQ(Secret("Bearer " + one).Fingerprint(), Secret("Bearer " + other).Fingerprint());
  World world;
  ASSERT_TRUE(world.quota.Send(World::Make("GET", "x", one), world.Soon()));
  ASSERT_TRUE(world.quota.Send(World::Make("GET", "x", other), world.Soon()));
  EXPECT_EQ(world.quota.States().size(), 2u);
}

TEST(QuotaTransport, WaitsForAHoldThatEndsInTime) {
  World world;
  int answers = 0;
  FaultyTransport faulty(world.wire, [&](const Request&) -> std::optional<Fault> {
    if (++answers > 1) return std::nullopt;
    return Fault{Fault::When::kBefore, Response{429, {{"Retry-After", "3"}}, ""}, std::nullopt};
  });
  QuotaTransport quota(faulty, world.scheduler);
  EXPECT_EQ(quota.Send(World::Make("GET"), world.Soon())->status, 429);
  const Instant before = world.scheduler.Now();
  EXPECT_EQ(quota.Send(World::Make("GET"), world.Soon())->status, 200);
  EXPECT_GE(world.scheduler.Now() - before, seconds(3));
}

TEST(QuotaTransport, DefersRequestsThatLackTimeForTheAnswer) {
  World world;
  FaultyTransport faulty(world.wire, [](const Request&) {
    return Fault{Fault::When::kBefore, Response{429, {{"Retry-After", "3"}}, ""}, std::nullopt};
  });
  QuotaTransport quota(faulty, world.scheduler);
  (void)quota.Send(World::Make("GET"), world.Soon());
  const Instant before = world.scheduler.Now();
  const auto short_of_time = quota.Send(World::Make("PUT"), Context{}.Within(world.scheduler, seconds(7)));
  ASSERT_FALSE(short_of_time);
  EXPECT_EQ(short_of_time.error().sent, Sent::kNo);
  EXPECT_EQ(world.scheduler.Now(), before);  // and returns immediately
}

TEST(QuotaTransport, GivesEachDeferredRequestAnotherTime) {
  World world(World::Known(60));
  std::vector<Duration> times;
  for (int i = 0; i < 60; ++i) {
    world.tasks.push_back(world.scheduler.Spawn("poster", [&](const Context& context) {
      const auto answer = world.quota.Send(World::Make("POST"), context);
      if (!answer) times.push_back(answer.error().retry_after.value());
    }));
  }
  world.scheduler.RunFor(minutes(1));
  ASSERT_GT(times.size(), 20u);
  EXPECT_EQ(std::set<Duration>(times.begin(), times.end()).size(), times.size());
}

TEST(QuotaTransport, StopsWaitingWhenItsContextIsStopped) {
  World world(World::Known(5));
  std::optional<Error> error;
  Task task = world.scheduler.Spawn("reader", [&](const Context& context) {
    for (;;) {
      const auto answer = world.quota.Send(World::Make("GET"), context);
      if (!answer) {
        error = answer.error();
        return;
      }
    }
  });
  world.scheduler.RunFor(seconds(2));
  ASSERT_EQ(world.State().waiting, 1u);
  task.RequestStop();
  task.Join();
  EXPECT_EQ(error->code, Code::kCancelled);
  EXPECT_EQ(error->sent, Sent::kNo);
  EXPECT_EQ(world.State().waiting, 0u);
}

TEST(QuotaTransport, DoesNotLimitAHostThatSaysNothing) {
  World world;
  world.host.tells = false;
  world.host.per_minute = 1000000;
  world.host.per_hour = 1000000;
  const Instant before = world.scheduler.Now();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(world.quota.Send(World::Make("GET"), world.Soon()));
  EXPECT_EQ(world.scheduler.Now() - before, milliseconds(80) * 1000);
  EXPECT_FALSE(world.State().remaining.has_value());
}

TEST(QuotaTransport, SurvivesAWallClockThatJumps) {
  World world;
  world.host.per_minute = 100000;
  world.host.per_hour = 50;
  int done = 0;
  for (int i = 0; i < 60; ++i) world.Insist(World::Make("GET"), done);
  world.scheduler.RunFor(minutes(1));
  world.scheduler.StepWallClock(hours(30));
  world.scheduler.RunFor(minutes(1));
  world.scheduler.StepWallClock(-hours(60));
  ASSERT_TRUE(world.scheduler.RunUntil([&] { return done == 60; }, hours(4)));
  EXPECT_EQ(world.host.refusals, 0);
}

TEST(QuotaTransport, ForgetsTheCredentialUnusedForLongest) {
  QuotaOptions options;
  options.credentials = 3;
  World world(options);
  for (const char* token : {"a", "b", "c", "a", "d"})
    ASSERT_TRUE(world.quota.Send(World::Make("GET", "x", token), world.Soon()));
  EXPECT_EQ(world.quota.States().size(), 3u);
  EXPECT_EQ(world.State("a").remaining, 4998);
  EXPECT_EQ(world.State("b").credential, "");
}

TEST(QuotaTransport, StoresNoCredential) {
  World world;
  (void)world.quota.Send(World::Make("GET", "x", "dop_v1_secret"), world.Soon());
  for (const QuotaState& state : world.quota.States()) {
    EXPECT_EQ(state.credential.find("dop_v1"), std::string::npos);
    EXPECT_EQ(state.credential.rfind("sha256:", 0), 0u);
  }
}

TEST(QuotaTransport, ReturnsTheBudgetOfUnsentRequests) {
  World world(World::Known(60));
  FaultyTransport faulty(world.wire, [](const Request&) {
    Error error = MakeError(Code::kUnavailable, "connection refused");
    return Fault{Fault::When::kBefore, std::nullopt, error};
  });
  QuotaTransport quota(faulty, world.scheduler, World::Known(60));
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(quota.Send(World::Make("POST"), world.Soon()).error().code, Code::kUnavailable);
}

TEST(QuotaTransport, CountsStreamsAndSendsThemOn) {
  World world;
  auto stream = world.quota.Open(World::Make("GET"), world.Soon());
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->status, 200);
  EXPECT_EQ(world.State().remaining, 4999);
  EXPECT_EQ(world.State().in_flight, 0u);
}

TEST(QuotaTransport, ReadsTheHeadersThatAHostIsKnownToUse) {
  World world;
  world.host.limit_header = "x-cap";
  world.host.remaining_header = "x-left";
  world.host.reset_header = "x-until";
  ASSERT_TRUE(world.quota.Send(World::Make("GET"), world.Soon()));
  EXPECT_FALSE(world.State().remaining) << "nobody told it";
  QuotaHost known;
  known.limit_header = "X-Cap";
  known.remaining_header = "X-Left";
  known.reset_header = "X-Until";
  world.quota.DeclareHost("api.test", known);
  ASSERT_TRUE(world.quota.Send(World::Make("GET", "x", "two"), world.Soon()));
  EXPECT_EQ(world.State("two").remaining, 4999);
  EXPECT_EQ(world.State("two").limit, 5000);
}

TEST(QuotaTransport, TakesTheLowestOfTheDeclaredLimits) {
  World world;
  for (const double per_minute : {0.0, 300.0, 120.0, 600.0, 0.0}) {
    QuotaHost known;
    known.per_minute = per_minute;
    world.quota.DeclareHost("api.test", known);
  }
  ASSERT_TRUE(world.quota.Send(World::Make("GET"), world.Soon()));
  EXPECT_EQ(world.State().per_minute, 120);
}

// The requests of each object in a fleet: two reads, a create, and three more reads until it
// exists.
struct Fleet {
  Fleet(World& in, int objects) : world(in), tasks(static_cast<std::size_t>(objects), 0) {
    for (int& done : tasks) {
      world.tasks.push_back(world.scheduler.Spawn("object", [this, &done](const Context& context) {
        for (const char* method : {"GET", "GET", "POST", "GET", "GET", "GET"}) {
          if (!Insist(method, context)) return;
        }
        ++done;
        ++in_sync;
      }));
    }
  }
  bool Insist(const char* method, const Context& context) {
    for (;;) {
      const auto answer = world.quota.Send(World::Make(method), context.Within(world.scheduler, seconds(30)));
      if (answer && answer->status == 200) return true;
      Duration wait = seconds(1);
      if (!answer) wait = answer.error().retry_after.value_or(wait);
      if (answer) wait = ErrorFromStatus(*answer, "").retry_after.value_or(wait);
      if (world.scheduler.Sleep(wait, context) == Woke::kStopped) return false;
    }
  }
  World& world;
  std::vector<int> tasks;
  int in_sync = 0;
};
// The time until every object is in sync, or a limit beyond any acceptable time.
Duration TimeUntilInSync(World& world, int objects, const std::function<void()>& meanwhile = {}) {
  const Instant begun = world.scheduler.Now();
  Fleet fleet(world, objects);
  if (meanwhile) meanwhile();
  (void)world.scheduler.RunUntil([&] { return fleet.in_sync == objects; }, minutes(30));
  for (Task& task : world.tasks) task.RequestStop();
  for (Task& task : world.tasks) task.Join();
  world.tasks.clear();
  return world.scheduler.Now() - begun;
}

TEST(QuotaTransport, IsInSyncInLittleMoreThanAMinuteAfterAnotherClientUsedTheMinuteUp) {
  for (const bool declared : {true, false}) {
    World alone(declared ? World::Known(250) : QuotaOptions{});
    const Duration undisturbed = TimeUntilInSync(alone, 40);
    World world(declared ? World::Known(250) : QuotaOptions{});
    for (int i = 0; i < 215; ++i) (void)world.wire.Send(World::Make("GET"), world.Soon());
    const Duration disturbed = TimeUntilInSync(world, 40);
    EXPECT_LE(disturbed, undisturbed + seconds(declared ? 75 : 85))
        << declared << " " << FormatDuration(undisturbed);
    EXPECT_LE(world.host.refusals, 80) << declared;
  }
}

TEST(QuotaTransport, DelaysOthersByTheRetryAfterOfOneRefusalAndLittleMore) {
  const auto time = [](bool refused) {
    World world(World::Known(250));
    int creates = 0;
    FaultyTransport faulty(world.wire, [&](const Request& request) -> std::optional<Fault> {
      if (!refused || request.method != "POST" || ++creates != 1) return std::nullopt;
      return Fault{Fault::When::kBefore, Response{429, {{"Retry-After", "20"}}, ""}, std::nullopt};
    });
    QuotaTransport quota(faulty, world.scheduler, World::Known(250));
    int done = 0;
    for (int i = 0; i < 28; ++i) {
      world.tasks.push_back(world.scheduler.Spawn("object", [&](const Context& context) {
        for (const char* method : {"GET", "POST", "GET"}) {
          for (;;) {
            const auto answer = quota.Send(World::Make(method), context.Within(world.scheduler, seconds(30)));
            if (answer && answer->status == 200) break;
            Duration wait = seconds(1);
            if (!answer) wait = answer.error().retry_after.value_or(wait);
            if (answer) wait = ErrorFromStatus(*answer, "").retry_after.value_or(wait);
            if (world.scheduler.Sleep(wait, context) == Woke::kStopped) return;
          }
        }
        ++done;
      }));
    }
    EXPECT_TRUE(world.scheduler.RunUntil([&] { return done == 28; }, minutes(10)));
    return world.scheduler.Now();
  };
  const Duration more = time(true) - time(false);
  EXPECT_GE(more, seconds(15));
  EXPECT_LE(more, seconds(27));
}

TEST(QuotaTransport, LetsAFleetOfFiveHundredSettleByItselfWhileAnotherClientAsksToo) {
  for (const bool declared : {true, false}) {
    World world(declared ? World::Known(250) : QuotaOptions{});
    bool settled = false;
    Task other = world.scheduler.Spawn("another client", [&](const Context& context) {
      while (!settled && !context.stopped()) {
        (void)world.wire.Send(World::Make("GET", "other"), context.Within(world.scheduler, seconds(30)));
        if (world.scheduler.Sleep(milliseconds(2500), context) == Woke::kStopped) return;
      }
    });
    const Duration time = TimeUntilInSync(world, 500);
    settled = true;
    // 3,000 requests with a quota of 250 a minute, a tenth of it used by another client: at least
    // 13.4 minutes.
    EXPECT_LE(time, minutes(20)) << declared;
    EXPECT_LE(world.host.refusals, 150) << declared;
    other.RequestStop();
  }
}

TEST(QuotaTransport, ReportsItsRateLimitAndWhyRequestsWait) {
  World world(World::Known(250));
  EXPECT_TRUE(world.quota.Send(World::Make("GET"), world.Soon()));
  EXPECT_EQ(world.State().declared_per_minute, 250);
  EXPECT_EQ(world.State().why, std::nullopt);
  for (int i = 0; i < 249; ++i) (void)world.wire.Send(World::Make("GET"), world.Soon());
  (void)world.quota.Send(World::Make("GET"), world.Soon());  // refused
  const auto rejected = world.quota.Send(World::Make("GET"), world.Soon());
  ASSERT_FALSE(rejected);
  EXPECT_NE(rejected.error().message.find("the host asked to wait (Retry-After)"), std::string::npos)
      << rejected.error();
  const QuotaState state = world.State();
  EXPECT_EQ(state.why, QuotaBudget::Cause::kRetryAfter);
  EXPECT_EQ(state.deferred, 1u);
  EXPECT_EQ(state.rejected[static_cast<std::size_t>(QuotaBudget::Cause::kRetryAfter)], 1u);
  EXPECT_NEAR(state.per_minute, 125, 1);
  world.scheduler.RunFor(minutes(2));
  EXPECT_EQ(world.State().deferred, 0u);
  EXPECT_EQ(world.State().per_minute, 250);
}

TEST(QuotaTransport, RefusesAMalformedUrl) {
  World world;
  EXPECT_EQ(world.quota.Send({"GET", "nonsense", {}, ""}, world.Soon()).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace capstan::http
