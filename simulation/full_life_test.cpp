// The true operator in the simulated world: every scenario with full lives, and every bug that the
// explorer found there, with the schedule that showed it.
#include <gtest/gtest.h>

#include <cstdio>

#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/simulation/careless.hpp>
#include <capstan/simulation/testing/explorer_fixture.hpp>

namespace capstan::simulation {

std::ostream& operator<<(std::ostream& out, const Scenario& scenario);

namespace {

Scenario Full(const std::string& name) { return WithFullLives(*FindScenario(name)); }

void MustHold(const Summary& summary) {
  std::fputs(summary.ToString().substr(0, 8000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_GT(summary.schedules, 1u);
}

// The first effect of that shape, such as "PATCH boxes".
int EffectThatAsksFor(const Scenario& scenario, const std::string& shape) {
  for (const Effect& effect : RunSchedule(scenario, {}).effects) {
    if (effect.shape == shape) return effect.number;
  }
  ADD_FAILURE() << "no effect asks for " << shape;
  return 0;
}

void MustHoldWhen(const std::string& shape, Mishap mishap) {
  const Scenario scenario = Full("create-delete");
  const RunReport report = RunSchedule(scenario, {{EffectThatAsksFor(scenario, shape), mishap}});
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
}

class FullLives : public ::testing::TestWithParam<Scenario> {};
TEST_P(FullLives, KeepTheirGuaranteesUndisturbed) {
  const RunReport report = RunSchedule(WithFullLives(GetParam()), {});
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
  EXPECT_GT(report.effects.size(), 20u);
}
INSTANTIATE_TEST_SUITE_P(Scenario, FullLives, ::testing::ValuesIn(AllScenarios()), NameOfScenario);

class FullCreateAndDelete : public ::testing::TestWithParam<Mishap> {};
TEST_P(FullCreateAndDelete, SurviveAMishapAtASampleOfTheEffects) {
  ExploreOptions options;
  options.merge = true;
  options.budget = 12;
  options.seed = 20261128;
  MustHold(ExploreSingles(SubjectOf(Full("create-delete")), {GetParam()}, options));
}
INSTANTIATE_TEST_SUITE_P(Mishap, FullCreateAndDelete, ::testing::ValuesIn(FullMishaps(true)), NameOfMishap);

// An error class that was never retried: after a webhook's 400 the operator gave up, although the
// webhook was repaired. Found as 10:refused-for-long.
TEST(FoundByTheExplorer, AnOperationThatAWebhookRefusedForTenMinutesSucceedsLater) {
  MustHoldWhen("PATCH boxes/*", Mishap::kRefusedForLong);
  MustHoldWhen("PATCH boxes/*/status", Mishap::kRefusedForLong);
  MustHoldWhen("GET secrets/*", Mishap::kRefusedForLong);
}

// An adoption lists all objects and reports the result in status. While that list was refused,
// status alternated between two messages, and each change triggered another reconcile: thousands of
// requests a second. Found as adopt 17:refused-for-long.
TEST(FoundByTheExplorer, AStatusWriteAboutARefusalTriggersNoImmediateRetry) {
  const Scenario scenario = Full("adopt");
  int tried = 0;
  for (const Effect& effect : RunSchedule(scenario, {}).effects) {
    if (effect.shape != "GET boxes" || ++tried > 5) continue;
    const RunReport report = RunSchedule(scenario, {{effect.number, Mishap::kRefusedForLong}});
    EXPECT_TRUE(report.violations.empty())
        << effect.number << ": " << ::testing::PrintToString(report.violations) << report.timeline;
    EXPECT_LT(report.effects.size(), 2000u) << effect.number;
  }
  EXPECT_GT(tried, 1);
}

// Silence: the operator was not allowed to write its finalizer, and reported it only in its log.
// Found as 10:rights-taken.
TEST(FoundByTheExplorer, AMissingPermissionIsAnEventOnTheObject) {
  MustHoldWhen("PATCH boxes/*", Mishap::kRightsTaken);
  MustHoldWhen("GET boxes/*", Mishap::kRightsTaken);
}

// A namespace that is being deleted accepts no new Event, and an object that cannot be read has no
// other place to report why its deletion is stuck. Found as namespace-deleted 52, 64, 70 and 75,
// refused-for-long and rights-taken.
TEST(FoundByTheExplorer, AStuckDeletionInATerminatingNamespaceIsAnEventOnTheNamespace) {
  const Scenario scenario = Full("namespace-deleted");
  const auto effects = RunSchedule(scenario, {}).effects;
  int tried = 0;
  for (const Effect& effect : effects) {
    if (effect.shape != "GET boxes/*") continue;
    for (const Mishap mishap : {Mishap::kRefusedForLong, Mishap::kRightsTaken}) {
      const RunReport report = RunSchedule(scenario, {{effect.number, mishap}});
      EXPECT_TRUE(report.violations.empty())
          << effect.number << ": " << ::testing::PrintToString(report.violations) << report.timeline;
      ++tried;
    }
  }
  EXPECT_GT(tried, 8);
}

// A claim's Lease that the operator is not allowed to delete stays, which was reported only in the
// log. Found as adopt 143:rights-taken.
TEST(FoundByTheExplorer, AnEventNamesAClaimThatAMissingPermissionKeeps) {
  const Scenario scenario = Full("adopt");
  int tried = 0;
  for (const Effect& effect : RunSchedule(scenario, {}).effects) {
    const bool of_a_claim = effect.what.find("/leases/capstan-adopts-") != std::string::npos;
    if (!of_a_claim || (effect.shape != "GET leases/*" && effect.shape != "DELETE leases/*")) continue;
    const RunReport report = RunSchedule(scenario, {{effect.number, Mishap::kRightsTaken}});
    EXPECT_TRUE(report.violations.empty())
        << effect.number << ": " << ::testing::PrintToString(report.violations) << report.timeline;
    ++tried;
  }
  EXPECT_GE(tried, 3);
}

// The first effect of that shape after number `after`; 0: none.
int NextOfShape(const RunReport& report, const std::string& shape, int after) {
  for (const Effect& effect : report.effects)
    if (effect.number > after && effect.shape == shape) return effect.number;
  return 0;
}

// The cloud refused to list notices, which was a debug message: a user who waited for a creation
// saw nothing. Found as create-delete 21:refused-for-long,26:rights-taken.
TEST(FoundByTheExplorer, NoticesThatTheCloudRefusesAreAnEventOnTheObject) {
  const Scenario scenario = Full("create-delete");
  const Mishap first = Mishap::kRefusedForLong;
  int tried = 0;
  for (const Effect& effect : RunSchedule(scenario, {}).effects) {
    if (effect.shape != "PATCH boxes/*/status" || tried == 3) continue;
    const int second = NextOfShape(RunSchedule(scenario, {{effect.number, first}}),
                                   "GET boxes.test /boxes/*/notices", effect.number);
    if (second == 0) continue;
    const Schedule schedule = {{effect.number, first}, {second, Mishap::kRightsTaken}};
    const RunReport report = RunSchedule(scenario, schedule);
    EXPECT_TRUE(report.violations.empty())
        << effect.number << ": " << ::testing::PrintToString(report.violations) << report.timeline;
    ++tried;
  }
  EXPECT_EQ(tried, 3);
}

// An object that cannot be read gets no condition, and its Event was refused: only the log remains.
// Found as create-delete 70:refused-for-long,71:refused-for-long.
TEST(FoundByTheExplorer, TheLogReportsRefusalsWhenObjectAndEventsAreUnavailable) {
  const Scenario scenario = Full("create-delete");
  const Mishap refused = Mishap::kRefusedForLong;
  int tried = 0;
  for (const Effect& effect : RunSchedule(scenario, {}).effects) {
    if (effect.shape != "GET boxes/*") continue;
    const int event =
        NextOfShape(RunSchedule(scenario, {{effect.number, refused}}), "POST events", effect.number);
    if (event == 0) continue;
    const RunReport report = RunSchedule(scenario, {{effect.number, refused}, {event, refused}});
    EXPECT_TRUE(report.violations.empty())
        << effect.number << ": " << ::testing::PrintToString(report.violations) << report.timeline;
    ++tried;
  }
  EXPECT_GT(tried, 3);
}

TEST(FullCareless, OperatorThatLeavesItsClaimsIsCaughtUndisturbed) {
  const RunReport report = RunSchedule(Full("adopt"), {}, {WithClaimsLeft()});
  EXPECT_NE(::testing::PrintToString(report.violations).find("a claim stays behind"), std::string::npos)
      << ::testing::PrintToString(report.violations);
}

// Objects are observed one by one when the account cannot be listed; that used up the quota, and
// nothing explained why. Found as doks-scale-and-pools-listed 27:refused-for-long.
TEST(FoundByTheExplorer, TheLogReportsARefusedListAlthoughEveryObjectIsObserved) {
  const Scenario scenario = Full("doks-scale-and-pools-listed");
  bool made = false;
  std::vector<int> lists;  // that observe the created objects
  for (const Effect& effect : RunSchedule(scenario, {}).effects) {
    made = made || effect.shape == "POST api.digitalocean.com /*/kubernetes/clusters";
    if (made && effect.shape == "GET api.digitalocean.com /*/kubernetes/clusters")
      lists.push_back(effect.number);
  }
  ASSERT_GT(lists.size(), 2u);
  for (const int list : lists) {
    const Schedule schedule = {{list, Mishap::kRefusedForLong}};
    const RunReport report = RunSchedule(scenario, schedule);
    EXPECT_TRUE(report.violations.empty())
        << list << ": " << ::testing::PrintToString(report.violations) << report.timeline;
  }
  const Schedule first = {{lists.front(), Mishap::kRefusedForLong}};
  EXPECT_TRUE(RunSchedule(scenario, {}, {WithRefusedListsTakenForEmpty()}).violations.empty());
  const RunReport careless = RunSchedule(scenario, first, {WithRefusedListsTakenForEmpty()});
  EXPECT_NE(::testing::PrintToString(careless.violations).find("is kept silent"), std::string::npos)
      << ::testing::PrintToString(careless.violations);
}

// A server that refused the first request was retried every 15 s forever, as if it were about to
// start. Found as create-delete-at-once 1:refused-for-long.
TEST(FoundByTheExplorer, AServerThatRefusesTheFirstRequestIsRetriedWithBackoff) {
  for (const Mishap mishap : {Mishap::kRefusedForLong, Mishap::kRightsTaken}) {
    const RunReport report = RunSchedule(Full("create-delete-at-once"), {{1, mishap}});
    EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
  }
}

// Likewise Secrets with credentials every 20 s. Found as create 45:rights-taken.
TEST(FoundByTheExplorer, AForbiddenSecretIsReadWithBackoff) {
  const Scenario scenario = Full("create");
  int tried = 0;
  for (const Effect& effect : RunSchedule(scenario, {}).effects) {
    if (effect.shape != "GET secrets/*" || effect.number % 2 == 0) continue;
    const RunReport report = RunSchedule(scenario, {{effect.number, Mishap::kRightsTaken}});
    EXPECT_TRUE(report.violations.empty())
        << effect.number << ": " << ::testing::PrintToString(report.violations) << report.timeline;
    ++tried;
  }
  EXPECT_GT(tried, 4);
}

// Two processes look for a kind whose CRD was deleted twice as often as one, which the quiet check
// counted as a violation. Found by walks as 104:crd-deleted,321:second-replica,344:truncated
// --seed=289.
TEST(FoundByTheExplorer, AStandbyReplicaLooksForAMissingKindToo) {
  RunOptions options;
  options.seed = 289;
  const Schedule schedule = {
      {104, Mishap::kCrdDeleted}, {321, Mishap::kSecondReplica}, {344, Mishap::kTruncated}};
  const RunReport report = RunSchedule(Full("create-delete"), schedule, {}, options);
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
}

// Pairs in which one refusal hid another one.
TEST(FoundByTheExplorer, TwoRefusalsAreBothReported) {
  // By the cloud, while status is refused.
  for (const char* text : {"26:rights-taken,27:refused-for-long",
                           "79:rights-taken,84:refused-for-long",  // the other way round
                           "2:rights-taken,11:second-replica",     // of the operator's namespace
                           // Of the ConfigMap that lists Secrets in use.
                           "83:rights-taken,91:400"}) {
    const RunReport report = RunSchedule(Full("create-delete"), *ParseSchedule(text));
    EXPECT_TRUE(report.violations.empty())
        << text << ": " << ::testing::PrintToString(report.violations) << report.timeline;
  }
}

// A refusal with a different message came within a minute of the first one, and its message was not
// reported anywhere.
TEST(FoundByTheExplorer, ARefusalThatChangesItsWordsIsReportedAgain) {
  for (const char* text : {"8:refused-for-long,14:rights-taken", "8:refused-for-long,16:rights-taken",
                           "8:rights-taken,18:refused-for-long"}) {
    const RunReport report = RunSchedule(Full("create-delete"), *ParseSchedule(text));
    EXPECT_TRUE(report.violations.empty())
        << text << ": " << ::testing::PrintToString(report.violations) << report.timeline;
  }
}

// The operator continued without permission to add its finalizer to the Secret, or to remove it:
// users did not see that as long as another refusal blocked the object.
TEST(FoundByTheExplorer, ARefusalThatTheOperatorGoesOnWithoutIsReportedToo) {
  for (const char* text : {"15:rights-taken,23:rights-taken", "84:refused-for-long,91:rights-taken",
                           "65:rights-taken,73:rights-taken"}) {
    const RunReport report = RunSchedule(Full("create-delete"), *ParseSchedule(text));
    EXPECT_TRUE(report.violations.empty())
        << text << ": " << ::testing::PrintToString(report.violations) << report.timeline;
  }
}

// The last observation of an object that is gone, unanswered twice, fell into the minutes in which
// everything must be quiet. Found by pairs of short lives.
TEST(FoundByTheExplorer, AnUnansweredLastObservationDoesNotViolateQuiet) {
  const Scenario scenario = *FindScenario("create-delete");
  const RunReport report = RunSchedule(scenario, *ParseSchedule("62:timeout-after,63:timeout-before"));
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
}

// A key issued by a POST was requested with the deadline of a read, which is longer than any lease:
// the fence refused it, the Secret stayed empty, and the request was retried every five seconds.
// Found by "create" undisturbed.
TEST(FoundByTheExplorer, AKeyThatIsIssuedByAPostIsPublishedWhileTheLeaseIsHeld) {
  bool asked = false;
  for (const Effect& effect : RunSchedule(Full("create"), {}).effects)
    asked = asked || effect.what.find("/key") != std::string::npos;
  EXPECT_TRUE(asked);
}

// A user's deletion during the quiet check caused requests, which counted as a violation. Found as
// create 110:user-delete.
TEST(FoundByTheExplorer, AUsersActionDuringTheQuietCheckRestartsTheCheck) {
  const Scenario scenario = Full("create");
  const auto effects = RunSchedule(scenario, {}).effects;
  for (const Mishap mishap : {Mishap::kUserDelete, Mishap::kUserEdit, Mishap::kCloudDrift}) {
    const RunReport report = RunSchedule(scenario, {{static_cast<int>(effects.size()) - 60, mishap}});
    EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
  }
}

// Another life leads only after the lease has expired: the list must lag longer than that.
TEST(FullCareless, OperatorWithoutAnIntentIsCaught) {
  const Scenario scenario = Full("create-delete-lagging");
  const int create = EffectThatAsksFor(scenario, "POST boxes.test /boxes");
  const RunReport report = RunSchedule(scenario, {{create, Mishap::kCrashAfterCommit}}, {WithoutIntent()});
  ASSERT_FALSE(report.violations.empty());
  EXPECT_NE(report.violations.front().find("two live cloud objects"), std::string::npos)
      << report.violations.front();
}

TEST(FullCareless, OperatorThatReadsACacheBeforeItCreatesIsCaughtUndisturbed) {
  const RunReport report = RunSchedule(Full("create-delete"), {}, {WithCachedReads(std::chrono::seconds(8))});
  ASSERT_FALSE(report.violations.empty());
}

TEST(FullCareless, OperatorThatDropsItsFinalizerEarlyIsCaughtUndisturbed) {
  const RunReport report = RunSchedule(Full("create-delete"), {}, {WithEarlyFinalizer()});
  ASSERT_FALSE(report.violations.empty());
  EXPECT_NE(report.violations.front().find("its Kubernetes object is gone"), std::string::npos)
      << report.violations.front();
}

// Runs share nothing: several threads find the same as one.
TEST(Explorer, FindsTheSameOnSeveralThreadsAsOnOne) {
  ThreadScheduler threads;
  ExploreOptions options;
  options.threads = &threads;
  options.budget = 6;
  const auto explored = [&](int jobs) {
    options.jobs = jobs;
    return ExploreSingles(SubjectOf(Full("create-delete")), {Mishap::kCrashAfterCommit}, options);
  };
  const Summary one = explored(1), two = explored(2);
  EXPECT_TRUE(two.findings.empty());
  EXPECT_EQ(one.schedules, two.schedules);
  EXPECT_EQ(one.effects, two.effects);
}

// A run forked at its mishap equals a run from the start.
TEST(Explorer, FindsTheSameInForkedRunsAsInWholeOnes) {
  ThreadScheduler threads;
  const Scenario lagging = Full("create-delete-lagging");
  for (const auto& [scenario, careless] :
       {std::pair{Full("create-delete"), Carelessness{}}, {lagging, Carelessness{WithoutIntent()}}}) {
    ExploreOptions options;
    options.threads = &threads;
    options.budget = 8;
    options.jobs = 2;
    const std::vector<Mishap> mishaps = {Mishap::kCrashAfterCommit, Mishap::kWatchDelayed};
    const Subject subject = SubjectOf(scenario, careless);
    const Summary whole = ExploreSingles(subject, mishaps, options);
    options.fork = true;
    const Summary forked = ExploreSingles(subject, mishaps, options);
    EXPECT_EQ(whole.schedules, forked.schedules);
    EXPECT_EQ(whole.effects, forked.effects);
    EXPECT_EQ(whole.ToString(), forked.ToString());
  }
}

// The consequences of a mishap soon equal those of another one and are not executed again.
// Carelessness shows before that.
TEST(Explorer, EndsForkedRunsWhereTheyFollowASuccessfulRun) {
  ExploreOptions options;
  options.budget = 12;
  options.merge = true;
  options.fork = true;
  const std::vector<Mishap> moments = {Mishap::kCrashAfterCommit, Mishap::kErrorBefore};
  const Summary summary = ExploreSingles(SubjectOf(Full("create-delete")), moments, options);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_GT(summary.joined, 2u);
  const Summary pauses = ExploreSingles(SubjectOf(Full("create-delete")), {Mishap::kPauseAfter}, options);
  EXPECT_TRUE(pauses.findings.empty());
  EXPECT_GT(pauses.joined, 0u);
  options.budget = 300;
  const Subject careless = SubjectOf(Full("create-delete-lagging"), {WithoutIntent()});
  EXPECT_FALSE(ExploreSingles(careless, {Mishap::kCrashAfterCommit}, options).findings.empty());
}

TEST(MishapTable, IsInTheOrderOfItsEnum) {
  for (const MishapInfo& info : MishapTable()) EXPECT_STREQ(InfoOf(info.mishap).name, info.name);
}

// The engine does not depend on operators: it explores anything that runs under a schedule.
TEST(Explorer, ExploresAnythingThatRunsUnderASchedule) {
  Subject subject;
  subject.name = "three steps";
  subject.again = "three-steps";
  subject.mishaps = {Mishap::kCrashBefore, Mishap::kErrorAfter};
  subject.run = [](const Schedule& schedule, const RunOptions&) {
    RunReport report;
    for (int number = 1; number <= 3; ++number) {
      Effect effect;
      effect.number = number;
      effect.what = "POST step";
      report.effects.push_back(effect);
    }
    for (const Perturbation& item : schedule) {
      if (item == Perturbation{2, Mishap::kErrorAfter})
        report.violations.push_back("the second step is done twice");
    }
    return report;
  };
  const Summary summary = ExploreSingles(subject, subject.mishaps);
  EXPECT_EQ(summary.schedules, 7u);
  ASSERT_EQ(summary.findings.size(), 1u);
  EXPECT_EQ(ScheduleText(summary.findings[0].schedule), "2:500-after");
  EXPECT_EQ(Minimise(subject, {{1, Mishap::kCrashBefore}, {2, Mishap::kErrorAfter}}),
            (Schedule{{2, Mishap::kErrorAfter}}));
}

}  // namespace
}  // namespace capstan::simulation
