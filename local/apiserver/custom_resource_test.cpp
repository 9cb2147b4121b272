#include <capstan/local/apiserver/custom_resource.hpp>

#include <gtest/gtest.h>

namespace capstan::apiserver {
namespace {

constexpr char kCrd[] = R"({"spec":{"versions":[{"name":"v1","schema":{"openAPIV3Schema":{"type":"object",
  "properties":{"spec":{"type":"object",
    "x-kubernetes-validations":[{"rule":"self.size >= oldSelf.size","message":"a box never shrinks"}],
    "properties":{"size":{"type":"integer"},"colour":{"type":"string","default":"grey"}}}}}}},
  {"name":"v2","schema":{"openAPIV3Schema":{"type":"no such type"}}}]}})";

std::string Admit(std::string_view object, std::string_view old = "", std::string_view version = "v1",
                  std::string_view crd = kCrd) {
  const auto admitted = AdmitCustomResource(crd, version, object, old);
  return admitted ? *admitted : admitted.error().message;
}

TEST(AdmitCustomResource, FillsInTheDefaultsOfTheSchema) {
  EXPECT_EQ(Admit(R"({"spec":{"size":1}})"), R"({"spec":{"size":1,"colour":"grey"}})");
}

TEST(AdmitCustomResource, RefusesWhatTheSchemaOrItsRulesForbid) {
  EXPECT_NE(Admit(R"({"spec":{"size":"x"}})").find("spec.size in body must be of type integer"),
            std::string::npos);
  EXPECT_EQ(Admit(R"({"spec":{"weight":1}})"),
            "unknown field spec.weight: the API server would drop or refuse it");
  EXPECT_NE(Admit(R"({"spec":{"size":1}})", R"({"spec":{"size":2}})").find("a box never shrinks"),
            std::string::npos);
  EXPECT_EQ(Admit(R"({"spec":{"size":3}})", R"({"spec":{"size":2}})"),
            R"({"spec":{"size":3,"colour":"grey"}})");
}

TEST(AdmitCustomResource, ReturnsUnchangedWhatOnlyAServerCanValidate) {
  const std::string object = R"({"spec":{"weight":1}})";
  EXPECT_EQ(Admit(object, "", "v3"), object);
  EXPECT_EQ(Admit(object, "", "v2"), object);
  EXPECT_EQ(Admit(object, "", "v1", ""), object);
}

}  // namespace
}  // namespace capstan::apiserver
