// Generated types round-trip every document they can read, and name the problem in one they cannot.
#include <gtest/gtest.h>

#include <capstan/core/kinds/kinds.hpp>
#include <capstan/core/kube/scheme.hpp>

#include "backups.hpp"
#include "certificates.hpp"
#include "compositions.hpp"
#include "databases.hpp"
#include "empties.hpp"
#include "keywords.hpp"
#include "rollouts.hpp"

namespace capstan {
namespace {

// Compares objects regardless of the order of their fields.
bool Same(const Json& a, const Json& b) {
  if (a.is_object() && b.is_object()) {
    if (a.fields().size() != b.fields().size()) return false;
    for (const auto& [name, value] : a.fields()) {
      if (!Same(value, b[name])) return false;
    }
    return true;
  }
  if (!a.is_array() || !b.is_array()) return a == b;
  if (a.items().size() != b.items().size()) return false;
  for (std::size_t i = 0; i < a.items().size(); ++i) {
    if (!Same(a.items()[i], b.items()[i])) return false;
  }
  return true;
}

template <class T>
void ExpectKept(const std::string& document) {
  const auto value = T::FromJson(document);
  ASSERT_TRUE(value) << value.error();
  EXPECT_TRUE(Same(*Json::Parse(document), *Json::Parse(value->ToJson()))) << value->ToJson();
  const auto again = T::FromJson(value->ToJson());
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*again, *value);
}

TEST(GeneratedTypes, KeepEveryDocument) {
  ExpectKept<certs_example_dev::v1::Certificate>(
      R"({"apiVersion":"certs.example.dev/v1","kind":"Certificate","metadata":{"name":"a","namespace":"b","labels":{"x":"y"}},)"
      R"("spec":{"secretName":"s","issuerRef":{"name":"i","kind":"Issuer"},"privateKey":{"algorithm":"Ed25519","rotationPolicy":"Always"},)"
      R"("usages":["s/mime","1.3.6.1",""],"later":[{"a":null}]},)"
      R"("status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-22T07:00:00Z","reason":"R","message":""}]}})");
  ExpectKept<sql_example_dev::v1::Database>(
      R"({"apiVersion":"sql.example.dev/v1","kind":"Database","metadata":{"name":"a"},"spec":{"instances":3,)"
      R"("resources":{"limits":{"cpu":"500m","memory":"1Gi"}},"bootstrap":{"recovery":{"recoveryTarget":{"targetTime":"2026-11-22T07:00:00.123Z"}}},)"
      R"("postgresql":{"pg_hba":[]}}})");
  ExpectKept<delivery_example_dev::v1alpha1::Rollout>(
      R"({"apiVersion":"delivery.example.dev/v1alpha1","kind":"Rollout","metadata":{},"spec":{"template":{"spec":{"x":[1,2.5,"z"]}},)"
      R"("strategy":{"canary":{"maxSurge":"25%","maxUnavailable":1,"steps":[{"setWeight":20},{"pause":{"duration":"1h"}}]}}}})");
  ExpectKept<infra_example_dev::v1::Composition>(
      R"({"apiVersion":"infra.example.dev/v1","kind":"Composition","metadata":{"name":"c"},"spec":{"mode":"Resources",)"
      R"("resources":[{"base":{"apiVersion":"v1","kind":"Secret"},"patches":[{"transforms":[{"map":{"a":{"b":1}}}]}]}]}})");
  ExpectKept<empty_example_dev::v1::Empty>(
      R"({"apiVersion":"empty.example.dev/v1","kind":"Empty","metadata":{},"spec":{"x":1},"status":{"list":[[1,2.5],[]],"maps":{"a":{"b":[true,false]}},"any":{"x":[]}}})");
}

TEST(GeneratedTypes, KeepDocumentsOfKubernetesOwnKinds) {
  ExpectKept<kinds::Deployment>(
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},)"
      R"("template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"web:1","ports":[{"containerPort":80,"protocol":"TCP"}],)"
      R"("resources":{"requests":{"cpu":"100m"}},"livenessProbe":{"httpGet":{"path":"/","port":"http"}},"newField":{"a":1}}]}}},"status":{}})");
  ExpectKept<kinds::Secret>(
      R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"type":"Opaque","data":{"a":"AA=="}})");
  EXPECT_EQ(kinds::Deployment::Kind().plural, "deployments");
  EXPECT_EQ(kinds::NetworkPolicy::Kind().plural, "networkpolicies");
  EXPECT_EQ(kinds::Ingress::Kind().plural, "ingresses");
  EXPECT_FALSE(kinds::ClusterRole::Kind().namespaced);
  EXPECT_FALSE(kinds::Namespace::Kind().namespaced);
  EXPECT_TRUE(kinds::Role::Kind().namespaced);
}

TEST(GeneratedTypes, HaveTheDefaultsOfTheirSchema) {
  const keywords_example_dev::v1::KeywordSpec spec;
  EXPECT_EQ(spec.int_, INT64_C(9223372036854775807));
  EXPECT_EQ(spec.double_, 1.5);
  const sql_example_dev::v1::DatabaseSpecStorage storage;
  EXPECT_TRUE(storage.resize_in_use_volumes);
}

TEST(GeneratedTypes, NameTheFieldThatIsWrong) {
  const auto wrong = certs_example_dev::v1::Certificate::FromJson(
      R"({"metadata":{},"spec":{"secretName":"s","issuerRef":{"name":"i"},"usages":["any","none"]}})");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message.rfind(
                "Certificate: spec.usages[1]: \"none\" is none of \"digital signature\"", 0),
            0u)
      << wrong.error();
}

TEST(GeneratedTypes, RegisterWithAScheme) {
  kube::Scheme scheme;
  ASSERT_TRUE(scheme.Register<kinds::ConfigMap>(kinds::ConfigMap::Kind()));
  const auto decoded =
      scheme.Decode(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}})");
  ASSERT_TRUE(decoded) << decoded.error();
  EXPECT_EQ(std::any_cast<kinds::ConfigMap>(*decoded).data->at("k"), "v");
}

}  // namespace
}  // namespace capstan
