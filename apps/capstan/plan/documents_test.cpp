#include <capstan/apps/capstan/plan/documents.hpp>

#include <gtest/gtest.h>

namespace capstan::app {
namespace {

constexpr char kCrd[] =
    R"({"spec":{"group":"boxes.test","versions":[{"name":"v1","schema":{"openAPIV3Schema":{
  "type":"object","properties":{"spec":{"type":"object","required":["size"],
    "x-kubernetes-validations":[{"rule":"self.size >= oldSelf.size","message":"a box never shrinks"}],
    "properties":{"size":{"type":"integer","minimum":1},"colour":{"type":"string","default":"grey"},
      "label":{"type":"string"},"extra":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}}},
    "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}})";

std::string Box(const std::string& spec, const std::string& metadata = "name: a") {
  return "apiVersion: boxes.test/v1\nkind: Box\nmetadata: {" + metadata + "}\nspec: {" + spec + "}\n";
}
Result<std::vector<Document>> Read(const std::string& text, const std::string& only = "") {
  return ReadDocuments(text, "boxes.yaml", only, only.empty() ? "default" : only);
}
std::string Refusal(const std::string& text, const std::string& only = "") {
  const auto documents = Read(text, only);
  if (documents) return "";
  EXPECT_EQ(documents.error().message.find('\n'), std::string::npos) << documents.error().message;
  return documents.error().message;
}
Document One(const std::string& text) {
  auto documents = Read(text);
  EXPECT_TRUE(documents) << documents.error();
  return documents->front();
}
kube::Object Live(const std::string& spec, const std::string& last_applied = "") {
  std::string annotations;
  if (!last_applied.empty()) {
    annotations = R"(,"annotations":{"kubectl.kubernetes.io/last-applied-configuration":")";
    for (const char c : last_applied) annotations += c == '"' ? std::string("\\\"") : std::string(1, c);
    annotations += "\"}";
  }
  auto object = kube::Object::Parse(R"({"apiVersion":"boxes.test/v1","kind":"Box","metadata":{"name":"a",)"
                                    R"("namespace":"default","uid":"u-1","resourceVersion":"7")" +
                                    annotations + R"(},"spec":)" + spec + R"(,"status":{"id":"c-1"}})");
  EXPECT_TRUE(object) << object.error();
  return *object;
}

TEST(PlanDocuments, ReadsSeveralDocumentsAndLists) {
  const auto documents = Read(
      "# only a comment\n---\n" + Box("size: 1") + "--- # next\n" +
      Box("size: 2", "name: b, namespace: team") +
      "---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}}\n");
  ASSERT_TRUE(documents) << documents.error();
  ASSERT_EQ(documents->size(), 3U);
  EXPECT_EQ((*documents)[0].object.key().ToString(), "default/a");
  EXPECT_EQ((*documents)[1].object.key().ToString(), "team/b");
  EXPECT_EQ((*documents)[2].kind, "Secret");
}

TEST(PlanDocuments, ReadsJson) {
  const auto document =
      One("{\"apiVersion\":\"boxes.test/"
          "v1\",\"kind\":\"Box\",\n\t\"metadata\":{\"name\":\"a\"},\"spec\":{\"size\":1,\"label\":\"\\n---"
          "\\n\"}}");
  EXPECT_EQ(document.object.StringAt("/spec/label"), "\n---\n");
}

TEST(PlanDocuments, RefusesInOneSentenceWhatIsNotAnObject) {
  EXPECT_NE(Refusal("clusters: [unclosed\n").find("document 1 of boxes.yaml is neither YAML nor JSON"),
            std::string::npos);
  EXPECT_NE(Refusal("{\"a\":").find("neither YAML nor JSON"), std::string::npos);
  EXPECT_EQ(Refusal("just words\n"),
            "document 1 of boxes.yaml is no object: it needs apiVersion, kind and metadata");
  EXPECT_EQ(Refusal("kind: Box\n"), "document 1 of boxes.yaml has no apiVersion");
  EXPECT_EQ(Refusal("apiVersion: v1\n"), "document 1 of boxes.yaml has no kind");
  EXPECT_EQ(Refusal(Box("size: 1") + "---\napiVersion: v1\nkind: Box\n"),
            "document 2 of boxes.yaml has no metadata.name");
  EXPECT_EQ(Refusal("# nothing\n"), "boxes.yaml holds no object");
  EXPECT_EQ(Refusal(""), "boxes.yaml holds no object");
  EXPECT_EQ(Refusal("apiVersion: v1\nkind: List\nitems: [7]\n"),
            "item 1 of document 1 of boxes.yaml is no object");
}

TEST(PlanDocuments, RefusesANamespaceOtherThanTheRequestedOne) {
  EXPECT_EQ(
      Refusal(Box("size: 1", "name: a, namespace: team-b"), "team-a"),
      "document 1 of boxes.yaml is for namespace team-b, and --namespace says team-a: leave one of them out");
  EXPECT_EQ(Refusal(Box("size: 1", "name: a, namespace: team-a"), "team-a"), "");
}

TEST(PlanDocuments, FillsInTheDefaultsOfTheSchema) {
  const auto admitted = Admit(One(Box("size: 1")), kCrd, nullptr);
  ASSERT_TRUE(admitted) << admitted.error();
  EXPECT_EQ(admitted->StringAt("/spec/colour"), "grey");
}

TEST(PlanDocuments, ReportsWhatTheServerWouldRefuse) {
  const auto refusal = [](const std::string& spec, const kube::Object* live) {
    const auto admitted = Admit(One(Box(spec)), kCrd, live);
    return admitted ? std::string() : admitted.error().message;
  };
  EXPECT_NE(refusal("size: 0", nullptr).find("spec.size"), std::string::npos);
  EXPECT_NE(refusal("colour: red", nullptr).find("spec.size"), std::string::npos);
  EXPECT_NE(refusal("size: big", nullptr).find("spec.size"), std::string::npos);
  EXPECT_EQ(refusal("size: 1, sise: 2", nullptr),
            "unknown field spec.sise: the API server would drop or refuse it");
  const auto live = Live(R"({"size":3})");
  EXPECT_NE(refusal("size: 2", &live).find("a box never shrinks"), std::string::npos);
  EXPECT_EQ(refusal("size: 4", &live), "");
}

TEST(PlanDocuments, KeepsWhatOthersWroteAndRemovesWhatIsNoLongerApplied) {
  const auto live = Live(R"({"size":3,"colour":"red","label":"old","extra":{"a":"1","b":"2"}})",
                         R"({"spec":{"size":3,"label":"old","extra":{"a":"1"}}})");
  const auto admitted = Admit(One(Box("size: 3, extra: {}")), kCrd, &live);
  ASSERT_TRUE(admitted) << admitted.error();
  EXPECT_EQ(admitted->StringAt("/spec/colour"), "red");        // another manager's
  EXPECT_EQ(admitted->StringAt("/spec/label"), std::nullopt);  // applied before, not any more
  EXPECT_EQ(admitted->StringAt("/spec/extra/a"), std::nullopt);
  EXPECT_EQ(admitted->StringAt("/spec/extra/b"), "2");
  EXPECT_EQ(admitted->uid(), "u-1");
  EXPECT_EQ(admitted->StringAt("/status/id"), "c-1");
}

TEST(PlanDocuments, AcceptsEverythingWithoutASchema) {
  EXPECT_TRUE(Admit(One(Box("sise: 1")), "", nullptr));
  EXPECT_TRUE(Admit(One(Box("sise: 1")), "no JSON", nullptr));
}

}  // namespace
}  // namespace capstan::app
