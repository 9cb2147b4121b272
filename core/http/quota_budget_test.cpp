#include <capstan/core/http/quota_budget.hpp>

#include <gtest/gtest.h>

#include <deque>

namespace capstan::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const WallTime kWall = *ParseRfc3339("2026-01-01T00:00:00Z");

struct Machine {
  QuotaBudgetOptions options;
  Instant now = Instant(hours(1));
  QuotaBudget budget;
  explicit Machine(double per_minute = 0, QuotaBudgetOptions with = {})
      : options(with), budget(options, per_minute, now) {}

  bool May(QuotaClass asked) { return !budget.Check(asked, now).has_value(); }
  // Sends one request and answers it immediately.
  void Exchange(int status, const Headers& headers, QuotaClass asked = QuotaClass::kRead) {
    const auto departure = budget.BeginRequest(asked, now);
    budget.Answer(departure, status, headers, now, Wall());
  }
  WallTime Wall() const { return kWall + (now - Instant(hours(1))); }
  std::string UnixIn(Duration from_now) const {
    return std::to_string(
        std::chrono::duration_cast<seconds>((Wall() + from_now).time_since_epoch()).count());
  }
  Headers Window(int remaining, Duration reset = minutes(5)) const {
    return {{"RateLimit-Limit", "1000"},
            {"RateLimit-Remaining", std::to_string(remaining)},
            {"RateLimit-Reset", UnixIn(reset)}};
  }
};

TEST(QuotaBudget, RanksMethodsByPriority) {
  EXPECT_LT(QuotaClassOf("DELETE"), QuotaClassOf("POST"));
  EXPECT_LT(QuotaClassOf("POST"), QuotaClassOf("PUT"));
  EXPECT_EQ(QuotaClassOf("PUT"), QuotaClassOf("PATCH"));
  EXPECT_LT(QuotaClassOf("PATCH"), QuotaClassOf("GET"));
  EXPECT_EQ(QuotaClassOf("HEAD"), QuotaClassOf("GET"));
  EXPECT_EQ(QuotaClassOf("PURGE"), QuotaClass::kChange);
}

TEST(QuotaBudget, LimitsNothingWhereTheHostSaysNothing) {
  Machine machine;
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(machine.May(QuotaClass::kRead));
    machine.Exchange(200, {{"Content-Type", "application/json"}});
  }
  EXPECT_FALSE(machine.budget.remaining().has_value());
}

TEST(QuotaBudget, StartsWithOneRequestThatReadsTheWindow) {
  Machine machine;
  ASSERT_TRUE(machine.May(QuotaClass::kRead));
  const auto first = machine.budget.BeginRequest(QuotaClass::kRead, machine.now);
  EXPECT_EQ(machine.budget.Check(QuotaClass::kRemove, machine.now)->until, kForever);
  machine.budget.Answer(first, 200, machine.Window(0), machine.now, machine.Wall());
  EXPECT_EQ(machine.budget.Check(QuotaClass::kRemove, machine.now)->until, machine.now + minutes(5));
}

TEST(QuotaBudget, ReservesTheEndOfTheWindowForHigherClasses) {
  Machine machine;
  const auto allowed = [&](int remaining) {
    machine.Exchange(200, machine.Window(remaining));
    std::string classes;
    if (machine.May(QuotaClass::kRemove)) classes += "remove ";
    if (machine.May(QuotaClass::kCreate)) classes += "create ";
    if (machine.May(QuotaClass::kChange)) classes += "change ";
    if (machine.May(QuotaClass::kRead)) classes += "read";
    return classes;
  };
  EXPECT_EQ(allowed(201), "remove create change read");
  EXPECT_EQ(allowed(200), "remove create change ");
  EXPECT_EQ(allowed(100), "remove create ");
  EXPECT_EQ(allowed(40), "remove ");
  EXPECT_EQ(allowed(0), "");
}

TEST(QuotaBudget, CountsRequestsInFlight) {
  Machine machine;
  machine.Exchange(200, machine.Window(203));
  std::deque<QuotaBudget::Departure> out;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(machine.May(QuotaClass::kRead));
    out.push_back(machine.budget.BeginRequest(QuotaClass::kRead, machine.now));
  }
  EXPECT_EQ(machine.budget.remaining(), 200);
  EXPECT_FALSE(machine.May(QuotaClass::kRead));
  machine.budget.CancelUnsent(out.front(), machine.now);  // it was never sent
  EXPECT_TRUE(machine.May(QuotaClass::kRead));
}

TEST(QuotaBudget, SendsAProbeWhenTheOldestRequestNoLongerCounts) {
  Machine machine;
  machine.Exchange(200, machine.Window(0, seconds(41)));
  const auto obstacle = machine.budget.Check(QuotaClass::kRemove, machine.now);
  ASSERT_TRUE(obstacle);
  EXPECT_EQ(obstacle->until, machine.now + seconds(41));
  machine.now += seconds(41);
  ASSERT_TRUE(machine.May(QuotaClass::kRead));
  const auto probe = machine.budget.BeginRequest(QuotaClass::kRead, machine.now);
  EXPECT_FALSE(machine.May(QuotaClass::kRemove));  // until the probe returns
  machine.budget.Answer(probe, 200, machine.Window(500), machine.now, machine.Wall());
  EXPECT_TRUE(machine.May(QuotaClass::kRead));
}

TEST(QuotaBudget, TrustsTheNewestAnswerWhenAnswersOvertakeEachOther) {
  Machine machine;
  const auto first = machine.budget.BeginRequest(QuotaClass::kRead, machine.now);
  const auto second = machine.budget.BeginRequest(QuotaClass::kRead, machine.now);
  machine.budget.Answer(second, 200, machine.Window(0), machine.now, machine.Wall());
  machine.budget.Answer(first, 200, machine.Window(900), machine.now, machine.Wall());
  EXPECT_EQ(machine.budget.remaining(), 0);
}

TEST(QuotaBudget, ForgetsAWindowThatTheHostNoLongerReports) {
  Machine machine;
  machine.Exchange(200, machine.Window(0, seconds(10)));
  machine.now += seconds(10);
  ASSERT_TRUE(machine.May(QuotaClass::kRead));
  machine.Exchange(200, {});
  EXPECT_FALSE(machine.budget.remaining().has_value());
  EXPECT_TRUE(machine.May(QuotaClass::kRead));
}

TEST(QuotaBudget, TakesTheTimeOfAResetFromTheHostsOwnClock) {
  Machine machine;
  Headers headers = machine.Window(0, seconds(30));
  headers.Set("Date", FormatHttpDate(machine.Wall()));
  // The local wall clock is a day ahead: by it the reset would be long past.
  const auto departure = machine.budget.BeginRequest(QuotaClass::kRead, machine.now);
  machine.budget.Answer(departure, 200, headers, machine.now, machine.Wall() + hours(24));
  EXPECT_EQ(machine.budget.Check(QuotaClass::kRead, machine.now)->until, machine.now + seconds(30));
}

TEST(QuotaBudget, IsNotBlockedForEverByAnAbsurdResetOrAWrongClock) {
  for (const Duration wrong : {Duration(hours(24 * 365)), Duration(-hours(24 * 365))}) {
    Machine machine;
    const auto departure = machine.budget.BeginRequest(QuotaClass::kRead, machine.now);
    machine.budget.Answer(departure, 200, machine.Window(0, minutes(5)), machine.now, machine.Wall() + wrong);
    const Instant until = machine.budget.Check(QuotaClass::kRead, machine.now)->until;
    EXPECT_GE(until, machine.now + seconds(1));
    EXPECT_LE(until, machine.now + hours(1));
  }
}

TEST(QuotaBudget, ReadsAResetInSecondsToo) {
  Machine machine;
  machine.Exchange(200, {{"ratelimit-limit", "10"}, {"ratelimit-remaining", "0"}, {"ratelimit-reset", "7"}});
  EXPECT_EQ(machine.budget.Check(QuotaClass::kRemove, machine.now)->until, machine.now + seconds(7));
}

TEST(QuotaBudget, IgnoresHeadersThatHoldNoNumber) {
  Machine machine;
  for (const char* bad : {"", "many", "-1", "1e3", "12 3", "99999999999999999999999"}) {
    machine.Exchange(200, {{"ratelimit-limit", bad}, {"ratelimit-remaining", bad}, {"ratelimit-reset", bad}});
    EXPECT_FALSE(machine.budget.remaining().has_value()) << bad;
    EXPECT_TRUE(machine.May(QuotaClass::kRead)) << bad;
  }
}

TEST(QuotaBudget, ReadsHeadersOfOtherNames) {
  QuotaBudgetOptions options;
  options.limit_header = "x-rate-limit";
  options.remaining_header = "x-rate-left";
  Machine machine(0, options);
  machine.Exchange(200, {{"X-Rate-Limit", "100"}, {"X-Rate-Left", "5"}, {"ratelimit-remaining", "0"}});
  EXPECT_EQ(machine.budget.limit(), 100);
  EXPECT_EQ(machine.budget.remaining(), 5);
}

TEST(QuotaBudget, NeverLeavesMoreInAMinuteThanTheBurstLimit) {
  Machine machine(250);
  std::deque<Instant> left;
  std::size_t most = 0;
  for (int tick = 0; tick < 3000; ++tick, machine.now += milliseconds(100)) {
    while (machine.May(QuotaClass::kRemove)) {
      machine.Exchange(204, {}, QuotaClass::kRemove);
      left.push_back(machine.now);
    }
    while (!left.empty() && left.front() + minutes(1) <= machine.now) left.pop_front();
    most = std::max(most, left.size());
  }
  EXPECT_LE(most, 250u);
  EXPECT_GE(most, 200u);  // and uses most of it
}

TEST(QuotaBudget, APartOfTheBurstLimitIsAllThatAMinuteSees) {
  Machine machine(240);
  machine.budget.SetPart(0.25, machine.now);
  int left = 0;
  for (; machine.now < Instant(hours(1) + minutes(1)); machine.now += milliseconds(50)) {
    if (!machine.May(QuotaClass::kRemove)) continue;
    machine.Exchange(200, {});
    ++left;
  }
  EXPECT_LE(left, 60);
  EXPECT_GT(left, 48);
  EXPECT_EQ(machine.budget.declared(), 240);
}

TEST(QuotaBudget, UseByOurOtherProcessesDoesNotCountAsUseByStrangers) {
  Machine machine(240);
  machine.budget.SetPart(0.25, machine.now);
  // The window decreases by 240 a minute, of which the other three parts use 180.
  int remaining = 5000;
  for (int second = 0; second < 30; ++second) {
    machine.Exchange(200, {{"RateLimit-Limit", "5000"}, {"RateLimit-Remaining", std::to_string(remaining)}});
    remaining -= 4;
    machine.now += seconds(1);
  }
  EXPECT_GT(machine.budget.others_per_minute(machine.now), 150);
  EXPECT_EQ(machine.budget.per_minute(machine.now), 60);
}

TEST(QuotaBudget, APartThatGrowsBringsNoBurstOfItsOwn) {
  Machine machine(240);
  machine.budget.SetPart(0, machine.now);
  machine.budget.SetPart(1, machine.now);
  int left = 0;
  while (machine.May(QuotaClass::kRemove)) {
    machine.Exchange(200, {});
    ++left;
  }
  EXPECT_LE(left, 2);
}

TEST(QuotaBudget, AccumulatesNoBurstWhileIdle) {
  Machine machine(250);
  machine.Exchange(200, {});
  machine.now += hours(1);
  int left = 0;
  while (left < 1000 && machine.May(QuotaClass::kRemove)) {
    machine.Exchange(204, {}, QuotaClass::kRemove);
    ++left;
  }
  EXPECT_EQ(left, 250 * machine.options.burst_share);
}

TEST(QuotaBudget, HoldsAllRequestsAsLongAsRetryAfterDemands) {
  Machine machine;
  machine.Exchange(429, {{"Retry-After", "17"}});
  EXPECT_EQ(machine.budget.held(machine.now), seconds(17));
  EXPECT_EQ(machine.budget.Check(QuotaClass::kRemove, machine.now)->until, machine.now + seconds(17));
  machine.now += seconds(17);
  EXPECT_TRUE(machine.May(QuotaClass::kRemove));
}

TEST(QuotaBudget, ReadsRetryAfterAsADate) {
  Machine machine;
  machine.Exchange(503, {{"Date", FormatHttpDate(machine.Wall() + hours(3))},
                         {"Retry-After", FormatHttpDate(machine.Wall() + hours(3) + seconds(20))}});
  EXPECT_EQ(machine.budget.held(machine.now), seconds(20));
}

TEST(QuotaBudget, SendsOneAtATimeAfterARefusalUntilOneIsAccepted) {
  Machine machine;
  const auto late = machine.budget.BeginRequest(QuotaClass::kRead, machine.now);
  machine.Exchange(429, {{"retry-after", "1"}});
  // It was sent before the refusal, so its acceptance carries no information about the present.
  machine.budget.Answer(late, 200, {}, machine.now, machine.Wall());
  machine.now += minutes(1);
  ASSERT_TRUE(machine.May(QuotaClass::kRead));
  const auto probe = machine.budget.BeginRequest(QuotaClass::kRead, machine.now);
  EXPECT_FALSE(machine.May(QuotaClass::kRemove));
  machine.budget.Answer(probe, 200, {}, machine.now, machine.Wall());
  EXPECT_TRUE(machine.May(QuotaClass::kRead));
}

TEST(QuotaBudget, WaitsLongerEachTimeARefusalSaysNothing) {
  Machine machine;
  machine.Exchange(429, {});
  EXPECT_EQ(machine.budget.held(machine.now), seconds(1));
  machine.now += seconds(1);
  machine.Exchange(429, {});
  EXPECT_EQ(machine.budget.held(machine.now), seconds(2));
  for (int i = 0; i < 20; ++i) {
    machine.now += minutes(2);
    machine.Exchange(429, {});
  }
  EXPECT_EQ(machine.budget.held(machine.now), minutes(1));
}

TEST(QuotaBudget, LearnsTheBurstLimitFromARefusalAfterAWholeMinuteAndForgetsItWithinMinutes) {
  Machine machine;
  machine.Exchange(200, {});
  machine.now += seconds(61);
  for (int i = 0; i < 100; ++i) machine.Exchange(200, {});
  machine.Exchange(429, {{"retry-after", "30"}});
  EXPECT_NEAR(machine.budget.per_minute(machine.now), 50, 0.5);
  machine.now += seconds(35);
  EXPECT_NEAR(machine.budget.per_minute(machine.now), 100, 0.5) << "five seconds after the hold";
  // Other clients may have used the rest: another refusal does not lower the limit, although fewer
  // requests were accepted meanwhile.
  machine.Exchange(200, {});
  machine.now += seconds(40);
  machine.Exchange(429, {{"retry-after", "1"}});
  machine.now += seconds(10);
  EXPECT_NEAR(machine.budget.per_minute(machine.now), 100, 0.5);
  machine.now += minutes(10);
  EXPECT_EQ(machine.budget.per_minute(machine.now), 0);
}

TEST(QuotaBudget, TreatsALimitLearnedFromLessThanAMinuteAsAGuess) {
  Machine machine;
  for (int i = 0; i < 36; ++i) machine.Exchange(200, {});
  machine.Exchange(429, {{"retry-after", "30"}});
  EXPECT_NEAR(machine.budget.per_minute(machine.now), 18, 0.5);
  machine.now += seconds(40);
  EXPECT_NEAR(machine.budget.per_minute(machine.now), 36 + 10 * 30, 0.5);
  machine.now += seconds(60);
  EXPECT_EQ(machine.budget.per_minute(machine.now), 0);
}

TEST(QuotaBudget, ContinuesImmediatelyAfterTheHoldInWhichALimitWasLearned) {
  Machine machine;
  for (int i = 0; i < 250; ++i) machine.Exchange(200, {});
  machine.Exchange(429, {{"retry-after", "60"}});
  machine.now += seconds(60);
  ASSERT_TRUE(machine.May(QuotaClass::kRemove));
  machine.Exchange(204, {}, QuotaClass::kRemove);
  // Reads leave a share of the burst to higher classes first, which takes some seconds.
  const auto obstacle = machine.budget.Check(QuotaClass::kRead, machine.now);
  EXPECT_TRUE(!obstacle || obstacle->until < machine.now + seconds(5));
}

TEST(QuotaBudget, TrustsADeclaredLimitAndHalvesTheRateForSecondsAfterARefusal) {
  Machine machine(250);
  for (int i = 0; i < 35; ++i) machine.Exchange(200, {});
  machine.Exchange(429, {{"retry-after", "30"}});
  EXPECT_NEAR(machine.budget.per_minute(machine.now), 125, 0.5);
  machine.now += seconds(32);
  EXPECT_NEAR(machine.budget.per_minute(machine.now), 175, 0.5) << "a tenth more each second";
  machine.now += seconds(3);
  EXPECT_EQ(machine.budget.per_minute(machine.now), 250);
}

TEST(QuotaBudget, IsNeverSlowedBelowAFifthHoweverOftenItIsRefused) {
  Machine machine(250);
  for (int i = 0; i < 20; ++i) {
    machine.Exchange(200, {});
    machine.Exchange(429, {{"retry-after", "1"}});
    machine.now += seconds(1);
    EXPECT_GE(machine.budget.per_minute(machine.now), 50);
  }
  machine.now += seconds(8);
  EXPECT_EQ(machine.budget.per_minute(machine.now), 250);
}

TEST(QuotaBudget, LeavesOtherClientsTheRateThatTheyUse) {
  Machine machine(250);
  int remaining = 1000;
  for (int i = 0; i < 30; ++i, machine.now += seconds(1))
    machine.Exchange(200, machine.Window(remaining -= 3));
  EXPECT_NEAR(machine.budget.others_per_minute(machine.now), 120, 10) << "two a second";
  EXPECT_NEAR(machine.budget.per_minute(machine.now), 130, 10);
  for (int i = 0; i < 16; ++i, machine.now += seconds(1))
    machine.Exchange(200, machine.Window(remaining -= 1));
  EXPECT_EQ(machine.budget.others_per_minute(machine.now), 0) << "they stopped";
  EXPECT_EQ(machine.budget.per_minute(machine.now), 250);
  machine.Exchange(200, machine.Window(0));
  machine.now += minutes(5);
  EXPECT_GE(machine.budget.per_minute(machine.now), 50);
}

TEST(QuotaBudget, AttributesNoneOfItsOwnRequestsToOtherClients) {
  Machine machine(250);
  machine.Exchange(200, machine.Window(1000));
  std::deque<QuotaBudget::Departure> out;
  for (int i = 0; i < 20; ++i) out.push_back(machine.budget.BeginRequest(QuotaClass::kRemove, machine.now));
  int remaining = 980;  // all twenty were counted before the first response arrived
  for (const auto& departure : out)
    machine.budget.Answer(departure, 200, machine.Window(remaining), machine.now, machine.Wall());
  machine.now += seconds(1);
  machine.Exchange(200, machine.Window(979));
  EXPECT_EQ(machine.budget.others_per_minute(machine.now), 0);
}

TEST(QuotaBudget, HoldsAtMostAnHourWhateverAHeaderSays) {
  for (const char* absurd : {"9223372036854775807", "9223372036854775", "99999999999999999999999"}) {
    Machine machine;
    machine.Exchange(429, {{"retry-after", absurd}});
    EXPECT_LE(machine.budget.held(machine.now), hours(1)) << absurd;
    Machine other;
    other.Exchange(429,
                   {{"ratelimit-limit", absurd}, {"ratelimit-remaining", "0"}, {"ratelimit-reset", absurd}});
    EXPECT_LE(other.budget.held(other.now), hours(1)) << absurd;
  }
}

TEST(QuotaBudget, HoldsUntilTheResetWhenTheWindowIsRefused) {
  Machine machine;
  machine.Exchange(429, machine.Window(0, seconds(41)));
  EXPECT_EQ(machine.budget.held(machine.now), seconds(41));
  EXPECT_EQ(machine.budget.per_minute(machine.now), 0);  // says nothing about the minute
}

}  // namespace
}  // namespace capstan::http
