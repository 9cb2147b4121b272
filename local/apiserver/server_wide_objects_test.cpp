// Objects with tens of thousands of keys or items: the time of every operation is linear in their
// size, because a quadratic one would exceed the timeout of any test runner.
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

constexpr int kKeys = 20'000;
constexpr int kItems = 8'000;

// The results of `make(i)` for every i, separated by commas.
template <class Make>
std::string Many(int count, Make make) {
  std::string text;
  for (int i = 0; i < count; ++i) text += StrCat(i == 0 ? "" : ",", make(i));
  return text;
}

class WideObjects : public ServerTest {
 protected:
  // Creates an object, replaces it, patches it in three ways and applies it.
  void Write(const std::string& collection, const std::string& name, const std::string& fields,
             const std::string& changed, const std::string& kind) {
    const std::string meta =
        StrCat(R"("apiVersion":")", kind == "Wide" ? "w.example/v1" : "v1", R"(","kind":")", kind, "\",");
    const std::string path = StrCat(collection, "/", name);
    const http::Response made = Post(collection, StrCat("{", meta, fields, "}"));
    ASSERT_EQ(made.status, 201) << made.body.substr(0, 300);
    const std::string seen = At(made, "/metadata/resourceVersion");
    std::string replaced = changed;
    replaced.insert(replaced.find(R"("metadata":{)") + 12, StrCat(R"("resourceVersion":")", seen, "\","));
    const http::Response put = Put(path, StrCat("{", meta, replaced, "}"));
    EXPECT_EQ(put.status, 200) << put.body.substr(0, 300);
    EXPECT_EQ(Merge(path, StrCat("{", fields, "}")).status, 200);
    if (kind != "Wide") {
      const http::Response patched = Send("PATCH", path, StrCat("{", changed, "}"),
                                          {{"Content-Type", "application/strategic-merge-patch+json"}});
      EXPECT_EQ(patched.status, 200) << patched.body.substr(0, 300);
    }
    const http::Response applied =
        Send("PATCH", path + "?fieldManager=me&force=true", StrCat("{", meta, fields, "}"),
             {{"Content-Type", "application/apply-patch+yaml"}});
    EXPECT_EQ(applied.status, 200) << applied.body.substr(0, 300);
  }
};

TEST_F(WideObjects, OfManyKeysLabelsFinalizersAndOwnersAreWritten) {
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  const auto data = [](const char* value) {
    return StrCat(R"("metadata":{"name":"data"},"data":{)",
                  Many(kKeys, [&](int i) { return StrCat("\"k", i, "\":\"", value, "\""); }), "}");
  };
  Write(maps, "data", data("a"), data("b"), "ConfigMap");
  const auto labels = [](const char* value) {
    return StrCat(R"("metadata":{"name":"labels","labels":{)",
                  Many(kKeys, [&](int i) { return StrCat("\"k", i, "\":\"", value, "\""); }), "}}");
  };
  Write(maps, "labels", labels("a"), labels("b"), "ConfigMap");
  const auto finalizers = [](const char* value) {
    return StrCat(R"("metadata":{"name":"finalizers","finalizers":[)",
                  Many(kKeys, [&](int i) { return StrCat("\"a.b/", value, i, "\""); }), "]}");
  };
  Write(maps, "finalizers", finalizers("a"), finalizers("b"), "ConfigMap");
  const auto owners = [](const char* value) {
    return StrCat(R"("metadata":{"name":"owners","ownerReferences":[)",
                  Many(kItems,
                       [&](int i) {
                         return StrCat(R"({"apiVersion":"x.y/v1","kind":"K","name":"n","uid":")", value, i,
                                       "\"}");
                       }),
                  "]}");
  };
  Write(maps, "owners", owners("a"), owners("b"), "ConfigMap");
}

TEST_F(WideObjects, OfListsThatAreSetsOrMapsAreWritten) {
  ASSERT_EQ(Post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                 R"({"metadata":{"name":"wides.w.example"},"spec":{"group":"w.example","scope":"Namespaced",
    "names":{"kind":"Wide","plural":"wides"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{
    "openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{
      "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
      "keyed":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{
        "type":"object","required":["k"],"properties":{"k":{"type":"string"},"v":{"type":"integer",
          "x-kubernetes-validations":[{"rule":"self >= 0"}]}}}},
      "map":{"type":"object","additionalProperties":{"type":"integer",
          "x-kubernetes-validations":[{"rule":"self >= oldSelf"}]}}}}}}}}]}})")
                .status,
            201);
  const auto spec = [](int value) {
    return StrCat(R"("metadata":{"name":"a"},"spec":{"set":[)",
                  Many(kItems, [&](int i) { return StrCat("\"", value, "-", i, "\""); }), R"(],"keyed":[)",
                  Many(kItems, [&](int i) { return StrCat(R"({"k":")", i, R"(","v":)", value, "}"); }),
                  R"(],"map":{)", Many(kItems, [&](int i) { return StrCat("\"k", i, "\":1"); }), "}}");
  };
  Write("/apis/w.example/v1/namespaces/default/wides", "a", spec(1), spec(2), "Wide");
}

}  // namespace
}  // namespace capstan::apiserver
