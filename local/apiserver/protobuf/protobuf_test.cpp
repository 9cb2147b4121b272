#include <capstan/local/apiserver/protobuf/protobuf.hpp>

#include <string>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/protobuf/wire.hpp>
#include <capstan/local/apiserver/testing/parse_testing.hpp>

namespace capstan::apiserver {
namespace {

const BuiltinTypes& Types() {
  static const BuiltinTypes types;
  return types;
}

Result<json::ObjectPtr> Decode(std::string_view body) { return DecodeProtobuf(Types(), body, "", "", {}); }

std::string Field(std::uint32_t number, std::string_view bytes) {
  WireWriter out;
  out.Text(number, bytes);
  return std::move(out).Take();
}

std::string Body(std::string_view version, std::string_view kind, std::string_view raw) {
  return std::string("k8s\0", 4) + Field(1, Field(1, version) + Field(2, kind)) + Field(2, raw);
}

void ExpectSurvives(std::string_view text) {
  const json::ObjectPtr object = Parse(std::string(text));
  const std::string body = EncodeProtobuf(Types(), object);
  const auto back = Decode(body);
  ASSERT_TRUE(back) << back.error();
  const std::string got = json::ToText(*back);
  EXPECT_TRUE(json::Equal(std::string_view(got), text)) << got << "\n" << text;
}

TEST(Protobuf, RoundTripsAnObject) {
  ExpectSurvives(
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"b","creationTimestamp":"2026-01-01T00:00:00Z",)"
      R"("labels":{"x":"y","":""},"ownerReferences":[{"apiVersion":"v1","kind":"K","name":"n","uid":"u","controller":false}],)"
      R"("managedFields":[{"manager":"m","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{}}}}]},)"
      R"("spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"100m"}},)"
      R"("ports":[{"containerPort":80}],"livenessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":3},)"
      R"("readinessProbe":{"tcpSocket":{"port":8080}},"env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}],)"
      R"("volumes":[{"name":"v","emptyDir":{}},{"name":"w","secret":{"secretName":"s","defaultMode":420}}],"hostNetwork":true}})");
  ExpectSurvives(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"k":"AAECAw=="}})");
  ExpectSurvives(
      R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"a"},"spec":{"renewTime":"2026-01-01T00:00:00.123456Z","leaseTransitions":-1}})");
  ExpectSurvives(
      R"({"apiVersion":"v1","kind":"Status","metadata":{},"status":"Failure","details":{"causes":[{"reason":"r"}]},"code":404})");
}

TEST(Protobuf, RoundTripsDefinitionsWithTheirSchemas) {
  ExpectSurvives(
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"a.b"},"spec":{"group":"b","scope":"Namespaced",)"
      R"("names":{"plural":"a","kind":"A"},"versions":[{"name":"v1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object",)"
      R"("properties":{"x":{"type":"array","items":{"type":"number","maximum":1.5,"default":2}},"y":{"additionalProperties":false},)"
      R"("z":{"additionalProperties":{"type":"string"},"enum":["a",{"b":null}]}},"x-kubernetes-validations":[{"rule":"true"}]}},)"
      R"("subresources":{"status":{}}}]}})");
}

TEST(Protobuf, OmitsFieldsThatTheTablesDoNotName) {
  const auto read =
      Decode(Body("v1", "ConfigMap", Field(1, Field(1, "a") + Field(900, "x")) + Field(77, "y")));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(json::ToText(*read), R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}})");
}

TEST(Protobuf, IsRefusedWhereverItIsTruncatedOrHasAFalseLength) {
  const std::string whole =
      Body("v1", "ConfigMap", Field(1, Field(1, "name")) + Field(2, Field(1, "k") + Field(2, "v")));
  int refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size)
    refused += Decode(std::string_view(whole).substr(0, size)) ? 0 : 1;
  EXPECT_GE(refused, static_cast<int>(whole.size()) - 1);
  EXPECT_FALSE(Decode(Body("v1", "ConfigMap", "\x0a\xff\xff\xff\xff\x0f")));
  EXPECT_FALSE(Decode(std::string("k8s\0", 4) + std::string(20, '\xFF')));
  EXPECT_FALSE(Decode(Body("v1", "Nothing", "")));
  EXPECT_FALSE(Decode(R"({"kind":"ConfigMap"})"));
}

TEST(Protobuf, LimitsDepthAndNumberOfValues) {
  std::string schema;
  for (int i = 0; i < 200; ++i) schema = Field(28, schema);  // not
  const std::string version = Field(4, Field(1, schema));
  EXPECT_FALSE(
      Decode(Body("apiextensions.k8s.io/v1", "CustomResourceDefinition", Field(2, Field(7, version)))));
  std::string many;
  for (int i = 0; i < 300000; ++i) many += Field(14, "");  // finalizers
  EXPECT_FALSE(Decode(Body("v1", "ConfigMap", Field(1, many))));
}

}  // namespace
}  // namespace capstan::apiserver
