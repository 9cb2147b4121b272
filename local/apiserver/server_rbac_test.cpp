// Authorization: roles and bindings, service accounts, reviews.
#include <capstan/local/apiserver/testing/server_fixture.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/protobuf_body.hpp>

namespace capstan::apiserver {
namespace {

class ServerRbac : public ServerTest {
 protected:
  ServerRbac() {
    ApiServerOptions options;
    options.rbac = true;
    options.tokens.push_back({Secret("root"), "admin", {"system:masters"}});
    options.tokens.push_back({Secret("dev"), "dev", {"team"}});
    Restart(std::move(options));
  }
  http::Response As(const std::string& token, const std::string& method, const std::string& path,
                    const std::string& body = "", http::Headers headers = Json()) {
    headers.Set("Authorization", "Bearer " + token);
    return Send(method, path, body, std::move(headers));
  }
  void Grant(const std::string& subject) {
    ASSERT_EQ(
        As("root", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
           R"({"metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get","list"]}]})")
            .status,
        201);
    ASSERT_EQ(
        As("root", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
           R"({"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"},"subjects":[)" + subject + "]}")
            .status,
        201);
  }
  static constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";
};

TEST_F(ServerRbac, AUserMayDoOnlyWhatRolesAllow) {
  const auto refused = As("dev", "GET", kMaps);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(
      At(refused, "/message"),
      "configmaps is forbidden: User \"dev\" cannot list resource \"configmaps\" in API group \"\" in the "
      "namespace \"default\"");
  Grant(R"({"kind":"Group","name":"team"})");
  EXPECT_EQ(As("dev", "GET", kMaps).status, 200);
  EXPECT_EQ(As("dev", "POST", kMaps, R"({"metadata":{"name":"a"}})").status, 403);
  EXPECT_EQ(As("dev", "GET", "/api/v1/configmaps").status, 403) << "the role is of one namespace";
  EXPECT_EQ(As("dev", "GET", "/apis").status, 200);
}

TEST_F(ServerRbac, AClusterRoleAppliesInTheNamespaceOfItsBinding) {
  ASSERT_EQ(
      As("root", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
         R"({"metadata":{"name":"v"},"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"User","name":"dev"}]})")
          .status,
      201);
  EXPECT_EQ(As("dev", "GET", kMaps).status, 200);
  EXPECT_EQ(As("dev", "GET", "/api/v1/namespaces/default/secrets").status, 403);
  EXPECT_EQ(As("dev", "GET", "/api/v1/namespaces/kube-system/configmaps").status, 403);
}

TEST_F(ServerRbac, ALabelledRoleIsAggregatedIntoViewAndTheRolesAboveIt) {
  for (const char* role : {"view", "admin"}) {
    ASSERT_EQ(As("root", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
                 StrCat(R"({"metadata":{"name":")", role, R"("},"roleRef":{"kind":"ClusterRole","name":")",
                        role, R"("},"subjects":[{"kind":"User","name":")", role, R"("}]})"))
                  .status,
              201);
  }
  const auto may = [&](const char* user) {
    const auto review = As("root", "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                           StrCat(R"({"spec":{"user":")", user,
                                  R"(","resourceAttributes":{"verb":"get","group":"example.dev",)"
                                  R"("resource":"things","namespace":"default"}}})"));
    return At(review, "/status/allowed");
  };
  EXPECT_EQ(may("view"), "false");
  ASSERT_EQ(
      As("root", "POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
         R"({"metadata":{"name":"things","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},)"
         R"("rules":[{"apiGroups":["example.dev"],"resources":["things"],"verbs":["get"]}]})")
          .status,
      201);
  EXPECT_EQ(may("view"), "true");
  EXPECT_EQ(may("admin"), "true") << "admin collects edit, and edit view";
}

TEST_F(ServerRbac, TheDefaultRolesExistEvenWithoutRbac) {
  Restart({});
  EXPECT_EQ(Get("/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin").status, 200);
  Post("/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"sa"}})");
  Post(
      "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
      R"({"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},)"
      R"("subjects":[{"kind":"ServiceAccount","name":"sa","namespace":"default"}]})");
  http::Headers as = Json();
  as.Set("Impersonate-User", "system:serviceaccount:default:sa");
  EXPECT_EQ(Send("POST", kMaps, R"({"metadata":{"name":"a"}})", as).status, 201);
}

TEST_F(ServerRbac, AServiceAccountAuthenticatesWithATokenThatExpires) {
  ASSERT_EQ(As("root", "POST", "/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"sa"}})")
                .status,
            201);
  Grant(R"({"kind":"ServiceAccount","name":"sa","namespace":"default"})");
  const auto issued = As("root", "POST", "/api/v1/namespaces/default/serviceaccounts/sa/token",
                         R"({"spec":{"expirationSeconds":600}})");
  ASSERT_EQ(issued.status, 201) << issued.body;
  const std::string token = At(issued, "/status/token");
  EXPECT_EQ(As(token, "GET", kMaps).status, 200);
  EXPECT_EQ(As(token, "POST", kMaps, R"({"metadata":{"name":"a"}})").status, 403);
  const auto whose = As("root", "POST", "/apis/authentication.k8s.io/v1/tokenreviews",
                        StrCat(R"({"spec":{"token":")", token, R"("}})"));
  EXPECT_EQ(At(whose, "/status/user/username"), "system:serviceaccount:default:sa");
  (void)scheduler.Sleep(std::chrono::seconds(601), Context{});
  EXPECT_EQ(As(token, "GET", kMaps).status, 401);
}

TEST_F(ServerRbac, ReviewsAnswerByRolesAndBindings) {
  Grant(R"({"kind":"User","name":"dev"})");
  const auto may = [&](const std::string& verb, const std::string& user) {
    const auto answer = As("root", "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                           StrCat(R"({"spec":{"user":")", user, R"(","resourceAttributes":{"verb":")", verb,
                                  R"(","resource":"configmaps","namespace":"default"}}})"));
    return At(answer, "/status/allowed");
  };
  EXPECT_EQ(may("list", "dev"), "true");
  EXPECT_EQ(may("delete", "dev"), "false");
  EXPECT_EQ(may("list", "other"), "false");
  const auto own =
      As("dev", "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
         R"({"spec":{"resourceAttributes":{"verb":"get","resource":"configmaps","namespace":"default"}}})");
  EXPECT_EQ(At(own, "/status/allowed"), "true") << own.body;
  const auto rules = As("dev", "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                        R"({"spec":{"namespace":"default"}})");
  EXPECT_EQ(At(rules, "/status/resourceRules/1/resources/0"), "configmaps") << rules.body;
}

TEST_F(ServerRbac, AnImpersonatedUserIsAuthorizedForEveryCaller) {
  Grant(R"({"kind":"User","name":"she"})");
  http::Headers as = Json();
  as.Set("Impersonate-User", "she");
  EXPECT_EQ(As("root", "GET", kMaps, "", as).status, 200);
  EXPECT_EQ(As("root", "POST", kMaps, R"({"metadata":{"name":"a"}})", as).status, 403);
  EXPECT_EQ(As("dev", "GET", kMaps, "", as).status, 403) << "who impersonates needs the right to";
}

// --- protobuf on the wire

class ServerProtobuf : public ServerTest {
 protected:
  static http::Headers Protobuf() {
    return {{"Content-Type", "application/vnd.kubernetes.protobuf"},
            {"Accept", "application/vnd.kubernetes.protobuf,application/json"}};
  }
  static std::string Read(const http::Response& response) {
    EXPECT_EQ(response.headers.Get("Content-Type"), "application/vnd.kubernetes.protobuf");
    auto text = JsonOfProtobuf(response.body);
    EXPECT_TRUE(text) << (text ? "" : text.error().message) << response.body;
    return text.value_or("{}");
  }
  static constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";
};

TEST_F(ServerProtobuf, ObjectsAreAcceptedAndReturned) {
  const auto body =
      ProtobufOfJson(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}})");
  ASSERT_TRUE(body);
  const auto made = Send("POST", kMaps, *body, Protobuf());
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(Read(made), "/data/k"), "v");
  EXPECT_EQ(At(Get(std::string(kMaps) + "/a"), "/data/k"), "v");
  const auto list = Send("GET", kMaps, "", Protobuf());
  EXPECT_NE(list.body.find("ConfigMapList"), std::string::npos);
  const auto again = Send("POST", kMaps, *body, Protobuf());
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(At(Read(again), "/reason"), "AlreadyExists");
}

TEST_F(ServerProtobuf, ADeletionAcceptsItsOptions) {
  ASSERT_EQ(Post(kMaps, R"({"metadata":{"name":"a"}})").status, 201);
  const auto options =
      ProtobufOfJson(R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"other"}})");
  ASSERT_TRUE(options);
  EXPECT_EQ(Send("DELETE", std::string(kMaps) + "/a", *options, Protobuf()).status, 409);
  const auto plain = ProtobufOfJson(R"({"apiVersion":"v1","kind":"DeleteOptions"})");
  EXPECT_EQ(At(Read(Send("DELETE", std::string(kMaps) + "/a", *plain, Protobuf())), "/status"), "Success");
}

TEST_F(ServerProtobuf, AWatchConsistsOfLengthPrefixedFrames) {
  ASSERT_EQ(Post(kMaps, R"({"metadata":{"name":"a"}})").status, 201);
  auto stream = OpenWatch(std::string(kMaps) + "?watch=1&timeoutSeconds=5",
                          {{"Accept", "application/vnd.kubernetes.protobuf;stream=watch"}});
  ASSERT_TRUE(stream);
  std::string bytes;
  while (true) {
    auto piece = stream->Read(Context{{}, After(scheduler.Now(), std::chrono::seconds(10))});
    if (!piece || piece->empty()) break;
    bytes += *piece;
  }
  ASSERT_GT(bytes.size(), 4U);
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i)
    size = size << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  ASSERT_EQ(size, bytes.size() - 4);
  EXPECT_EQ(bytes.substr(4, 7), std::string("\x0a\x05", 2) + "ADDED");
  const auto object = JsonOfProtobuf(std::string_view(bytes).substr(bytes.find("k8s")));
  ASSERT_TRUE(object) << object.error();
  EXPECT_EQ(At(*object, "/metadata/name"), "a");
}

TEST_F(ServerProtobuf, MalformedBytesAreRefusedWith400) {
  for (const std::string& body :
       {std::string("k8s\0\xff\xff", 6), std::string("{}"), std::string("k8s\0", 4)}) {
    EXPECT_EQ(Send("POST", kMaps, body, {{"Content-Type", "application/vnd.kubernetes.protobuf"}}).status,
              body == std::string("k8s\0", 4) ? 422 : 400);
  }
}

TEST_F(ServerRbac, ARoleCanContainOnlyPermissionsOfItsWriter) {
  const std::string roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
  ASSERT_EQ(
      As("root", "POST", roles,
         R"({"metadata":{"name":"r"},"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["create","update","patch"]},)"
         R"({"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}]})")
          .status,
      201);
  ASSERT_EQ(
      As("root", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
         R"({"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"dev"}]})")
          .status,
      201);
  const auto own = As(
      "dev", "POST", roles,
      R"({"metadata":{"name":"own"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}]})");
  EXPECT_EQ(own.status, 201) << own.body;
  const auto more = As(
      "dev", "POST", roles,
      R"({"metadata":{"name":"more"},"rules":[{"apiGroups":[""],"resources":["configmaps","secrets"],"verbs":["get","list"]}]})");
  EXPECT_EQ(more.status, 403);
  EXPECT_EQ(At(more, "/message"),
            "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"dev\" (groups=[\"team\" "
            "\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
            "{APIGroups:[\"\"], Resources:[\"configmaps\"], Verbs:[\"list\"]}\n"
            "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"list\"]}");
  http::Headers merge{{"Content-Type", "application/merge-patch+json"}};
  EXPECT_EQ(As("dev", "PATCH", roles + "/own",
               R"({"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]})", merge)
                .status,
            403);
  EXPECT_EQ(As("dev", "PATCH", roles + "/r", R"({"metadata":{"finalizers":["a.b/c"]}})", merge).status, 200)
      << "what garbage collection writes gives nothing away";
  ASSERT_EQ(
      As("root", "PATCH", roles + "/r",
         R"({"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["create","escalate"]}]})",
         merge)
          .status,
      200);
  EXPECT_EQ(
      As("dev", "POST", roles,
         R"({"metadata":{"name":"free"},"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]})")
          .status,
      201)
      << "who may escalate may";
}

TEST_F(ServerRbac, ABindingCanReferenceOnlyARoleWhosePermissionsItsWriterHas) {
  const std::string group = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/";
  ASSERT_EQ(
      As("root", "POST", group + "roles",
         R"({"metadata":{"name":"r"},"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["rolebindings"],"verbs":["create"]},)"
         R"({"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"resourceNames":["view"],"verbs":["bind"]}]})")
          .status,
      201);
  ASSERT_EQ(
      As("root", "POST", group + "rolebindings",
         R"({"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"dev"}]})")
          .status,
      201);
  const auto bind = [&](const std::string& name, const std::string& kind, const std::string& role) {
    return As("dev", "POST", group + "rolebindings",
              StrCat(R"({"metadata":{"name":")", name, R"("},"roleRef":{"kind":")", kind, R"(","name":")",
                     role, R"("},"subjects":[{"kind":"User","name":"dev"}]})"));
  };
  EXPECT_EQ(bind("same", "Role", "r").status, 201) << "what it has it may give";
  const auto admin = bind("admin", "ClusterRole", "cluster-admin");
  EXPECT_EQ(admin.status, 403);
  EXPECT_EQ(
      At(admin, "/message"),
      "rolebindings.rbac.authorization.k8s.io \"admin\" is forbidden: user \"dev\" (groups=[\"team\" "
      "\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
      "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}");
  EXPECT_EQ(bind("view", "ClusterRole", "view").status, 201) << "it may bind this one by name";
  const auto missing = bind("missing", "Role", "none");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(At(missing, "/message"), "roles.rbac.authorization.k8s.io \"none\" not found");
}

}  // namespace
}  // namespace capstan::apiserver
