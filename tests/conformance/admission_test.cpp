// Who is asked about writes: what a webhook configuration must say.
#include <capstan/core/base/text.hpp>
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

struct Hook {
  std::string name = "a.b.c";
  std::string client = R"({"url":"https://x.y/z"})";
  std::string rule = R"("operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"])";
  std::string versions = R"(["v1"])";
  std::string more = {};
};

std::string Text(const Hook& hook) {
  return StrCat(R"({"name":")", hook.name, R"(","clientConfig":)", hook.client, R"(,"rules":[{)", hook.rule,
                R"(}],"sideEffects":"None","admissionReviewVersions":)", hook.versions, hook.more, "}");
}

std::string ClientAt(const std::string& url) { return StrCat(R"({"url":")", url, "\"}"); }
std::string ClientOf(const std::string& service) { return StrCat(R"({"service":{)", service, "}}"); }

TEST_P(Conformance, AWebhookIsRefusedWithTheFieldThatIsWrong) {
  const std::string service = R"("name":"a","namespace":"b")";
  const auto of = [](const std::string& groups, const std::string& versions, const std::string& resources) {
    return StrCat(R"("operations":["CREATE"],"apiGroups":[)", groups, R"(],"apiVersions":[)", versions,
                  R"(],"resources":[)", resources, "]");
  };
  const std::string group = R"("")", version = R"("v1")", pods = R"("pods")";
  const std::pair<Hook, std::string> rows[] = {
      {{.name = "a.b"}, "webhooks[0].name"},
      {{.client = "{}"}, "webhooks[0].clientConfig"},
      {{.client = ClientAt("http://x")}, "webhooks[0].clientConfig.url"},
      {{.client = ClientAt("https://x?y=z")}, "webhooks[0].clientConfig.url"},
      {{.client = ClientAt("https://u@x")}, "webhooks[0].clientConfig.url"},
      {{.client = ClientAt("https://x#f")}, "webhooks[0].clientConfig.url"},
      {{.client = ClientAt("https:///x")}, "webhooks[0].clientConfig.url"},
      {{.client = ClientOf(R"("name":"a")")}, "webhooks[0].clientConfig.service.name"},
      {{.client = ClientOf(service + R"(,"path":"x")")}, "webhooks[0].clientConfig.service.path"},
      {{.client = ClientOf(service + R"(,"path":"/x//y")")}, "webhooks[0].clientConfig.service.path"},
      {{.client = ClientOf(service + R"(,"path":"/A_b")")}, "webhooks[0].clientConfig.service.path"},
      {{.client = ClientOf(service + R"(,"port":0)")}, "webhooks[0].clientConfig.service.port"},
      {{.versions = R"(["v2"])"}, "webhooks[0].admissionReviewVersions"},
      {{.versions = R"(["v1","v1"])"}, "webhooks[0].admissionReviewVersions[1]"},
      {{.versions = R"(["v1","V!"])"}, "webhooks[0].admissionReviewVersions[1]"},
      {{.more = R"(,"timeoutSeconds":31)"}, "webhooks[0].timeoutSeconds"},
      {{.rule = R"("operations":["*","CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"])"},
       "webhooks[0].rules[0].operations"},
      {{.rule = of(R"("*","a")", version, pods)}, "webhooks[0].rules[0].apiGroups"},
      {{.rule = of(group, R"("*","v1")", pods)}, "webhooks[0].rules[0].apiVersions"},
      {{.rule = of(group, R"("")", pods)}, "webhooks[0].rules[0].apiVersions[0]"},
      {{.rule = of(group, version, R"("*","pods")")}, "webhooks[0].rules[0].resources"},
      {{.rule = of(group, version, R"("*/*","pods")")}, "webhooks[0].rules[0].resources"},
      {{.rule = of(group, version, R"("pods/*","pods/log")")}, "webhooks[0].rules[0].resources[1]"},
      {{.rule = of(group, version, R"("*/log","pods/log")")}, "webhooks[0].rules[0].resources[1]"},
      {{.rule = of(group, version, R"("")")}, "webhooks[0].rules[0].resources[0]"},
  };
  for (const char* kind : {"validatingwebhookconfigurations", "mutatingwebhookconfigurations"}) {
    const std::string path = StrCat("/apis/admissionregistration.k8s.io/v1/", kind, "?dryRun=All");
    const auto made = [&](const std::string& hooks) {
      return Post(path, StrCat(R"({"metadata":{"name":"w"},"webhooks":[)", hooks, "]}"));
    };
    EXPECT_STATUS(made(Text({})), 201);
    for (const auto& [hook, field] : rows) {
      const Answer refused = made(Text(hook));
      EXPECT_STATUS(refused, 422) << Text(hook);
      EXPECT_THAT(refused.fields(), ::testing::AllOf(Contains(field), ::testing::Each(field)))
          << Text(hook) << "\n"
          << refused;
    }
    const Answer twice = made(StrCat(Text({}), ",", Text({})));
    EXPECT_STATUS(twice, 422);
    EXPECT_THAT(twice.fields(), Contains("webhooks[1].name"));
  }
}

}  // namespace
}  // namespace capstan::conformance
