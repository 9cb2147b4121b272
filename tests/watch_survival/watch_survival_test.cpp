// Watches cannot die silently: every way in which one ends, and the cache equals the server
// afterwards.
#include <algorithm>

#include <capstan/tests/cluster/live_cluster.hpp>
#include <capstan/tests/watch_survival/survival.hpp>

namespace capstan::survival {
namespace {

http::Response Refusal(int status, const std::string& reason, http::Headers headers = {}) {
  return {status, std::move(headers),
          StrCat(R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":")", reason,
                 R"(","code":)", status, R"(,"message":"for a test"})")};
}

// Watches that end by themselves after this time, because permissions and tokens are only checked
// when one begins.
Operator ShortWatches() {
  Operator setup;
  setup.watcher.watch_timeout = seconds(2);
  return setup;
}

TEST_P(Survival, CompactionWhileDisconnectedLeadsToANewList) {
  Put("a", 1);
  Put("b", 1);
  Put("c", 1);
  Watch(Sprocket());
  // The server is available but busy, so this is no outage: the watch resumes where it was, or
  // tries to.
  Answer(Refusal(429, "TooManyRequests"));
  proxy().Cut();
  Put("a", 2);
  Remove("b");
  Put("d", 1);
  server().Compact();
  // An API server may still know versions that etcd has compacted, until it is restarted.
  server().Kill();
  server().Start();
  WaitUntilServed(Sprocket());
  Put("a", 3);
  Answer(std::nullopt);
  EXPECT_TRUE(BecomesEqual());
  ExpectOneWarning("code=gone");
}

TEST_P(Survival, EtcdRestoredToAnOlderStateIsNoticedAndTaken) {
  Put("a", 1);
  Put("b", 1);
  Watch(Sprocket());
  server().TakeSnapshot();
  for (int i = 0; i < 30; ++i) Put("a", i);
  Remove("b");
  Put("made-later", 1);
  ASSERT_TRUE(BecomesEqual());
  const std::uint64_t before = ServerVersion();
  server().Kill();
  ASSERT_TRUE(OutageNoticed());
  server().RestoreSnapshot();
  server().Start();
  EXPECT_LT(ServerVersion(), before) << "the server did go back";
  EXPECT_TRUE(BecomesEqual());
  EXPECT_TRUE(informer().store().Find({Namespace(), "b"}).has_value()) << "what was deleted is there again";
  EXPECT_FALSE(informer().store().Find({Namespace(), "made-later"}).has_value());
  ExpectOneWarning("went back from");
  ExpectOneWarning("cannot watch");
  ExpectWarnings(2);
}

TEST_P(Survival, EtcdRestoredAndWrittenPastTheLastVersionIsNoticedToo) {
  Put("a", 1);
  Put("b", 1);
  Watch(Sprocket());
  server().TakeSnapshot();
  for (int i = 0; i < 10; ++i) Put("a", i);
  Put("made-later", 1);
  ASSERT_TRUE(BecomesEqual());
  const std::uint64_t before = informer().store().version();
  proxy().Refuse(true);
  server().Kill();
  ASSERT_TRUE(OutageNoticed());
  server().RestoreSnapshot();
  server().Start();
  WaitUntilServed(Sprocket());
  Put("b", 7);
  Put("made-instead", 1);
  for (int i = 100; ServerVersion() <= before + 5; ++i) Put("a", i);
  proxy().Refuse(false);
  EXPECT_TRUE(BecomesEqual()) << "the numbers look right, and it is another history";
  EXPECT_FALSE(informer().store().Find({Namespace(), "made-later"}).has_value());
  ExpectOneWarning("cannot watch");
}

TEST_P(Survival, AnApiServerThatIsKilledAndRestartedIsWatchedAgain) {
  Put("a", 1);
  Watch(Sprocket());
  const auto quiet = Age();
  ASSERT_TRUE(quiet.has_value()) << "there is a metric from the start";
  server().Kill();
  ASSERT_TRUE(OutageNoticed());
  EXPECT_TRUE(Until([&] { return Age() > 2.5; })) << "the metric grows while nothing is heard";
  server().Start();
  WaitUntilServed(Sprocket());
  Put("a", 2);
  Put("b", 1);
  EXPECT_TRUE(BecomesEqual());
  ExpectHeardAgain();
  ExpectOneWarning("cannot watch");
  ExpectWarnings(1);
}

TEST_P(Survival, ACrdDeletedAndMadeAgainEmptiesAndRefillsTheCache) {
  const kube::Kind kind{kGroup, "v1", "Cog", "cogs", true};
  Define(kind);
  Put("a", 1, &kind);
  Put("b", 1, &kind);
  Operator setup;
  setup.watcher.watch_timeout = seconds(3);
  setup.watcher.absent_after = seconds(2);
  Watch(kind, setup);
  const std::string first(informer().store().Find({Namespace(), "a"})->uid());
  const auto gone = server().crd_admin().Delete(kube::CustomResourceDefinitionKind(), {"", kind.resource()},
                                                {}, Within(seconds(60)));
  ASSERT_TRUE(gone) << gone.error();
  EXPECT_TRUE(Until([&] { return informer().store().size() == 0; })) << "its objects are gone";
  EXPECT_TRUE(Until([&] { return !Warnings().empty() && informer().status().trouble; }));
  Define(kind);
  Put("a", 1, &kind);
  Put("c", 1, &kind);
  EXPECT_TRUE(BecomesEqual());
  EXPECT_NE(std::string(informer().store().Find({Namespace(), "a"})->uid()), first);
  ExpectOneWarning("code=not_found");
  // A server may immediately report its first list of a new kind as too old.
  for (const std::string& line : Warnings()) {
    EXPECT_TRUE(line.find("code=not_found") != std::string::npos ||
                line.find("code=gone") != std::string::npos)
        << line;
  }
}

TEST_P(Survival, ARevokedTokenStopsTheWatchUntilItsFileHoldsANewOne) {
  Put("a", 1);
  const auto files = MakeSystemFiles();
  Operator setup = ShortWatches();
  setup.token_file = StrCat(::testing::TempDir(), "/survival-token-", Namespace());
  ASSERT_TRUE(files->WriteAtomically(setup.token_file, server().MakeToken(Namespace())));
  Watch(Sprocket(), setup);
  server().RevokeTokens();
  // A server may accept a token for another ten seconds.
  EXPECT_TRUE(Until([&] { return !Warnings().empty(); }));
  Put("a", 2);
  EXPECT_EQ(informer().store().size(), 1u) << "what was known stays known";
  const std::string token = server().MakeToken(Namespace());
  ASSERT_TRUE(files->WriteAtomically(setup.token_file, token));
  EXPECT_TRUE(BecomesEqual());
  ExpectOneWarning("code=unauthenticated");
  ExpectWarnings(1);
  for (const std::string& line : Warnings()) EXPECT_EQ(line.find(token), std::string::npos);
  (void)files->Remove(setup.token_file);
}

TEST_P(Survival, TooManyRequestsAreWaitedOutAsLongAsTheServerWishes) {
  Put("a", 1);
  Watch(Sprocket());
  Answer(Refusal(429, "TooManyRequests", {{"Retry-After", "2"}}));
  proxy().Cut();
  ASSERT_TRUE(Until([&] { return TroubleIs(Code::kResourceExhausted); }));
  Put("a", 2);
  const std::size_t asked = damaging().Times().size();
  EXPECT_TRUE(Until([&] { return damaging().Times().size() >= asked + 2; }));
  const auto times = damaging().Times();
  for (std::size_t i = asked; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 1], seconds(2)) << "asked more often than every two seconds";
  }
  // More than four seconds have passed since the watch was cut.
  EXPECT_TRUE(Until([&] { return Age() < 3; })) << "a refusal is a sign of life";
  Answer(std::nullopt);
  EXPECT_TRUE(BecomesEqual());
}

TEST_P(Survival, AnOverloadedServerIsOneLineHoweverOftenItRefuses) {
  Put("a", 1);
  Operator setup = ShortWatches();
  Watch(Sprocket(), setup);
  Answer(Refusal(429, "TooManyRequests", {{"Retry-After", "1"}}));
  ASSERT_TRUE(Until([&] { return TroubleIs(Code::kResourceExhausted); }));
  const std::size_t asked = damaging().Urls().size();
  EXPECT_TRUE(Until([&] { return damaging().Urls().size() >= asked + 3; }));
  Put("a", 2);
  Answer(std::nullopt);
  EXPECT_TRUE(BecomesEqual());
  ExpectOneWarning("code=resource_exhausted");
  ExpectWarnings(1);
}

TEST_P(Survival, AHalfOpenConnectionIsNoticedByItsMissingAcknowledgements) {
  Put("a", 1);
  Operator setup;
  setup.watcher.watch_timeout = minutes(10);  // silence alone would not be noticed for ten minutes
  Watch(Sprocket(), setup);
  proxy().Vanish();
  Put("a", 2);
  EXPECT_TRUE(Until([&] { return Age() > 1.5; }));
  EXPECT_TRUE(BecomesEqual());
  ExpectOneWarning("cannot watch");
  ExpectWarnings(1);
  ExpectHeardAgain();
}

TEST_P(Survival, ASilentServerIsAbandonedAfterTheWatchTimeout) {
  Put("a", 1);
  Operator setup = ShortWatches();
  setup.watcher.slack = seconds(1);
  setup.request_timeout = seconds(4);
  Watch(Sprocket(), setup);
  proxy().Freeze();
  Put("a", 2);
  EXPECT_TRUE(Until([&] { return Age() > 1.5; }));
  EXPECT_TRUE(BecomesEqual());
  ExpectOneWarning("nothing was heard for");
  ExpectWarnings(1);
  ExpectHeardAgain();
}

TEST_P(Survival, ASilentServerCostsOneTimeoutHoweverManyConnectionsWereKept) {
  Put("a", 1);
  Operator setup = ShortWatches();
  setup.watcher.slack = seconds(1);
  setup.request_timeout = seconds(4);
  Watch(Sprocket(), setup);
  // Concurrent requests leave several connections behind.
  const int before = proxy().open_connections();
  std::vector<Task> askers;
  for (int i = 0; i < 10; ++i) {
    askers.push_back(server().scheduler().Spawn("asker", [&](const Context& context) {
      const Context enough = context.Within(server().scheduler(), minutes(1));
      while (proxy().open_connections() < before + 8 && server().scheduler().Now() < enough.deadline) {
        (void)client().List(
            Sprocket(), Namespace(), {}, [](std::string_view) { return Status(); }, enough);
      }
    }));
  }
  for (Task& asker : askers) asker.Join();
  ASSERT_GE(proxy().open_connections(), before + 6);
  proxy().Freeze();
  const std::size_t asked = damaging().Urls().size();
  Put("a", 2);
  EXPECT_TRUE(BecomesEqual());
  // The watch is abandoned, the next request times out, and then there is a new connection.
  const auto urls = damaging().Urls();
  const auto questions =
      std::count_if(urls.begin() + static_cast<std::ptrdiff_t>(asked), urls.end(),
                    [](const std::string& url) { return url.find("watch=1") == std::string::npos; });
  EXPECT_LE(questions, 4) << "a timeout for each of the connections that were kept";
  ExpectOneWarning("nothing was heard for");
}

TEST_P(Survival, ATruncatedFrameIsNotBelieved) {
  Put("a", 1);
  Watch(Sprocket());
  damaging().DamageNextPiece({true, ""});
  Put("a", 2);
  EXPECT_TRUE(BecomesEqual());
  EXPECT_EQ(damaging().done(), 1);
  ExpectOneWarning("ends in the middle");
  ExpectWarnings(1);
}

TEST_P(Survival, AnErrorEventThatSaysGoneLeadsToANewList) {
  Put("a", 1);
  Watch(Sprocket());
  damaging().DamageNextPiece({false, Refusal(410, "Expired").body});
  Put("a", 2);
  EXPECT_TRUE(BecomesEqual());
  EXPECT_EQ(damaging().done(), 1);
  EXPECT_EQ(informer().status().lists, 2u);
  ExpectOneWarning("code=gone");
  ExpectWarnings(1);
}

TEST_P(Survival, AnyOtherErrorEventIsRetried) {
  Put("a", 1);
  Watch(Sprocket());
  damaging().DamageNextPiece({false, Refusal(500, "InternalError").body});
  Put("a", 2);
  EXPECT_TRUE(BecomesEqual());
  EXPECT_EQ(damaging().done(), 1);
  ExpectOneWarning("cannot watch");
  ExpectWarnings(1);
}

TEST_P(Survival, ListsStreamWhereTheServerCanAndComeInPagesWhereItCannot) {
  for (int i = 0; i < 5; ++i) Put(StrCat("s", i), i);
  Operator setup;
  setup.watcher.page_size = 2;
  Watch(Sprocket(), setup);
  const auto urls = damaging().Urls();
  ASSERT_FALSE(urls.empty());
  EXPECT_NE(urls[0].find("sendInitialEvents=true"), std::string::npos);
  int pages = 0;
  for (const auto& url : urls) pages += url.find("limit=2") != std::string::npos;
  if (pages == 0) {
    EXPECT_EQ(urls.size(), 1u) << "one request is list and watch";
  } else {
    EXPECT_EQ(pages, 3);
    EXPECT_TRUE(server().separate()) << "the embedded server has streaming lists";
  }
  ExpectWarnings(0);
}

class RightsSurvival : public Survival {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RightsSurvival);

TEST_P(RightsSurvival, RightsTakenAwayAndGivenBackEndInAnEqualCache) {
  Put("a", 1);
  const auto files = MakeSystemFiles();
  Operator setup = ShortWatches();
  setup.token_file = StrCat(::testing::TempDir(), "/survival-token-", Namespace());
  ASSERT_TRUE(files->WriteAtomically(setup.token_file, server().MakeToken(Namespace())));
  // New permissions take a moment to become effective.
  Watch(Sprocket(), setup, false);
  ASSERT_TRUE(BecomesEqual());
  const std::size_t before = Warnings().size();
  server().SetRights(Namespace(), false);
  EXPECT_TRUE(Until([&] { return Warnings().size() > before; }));
  Put("a", 2);
  Put("b", 1);
  EXPECT_EQ(informer().store().size(), 1u) << "what was known stays known";
  server().SetRights(Namespace(), true);
  EXPECT_TRUE(BecomesEqual());
  EXPECT_EQ(Warnings().size(), before + 1) << Join(Warnings(), "\n");
  EXPECT_NE(Warnings().back().find("code=permission_denied"), std::string::npos) << Warnings().back();
  EXPECT_NE(Warnings().back().find("forbidden"), std::string::npos) << Warnings().back();
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Kubernetes, Survival, ::testing::ValuesIn(cluster::ServerNames()),
                         [](const auto& info) { return info.param; });

std::vector<std::string> ServersWithRights() {
  auto names = cluster::ServerNames();
  names.erase(names.begin());
  return names;
}
INSTANTIATE_TEST_SUITE_P(Kubernetes, RightsSurvival, ::testing::ValuesIn(ServersWithRights()),
                         [](const auto& info) { return info.param; });

}  // namespace capstan::survival
