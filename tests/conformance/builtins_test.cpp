// Built-in kinds, as far as operators use them.
#include <capstan/core/base/text.hpp>
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

TEST_P(Conformance, DefaultRolesLetAuthenticatedUsersReadVersionAndHealth) {
  const std::string path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  const Answer known =
      Post(path,
           R"({"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"jane",)"
           R"("groups":["system:authenticated"],"nonResourceAttributes":{"path":"/healthz","verb":"get"}}})");
  EXPECT_STATUS(known, 201);
  EXPECT_EQ(known.At("/status/allowed"), "true");
  const Answer unknown = Post(
      path, R"({"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"jane",)"
            R"("nonResourceAttributes":{"path":"/healthz","verb":"get"}}})");
  EXPECT_EQ(unknown.At("/status/allowed"), "false");
  for (const char* role : {"view", "edit", "admin", "system:discovery", "system:basic-user"})
    EXPECT_STATUS(Get(StrCat("/apis/rbac.authorization.k8s.io/v1/clusterroles/", role)), 200);
}

TEST_P(Conformance, ABuiltInIsNotMadeInAMissingNamespace) {
  const std::string missing = NewName("nowhere-");
  const Answer made = Post("/api/v1/namespaces/" + missing + "/configmaps", R"({"metadata":{"name":"a"}})");
  EXPECT_STATUS(made, 404);
  EXPECT_EQ(made.At("/details/kind"), "namespaces");
  EXPECT_EQ(made.At("/details/name"), missing);
}

TEST_P(Conformance, ANamespaceIsActiveAndHeldByItsFinalizer) {
  const Answer made = Get("/api/v1/namespaces/" + Namespace());
  EXPECT_EQ(made.At("/status/phase"), "Active");
  EXPECT_EQ(made.At("/spec/finalizers"), R"(["kubernetes"])");
}

TEST_P(Conformance, KubeSystemHasAUidThatNamesTheCluster) {
  const Answer first = Get("/api/v1/namespaces/kube-system");
  EXPECT_STATUS(first, 200);
  EXPECT_EQ(first.uid().size(), 36U);
  EXPECT_STATUS(Get("/api/v1/namespaces/default"), 200);
}

TEST_P(Conformance, ATerminatingNamespaceRefusesNewObjects) {
  ASSERT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"held","finalizers":["a.b/c"]}})"), 201);
  const Answer deleted = Delete("/api/v1/namespaces/" + Namespace());
  EXPECT_STATUS(deleted, 200);
  EXPECT_EQ(Get("/api/v1/namespaces/" + Namespace()).At("/status/phase"), "Terminating");
  // A real server may need a moment to notice.
  EXPECT_TRUE(Eventually("the terminating namespace refuses objects", [&] {
    return Post(ConfigMaps() + "?dryRun=All", R"({"metadata":{"name":"b"}})").status == 403;
  }));
  const Answer made = Post(ConfigMaps(), R"({"metadata":{"name":"b"}})");
  EXPECT_STATUS(made, 403);
  EXPECT_EQ(made.reason(), "Forbidden");
  EXPECT_THAT(made.Each("/details/causes", "/reason"), Contains("NamespaceTerminating"));
  EXPECT_STATUS(
      Strategic(ConfigMaps() + "/held", R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a.b/c"]}})"),
      200)
      << "what is there may be changed";
}

TEST_P(Conformance, ASecretMergesItsStringData) {
  const std::string secrets = "/api/v1/namespaces/" + Namespace() + "/secrets";
  const Answer made =
      Post(secrets, R"({"metadata":{"name":"a"},"data":{"x":"MQ=="},"stringData":{"y":"two"}})");
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(made.At("/data/x"), "MQ==");
  EXPECT_EQ(made.At("/data/y"), "dHdv");
  EXPECT_EQ(made.At("/stringData"), "");
  EXPECT_EQ(made.At("/type"), "Opaque");
  const Answer patched = Merge(secrets + "/a", R"({"stringData":{"x":"one"}})");
  EXPECT_EQ(patched.At("/data/x"), "b25l");
}

TEST_P(Conformance, ASecretsDataMustBeBase64) {
  const std::string secrets = "/api/v1/namespaces/" + Namespace() + "/secrets";
  EXPECT_STATUS(Post(secrets, R"({"metadata":{"name":"a"},"data":{"x":"!!"}})"), 400);
  EXPECT_STATUS(Post(secrets, R"({"metadata":{"name":"a"},"data":{"bad key":"MQ=="}})"), 422);
}

TEST_P(Conformance, ASecretKeepsItsType) {
  const std::string secrets = "/api/v1/namespaces/" + Namespace() + "/secrets";
  ASSERT_STATUS(Post(secrets, R"({"metadata":{"name":"a"},"type":"example.dev/x"})"), 201);
  EXPECT_STATUS(Merge(secrets + "/a", R"({"type":"example.dev/y"})"), 422);
}

TEST_P(Conformance, AnImmutableSecretStaysAsItIs) {
  const std::string secrets = "/api/v1/namespaces/" + Namespace() + "/secrets";
  ASSERT_STATUS(Post(secrets, R"({"metadata":{"name":"a"},"immutable":true,"data":{"x":"MQ=="}})"), 201);
  EXPECT_STATUS(Merge(secrets + "/a", R"({"data":{"x":"Mg=="}})"), 422);
  EXPECT_STATUS(Merge(secrets + "/a", R"({"immutable":false})"), 422);
  EXPECT_STATUS(Merge(secrets + "/a", R"({"metadata":{"labels":{"x":"y"}}})"), 200);
  EXPECT_STATUS(Delete(secrets + "/a"), 200);
}

TEST_P(Conformance, ABuiltInCanBeUpdatedWithoutAResourceVersion) {
  ASSERT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"},"data":{"x":"1"}})"), 201);
  const Answer put = Put(ConfigMaps() + "/a", R"({"metadata":{"name":"a"},"data":{"x":"2"}})");
  EXPECT_STATUS(put, 200);
  EXPECT_EQ(put.At("/data/x"), "2");
  const Answer stale =
      Put(ConfigMaps() + "/a", R"({"metadata":{"name":"a","resourceVersion":"1"},"data":{"x":"3"}})");
  EXPECT_STATUS(stale, 409);
}

TEST_P(Conformance, AConfigMapChecksItsKeysAndTypes) {
  EXPECT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"},"data":{"bad key":"x"}})"), 422);
  EXPECT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"},"data":{"x":"1"},"binaryData":{"x":"MQ=="}})"),
                422);
  EXPECT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"},"data":{"x":1}})"), 400);
}

TEST_P(Conformance, ConfigMapsHaveNoGeneration) {
  const Answer made = Post(ConfigMaps(), R"({"metadata":{"name":"a"},"data":{"x":"1"}})");
  EXPECT_EQ(made.At("/metadata/generation"), "");
}

TEST_P(Conformance, EventsAreSelectedByTheirInvolvedObject) {
  const std::string events = "/api/v1/namespaces/" + Namespace() + "/events";
  const auto event = [&](const std::string& name, const std::string& about, const std::string& uid) {
    return Post(
        events,
        R"({"metadata":{"name":")" + name +
            R"("},"involvedObject":{"apiVersion":"v1","kind":"ConfigMap","name":")" + about +
            R"(","namespace":")" + Namespace() + R"(","uid":")" + uid +
            R"("},"reason":"Because","message":"m","type":"Normal","firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:00Z","count":1,"source":{"component":"t"}})");
  };
  ASSERT_STATUS(event("one", "a", "u-1"), 201);
  ASSERT_STATUS(event("two", "b", "u-2"), 201);
  const auto names = [&](const std::string& selector) {
    return Get(events + "?" + http::BuildQuery({{"fieldSelector", selector}}))
        .Each("/items", "/metadata/name");
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("involvedObject.name=a,involvedObject.namespace=" + Namespace() +
                  ",involvedObject.kind=ConfigMap,involvedObject.uid=u-1"),
            Names{"one"});
  EXPECT_EQ(names("involvedObject.uid=u-2"), Names{"two"});
  EXPECT_EQ(names("reason=Because,type=Normal"), (Names{"one", "two"}));
  const Answer counted = Merge(events + "/one", R"({"count":2,"lastTimestamp":"2026-01-01T00:01:00Z"})");
  EXPECT_STATUS(counted, 200);
  EXPECT_EQ(counted.At("/count"), "2");
}

TEST_P(Conformance, AnEventMustBeInTheNamespaceOfItsObject) {
  const Answer made = Post(
      "/api/v1/namespaces/" + Namespace() + "/events",
      R"({"metadata":{"name":"a"},"involvedObject":{"kind":"ConfigMap","name":"x","namespace":"elsewhere"},"reason":"R","type":"Normal"})");
  EXPECT_STATUS(made, 422);
  EXPECT_THAT(made.fields(), Contains("involvedObject.namespace"));
}

TEST_P(Conformance, ALeaseKeepsMicrosecondsAndConflictsWhenStale) {
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/" + Namespace() + "/leases";
  const Answer made = Post(
      leases,
      R"({"metadata":{"name":"l"},"spec":{"holderIdentity":"me","leaseDurationSeconds":15,"acquireTime":"2026-01-01T00:00:00.123456Z","renewTime":"2026-01-01T00:00:00.123456Z","leaseTransitions":0}})");
  ASSERT_STATUS(made, 201);
  EXPECT_EQ(made.At("/spec/renewTime"), "2026-01-01T00:00:00.123456Z");
  ASSERT_STATUS(Merge(leases + "/l", R"({"spec":{"holderIdentity":"you"}})"), 200);
  EXPECT_STATUS(Put(leases + "/l", made.body), 409);
  EXPECT_EQ(Get(leases + "/l").At("/spec/holderIdentity"), "you");
}

TEST_P(Conformance, ALeaseIsChecked) {
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/" + Namespace() + "/leases";
  EXPECT_STATUS(Post(leases, R"({"metadata":{"name":"l"},"spec":{"leaseDurationSeconds":0}})"), 422);
  EXPECT_STATUS(Post(leases, R"({"metadata":{"name":"l"},"spec":{"leaseTransitions":-1}})"), 422);
  EXPECT_STATUS(Post(leases, R"({"metadata":{"name":"l"},"spec":{"renewTime":"soon"}})"), 400);
  for (const char* time :
       {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.1234567Z"}) {
    EXPECT_STATUS(Post(leases, StrCat(R"({"metadata":{"name":"t"},"spec":{"renewTime":")", time, "\"}}")),
                  400)
        << "six decimals: " << time;
  }
}

TEST_P(Conformance, AServiceAccountCanBeMade) {
  const Answer made =
      Post("/api/v1/namespaces/" + Namespace() + "/serviceaccounts", R"({"metadata":{"name":"a"}})");
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(made.At("/kind"), "ServiceAccount");
}

TEST_P(Conformance, ATableOfPodsSaysWhatHoldsThemUp) {
  const std::string pods = "/api/v1/namespaces/" + Namespace() + "/pods";
  const std::string running = R"("state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}})";
  const auto one = [](const char* name, bool ready, int restarts, const std::string& state) {
    return StrCat(R"({"name":")", name, R"(","image":"i","imageID":"","ready":)", ready ? "true" : "false",
                  R"(,"restartCount":)", restarts, ",", state, "}");
  };
  const std::string done = R"("state":{"terminated":{"exitCode":0,"reason":"Completed"}})",
                    failed = R"("state":{"terminated":{"exitCode":3}})",
                    waits = R"("state":{"waiting":{"reason":"CrashLoopBackOff"}})";
  const std::string ready = R"("conditions":[{"type":"Ready","status":"True"}])";
  const std::pair<std::string, std::vector<std::string>> rows[] = {
      {StrCat(R"("phase":"Pending","initContainerStatuses":[)", one("i0", false, 2, waits), "]"),
       {"0/2", "Init:CrashLoopBackOff", "2"}},
      {StrCat(R"("phase":"Pending","initContainerStatuses":[)", one("i0", true, 0, done), ",",
              one("i1", false, 0, running), "]"),
       {"0/2", "Init:1/2", "0"}},
      {StrCat(R"("phase":"Running","containerStatuses":[)", one("c0", true, 1, running), ",",
              one("c1", false, 4, failed), "]"),
       {"1/2", "ExitCode:3", "5"}},
      {StrCat(R"("phase":"Running",)", ready, R"(,"containerStatuses":[)", one("c0", false, 0, done), ",",
              one("c1", true, 0, running), "]"),
       {"1/2", "Running", "0"}},
      {R"("phase":"Failed","reason":"Evicted")", {"0/2", "Evicted", "0"}},
  };
  for (const auto& [status, cells] : rows) {
    ASSERT_STATUS(
        Post(
            pods,
            R"({"metadata":{"name":"p"},"spec":{"initContainers":[{"name":"i0","image":"i"},{"name":"i1","image":"i"}],"containers":[{"name":"c0","image":"i"},{"name":"c1","image":"i"}]}})"),
        201);
    ASSERT_STATUS(Merge(pods + "/p/status", StrCat(R"({"status":{)", status, "}}")), 200);
    const Answer table = Get(pods + "/p", {{"Accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}});
    EXPECT_EQ(table.At("/rows/0/cells/1"), cells[0]) << status;
    EXPECT_EQ(table.At("/rows/0/cells/2"), cells[1]) << status;
    EXPECT_EQ(table.At("/rows/0/cells/3"), cells[2]) << status;
    EXPECT_EQ(table.At("/rows/0/conditions/0/message"), cells[1] == "Evicted" ? "The pod failed." : "");
    ASSERT_STATUS(Delete(pods + "/p?gracePeriodSeconds=0"), 200);
  }
}

TEST_P(Conformance, AnEventWithATimeSaysWhoReportsIt) {
  const std::string core = "/api/v1/namespaces/" + Namespace() + "/events?dryRun=All",
                    grouped = "/apis/events.k8s.io/v1/namespaces/" + Namespace() + "/events?dryRun=All";
  const std::string about = StrCat(R"({"namespace":")", Namespace(), R"("})"),
                    time =
                        R"("metadata":{"name":"e"},"eventTime":"2026-01-01T00:00:00.000000Z","reason":"r")",
                    who = R"("reportingInstance":"i","action":"a")";
  const Answer bare = Post(core, StrCat("{", time, R"(,"involvedObject":)", about, "}"));
  EXPECT_STATUS(bare, 422);
  EXPECT_THAT(bare.fields(), ::testing::IsSupersetOf({"reportingInstance", "action"}));
  EXPECT_STATUS(Post(core, StrCat("{", time, ",", who, R"(,"reportingComponent":"x.y/z","involvedObject":)",
                                  about, "}")),
                201);
  const auto of_type = [&](const std::string& more) {
    return Post(grouped, StrCat("{", time, ",", who, R"(,"reportingController":"x.y/z","regarding":)", about,
                                more, "}"));
  };
  const Answer made = of_type(R"(,"type":"Normal")");
  EXPECT_STATUS(made, 201);
  EXPECT_NE(made.body.find(R"("deprecatedFirstTimestamp":null)"), std::string::npos) << made;
  EXPECT_THAT(of_type(R"(,"type":"Foo")").fields(), ElementsAre("type"));
  EXPECT_THAT(of_type(R"(,"type":"Normal","deprecatedCount":3)").fields(), ElementsAre("count"));
}

TEST_P(Conformance, ATableOfABuiltInHasItsColumns) {
  ASSERT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"},"data":{"x":"1","y":"2"}})"), 201);
  const Answer table = Get(ConfigMaps() + "?fieldSelector=metadata.name%3Da",
                           {{"Accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}});
  EXPECT_EQ(table.At("/kind"), "Table");
  EXPECT_EQ(table.Each("/columnDefinitions", "/name"), (std::vector<std::string>{"Name", "Data", "Age"}));
  EXPECT_EQ(table.At("/rows/0/cells/1"), "2");
}

TEST_P(Conformance, AWatchOfABuiltInWorksLikeAny) {
  const std::string since = Post(ConfigMaps(), R"({"metadata":{"name":"a"}})").rv();
  Merge(ConfigMaps() + "/a", R"({"data":{"x":"1"}})");
  Delete(ConfigMaps() + "/a");
  const auto events = Watch(ConfigMaps() + "?watch=1&timeoutSeconds=60&resourceVersion=" + since,
                            std::chrono::seconds(60), [](const auto& all) { return all.size() == 2; });
  EXPECT_EQ(TypesOf(events), (std::vector<std::string>{"MODIFIED", "DELETED"}));
}

}  // namespace
}  // namespace capstan::conformance
