#include <capstan/apps/capstan/console/command_line.hpp>

#include <gflags/gflags.h>
#include <gtest/gtest.h>

#include <capstan/apps/capstan/commands/commands.hpp>

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

TEST_F(CommandLineTest, AcceptsTheShortFormsOfKubectlForFlagsThatACommandHas) {
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
  EXPECT_NE(help.find("--test-count"), std::string::npos);
  EXPECT_NE(help.find("--log-format"), std::string::npos);
  EXPECT_EQ(help.find("--stderrthreshold"), std::string::npos);
  EXPECT_EQ(help.find("--kubeconfig"), std::string::npos);
}

TEST_F(CommandLineTest, HelpPrintsDefaultsAndNotTheGivenValues) {
  const std::string before = FlagsHelp({__FILE__});
  ASSERT_TRUE(Parse({"--test_text=dop_v1_given", "--test_count=77"}));
  EXPECT_EQ(FlagsHelp({__FILE__}), before);
}

}  // namespace
}  // namespace capstan::app
