#include <capstan/core/program/log_line.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::program {
namespace {

TEST(LogLine, WritesOneLineInEitherFormat) {
  const std::vector<LogField> fields = {{"object", "default/a"}, {"detail", "two\nlines"}};
  EXPECT_EQ(FormatLogLine(false, LogLevel::kWarning, WallTime{}, "it failed", fields),
            "1970-01-01T00:00:00.000000Z WARNING it failed object=default/a detail=\"two\\nlines\"");
  EXPECT_EQ(FormatLogLine(true, LogLevel::kInfo, WallTime{}, "it works", fields),
            "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"info\",\"message\":\"it works\","
            "\"object\":\"default/a\",\"detail\":\"two\\nlines\"}");
}

TEST(LogLine, EscapesWhatWouldMoveACursorOrBreakALine) {
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

TEST(LogLine, ShortensTextsAndNeverCutsALine) {
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
  EXPECT_NE(line.find(R"("object":"default/a")"), std::string::npos) << "short texts are not cut";
}

TEST(LogLine, MasksWhatLooksLikeACredential) {
  EXPECT_EQ(MaskCredentials("Authorization: Bearer abc.def, x"), "Authorization: Bearer ***, x");
  EXPECT_EQ(MaskCredentials("https://h/?token=abc&x=1"), "https://h/?token=***&x=1");
  for (const char* kind : {"dop_v1_", "doo_v1_", "dor_v1_"}) {
    EXPECT_EQ(MaskCredentials(StrCat("used ", kind, "0123456789abcdef now")),
              StrCat("used ", kind, "*** now"));
  }
}

TEST(LogLine, MasksCredentialsInTheMessageAndInEveryFieldOfEitherFormat) {
  for (const bool json : {false, true}) {
    const std::string line = FormatLogLine(json, LogLevel::kDebug, WallTime{}, "sent Bearer abc123",
                                           {{"url", "https://h/?token=def456"}, {"with", "dop_v1_789"}});
    for (const char* secret : {"abc123", "def456", "789"})
      EXPECT_EQ(line.find(secret), std::string::npos) << line;
    EXPECT_NE(line.find("Bearer ***"), std::string::npos) << line;
    EXPECT_NE(line.find("dop_v1_***"), std::string::npos) << line;
  }
}

TEST(LogLine, InvalidSettingsNameTheirFlag) {
  EXPECT_TRUE(ParseLogSettings("json", "debug")->json);
  EXPECT_EQ(ParseLogSettings("text", "warning")->least, LogLevel::kWarning);
  EXPECT_EQ(ParseLogSettings("yaml", "info").error().message, "--log-format is text or json, not \"yaml\"");
  EXPECT_NE(ParseLogSettings("text", "loud").error().message.find("--log-level"), std::string::npos);
}

TEST(LogLine, ModulesHaveIndividualLevels) {
  const auto settings = ParseLogSettings("text", "info", "cloud=debug, watch=error");
  ASSERT_TRUE(settings) << settings.error();
  EXPECT_EQ(settings->LeastOf("cloud"), LogLevel::kDebug);
  EXPECT_EQ(settings->LeastOf("watch"), LogLevel::kError);
  EXPECT_EQ(settings->LeastOf("controller"), LogLevel::kInfo);
  for (const char* bad : {"cloud", "clowd=debug", "cloud=loud", "=debug", "cloud="}) {
    const auto refused = ParseLogSettings("text", "info", bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
    EXPECT_NE(refused.error().message.find("--log-levels"), std::string::npos);
  }
}

// Shows lines of module "cloud" from debug on, and of all others from warning on.
class Choosy final : public Log {
 public:
  bool Enabled(LogLevel level) const override { return level >= LogLevel::kWarning; }
  bool EnabledFor(std::string_view module, LogLevel level) const override {
    return module == "cloud" || Enabled(level);
  }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override {
    lines.Write(level, message, fields);
  }
  RecordingLog lines;
};

TEST(LogLine, ContainsItsModuleAndTheFieldsOfItsLog) {
  Choosy log;
  ModuleLog cloud(log, "cloud"), watch(log, "watch");
  FieldedLog work(cloud, {{"trace_id", "abc"}});
  work.Debug("asked");
  watch.Info("relisted");
  ModuleLog(cloud, "controller").Warning("failed");
  EXPECT_EQ(log.lines.Lines(), (std::vector<std::string>{"debug asked trace_id=abc module=cloud",
                                                         "warning failed module=controller"}));
}

}  // namespace
}  // namespace capstan::program
