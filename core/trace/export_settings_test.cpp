#include <capstan/core/trace/export_settings.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace capstan::trace {
namespace {

using testing::HasSubstr;
using testing::Not;
using Variables = std::map<std::string, std::string>;

Result<ExportSettings> Read(const Variables& variables) {
  return ReadExportSettings(
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      "capstan");
}

TEST(ExportSettings, SendNothingWithoutAnEndpointAndWhenSwitchedOff) {
  const std::string endpoint = "http://127.0.0.1:4318";
  for (const Variables& variables :
       {Variables{}, Variables{{"OTEL_EXPORTER_OTLP_ENDPOINT", ""}},
        Variables{{"OTEL_EXPORTER_OTLP_ENDPOINT", endpoint}, {"OTEL_SDK_DISABLED", "true"}},
        Variables{{"OTEL_EXPORTER_OTLP_ENDPOINT", endpoint}, {"OTEL_TRACES_EXPORTER", "none"}},
        Variables{{"OTEL_TRACES_SAMPLER", "nonsense"}}}) {
    const auto settings = Read(variables);
    ASSERT_TRUE(settings) << settings.error();
    EXPECT_EQ(settings->endpoint, "");
  }
}

TEST(ExportSettings, AppendThePathToTheCommonEndpointAndKeepTheOneOfTraces) {
  EXPECT_EQ(Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/"}})->endpoint,
            "http://127.0.0.1:4318/v1/traces");
  EXPECT_EQ(Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://example.com/otlp"}})->endpoint,
            "https://example.com/otlp/v1/traces");
  EXPECT_EQ(Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a"},
                  {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://b:9/spans"}})
                ->endpoint,
            "http://b:9/spans");
}

TEST(ExportSettings, FollowTheVariablesOfOpenTelemetry) {
  const auto settings = Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"},
                              {"OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b, authorization=Basic%20eA=="},
                              {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
                              {"OTEL_EXPORTER_OTLP_TIMEOUT", "2500"},
                              {"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
                              {"OTEL_TRACES_SAMPLER_ARG", "0.5"},
                              {"OTEL_BSP_MAX_QUEUE_SIZE", "100"},
                              {"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test,service.name=other"},
                              {"OTEL_SERVICE_NAME", "fleet"}});
  ASSERT_TRUE(settings) << settings.error();
  ASSERT_EQ(settings->headers.size(), 2U);
  EXPECT_EQ(settings->headers[0].second.Reveal(), "a b");
  EXPECT_EQ(settings->headers[1].second.Reveal(), "Basic eA==");
  EXPECT_EQ(settings->timeout, std::chrono::milliseconds(2500));
  EXPECT_EQ(settings->ratio, 0.5);
  EXPECT_EQ(settings->queue, 100U);
  EXPECT_EQ(settings->batch, 100U);
  const std::vector<std::pair<std::string, std::string>> resource = {{"deployment.environment", "test"},
                                                                     {"service.name", "fleet"}};
  EXPECT_EQ(settings->resource, resource);
}

TEST(ExportSettings, NameTheInvalidVariableAndNeverAHeader) {
  const std::pair<const char*, const char*> wrong[] = {
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"},
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:pass@collector"},
      {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://collector"},
      {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
      {"OTEL_EXPORTER_OTLP_TIMEOUT", "soon"},
      {"OTEL_TRACES_EXPORTER", "zipkin"},
      {"OTEL_TRACES_SAMPLER", "sometimes"},
      {"OTEL_BSP_MAX_QUEUE_SIZE", "-1"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "x-key=mysterious%0a"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "mysterious"},
  };
  for (const auto& [name, value] : wrong) {
    Variables variables = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"}};
    variables[name] = value;
    const auto settings = Read(variables);
    ASSERT_FALSE(settings) << name << "=" << value;
    EXPECT_EQ(settings.error().code, Code::kInvalidArgument);
    EXPECT_THAT(settings.error().message, HasSubstr(name));
    EXPECT_THAT(settings.error().message, Not(HasSubstr("mysterious")));
    EXPECT_THAT(settings.error().message, Not(HasSubstr("pass@")));
  }
  const auto ratio = Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"},
                           {"OTEL_TRACES_SAMPLER", "traceidratio"},
                           {"OTEL_TRACES_SAMPLER_ARG", "2"}});
  ASSERT_FALSE(ratio);
  EXPECT_THAT(ratio.error().message, HasSubstr("OTEL_TRACES_SAMPLER_ARG"));
}

}  // namespace
}  // namespace capstan::trace
