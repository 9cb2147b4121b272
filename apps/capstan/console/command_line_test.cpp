#include <capstan/apps/capstan/console/command_line.hpp>

#include <gflags/gflags.h>
#include <gtest/gtest.h>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/logging.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

DEFINE_int32(test_count, 3, "how many");
DEFINE_bool(test_switch, false, "whether");
DEFINE_string(test_text, "", "which");

namespace capstan::app {
namespace {

class CommandLineTest : public testing::Test {
 protected:
  Result<ParsedArguments> Parse(const std::vector<std::string>& arguments) {
    return ParseArguments(arguments, {__FILE__}, *files_);
  }
  std::unique_ptr<Files> files_ = MakeMemoryFiles({{"/flags", "# a comment\n\n--test_count=9\n"},
                                                   {"/bad", "--test_count=9\n--tset_count=1\n"},
                                                   {"/section", "test_count=9\n"}});
  gflags::FlagSaver saver_;
};

TEST_F(CommandLineTest, UnderstandsEveryWayToWriteAFlag) {
  const auto parsed =
      Parse({"--test_count", "5", "--test-switch", "--test_text=a=b", "operand", "--", "--not-a-flag"});
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(FLAGS_test_count, 5);
  EXPECT_TRUE(FLAGS_test_switch);
  EXPECT_EQ(FLAGS_test_text, "a=b");
  EXPECT_EQ(parsed->operands, (std::vector<std::string>{"operand", "--not-a-flag"}));
  ASSERT_TRUE(Parse({"--notest_switch"}));
  EXPECT_FALSE(FLAGS_test_switch);
  ASSERT_TRUE(Parse({"--test_switch", "--no-test-switch"}));
  EXPECT_FALSE(FLAGS_test_switch);
}

TEST_F(CommandLineTest, RefusesUnknownFlagsBadValuesAndMissingOnesInOneLine) {
  for (const std::vector<std::string>& bad : {std::vector<std::string>{"--tset_count=1"},
                                              {"--test_count=x"},
                                              {"--test_count"},
                                              {"--test_switch=maybe"},
                                              {"--stderrthreshold=0"},
                                              {"-x"}}) {
    const auto parsed = Parse(bad);
    ASSERT_FALSE(parsed) << bad[0];
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
    EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
  }
}

TEST_F(CommandLineTest, KnowsTheShortFormsOfKubectlWhereACommandHasThatFlag) {
  const auto parsed =
      ParseArguments({"-n", "team-a", "-o=json", "doks/web", "-"}, kPlanCommand.flags, *files_);
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(parsed->operands, (std::vector<std::string>{"doks/web", "-"}));
  std::string value;
  ASSERT_TRUE(gflags::GetCommandLineOption("namespace", &value));
  EXPECT_EQ(value, "team-a");
  ASSERT_TRUE(gflags::GetCommandLineOption("output", &value));
  EXPECT_EQ(value, "json");
  EXPECT_FALSE(Parse({"-n", "team-a"}));  // a command without --namespace
}

TEST_F(CommandLineTest, ChecksEveryLineOfAFlagFile) {
  ASSERT_TRUE(Parse({"--flagfile=/flags"}));
  EXPECT_EQ(FLAGS_test_count, 9);
  EXPECT_NE(Parse({"--flagfile=/bad"}).error().message.find("/bad:2"), std::string::npos);
  EXPECT_NE(Parse({"--flagfile=/section"}).error().message.find("/section:1"), std::string::npos);
  EXPECT_EQ(Parse({"--flagfile=/none"}).error().code, Code::kNotFound);
}

TEST_F(CommandLineTest, ListsOnlyTheFlagsOfTheCommandAndOfLogging) {
  const std::string help = FlagsHelp({__FILE__});
  EXPECT_NE(help.find("--test_count"), std::string::npos);
  EXPECT_NE(help.find("--log_format"), std::string::npos);
  EXPECT_EQ(help.find("--stderrthreshold"), std::string::npos);
  EXPECT_EQ(help.find("--kubeconfig"), std::string::npos);
}

TEST_F(CommandLineTest, HelpTellsDefaultsAndNotWhatWasGiven) {
  const std::string before = FlagsHelp({__FILE__});
  ASSERT_TRUE(Parse({"--test_text=dop_v1_given", "--test_count=77"}));
  EXPECT_EQ(FlagsHelp({__FILE__}), before);
}

TEST(Logging, WritesOneLineInEitherFormat) {
  const std::vector<LogField> fields = {{"object", "default/a"}, {"detail", "two\nlines"}};
  EXPECT_EQ(FormatLogLine(false, LogLevel::kWarning, WallTime{}, "it failed", fields),
            "1970-01-01T00:00:00.000000Z WARNING it failed object=default/a detail=\"two\\nlines\"");
  EXPECT_EQ(FormatLogLine(true, LogLevel::kInfo, WallTime{}, "it works", fields),
            "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"info\",\"message\":\"it works\","
            "\"object\":\"default/a\",\"detail\":\"two\\nlines\"}");
}

TEST(Logging, EscapesWhateverWouldMoveATerminalOrBreakALine) {
  const std::string wild =
      "a\rb\x1B[2Jc\x7F"
      "d\xC2\x9B"
      "e\xE2\x80\xAE"
      "f\xE2\x80\xA8"
      "g\xE2\x81\xA6"
      "h\xFFi\tj\nk";
  const char* const plain = "a\\rb\\u001b[2Jc\\u007fd\\u009be\\u202ef\\u2028g\\u2066h\xEF\xBF\xBDi\\tj\\nk";
  EXPECT_EQ(FormatLogLine(false, LogLevel::kInfo, WallTime{}, wild, {{"field", wild}}),
            StrCat("1970-01-01T00:00:00.000000Z INFO ", plain, " field=\"", plain, "\""));
  EXPECT_EQ(FormatLogLine(true, LogLevel::kInfo, WallTime{}, wild, {{"field", wild}}),
            StrCat(R"({"time":"1970-01-01T00:00:00.000000Z","level":"info","message":")", plain,
                   R"(","field":")", plain, "\"}"));
  EXPECT_EQ(FormatLogLine(false, LogLevel::kInfo, WallTime{}, "Größe",
                          {{"a", "Größe"}, {"b", "x\\y"}, {"c", "\xC2\x9B"}}),
            "1970-01-01T00:00:00.000000Z INFO Größe a=Größe b=\"x\\\\y\" c=\"\\u009b\"");
}

TEST(Logging, ShortensTextsAndNeverCutsALine) {
  const std::string controls(40'000, '\x01'), words(200'000, 'w');
  std::vector<LogField> many;
  for (int i = 0; i < 3000; ++i) many.push_back({"field", i});
  const std::vector<std::vector<LogField>> cases = {
      {{"object", "default/a"}, {"error", words}}, {{"error", controls}, {"again", words}}, many};
  for (const auto& fields : cases) {
    for (const std::string& message : {std::string("short"), words}) {
      const std::string line = FormatLogLine(true, LogLevel::kInfo, WallTime{}, message, fields);
      EXPECT_LE(line.size(), kLogLineLimit);
      EXPECT_TRUE(json::ParseTree(line)) << line.substr(line.size() - 100);
      const std::string text = FormatLogLine(false, LogLevel::kInfo, WallTime{}, message, fields);
      EXPECT_LE(text.size(), kLogLineLimit);
      EXPECT_EQ(text.find('\n'), std::string::npos);
    }
  }
  const std::string line = FormatLogLine(true, LogLevel::kInfo, WallTime{}, "short", cases[0]);
  EXPECT_NE(line.find(R"("object":"default/a")"), std::string::npos) << "what is short stays whole";
}

TEST(Logging, MasksWhatLooksLikeACredential) {
  EXPECT_EQ(MaskCredentials("Authorization: Bearer abc.def, x"), "Authorization: Bearer ***, x");
  EXPECT_EQ(MaskCredentials("https://h/?token=abc&x=1"), "https://h/?token=***&x=1");
  for (const char* kind : {"dop_v1_", "doo_v1_", "dor_v1_"}) {
    EXPECT_EQ(MaskCredentials(StrCat("used ", kind, "0123456789abcdef now")),
              StrCat("used ", kind, "*** now"));
  }
}

TEST(Logging, MasksCredentialsInTheMessageAndInEveryFieldOfEitherFormat) {
  for (const bool json : {false, true}) {
    const std::string line = FormatLogLine(json, LogLevel::kDebug, WallTime{}, "sent Bearer abc123",
                                           {{"url", "https://h/?token=def456"}, {"with", "dop_v1_789"}});
    for (const char* secret : {"abc123", "def456", "789"})
      EXPECT_EQ(line.find(secret), std::string::npos) << line;
    EXPECT_NE(line.find("Bearer ***"), std::string::npos) << line;
    EXPECT_NE(line.find("dop_v1_***"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace capstan::app
