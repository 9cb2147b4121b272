// Admission webhooks and policies: they are called for what they match, and failurePolicy decides
// about failures.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/testing/hook_transport.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

class ServerAdmission : public ServerTest {
 protected:
  ServerAdmission() {
    ApiServerOptions options;
    options.webhook_transports = [this](const std::string& ca) -> Result<std::unique_ptr<http::Transport>> {
      authorities.push_back(ca);
      return std::make_unique<HookTransport>(
          [this](const http::Request& request, const Context& context) { return hook(request, context); });
    };
    Restart(std::move(options));
  }
  // The answer to a review: its uid, followed by `rest`.
  static Result<http::Response> Answered(const http::Request& request, const std::string& rest) {
    http::Response response;
    response.status = 200;
    response.body =
        StrCat(R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":")",
               At(request.body, "/request/uid"), R"(",)", rest, "}}");
    return response;
  }
  void Configure(const std::string& kind, const std::string& more) {
    const std::string plural =
        kind == "Mutating" ? "mutatingwebhookconfigurations" : "validatingwebhookconfigurations";
    const auto made = Post(
        "/apis/admissionregistration.k8s.io/v1/" + plural,
        StrCat(
            R"({"metadata":{"name":"w"},"webhooks":[{"name":"w.x.y","sideEffects":"None",)"
            R"("admissionReviewVersions":["v1"],"clientConfig":{"url":"https://hook/check","caBundle":"Q0E="},)"
            R"("rules":[{"operations":["CREATE","UPDATE","DELETE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}])",
            more, "}]}"));
    ASSERT_EQ(made.status, 201) << made.body;
  }
  static constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

  std::vector<std::string> authorities;
  std::vector<std::string> asked;
  HookTransport::Function hook = [this](const http::Request& request, const Context&) {
    asked.push_back(At(request.body, "/request/operation") + " " + At(request.body, "/request/name"));
    return Answered(request, R"("allowed":true)");
  };
};

TEST_F(ServerAdmission, AValidatingWebhookIsCalledForWhatItMatches) {
  Configure("Validating", "");
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a"},"data":{"k":"v"}})").status, 201);
  EXPECT_EQ(Merge(std::string(kMaps) + "/a", R"({"data":{"k":"w"}})").status, 200);
  EXPECT_EQ(Post("/api/v1/namespaces/default/secrets", R"({"metadata":{"name":"s"}})").status, 201);
  EXPECT_EQ(Delete(std::string(kMaps) + "/a").status, 200);
  EXPECT_EQ(asked, (std::vector<std::string>{"CREATE a", "UPDATE a", "DELETE a"}));
  EXPECT_EQ(authorities, std::vector<std::string>{"CA"});
}

TEST_F(ServerAdmission, ADenialIsReturnedToTheClient) {
  Configure("Validating", "");
  hook = [](const http::Request& request, const Context&) {
    return Answered(request,
                    R"("allowed":false,"warnings":["look"],"status":{"message":"not so","code":418})");
  };
  const auto refused = Post(kMaps, R"({"metadata":{"name":"a"}})");
  EXPECT_EQ(refused.status, 418);
  EXPECT_EQ(At(refused, "/message"), "admission webhook \"w.x.y\" denied the request: not so");
  EXPECT_EQ(refused.headers.Get("Warning"), "299 - \"look\"");
}

TEST_F(ServerAdmission, AMutatingWebhookPatchesTheStoredObject) {
  Configure("Mutating", "");
  hook = [](const http::Request& request, const Context&) {
    return Answered(request,
                    StrCat(R"("allowed":true,"patchType":"JSONPatch","patch":")",
                           Base64Encode(R"([{"op":"add","path":"/data","value":{"added":"1"}}])"), "\""));
  };
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a"}})").status, 201);
  EXPECT_EQ(At(Get(std::string(kMaps) + "/a"), "/data/added"), "1");
}

TEST_F(ServerAdmission, AWebhookIsAskedAtAPathWithoutEmptyElements) {
  std::string url;
  hook = [&url](const http::Request& request, const Context&) {
    url = request.url;
    return Answered(request, R"("allowed":true)");
  };
  const auto made = Post(
      "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
      R"({"metadata":{"name":"w"},"webhooks":[{"name":"w.x.y","sideEffects":"None","admissionReviewVersions":["v1"],)"
      R"("clientConfig":{"url":"https://hook:9443//a/./b/../check/"},)"
      R"("rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]}]})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a"}})").status, 201);
  EXPECT_EQ(url, "https://hook:9443/a/check?timeout=10s");
}

TEST_F(ServerAdmission, AHangingWebhookTakesOnlyItsOwnTimeout) {
  Configure("Validating", R"(,"timeoutSeconds":3)");
  hook = [this](const http::Request&, const Context& context) -> Result<http::Response> {
    (void)scheduler.Sleep(std::chrono::hours(1), context);
    return Fail(Code::kDeadlineExceeded, "context deadline exceeded");
  };
  const Instant began = scheduler.Now();
  const auto refused = Post(kMaps, R"({"metadata":{"name":"a"}})");
  EXPECT_EQ(refused.status, 500);
  EXPECT_EQ(At(refused, "/message"),
            "Internal error occurred: failed calling webhook \"w.x.y\": failed to call webhook: Post "
            "\"https://hook/check?timeout=3s\": context deadline exceeded");
  EXPECT_LE(scheduler.Now() - began, std::chrono::seconds(4));
}

TEST_F(ServerAdmission, FailurePolicyIgnoreLetsTheWriteThrough) {
  Configure("Validating", R"(,"failurePolicy":"Ignore")");
  hook = [](const http::Request&, const Context&) -> Result<http::Response> {
    return Fail(Code::kUnavailable, "connection refused");
  };
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a"}})").status, 201);
}

TEST_F(ServerAdmission, SelectorsAndConditionsRestrictTheCallsOfAWebhook) {
  Configure(
      "Validating",
      R"(,"objectSelector":{"matchLabels":{"check":"yes"}},"matchConditions":[{"name":"n","expression":"object.metadata.name != 'free'"}])");
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a"}})").status, 201);
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"free","labels":{"check":"yes"}}})").status, 201);
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"b","labels":{"check":"yes"}}})").status, 201);
  EXPECT_EQ(asked, std::vector<std::string>{"CREATE b"});
}

TEST_F(ServerAdmission, APolicyEvaluatesItsExpressions) {
  const std::string group = "/apis/admissionregistration.k8s.io/v1/";
  const auto policy = Post(
      group + "validatingadmissionpolicies",
      R"({"metadata":{"name":"p"},"spec":{"matchConstraints":{"resourceRules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]},)"
      R"("variables":[{"name":"size","expression":"has(object.data) ? object.data.size() : 0"}],)"
      R"x("validations":[{"expression":"variables.size <= 1","messageExpression":"'too many: ' + string(variables.size)"},{"expression":"request.namespace != 'nowhere'"}]}})x");
  ASSERT_EQ(policy.status, 201) << policy.body;
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a"},"data":{"x":"1","y":"2"}})").status, 201)
      << "nothing is bound";
  ASSERT_EQ(Post(group + "validatingadmissionpolicybindings",
                 R"({"metadata":{"name":"b"},"spec":{"policyName":"p","validationActions":["Deny"]}})")
                .status,
            201);
  const auto refused = Post(kMaps, R"({"metadata":{"name":"b"},"data":{"x":"1","y":"2"}})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(At(refused, "/message"),
            "configmaps \"b\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "
            "too many: 2");
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"c"},"data":{"x":"1"}})").status, 201);
}

TEST_F(ServerAdmission, AWebhookIsReinvokedWhenALaterOneChangedTheObject) {
  const auto configure = [this](const std::string& first_policy) {
    const auto hook_of = [](const std::string& name, const std::string& policy) {
      return StrCat(R"({"name":")", name, R"(","sideEffects":"None","admissionReviewVersions":["v1"],)",
                    R"("clientConfig":{"url":"https://hook/)", name, R"("},"reinvocationPolicy":")", policy,
                    R"(","rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],)",
                    R"("resources":["configmaps"]}]})");
    };
    Delete("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/w");
    const auto made =
        Post("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
             StrCat(R"({"metadata":{"name":"w"},"webhooks":[)", hook_of("one.x.y", first_policy), ",",
                    hook_of("two.x.y", "IfNeeded"), "]}"));
    ASSERT_EQ(made.status, 201) << made.body;
  };
  hook = [this](const http::Request& request, const Context&) {
    const bool second = request.url.find("/two") != std::string::npos;
    asked.emplace_back(second ? "two" : "one");
    const std::string seen = At(request.body, "/request/object/data/n");
    const std::string patch =
        second ? StrCat(R"([{"op":"add","path":"/data/n","value":")", seen, R"(2"}])") : std::string("[]");
    return Answered(request,
                    StrCat(R"("allowed":true,"patchType":"JSONPatch","patch":")", Base64Encode(patch), "\""));
  };
  configure("IfNeeded");
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a"},"data":{"n":"1"}})").status, 201);
  EXPECT_EQ(asked, (std::vector<std::string>{"one", "two", "one"})) << "two was not changed after it";
  EXPECT_EQ(At(Get(std::string(kMaps) + "/a"), "/data/n"), "12");
  configure("Never");
  asked.clear();
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"b"},"data":{"n":"1"}})").status, 201);
  EXPECT_EQ(asked, (std::vector<std::string>{"one", "two"}));
}

TEST_F(ServerAdmission, APolicyIsEvaluatedWithTheParametersOfItsBinding) {
  const std::string group = "/apis/admissionregistration.k8s.io/v1/";
  ASSERT_EQ(Post(kMaps, R"({"metadata":{"name":"limits"},"data":{"most":"2"}})").status, 201);
  const auto policy = Post(
      group + "validatingadmissionpolicies",
      R"({"metadata":{"name":"p"},"spec":{"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"matchConstraints":{"resourceRules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["secrets"]}]},)"
      R"x("validations":[{"expression":"!has(object.data) || object.data.size() <= int(params.data.most)"}]}})x");
  ASSERT_EQ(policy.status, 201) << policy.body;
  const auto bind = [&](const std::string& ref) {
    Delete(group + "validatingadmissionpolicybindings/b");
    const auto bound = Post(
        group + "validatingadmissionpolicybindings",
        StrCat(
            R"({"metadata":{"name":"b"},"spec":{"policyName":"p","validationActions":["Deny"],"paramRef":)",
            ref, "}}"));
    ASSERT_EQ(bound.status, 201) << bound.body;
  };
  const auto write = [&](const std::string& data) {
    return Post("/api/v1/namespaces/default/secrets?dryRun=All",
                StrCat(R"({"metadata":{"name":"s"},"stringData":{)", data, "}}"));
  };
  const std::string two = R"("a":"1","b":"2")", three = R"("a":"1","b":"2","c":"3")";
  bind(R"({"name":"limits","namespace":"default","parameterNotFoundAction":"Deny"})");
  EXPECT_EQ(write(two).status, 201);
  EXPECT_EQ(write(three).status, 422);
  bind(R"({"name":"limits","parameterNotFoundAction":"Deny"})");
  EXPECT_EQ(write(three).status, 422) << "the object's own namespace";
  bind(R"({"name":"none","namespace":"default","parameterNotFoundAction":"Deny"})");
  const auto missing = write(two);
  EXPECT_EQ(missing.status, 422);
  EXPECT_EQ(
      At(missing, "/message"),
      "secrets \"s\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed "
      "to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction");
  bind(R"({"name":"none","namespace":"default","parameterNotFoundAction":"Allow"})");
  EXPECT_EQ(write(three).status, 201);
  bind(R"({"selector":{"matchLabels":{"limits":"yes"}},"parameterNotFoundAction":"Allow"})");
  EXPECT_EQ(write(three).status, 201) << "nothing has that label yet";
  ASSERT_EQ(Merge(StrCat(kMaps, "/limits"), R"({"metadata":{"labels":{"limits":"yes"}}})").status, 200);
  EXPECT_EQ(write(three).status, 422);
}

TEST_F(ServerAdmission, APolicyChecksThePermissionsOfTheWriter) {
  const std::string group = "/apis/admissionregistration.k8s.io/v1/";
  const auto policy = Post(
      group + "validatingadmissionpolicies",
      R"({"metadata":{"name":"p"},"spec":{"matchConstraints":{"resourceRules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]},)"
      R"x("validations":[{"expression":"authorizer.group('').resource('secrets').namespace(object.metadata.namespace).check('get').allowed()","message":"no reader of secrets"},)x"
      R"x({"expression":"authorizer.requestResource.check('create').allowed() && authorizer.path('/healthz').check('get').allowed()"},)x"
      R"x({"expression":"!authorizer.serviceAccount('default','sa').group('').resource('secrets').check('get').allowed()"}]}})x");
  ASSERT_EQ(policy.status, 201) << policy.body;
  ASSERT_EQ(Post(group + "validatingadmissionpolicybindings",
                 R"({"metadata":{"name":"b"},"spec":{"policyName":"p","validationActions":["Deny"]}})")
                .status,
            201);
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a"}})").status, 201) << "an administrator may do all";
  const std::string rbac = "/apis/rbac.authorization.k8s.io/v1/";
  const auto grant = [&](const std::string& rules) {
    for (const char* what : {"clusterroles/r", "clusterrolebindings/r"}) Delete(rbac + what);
    ASSERT_EQ(
        Post(rbac + "clusterroles", StrCat(R"({"metadata":{"name":"r"},"rules":[)", rules, "]}")).status,
        201);
    ASSERT_EQ(
        Post(
            rbac + "clusterrolebindings",
            R"({"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"r"},"subjects":[{"kind":"User","name":"dev"}]})")
            .status,
        201);
  };
  const auto as_dev = [&] {
    http::Headers headers = Json();
    headers.Set("Impersonate-User", "dev");
    return Send("POST", StrCat(kMaps, "?dryRun=All"), R"({"metadata":{"name":"b"}})", headers);
  };
  const std::string writer = R"({"apiGroups":[""],"resources":["configmaps"],"verbs":["create"]})",
                    reader = R"({"apiGroups":[""],"resources":["secrets"],"verbs":["get"]})",
                    health = R"({"nonResourceURLs":["/healthz"],"verbs":["get"]})";
  grant(writer);
  const auto refused = as_dev();
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("no reader of secrets"), std::string::npos) << refused.body;
  grant(StrCat(writer, ",", reader, ",", health));
  EXPECT_EQ(as_dev().status, 201);
}

}  // namespace
}  // namespace capstan::apiserver
