#include <gtest/gtest.h>

#include <csignal>
#include <sstream>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// "Never" and "not set" are written as years outside the range of 64-bit nanoseconds.
TEST(Time, ClampsTimesOutsideItsRangeToTheNearestTimeInside) {
  const WallTime now = *ParseRfc3339("2026-11-22T07:00:00Z");
  for (const char* never : {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "2300-01-01T00:00:00Z",
                            "2262-04-11T23:47:17Z", "2199-01-01T00:00:00Z"}) {
    const auto time = ParseRfc3339(never);
    ASSERT_TRUE(time) << never;
    EXPECT_GT(*time - now, std::chrono::hours(24 * 365 * 80)) << never;
    EXPECT_GT(*time - *ParseRfc3339("0001-01-01T00:00:00Z"), std::chrono::hours(24 * 365 * 200)) << never;
  }
  for (const char* long_ago : {"0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59",
                               "1677-01-01T00:00:00Z", "1800-01-01T00:00:00.5Z"}) {
    const auto time = ParseRfc3339(long_ago);
    ASSERT_TRUE(time) << long_ago;
    EXPECT_GT(now - *time, std::chrono::hours(24 * 365 * 190)) << long_ago;
  }
  EXPECT_GT(*ParseHttpDate("Fri, 31 Dec 9999 23:59:59 GMT") - now, std::chrono::hours(24 * 365 * 80));
  EXPECT_GT(now - *ParseHttpDate("Mon, 01 Jan 0001 00:00:00 GMT"), std::chrono::hours(24 * 365 * 190));
  EXPECT_EQ(ParseRfc3339("2100-02-03T04:05:06Z"), WallTime(seconds(4105310706))) << "exact within reach";
  EXPECT_EQ(FormatRfc3339(WallTime::max()), "2262-04-11T23:47:16Z");
  EXPECT_EQ(FormatRfc3339Micro(WallTime::min()), "1677-09-21T00:12:43.145224Z");
}

TEST(Time, PrintsAndReadsRfc3339) {
  const WallTime time = WallTime(seconds(1795330800)) + std::chrono::microseconds(1234);
  EXPECT_EQ(FormatRfc3339(time), "2026-11-22T07:00:00Z");
  EXPECT_EQ(FormatRfc3339Micro(time), "2026-11-22T07:00:00.001234Z");
  EXPECT_EQ(ParseRfc3339("2026-11-22T07:00:00.001234Z"), time);
  EXPECT_EQ(ParseRfc3339("2026-11-22T09:30:00.001234+02:30"), time);
  EXPECT_EQ(ParseRfc3339("1969-12-31T23:59:59Z"), WallTime(seconds(-1)));
  for (const char* bad :
       {"", "2026-11-22", "2026-13-22T07:00:00Z", "2026-02-29T07:00:00Z", "2026-11-22T24:00:00Z",
        "2026-11-22T07:00:00", "2026-11-22T07:00:00.Z", "2026-11-22T07:00:00Zx"}) {
    EXPECT_FALSE(ParseRfc3339(bad).has_value()) << bad;
  }
}

TEST(Time, PrintsAndReadsTheDateHeader) {
  const WallTime time(seconds(1795330800));
  EXPECT_EQ(FormatHttpDate(time), "Sun, 22 Nov 2026 07:00:00 GMT");
  EXPECT_EQ(ParseHttpDate("Sun, 22 Nov 2026 07:00:00 GMT"), time);
  EXPECT_FALSE(ParseHttpDate("Sunday, 22-Nov-26 07:00:00 GMT").has_value());
}

TEST(Time, KeepsForeverForever) {
  EXPECT_EQ(After(kForever, hours(1)), kForever);
  EXPECT_EQ(After(Instant{}, Duration::max()), kForever);
}

TEST(Time, ReadsDurationsAsPeopleWriteThem) {
  EXPECT_EQ(ParseDuration("30"), seconds(30));
  EXPECT_EQ(ParseDuration("1m30s"), seconds(90));
  EXPECT_EQ(ParseDuration("1.5h"), std::chrono::minutes(90));
  EXPECT_EQ(ParseDuration("250ms"), milliseconds(250));
  for (const char* bad : {"", "s", "-1s", "1d", "1m30", "1e400s", "nan", "inf", "99999999999999h"}) {
    EXPECT_FALSE(ParseDuration(bad).has_value()) << bad;
  }
}

TEST(Secret, PrintsStarsWhereverItGoes) {
  const Secret token("dop_v1_0123456789");
  std::ostringstream out;
  out << token;
  EXPECT_EQ(out.str(), "***");
  RecordingLog log;
  log.Info("connecting", {{"token", token}});
  EXPECT_FALSE(log.Contains("dop_v1"));
  EXPECT_TRUE(log.Contains("token=***"));
}

TEST(Secret, DistinguishesSecretsWithoutShowingThem) {
  EXPECT_EQ(Secret("abc").Fingerprint(), "sha256:ba7816bf");  // FIPS 180-4's example
  EXPECT_EQ(Secret("abc").Digest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Secret(std::string(119, 'a')) == Secret(std::string(119, 'a')), true);
  EXPECT_EQ(Secret("a") == Secret("b"), false);
  EXPECT_NE(Secret("a").Fingerprint(), Secret("b").Fingerprint());
}

TEST(Secret, IsEmptyAfterAMove) {
  Secret token("short");
  const Secret other = std::move(token);
  EXPECT_TRUE(token.empty());  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_EQ(other.Reveal(), "short");
}

TEST(Backoff, GrowsToItsLimitAndStartsOverAfterASuccess) {
  const auto random = MakeSeededRandom(1);
  Backoff backoff({milliseconds(100), seconds(1), 2.0, 0.0}, *random);
  EXPECT_EQ(backoff.Next(), milliseconds(100));
  EXPECT_EQ(backoff.Next(), milliseconds(200));
  for (int i = 0; i < 2000; ++i) backoff.Next();
  EXPECT_EQ(backoff.Next(), seconds(1));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), milliseconds(100));
}

TEST(Random, MakesUuidsOfVersion4AndSuffixesThatKubernetesAccepts) {
  const auto random = MakeSeededRandom(42);
  const std::string uuid = random->Uuid();
  ASSERT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_TRUE(IsDnsLabel("x" + random->Suffix(5)));
  EXPECT_NE(MakeSystemRandom()->Uuid(), MakeSystemRandom()->Uuid());
}

TEST(Text, ChecksNamesAsKubernetesDoes) {
  EXPECT_TRUE(IsDnsSubdomain("a.b-c.d0"));
  EXPECT_FALSE(IsDnsSubdomain("a..b"));
  EXPECT_FALSE(IsDnsSubdomain("-a"));
  EXPECT_FALSE(IsDnsSubdomain("A"));
  EXPECT_FALSE(IsDnsSubdomain(std::string(254, 'a')));
  EXPECT_TRUE(IsDnsLabel(std::string(63, 'a')));
  EXPECT_FALSE(IsDnsLabel(std::string(64, 'a')));
  EXPECT_FALSE(IsDnsLabel("a.b"));
}

TEST(Text, EncodesAndDecodesBase64) {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    std::string back;
    EXPECT_TRUE(Base64Decode(Base64Encode(bytes), back));
    EXPECT_EQ(back, bytes);
  }
  EXPECT_EQ(Base64Encode("foob"), "Zm9vYg==");
  std::string ignored;
  for (const char* bad : {"Zm9", "Zm9vYg=", "Zm9v!g==", "Z=9v", "===="})
    EXPECT_FALSE(Base64Decode(bad, ignored)) << bad;
}

TEST(Text, EncodesAndDecodesUrls) {
  EXPECT_EQ(UrlEncode("a b/ä~"), "a%20b%2F%C3%A4~");
  std::string decoded;
  EXPECT_TRUE(UrlDecode("a+b%2f", true, decoded));
  EXPECT_EQ(decoded, "a b/");
  EXPECT_FALSE(UrlDecode("%2", false, decoded));
  EXPECT_FALSE(UrlDecode("%zz", false, decoded));
}

TEST(Text, RemovesTheFullStopBeforeOursFollows) {
  EXPECT_EQ(WithoutFullStop("It is gone."), "It is gone");
  EXPECT_EQ(WithoutFullStop(" It is gone. Look.\n"), "It is gone. Look");
  EXPECT_EQ(WithoutFullStop("version 1.34"), "version 1.34");
  EXPECT_EQ(WithoutFullStop("and so on..."), "and so on...");
  EXPECT_EQ(WithoutFullStop("Why?"), "Why?");
  EXPECT_EQ(WithoutFullStop("."), "");
  EXPECT_EQ(WithoutFullStop(""), "");
}

TEST(Text, ShortensAtACharacterBoundary) {
  EXPECT_EQ(Shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(Shorten("äöüäöü", 8), "äö…");
}

TEST(Files, WriteAtomicallyReplacesTheWholeFileWithItsMode) {
  const auto files = MakeSystemFiles();
  const std::string directory = testing::TempDir() + "capstan-files-" + MakeSystemRandom()->Suffix(8);
  ASSERT_TRUE(files->MakeDirectories(directory + "/a/b"));
  const std::string path = directory + "/a/b/file";
  ASSERT_TRUE(files->WriteAtomically(path, "one"));
  ASSERT_TRUE(files->WriteAtomically(path, "second"));
  EXPECT_EQ(files->Read(path).value(), "second");
  EXPECT_EQ(files->List(directory + "/a/b").value(), std::vector<std::string>{"file"});
  EXPECT_EQ(files->Read(path, 3).error().code, Code::kTooLarge);
  EXPECT_EQ(files->Read(directory + "/none").error().code, Code::kNotFound);
  EXPECT_NE(files->Read(directory + "/none").error().message.find(directory + "/none"), std::string::npos);
  EXPECT_EQ(files->Read(directory).error().code, Code::kInvalidArgument);
  EXPECT_TRUE(files->Remove(path));
  EXPECT_TRUE(files->Remove(path));
}

TEST(Process, FeedsAProgramAndCollectsWhatItSays) {
  const auto process = MakeSystemProcess();
  const auto done =
      process->Run({{"sh", "-c", "cat; echo \"$WHO\" >&2; exit 3"}, {{"WHO", "me"}}, "hello"}, Context{});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->output, "hello");
  EXPECT_EQ(done->error_output, "me\n");
  EXPECT_EQ(done->exit_status, 3);
}

TEST(Process, KillsAProgramThatOutlivesItsDeadlineOrItsCaller) {
  const auto process = MakeSystemProcess();
  ThreadScheduler scheduler;
  const Command forever{{"sh", "-c", "sleep 1000 & wait"}, {}, ""};
  EXPECT_EQ(process->Run(forever, Context{}.Within(scheduler, milliseconds(20))).error().code,
            Code::kDeadlineExceeded);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(process->Run(forever, Context{stop.get_token()}).error().code, Code::kCancelled);
}

TEST(Process, KillsAProgramThatClosesItsOutputsAndNeverEnds) {
  const auto process = MakeSystemProcess();
  ThreadScheduler scheduler;
  const Command mute{{"sh", "-c", "exec >&- 2>&-; sleep 1000"}, {}, ""};
  EXPECT_EQ(process->Run(mute, Context{}.Within(scheduler, milliseconds(200))).error().code,
            Code::kDeadlineExceeded);
  std::stop_source stop;
  const Task stopper = scheduler.Spawn("stopper", [&](const Context& context) {
    (void)scheduler.Sleep(milliseconds(100), context);
    stop.request_stop();
  });
  EXPECT_EQ(process->Run(mute, Context{stop.get_token()}).error().code, Code::kCancelled);
}

TEST(Process, DoesNotWaitForChildrenThatAProgramLeavesBehind) {
  ThreadScheduler scheduler;
  const auto done = MakeSystemProcess()->Run({{"sh", "-c", "sleep 20 & echo said; echo too >&2"}, {}, ""},
                                             Context{}.Within(scheduler, seconds(10)));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->output, "said\n");
  EXPECT_EQ(done->error_output, "too\n");
}

TEST(Process, CollectsAllThatAProgramSaidBeforeItEnded) {
  for (int i = 0; i < 20; ++i) {
    const auto done = MakeSystemProcess()->Run({{"sh", "-c", "head -c 300000 /dev/zero"}}, Context{});
    ASSERT_TRUE(done);
    ASSERT_EQ(done->output.size(), 300000U);
  }
}

// This process blocks and ignores signals; `timeout` and pipes in a plugin need the defaults.
TEST(Process, StartsProgramsWithTheUsualSignals) {
  sigset_t ours, before;
  sigemptyset(&ours);
  sigaddset(&ours, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ours, &before);
  const auto pipe_before = std::signal(SIGPIPE, SIG_IGN);
  const auto done =
      MakeSystemProcess()->Run({{"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}}, Context{});
  std::signal(SIGPIPE, pipe_before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(done);
  std::istringstream lines(done->output);
  std::string name;
  std::uint64_t blocked = ~0ULL, ignored = ~0ULL;
  lines >> name >> std::hex >> blocked >> name >> ignored;
  const std::uint64_t term = 1ULL << (SIGTERM - 1), pipe = 1ULL << (SIGPIPE - 1);
  EXPECT_EQ(blocked & term, 0U) << done->output;
  EXPECT_EQ(ignored & pipe, 0U) << done->output;
}

TEST(Process, SaysWhichProgramIsMissing) {
  const auto failed = MakeSystemProcess()->Run({{"capstan-no-such-program"}}, Context{});
  EXPECT_EQ(failed.error().code, Code::kNotFound);
  EXPECT_NE(failed.error().message.find("capstan-no-such-program"), std::string::npos);
}

TEST(Process, RefusesEndlessOutput) {
  EXPECT_EQ(MakeSystemProcess()->Run({{"sh", "-c", "yes"}, {}, "", 1000}, Context{}).error().code,
            Code::kTooLarge);
}

}  // namespace
}  // namespace capstan
