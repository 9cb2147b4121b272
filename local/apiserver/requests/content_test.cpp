#include <capstan/local/apiserver/requests/content.hpp>

#include <capstan/core/base/text.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capstan::apiserver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DuplicateFields, AreFoundAtAnyDepthWithoutFalsePositives) {
  EXPECT_THAT(DuplicateFields(R"({"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}],"d":"\",\"a\":"})"), IsEmpty());
  EXPECT_THAT(DuplicateFields(R"({"spec":{"size":1,"x":[1,2],"size":2},"l":[{},{"k":1,"k":"k"}],"spec":3})"),
              ElementsAre("spec.size", "l[1].k", "spec"));
  EXPECT_THAT(DuplicateFields(R"({"a": "x" , "a" : "y"})"), ElementsAre("a"));
}

TEST(Negotiate, ChoosesTheFirstSupportedForm) {
  auto table = Negotiate(
      {{"Accept",
        "application/json;as=Table;v=v9;g=meta.k8s.io, application/json;as=Table;g=meta.k8s.io;v=v1beta1"}},
      ProtobufOffer::kAll);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->shape, Accepted::Shape::kTable);
  EXPECT_EQ(table->meta_version, "v1beta1");
  EXPECT_TRUE(Negotiate({{"Accept", "application/yaml"}}, ProtobufOffer::kAll)->yaml);
  EXPECT_TRUE(Negotiate({{"Accept", "*/*"}}, ProtobufOffer::kNothing));
}

TEST(Negotiate, ChoosesProtobufIfAvailable) {
  const http::Headers either = {{"Accept", "application/vnd.kubernetes.protobuf,application/json"}};
  const http::Headers alone = {{"Accept", "application/vnd.kubernetes.protobuf;stream=watch"}};
  const http::Headers metadata = {
      {"Accept", "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}};
  EXPECT_TRUE(Negotiate(either, ProtobufOffer::kAll)->protobuf);
  EXPECT_TRUE(Negotiate(alone, ProtobufOffer::kAll)->protobuf);
  EXPECT_FALSE(Negotiate(either, ProtobufOffer::kMetadata)->protobuf);
  EXPECT_FALSE(Negotiate(alone, ProtobufOffer::kMetadata));
  EXPECT_TRUE(Negotiate(metadata, ProtobufOffer::kMetadata)->protobuf);
  EXPECT_FALSE(Negotiate(alone, ProtobufOffer::kNothing));
}

TEST(MalformedJson, DistinguishesTruncatedFromInvalidText) {
  EXPECT_EQ(MalformedJson("{\"a\":", "x"), "unexpected end of JSON input");
  EXPECT_EQ(MalformedJson("{\"a}", "x"), "unexpected end of JSON input");
  EXPECT_EQ(MalformedJson("  ", "x"), "unexpected end of JSON input");
  EXPECT_EQ(MalformedJson("{a}", "x"), "x");
}

}  // namespace
}  // namespace capstan::apiserver
