#include <capstan/local/apiserver/requests/content.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/requests/content_protobuf.hpp>

namespace capstan::apiserver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DuplicateFields, AreFoundAtAnyDepthAndNowhereElse) {
  EXPECT_THAT(DuplicateFields(R"({"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}],"d":"\",\"a\":"})"), IsEmpty());
  EXPECT_THAT(DuplicateFields(R"({"spec":{"size":1,"x":[1,2],"size":2},"l":[{},{"k":1,"k":"k"}],"spec":3})"),
              ElementsAre("spec.size", "l[1].k", "spec"));
  EXPECT_THAT(DuplicateFields(R"({"a": "x" , "a" : "y"})"), ElementsAre("a"));
}

TEST(Negotiate, TakesTheFirstFormItCanGive) {
  auto table = Negotiate(
      {{"Accept",
        "application/json;as=Table;v=v9;g=meta.k8s.io, application/json;as=Table;g=meta.k8s.io;v=v1beta1"}});
  ASSERT_TRUE(table);
  EXPECT_EQ(table->shape, Accepted::Shape::kTable);
  EXPECT_EQ(table->meta_version, "v1beta1");
  EXPECT_EQ(Negotiate({{"Accept", "application/vnd.kubernetes.protobuf,application/json"}})->shape,
            Accepted::Shape::kObject);
  EXPECT_TRUE(Negotiate({{"Accept", "application/yaml"}})->yaml);
  EXPECT_TRUE(Negotiate({{"Accept", "*/*"}}));
  EXPECT_FALSE(Negotiate({{"Accept", "application/vnd.kubernetes.protobuf"}}));
}

TEST(MalformedJson, TellsATextThatEndsTooEarlyFromOneThatIsWrong) {
  EXPECT_EQ(MalformedJson("{\"a\":", "x"), "unexpected end of JSON input");
  EXPECT_EQ(MalformedJson("{\"a}", "x"), "unexpected end of JSON input");
  EXPECT_EQ(MalformedJson("  ", "x"), "unexpected end of JSON input");
  EXPECT_EQ(MalformedJson("{a}", "x"), "x");
}

// As kubectl 1.32 sends it: `kubectl create rolebinding rb --role=r --user=her`.
std::string Binding() {
  const auto field = [](int number, const std::string& bytes) {
    return std::string(1, static_cast<char>((number << 3) | 2)) + static_cast<char>(bytes.size()) + bytes;
  };
  const std::string group = "rbac.authorization.k8s.io";
  const std::string metadata = field(1, "rb") + field(3, "default") +
                               field(11, field(1, "a") + field(2, "b")) +
                               std::string("\x38\0\x42\0", 4);  // generation and an empty creationTimestamp
  const std::string raw = field(1, metadata) +
                          field(2, field(1, "User") + field(2, group) + field(3, "her")) +
                          field(3, field(1, group) + field(2, "Role") + field(3, "r"));
  return std::string("k8s\0", 4) + field(1, field(1, group + "/v1") + field(2, "RoleBinding")) + "\x12" +
         static_cast<char>((raw.size() & 0x7F) | 0x80) + static_cast<char>(raw.size() >> 7) + raw +
         field(3, "") + field(4, "");
}

TEST(ProtobufBinding, IsReadAsIfItWereJson) {
  const auto object = DecodeBinding(Binding());
  ASSERT_TRUE(object) << object.error();
  const std::string_view expected =
      R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"labels":{"a":"b"},"name":"rb","namespace":"default"},)"
      R"("roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},)"
      R"("subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"her"}]})";
  const std::string got = json::ToText(*object);
  EXPECT_TRUE(json::Equal(std::string_view(got), expected)) << got;
}

TEST(ProtobufBinding, IsRefusedWhereverItIsCut) {
  const std::string whole = Binding();
  int refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size)
    refused += DecodeBinding(std::string_view(whole).substr(0, size)) ? 0 : 1;
  EXPECT_GE(refused, static_cast<int>(whole.size()) - 8)
      << "only a cut between the envelope's last fields goes unseen";
  EXPECT_FALSE(DecodeBinding("k8s\1"));
  EXPECT_FALSE(DecodeBinding(std::string("k8s\0", 4) + std::string(20, '\xFF')));
}

}  // namespace
}  // namespace capstan::apiserver
