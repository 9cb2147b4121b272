#include <capstan/core/program/log_outlet.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>

namespace capstan::program {
namespace {

using std::chrono::milliseconds;

class LogOutletTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe2(pipe_, O_CLOEXEC), 0); }
  void TearDown() override {
    CloseWriter();
    ::close(pipe_[0]);
  }
  void CloseWriter() {
    if (pipe_[1] >= 0) ::close(pipe_[1]);
    pipe_[1] = -1;
  }
  LogOutletOptions Options(std::size_t limit) const {
    LogOutletOptions options;
    options.descriptor = pipe_[1];
    options.limit = limit;
    options.flush = milliseconds(100);
    options.dropped = [](std::uint64_t count) { return StrCat("dropped ", count); };
    return options;
  }
  // Reads until a line contains `last`.
  std::string ReadUntil(const std::string& last) {
    std::string all;
    char piece[65536];
    while (all.find(last) == std::string::npos) {
      const ssize_t got = ::read(pipe_[0], piece, sizeof piece);
      if (got <= 0) break;
      all.append(piece, static_cast<std::size_t>(got));
    }
    return all;
  }

  // Sum of the dropped lines that the lines of `text` report.
  static std::uint64_t DroppedIn(const std::string& text) {
    std::uint64_t sum = 0;
    constexpr std::string_view kBegin = "dropped ";
    for (std::size_t at = 0, end = text.find('\n'); end != std::string::npos;
         at = end + 1, end = text.find('\n', at)) {
      if (text.compare(at, kBegin.size(), kBegin) == 0)
        sum += std::stoull(text.substr(at + kBegin.size(), end - at - kBegin.size()));
    }
    return sum;
  }

  int pipe_[2] = {-1, -1};
  ThreadScheduler scheduler_;
};

TEST_F(LogOutletTest, WritesEachLineInOrder) {
  LogOutlet outlet(scheduler_, Options(1 << 20));
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    outlet.Put(StrCat("line ", i));
    expected += StrCat("line ", i, "\n");
  }
  EXPECT_EQ(ReadUntil("line 99\n"), expected);
  EXPECT_EQ(outlet.dropped(), 0U);
}

TEST_F(LogOutletTest, NeverWaitsForAReaderAndSaysHowManyLinesAreMissing) {
  LogOutlet outlet(scheduler_, Options(100'000));
  const std::string line(1000, 'x');
  // Far more than pipe and queue can take: with a blocking writer this would never end.
  for (int i = 0; i < 1000; ++i) outlet.Put(line);
  const std::uint64_t dropped = outlet.dropped();
  EXPECT_GT(dropped, 500U);
  // The writer may find room, and report the lines missing so far, more than once.
  std::string read;
  std::uint64_t told = 0;
  while (told < dropped) {
    const std::string more = ReadUntil("\n");
    if (more.empty()) break;
    read += more;
    told = DroppedIn(read);
  }
  EXPECT_EQ(told, dropped);
  outlet.Put("and on");
  ReadUntil("and on\n");
  EXPECT_EQ(outlet.dropped(), dropped);
}

TEST_F(LogOutletTest, DestructionIsBoundedEvenWithoutAReader) {
  const Instant began = scheduler_.Now();
  {
    LogOutlet outlet(scheduler_, Options(1 << 20));
    for (int i = 0; i < 1000; ++i) outlet.Put(std::string(1000, 'x'));
  }
  EXPECT_LT(scheduler_.Now() - began, std::chrono::seconds(30));
}

TEST_F(LogOutletTest, DestructionWritesTheQueue) {
  {
    LogOutlet outlet(scheduler_, Options(1 << 20));
    for (int i = 0; i < 30; ++i) outlet.Put(std::string(1000, 'x'));
    outlet.Put("last");
  }
  CloseWriter();
  EXPECT_NE(ReadUntil("last\n").find("last\n"), std::string::npos);
}

TEST_F(LogOutletTest, ACrashLetsTheQueueBeWritten) {
  for (const int signal : {SIGABRT, SIGSEGV}) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::signal(signal, SIG_DFL);  // AddressSanitizer has a handler of its own
      ThreadScheduler scheduler;
      LogOutlet outlet(scheduler, Options(1 << 20));
      outlet.Put(StrCat("the last words before ", signal));
      ::raise(signal);
      ::_exit(0);
    }
    const std::string words = StrCat("the last words before ", signal, "\n");
    EXPECT_NE(ReadUntil(words).find(words), std::string::npos);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);
  }
}

}  // namespace
}  // namespace capstan::program
