// The scale subresource: the size of an object, whatever its kind calls it.
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

// A kind with its size as the scale.
KindOptions Scaled() {
  KindOptions options;
  options.status = false;
  options.version_extra =
      R"("subresources":{"status":{},"scale":{"specReplicasPath":".spec.size","statusReplicasPath":".status.size"}})";
  return options;
}

TEST_P(Conformance, AScaleIsReadAndWrittenThroughItsPath) {
  const kube::Kind kind = MakeKind(Scaled());
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a", R"({"size":3})")), 201);
  const std::string path = kube::PathOf(kind, Namespace(), "a", "scale");
  EXPECT_EQ(Get(path).At("/spec/replicas"), "3");
  EXPECT_EQ(Get(path).At("/kind"), "Scale");
  EXPECT_EQ(Merge(path, R"({"spec":{"replicas":5}})").At("/spec/replicas"), "5");
  EXPECT_EQ(Get(kube::PathOf(kind, Namespace(), "a")).At("/spec/size"), "5");
}

TEST_P(Conformance, AMalformedScaleIsRefused) {
  const kube::Kind kind = MakeKind(Scaled());
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a", R"({"size":3})")), 201);
  const std::string path = kube::PathOf(kind, Namespace(), "a", "scale");
  EXPECT_STATUS(Merge(path, R"({"spec":{"replicas":"many"}})"), 422);
  EXPECT_STATUS(Merge(path, R"({"spec":{"replicas":99999999999}})"), 422);
  EXPECT_STATUS(Merge(path, R"({"spec":{"replicas":-1}})"), 422);
  EXPECT_STATUS(Merge(path, R"({"metadata":{"name":"b"},"spec":{"replicas":1}})"), 400);
  EXPECT_STATUS(JsonPatch(path, R"([{"op":"test","path":"/spec/replicas","value":9}])"), 422);
  EXPECT_STATUS(Strategic(path, R"({"spec":{"replicas":1}})"), 415);
  const std::string scale =
      R"({"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"b","namespace":")" + Namespace() +
      R"("},"spec":{"replicas":1}})";
  EXPECT_STATUS(Put(path, scale), 400);
  EXPECT_EQ(Get(path).At("/spec/replicas"), "3");
}

TEST_P(Conformance, UnknownFieldsOfAScaleAreWarnedAboutOrRefused) {
  const kube::Kind kind = MakeKind(Scaled());
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a", R"({"size":3})")), 201);
  const std::string path = kube::PathOf(kind, Namespace(), "a", "scale");
  const char* patch = R"({"spec":{"replicas":4,"zz":1},"yy":2})";
  EXPECT_STATUS(Merge(path + "?fieldValidation=Ignore", patch), 200);
  const Answer strict = Merge(path + "?fieldValidation=Strict", R"({"spec":{"replicas":5,"zz":1},"yy":2})");
  if (strict.status == 200) return Lacks("field validation");
  EXPECT_STATUS(strict, 422);
  EXPECT_THAT(strict.message(), HasSubstr("unknown field \"spec.zz\""));
  EXPECT_THAT(strict.message(), HasSubstr("unknown field \"yy\""));
  const std::string scale =
      R"({"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"a","namespace":")" + Namespace() +
      R"("},"spec":{"replicas":6,"zz":1}})";
  EXPECT_STATUS(Put(path + "?fieldValidation=Strict", scale), 400);
  EXPECT_EQ(Get(path).At("/spec/replicas"), "4");
  const Answer told = Put(path + "?fieldValidation=Warn", scale);
  EXPECT_STATUS(told, 200);
  EXPECT_THAT(std::string(told.headers.Get("Warning").value_or("")), HasSubstr("unknown field"));
}

}  // namespace
}  // namespace capstan::conformance
