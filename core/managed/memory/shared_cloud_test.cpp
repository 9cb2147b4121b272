#include <capstan/core/managed/memory/shared_cloud.hpp>

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::managed {
namespace {

using external::Observed;
using std::chrono::minutes;
using std::chrono::seconds;

Error Bad(Code code, const std::string& message) { return MakeError(code, message); }

// An account and the behaviour of its API. Each request takes 100 ms.
struct Account {
  explicit Account(Scheduler& clock) : scheduler(clock) {}
  void Add(int count) {
    for (int i = 0; i < count; ++i) {
      Observed object;
      object.id = StrCat("id-", objects.size());
      object.identity = "capstan:ours";
      objects.push_back(object);
    }
  }
  void Take() {
    AssertNoLocksHeld("a request");
    (void)scheduler.Sleep(took, Context{});
  }
  Scheduler& scheduler;
  std::vector<Observed> objects;
  std::set<std::string> unlisted;
  std::size_t page = 200;
  Duration took = std::chrono::milliseconds(100);
  bool endless = false;
  Urgency refused_below = Urgency::kLook;
  std::optional<Error> list_error;
  int gets = 0, pages = 0;
};

class SimulatedAccount final : public external::External {
 public:
  explicit SimulatedAccount(Account& account) : account_(account) {}
  Result<external::Account> WhoAmI(const Context&) override { return external::Account{"account", ""}; }
  Result<std::vector<Observed>> Find(const external::Identity&, const std::string&, const Context&) override {
    return std::vector<Observed>();
  }
  Result<std::optional<Observed>> Get(const std::string& id, const Context&) override {
    ++account_.gets;
    account_.Take();
    for (const auto& object : account_.objects) {
      if (object.id == id) return std::optional<Observed>(object);
    }
    return std::optional<Observed>();
  }
  external::Outcome Create(const external::Identity&, const std::string&, const Context&) override {
    return {external::Verdict::kDone, "id-new", std::nullopt};
  }
  external::Outcome Delete(const std::string&, const external::DeleteOptions&, const Context&) override {
    return {external::Verdict::kDone, "", std::nullopt};
  }
  external::Outcome Apply(const std::string&, const external::Step&, const external::Identity&,
                          const Context&) override {
    account_.Take();
    return {external::Verdict::kDone, "", std::nullopt};
  }
  Result<external::Page> List(const std::string& cursor, const Context& context) override {
    ++account_.pages;
    account_.Take();
    if (context.stopped()) return Fail(Code::kCancelled, "stopped");
    if (context.urgency < account_.refused_below) return Fail(Code::kResourceExhausted, "no quota");
    if (account_.list_error) return Fail(*account_.list_error);
    external::Page page;
    std::size_t at = cursor.empty() ? 0 : std::stoul(cursor);
    for (const std::size_t end = std::min(at + account_.page, account_.objects.size()); at < end; ++at) {
      if (account_.unlisted.count(account_.objects[at].id) == 0) page.items.push_back(account_.objects[at]);
    }
    if (at < account_.objects.size()) page.next = std::to_string(at);
    if (account_.endless) page.next = "1";
    return page;
  }

 private:
  Account& account_;
};

class ObserverTest : public ::testing::Test {
 protected:
  static bool Ours(const Observed& object) { return object.identity == "capstan:ours"; }
  Result<SharedCloud::Seen> Look(int number, Duration age = seconds(55), Context context = {}) {
    return observer.Look(StrCat("id-", number), age, Ours, context);
  }
  // One look at each of the first `count` objects, one after the other.
  void LookAtAll(int count, Duration age = seconds(55)) {
    for (int i = 0; i < count; ++i) {
      const auto seen = Look(i, age);
      ASSERT_TRUE(seen && seen->object) << i;
      ASSERT_EQ(seen->object->id, StrCat("id-", i));
    }
  }
  SimulatedScheduler scheduler;
  RecordingLog log;
  Account account{scheduler};
  SharedCloud observer{std::make_unique<SimulatedAccount>(account), scheduler, log, 3};
};

TEST_F(ObserverTest, AnswersAThousandLooksAMinuteFromOneList) {
  account.Add(1000);
  LookAtAll(1000);
  EXPECT_LE(account.gets, 3) << "it is not known yet how many there are";
  EXPECT_EQ(account.pages, 5);
  const int gets = account.gets;
  scheduler.RunFor(seconds(57));
  LookAtAll(1000);
  EXPECT_EQ(account.pages, 10);
  EXPECT_EQ(account.gets, gets);
}

TEST_F(ObserverTest, GetsAFewObjectsOneByOne) {
  account.Add(3);
  for (int round = 0; round < 10; ++round) {
    LookAtAll(3);
    scheduler.RunFor(minutes(1));
  }
  EXPECT_EQ(account.pages, 0);
  EXPECT_EQ(account.gets, 30);
}

TEST_F(ObserverTest, ListsEvenForOneObjectWhenFewIsZero) {
  account.Add(1);
  SharedCloud other(std::make_unique<SimulatedAccount>(account), scheduler, log, 0);
  const auto seen = other.Look("id-0", seconds(5), Ours, {});
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->listed);
}

TEST_F(ObserverTest, GetsAFewObjectsOnceItKnowsThatTheyAreAmongManyOthers) {
  account.Add(2000);
  LookAtAll(5);
  EXPECT_EQ(account.pages, 10) << "tried once";
  scheduler.RunFor(minutes(1));
  LookAtAll(5);
  scheduler.RunFor(minutes(1));
  LookAtAll(5);
  EXPECT_EQ(account.pages, 10);
}

TEST_F(ObserverTest, GetsTheOneThatChangesAmongAThousandStableOnes) {
  account.Add(1000);
  LookAtAll(1000);
  const int pages = account.pages, gets = account.gets;
  for (int i = 0; i < 10; ++i) {
    scheduler.RunFor(seconds(5));
    const auto seen = Look(7, seconds(5));
    ASSERT_TRUE(seen);
    EXPECT_FALSE(seen->listed);
  }
  EXPECT_EQ(account.pages, pages) << "five pages for one object";
  EXPECT_EQ(account.gets, gets + 10);
}

TEST_F(ObserverTest, ListsWhenManyChange) {
  account.Add(200);
  LookAtAll(200, seconds(5));
  const int before = account.pages + account.gets;
  for (int i = 0; i < 12; ++i) {
    scheduler.RunFor(seconds(5));
    LookAtAll(200, seconds(5));
  }
  EXPECT_LE(account.pages + account.gets - before, 12) << "one page every five seconds";
}

TEST_F(ObserverTest, NeverConcludesAbsenceFromAList) {
  account.Add(100);
  LookAtAll(100);
  account.unlisted = {"id-50"};
  scheduler.RunFor(minutes(1));
  const int gets = account.gets;
  LookAtAll(100);
  EXPECT_EQ(account.gets, gets + 1);
  account.objects.erase(account.objects.begin() + 50);
  const auto seen = Look(50);
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->object);
  EXPECT_FALSE(seen->listed);
}

TEST_F(ObserverTest, NeverConcludesAMissingTagFromAList) {
  account.Add(100);
  account.objects[50].identity.clear();
  LookAtAll(49);
  const int gets = account.gets;
  const auto seen = Look(50);
  ASSERT_TRUE(seen && seen->object);
  EXPECT_FALSE(seen->listed);
  EXPECT_EQ(seen->object->identity, "") << "and a Get may say so";
  EXPECT_EQ(account.gets, gets + 1);
}

TEST_F(ObserverTest, TrustsNoListFromBeforeItsOwnChange) {
  account.Add(100);
  LookAtAll(100);
  ASSERT_TRUE(Look(50)->listed);
  (void)observer.Apply("id-50", {}, {}, {});
  account.objects[50].message = "changed";
  const auto seen = Look(50);
  ASSERT_TRUE(seen && seen->object);
  EXPECT_EQ(seen->object->message, "changed");
  const int pages = account.pages;
  ASSERT_TRUE(Look(50)->listed) << "and the list that was read for it is trusted";
  ASSERT_TRUE(Look(51)->listed);
  EXPECT_EQ(account.pages, pages);
}

TEST_F(ObserverTest, TrustsNoListFromBeforeItAdoptedOrRemovedSomething) {
  account.Add(100);
  LookAtAll(100);
  for (const bool away : {false, true}) {
    const int number = away ? 60 : 70;
    ASSERT_TRUE(Look(number)->listed);
    const std::string id = StrCat("id-", number);
    if (away) {
      (void)observer.Delete(id, {}, {});
    } else {
      (void)observer.Adopt(id, {}, {});
    }
    account.objects[static_cast<std::size_t>(number)].message = "changed";
    const auto seen = Look(number);
    ASSERT_TRUE(seen && seen->object);
    EXPECT_EQ(seen->object->message, "changed") << (away ? "away" : "over");
  }
}

TEST_F(ObserverTest, TrustsNoListThatWasInFlightDuringItsOwnChange) {
  account.Add(100);
  LookAtAll(100);
  scheduler.RunFor(minutes(1));
  account.took = seconds(2);
  Task reader =
      scheduler.Spawn("reader", [&](const Context& context) { (void)Look(1, seconds(55), context); });
  scheduler.RunFor(seconds(1));
  ASSERT_EQ(account.pages, 2);
  account.took = std::chrono::milliseconds(100);
  (void)observer.Apply("id-50", {}, {}, {});
  const auto seen = Look(50);
  ASSERT_TRUE(seen && seen->listed);
  EXPECT_EQ(account.pages, 3);
}

TEST_F(ObserverTest, ReadsTheListOnceForAllThatWait) {
  account.Add(1000);
  LookAtAll(10);
  scheduler.RunFor(minutes(1));
  const int pages = account.pages, gets = account.gets;
  int answered = 0;
  std::vector<Task> tasks;
  for (int i = 0; i < 50; ++i) {
    tasks.push_back(scheduler.Spawn("looker", [&, i](const Context& context) {
      const auto seen = Look(i, seconds(55), context);
      if (seen && seen->listed) ++answered;
    }));
  }
  scheduler.RunFor(seconds(2));
  EXPECT_EQ(answered, 50);
  EXPECT_EQ(account.pages, pages + 5);
  EXPECT_EQ(account.gets, gets);
}

TEST_F(ObserverTest, TrustsAListThatTookLongerThanItsAge) {
  account.Add(1000);
  LookAtAll(20, seconds(5));
  account.took = seconds(3);
  scheduler.RunFor(seconds(6));
  const int pages = account.pages, gets = account.gets;
  int answered = 0;
  std::vector<Task> tasks;
  for (int i = 0; i < 20; ++i) {
    tasks.push_back(scheduler.Spawn("looker", [&, i](const Context& context) {
      const auto seen = Look(i, seconds(5), context);
      if (seen && seen->listed) ++answered;
    }));
  }
  scheduler.RunFor(seconds(16));
  EXPECT_EQ(answered, 20);
  EXPECT_EQ(account.pages, pages + 5);
  EXPECT_EQ(account.gets, gets);
}

TEST_F(ObserverTest, AsksACloudThatCannotListOnlyOnce) {
  account.Add(100);
  account.list_error = Bad(Code::kUnimplemented, "no lists here");
  for (int round = 0; round < 20; ++round) {
    LookAtAll(100);
    scheduler.RunFor(minutes(1));
  }
  EXPECT_EQ(account.pages, 1);
}

TEST_F(ObserverTest, GetsObjectsWhileListsAreBrokenAndTriesAgainAMinuteLater) {
  account.Add(20);
  account.list_error = Bad(Code::kDataLoss, "half a page");
  LookAtAll(20);
  LookAtAll(20);
  EXPECT_EQ(account.pages, 1);
  account.list_error.reset();
  scheduler.RunFor(minutes(1));
  LookAtAll(20);
  EXPECT_EQ(account.pages, 2);
  EXPECT_EQ(account.gets, 40);
}

// Found by the explorer as doks-scale-and-pools-listed 27:refused-for-long: the quota ran out and
// nothing said why.
TEST_F(ObserverTest, SaysInTheLogOnceThatListsAreRefusedAndOnceThatTheyAreNot) {
  account.Add(20);
  account.list_error = Bad(Code::kInvalidArgument, "no lists on Sundays");
  const auto lines = [&](const std::string& words) {
    int count = 0;
    for (const auto& line : log.Lines()) count += line.find(words) != std::string::npos ? 1 : 0;
    return count;
  };
  for (int round = 0; round < 10; ++round) {
    LookAtAll(20);
    scheduler.RunFor(minutes(1));
  }
  EXPECT_EQ(lines("no lists on Sundays"), 1);
  account.list_error.reset();
  scheduler.RunFor(minutes(10));
  LookAtAll(20);
  EXPECT_EQ(lines("can be listed again"), 1);
  account.list_error = Bad(Code::kUnimplemented, "no lists here");
  scheduler.RunFor(minutes(1));
  LookAtAll(20);
  EXPECT_EQ(log.Lines().size(), 2u) << "that is not a failure";
}

// Who mended the first refusal and met a second one saw no word of that.
TEST_F(ObserverTest, SaysInTheLogWhenTheRefusalOfListsChangesItsWords) {
  account.Add(20);
  account.list_error = Bad(Code::kInvalidArgument, "no lists on Sundays");
  LookAtAll(20);
  account.list_error = Bad(Code::kPermissionDenied, "a right is missing");
  for (int round = 0; round < 30; ++round) {
    scheduler.RunFor(minutes(1));
    LookAtAll(20);
  }
  EXPECT_TRUE(log.Contains("no lists on Sundays"));
  EXPECT_TRUE(log.Contains("a right is missing"));
  EXPECT_EQ(log.Lines().size(), 2u);
}

TEST_F(ObserverTest, AsksForARefusedListLaterEachTimeUpToTenMinutes) {
  account.Add(20);
  account.list_error = Bad(Code::kInvalidArgument, "no lists on Sundays");
  std::vector<int> pages;
  for (int minute = 0; minute < 60; ++minute) {
    LookAtAll(20);
    pages.push_back(account.pages);
    scheduler.RunFor(minutes(1));
  }
  EXPECT_EQ(pages[0], 1);
  EXPECT_LE(pages[15], 5) << "after a minute, two, four, eight, ten";
  EXPECT_LE(pages[59] - pages[29], 3);
  EXPECT_GE(pages[59] - pages[29], 2);
}

TEST_F(ObserverTest, GetsObjectsWhenTheListDoesNotEnd) {
  account.Add(20);
  account.endless = true;
  LookAtAll(20);
  EXPECT_LE(account.pages, 3);
}

TEST_F(ObserverTest, ReportsAnOutageToAllCallersThatWaitWithoutAGetForEach) {
  account.Add(100);
  LookAtAll(100);
  scheduler.RunFor(minutes(1));
  const int requests = account.pages + account.gets;
  account.list_error = Bad(Code::kUnavailable, "503");
  int failed = 0;
  std::vector<Task> tasks;
  for (int i = 0; i < 50; ++i) {
    tasks.push_back(scheduler.Spawn("looker", [&, i](const Context& context) {
      const auto seen = Look(i, seconds(55), context);
      if (!seen && seen.error().code == Code::kUnavailable) ++failed;
    }));
  }
  scheduler.RunFor(seconds(2));
  EXPECT_EQ(failed, 50);
  EXPECT_EQ(account.pages + account.gets, requests + 1);
}

TEST_F(ObserverTest, ContinuesWhenTheReaderIsStopped) {
  account.Add(100);
  LookAtAll(100);
  scheduler.RunFor(minutes(1));
  account.took = seconds(1);
  Task reader = scheduler.Spawn("reader", [&](const Context& context) {
    const auto seen = Look(1, seconds(55), context);
    EXPECT_EQ(seen.error().code, Code::kCancelled);
  });
  bool answered = false;
  Task waiter = scheduler.Spawn("waiter", [&](const Context& context) {
    const auto seen = Look(2, seconds(55), context);
    answered = seen && seen->listed;
  });
  scheduler.RunFor(std::chrono::milliseconds(500));
  reader.RequestStop();
  scheduler.RunFor(seconds(5));
  EXPECT_TRUE(answered);
}

TEST_F(ObserverTest, RetriesForACallerThatIsMoreUrgentThanTheRefusedOne) {
  account.Add(100);
  LookAtAll(100);
  scheduler.RunFor(minutes(1));
  account.took = seconds(1);
  account.refused_below = Urgency::kChange;
  const int pages = account.pages;
  Code refused{};
  Task reader = scheduler.Spawn(
      "reader", [&](const Context& context) { refused = Look(1, seconds(55), context).error().code; });
  bool answered = false;
  Task waiter = scheduler.Spawn("waiter", [&](const Context& context) {
    const auto seen = Look(2, seconds(55), context.For(Urgency::kChange));
    answered = seen && seen->listed;
  });
  scheduler.RunFor(seconds(5));
  EXPECT_EQ(refused, Code::kResourceExhausted);
  EXPECT_TRUE(answered);
  EXPECT_EQ(account.pages, pages + 2);
}

TEST_F(ObserverTest, WaitsForAListOnlyAsLongAsItsContextAllows) {
  account.Add(100);
  LookAtAll(100);
  scheduler.RunFor(minutes(1));
  account.took = minutes(1);
  Task reader =
      scheduler.Spawn("reader", [&](const Context& context) { (void)Look(1, seconds(55), context); });
  Code late{}, stopped{};
  Task short_of_time = scheduler.Spawn("short of time", [&](const Context& context) {
    late = Look(2, seconds(55), context.Within(scheduler, seconds(3))).error().code;
  });
  Task waiter = scheduler.Spawn(
      "waiter", [&](const Context& context) { stopped = Look(3, seconds(55), context).error().code; });
  scheduler.RunFor(seconds(4));
  EXPECT_EQ(late, Code::kDeadlineExceeded);
  waiter.RequestStop();
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(stopped, Code::kCancelled);
}

}  // namespace
}  // namespace capstan::managed
