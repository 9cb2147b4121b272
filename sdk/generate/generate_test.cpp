#include <gtest/gtest.h>

#include <capstan/sdk/generate/cpp_writer.hpp>
#include <capstan/sdk/generate/names.hpp>
#include <capstan/sdk/generate/schema_reader.hpp>
#include <capstan/sdk/generate/short_schema.hpp>

namespace capstan::generate {
namespace {

Json Crd(const std::string& schema) {
  return *Json::Parse(
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":{"group":"example.dev","names":{"kind":"Widget","plural":"widgets"},)"
      R"("scope":"Namespaced","versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":)" +
      schema + "}}]}}");
}

std::string Problem(const std::string& schema) {
  const auto model = ReadCrd(Crd(schema), "");
  return model ? "no error" : model.error().message;
}

TEST(GenerateNames, FieldsAreSnakeCaseAndNeverAKeyword) {
  EXPECT_EQ(FieldName("imagePullPolicy"), "image_pull_policy");
  EXPECT_EQ(FieldName("podCIDRs"), "pod_cidrs");
  EXPECT_EQ(FieldName("clusterIP"), "cluster_ip");
  EXPECT_EQ(FieldName("HTTPServer"), "http_server");
  EXPECT_EQ(FieldName("default"), "default_");
  EXPECT_EQ(FieldName("$ref"), "ref");
  EXPECT_EQ(FieldName("3d"), "n3d");
  EXPECT_EQ(FieldName("x-kubernetes-y"), "x_kubernetes_y");
  EXPECT_EQ(EnumeratorName("RollingUpdate"), "kRollingUpdate");
  EXPECT_EQ(EnumeratorName(""), "kEmpty");
}

TEST(GenerateTypes, FieldsThatWouldHaveOneNameInCppGetTwo) {
  const auto model = ReadCrd(
      Crd(R"({"type":"object","properties":{"spec":{"type":"object","properties":{)"
          R"("fooBar":{"type":"string"},"foo_bar":{"type":"string"},"unknownFields":{"type":"string"}}}}})"),
      "");
  ASSERT_TRUE(model) << model.error();
  EXPECT_EQ(model->structs[0].fields[0].cpp_name, "foo_bar");
  EXPECT_EQ(model->structs[0].fields[1].cpp_name, "foo_bar2");
  EXPECT_NE(model->structs[0].fields[2].cpp_name, "unknown_fields");
}

TEST(GenerateTypes, ASchemaThatIsNotStructuralIsRefusedByPath) {
  EXPECT_EQ(Problem(R"({"type":"object","properties":{"spec":{"type":"object","properties":{"a":{}}}}})")
                .substr(0, 93),
            "spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.a: has no type, so the sch");
  EXPECT_NE(Problem(R"({"type":"object","properties":{"a":{"$ref":"#/x"}}})").find("uses $ref"),
            std::string::npos);
  EXPECT_NE(Problem(R"({"type":"object","properties":{"a":{"type":"array"}}})").find("without items"),
            std::string::npos);
  EXPECT_NE(Problem(R"({"type":"object","properties":{"a":{"type":"text"}}})").find("has the type \"text\""),
            std::string::npos);
  EXPECT_NE(Problem(R"({"type":"object","properties":{"a":7}})").find("a schema must be an object"),
            std::string::npos);
}

TEST(GenerateTypes, AnUnknownVersionIsRefusedWithThoseThereAre) {
  const auto model = ReadCrd(Crd(R"({"type":"object"})"), "v2");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().message, "spec.versions: there is no version \"v2\"; there are: v1");
}

TEST(GenerateTypes, ASchemaDeeperThanTheLimitIsRefused) {
  std::string schema = R"({"type":"string"})";
  for (int i = 0; i < 80; ++i) schema = R"({"type":"array","items":)" + schema + "}";
  const auto model = ReadCrd(Crd(R"({"type":"object","properties":{"a":)" + schema + "}}"), "");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, Code::kTooLarge);
}

TEST(GenerateTypes, DescriptionsCannotLeaveTheirComment) {
  const auto model = ReadCrd(
      Crd(R"({"type":"object","properties":{"a":{"type":"string","description":"one \\\n#error two\u0007"}}})"),
      "");
  ASSERT_TRUE(model) << model.error();
  const CppFiles files = WriteCpp(*model, {"x", "a::b", "x.hpp"});
  EXPECT_NE(files.header.find("// one \\ #error two\n"), std::string::npos) << files.header;
}

TEST(ShortSchema, SaysTheWholeCrd) {
  const auto crd = CrdOf(*Json::Parse(
      R"({"kind":"Website","group":"example.dev","version":"v1","columns":{"Page":".status.page"},)"
      R"("spec":{"title":"string(1..80)! -- what it is called","size":"small | large = small","replicas":"integer(1..) = 1",)"
      R"("ports":[{"name":"string(/^[a-z=()!]+$/)!"}],"labels":{"*":"string"},"region":"string immutable!"},)"
      R"("status":{"page":"string","conditions":"conditions"}})"));
  ASSERT_TRUE(crd) << crd.error();
  const Json& version = (*crd)["spec"]["versions"].items()[0];
  const Json& spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"];
  EXPECT_EQ(spec["required"].ToText(), R"(["title","region"])");
  EXPECT_EQ(spec["properties"]["title"].ToText(),
            R"({"type":"string","minLength":1,"maxLength":80,"description":"what it is called"})");
  EXPECT_EQ(spec["properties"]["size"].ToText(),
            R"({"type":"string","enum":["small","large"],"default":"small"})");
  EXPECT_EQ(spec["properties"]["replicas"].ToText(),
            R"({"type":"integer","format":"int64","minimum":1,"default":1})");
  EXPECT_EQ(spec["properties"]["ports"]["items"]["properties"]["name"]["pattern"].AsString(), "^[a-z=()!]+$");
  EXPECT_EQ(spec["properties"]["labels"]["additionalProperties"]["type"].AsString(), "string");
  EXPECT_NE(spec["properties"]["region"].ToText().find("self == oldSelf"), std::string::npos);
  EXPECT_TRUE(ReadCrd(*crd, "")) << "types can be generated from it";
}

TEST(ShortSchema, AMistakeIsNamedByItsPath) {
  const auto problem = [](const std::string& spec) {
    const auto crd =
        CrdOf(*Json::Parse(R"({"kind":"W","group":"example.dev","version":"v1","spec":)" + spec + "}"));
    return crd ? std::string("no error") : crd.error().message;
  };
  EXPECT_EQ(problem(R"({"a":"strin"})").substr(0, 31), "spec.a: \"strin\" is no type; kno");
  EXPECT_EQ(problem(R"({"a":"string(1"})"), "spec.a: the bounds have no closing parenthesis");
  EXPECT_EQ(problem(R"({"a":"boolean = maybe"})"), "spec.a: the default of a boolean is true or false");
  EXPECT_EQ(problem(R"({"a":["string","string"]})"),
            "spec.a: is neither a type, nor a mapping, nor a list of one element");
  EXPECT_EQ(problem(R"({"a":7})"), "spec.a: is neither a type, nor a mapping, nor a list of one element");
}

}  // namespace
}  // namespace capstan::generate
