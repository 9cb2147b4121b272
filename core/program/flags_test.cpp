#include <capstan/core/program/flags.hpp>

#include <gtest/gtest.h>

namespace capstan::program {
namespace {

class FlagsTest : public testing::Test {
 protected:
  FlagsTest() {
    flags_.Add("text", &text_, "which");
    flags_.Add("switch_on", &switch_, "whether");
    flags_.Add("count", &count_, 1, 9, "how many");
    flags_.Add("wait", &wait_, "how long");
    flags_.Add("items", &items_, "what");
    flags_.Add("namespace", &namespace_, "where");
  }
  Result<ParsedArguments> Parse(const std::vector<std::string>& arguments) {
    return flags_.Parse(arguments, *files_);
  }
  std::string text_ = "before", namespace_;
  bool switch_ = false;
  int count_ = 3;
  Duration wait_ = std::chrono::seconds(30);
  std::vector<std::string> items_;
  Flags flags_;
  std::unique_ptr<Files> files_ = MakeMemoryFiles(
      {{"/good", "# all of it\n--count=9\n\n--no-switch-on\n"}, {"/bad", "--count=9\ncount=1\n"}});
};

TEST_F(FlagsTest, AreAcceptedInEveryForm) {
  const auto parsed = Parse({"--text=a=b", "--switch-on", "--count", "5", "--wait=2m", "--items= a, b,,c",
                             "-n", "team", "rest", "--", "--not-a-flag"});
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(text_, "a=b");
  EXPECT_TRUE(switch_);
  EXPECT_EQ(count_, 5);
  EXPECT_EQ(wait_, std::chrono::minutes(2));
  EXPECT_EQ(items_, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(namespace_, "team");
  EXPECT_EQ(parsed->operands, (std::vector<std::string>{"rest", "--not-a-flag"}));
  ASSERT_TRUE(Parse({"--noswitch_on", "--items="}));
  EXPECT_FALSE(switch_);
  EXPECT_TRUE(items_.empty());
}

TEST_F(FlagsTest, ThatAreInvalidAreRefusedInOneLineThatNamesThem) {
  for (const std::vector<std::string>& bad : {std::vector<std::string>{"--tetx=1"},
                                              {"--count=0"},
                                              {"--count=10"},
                                              {"--count=x"},
                                              {"--count=1.5"},
                                              {"--count"},
                                              {"--switch_on=maybe"},
                                              {"--wait=soon"},
                                              {"--flagfile"},
                                              {"--flagfile=/bad"},
                                              {"-x"}}) {
    const auto parsed = Parse(bad);
    ASSERT_FALSE(parsed) << bad[0];
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument) << bad[0];
    EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
  }
  EXPECT_NE(Parse({"--count=0"}).error().message.find("--count, which takes a whole number between 1 and 9"),
            std::string::npos);
}

TEST_F(FlagsTest, ComeFromAFileWhoseEveryLineIsChecked) {
  switch_ = true;
  ASSERT_TRUE(Parse({"--flagfile=/good"}));
  EXPECT_EQ(count_, 9);
  EXPECT_FALSE(switch_);
  EXPECT_NE(Parse({"--flagfile=/bad"}).error().message.find("/bad:2"), std::string::npos);
  EXPECT_EQ(Parse({"--flagfile=/none"}).error().code, Code::kNotFound);
}

TEST_F(FlagsTest, HelpShowsDefaultsAndNotTheGivenValues) {
  const std::string before = flags_.Help();
  EXPECT_NE(before.find("  --count (how many) default: 3\n"), std::string::npos) << before;
  EXPECT_NE(before.find("  --wait (how long) default: \"30s\"\n"), std::string::npos) << before;
  ASSERT_TRUE(Parse({"--text=given", "--count=7"}));
  EXPECT_EQ(flags_.Help(), before);
  EXPECT_TRUE(Parse({"--help"})->help);
}

}  // namespace
}  // namespace capstan::program
