// CustomResourceDefinitions: from definition to served kind and back.
#include <capstan/core/base/text.hpp>
#include <capstan/tests/conformance/conformance.hpp>

#include <capstan/core/kube/discovery.hpp>

namespace capstan::conformance {
namespace {

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST_P(Conformance, ADefinitionBecomesEstablished) {
  const kube::Kind kind = MakeKind();
  const Answer definition = SendToCrds("GET", CrdPath(kind.resource()));
  const auto types = definition.Each("/status/conditions", "/type");
  EXPECT_THAT(types, ::testing::IsSupersetOf({"NamesAccepted", "Established"}));
  EXPECT_THAT(definition.Each("/status/conditions", "/status"), Not(Contains("False")));
  EXPECT_EQ(definition.At("/status/acceptedNames/kind"), kind.kind);
  EXPECT_EQ(definition.At("/status/storedVersions"), R"(["v1"])");
}

TEST_P(Conformance, AServedKindIsDiscovered) {
  const kube::Kind kind = Gear();
  EXPECT_TRUE(Eventually("discovery names the kind", [&] {
    return kube::FindKind(client(), kind.api_version(), kind.kind, context()).has_value();
  }));
  const auto found = kube::FindKind(client(), kind.api_version(), kind.kind, context());
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->kind, kind);
  EXPECT_EQ(found->singular, "gear" + kind.kind.substr(4));
  EXPECT_EQ(found->short_names, std::vector<std::string>{"g" + kind.kind.substr(4)});
  EXPECT_EQ(found->subresources, std::vector<std::string>{"status"});
  for (const char* verb :
       {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}) {
    EXPECT_TRUE(found->Can(verb)) << verb;
  }
  const auto by_name = kube::FindResource(client(), kind.resource(), context());
  ASSERT_TRUE(by_name) << by_name.error();
  EXPECT_EQ(by_name->kind, kind);
}

TEST_P(Conformance, ADefinitionMustBeNamedByPluralAndGroup) {
  kube::Kind kind;
  const std::string definition = Definition({}, kind);
  const Answer made =
      SendToCrds("POST", CrdPath(), Replaced(definition, kind.resource(), "x" + kind.resource()), Json());
  EXPECT_STATUS(made, 422);
  EXPECT_THAT(made.fields(), Contains("metadata.name"));
}

TEST_P(Conformance, AKindMustBeAWordWithoutUnderscores) {
  kube::Kind kind;
  const std::string definition = Definition({}, kind);
  const Answer made = SendToCrds(
      "POST", CrdPath(), Replaced(definition, "\"" + kind.kind + "\"", "\"Gear_" + kind.kind + "\""), Json());
  EXPECT_STATUS(made, 422);
  EXPECT_THAT(made.fields(), Contains("spec.names.kind"));
}

TEST_P(Conformance, ASchemaMustBeStructural) {
  KindOptions options;
  options.spec_schema = R"("a":{"description":"no type"})";
  kube::Kind kind;
  const Answer made = SendToCrds("POST", CrdPath(), Definition(options, kind), Json());
  EXPECT_STATUS(made, 422);
  EXPECT_THAT(made.message(), HasSubstr("type"));
}

TEST_P(Conformance, ADefaultMustFitItsSchema) {
  KindOptions options;
  options.spec_schema = R"("a":{"type":"integer","default":"text"})";
  kube::Kind kind;
  EXPECT_STATUS(SendToCrds("POST", CrdPath(), Definition(options, kind), Json()), 422);
}

TEST_P(Conformance, ADefinitionNeedsASchema) {
  const std::string suffix = NewName("");
  const Answer made = SendToCrds(
      "POST", CrdPath(),
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"x)" +
          suffix +
          R"(s.conformance.capstan.dev"},"spec":{"group":"conformance.capstan.dev","scope":"Namespaced","names":{"plural":"x)" +
          suffix + R"(s","kind":"X)" + suffix +
          R"("},"versions":[{"name":"v1","served":true,"storage":true}]}})",
      Json());
  EXPECT_STATUS(made, 422);
  EXPECT_THAT(made.fields(), Contains("spec.versions[0].schema.openAPIV3Schema"));
}

TEST_P(Conformance, NamesOfAKindAreFilledIn) {
  kube::Kind kind;
  std::string definition = Definition({}, kind);
  const std::string suffix = kind.kind.substr(4);
  definition = Replaced(definition, "\"singular\":\"gear" + suffix + "\",", "");
  const Answer made = SendToCrds("POST", CrdPath(), definition, Json());
  ASSERT_STATUS(made, 201);
  EXPECT_EQ(made.At("/spec/names/singular"), "gear" + suffix);
  EXPECT_EQ(made.At("/spec/names/listKind"), kind.kind + "List");
  EXPECT_EQ(made.At("/spec/conversion/strategy"), "None");
  DeleteKind(kind);
}

TEST_P(Conformance, AClusterScopedKindLivesWithoutNamespace) {
  KindOptions options;
  options.namespaced = false;
  const kube::Kind kind = MakeKind(options);
  const Answer made = Post(kube::PathOf(kind, ""), Object(kind, "a", R"({"size":1})"));
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(made.At("/metadata/namespace"), "");
  EXPECT_STATUS(Get(kube::PathOf(kind, "", "a")), 200);
  EXPECT_STATUS(Get("/apis/" + kind.group + "/v1/namespaces/default/" + kind.plural), 404);
}

TEST_P(Conformance, ANamespacedKindCannotBeMadeWithoutNamespace) {
  EXPECT_THAT(Post(kube::PathOf(Gear(), ""), GearJson("a")).status, AnyOf(400, 404, 405));
}

TEST_P(Conformance, ADeletedDefinitionTakesItsObjectsAndItsPath) {
  const kube::Kind kind = MakeKind();
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a")), 201);
  EXPECT_STATUS(SendToCrds("DELETE", CrdPath(kind.resource())), 200);
  EXPECT_TRUE(Eventually("the deleted definition is gone",
                         [&] { return SendToCrds("GET", CrdPath(kind.resource())).status == 404; }));
  EXPECT_TRUE(Eventually("its object is gone",
                         [&] { return Get(kube::PathOf(kind, Namespace(), "a")).status == 404; }));
  EXPECT_TRUE(Eventually("its path is gone", [&] {
    const Answer list = Get(kube::PathOf(kind, Namespace()));
    return list.status == 404 && list.reason() != "Forbidden";
  }));
}

TEST_P(Conformance, ADeletedDefinitionWaitsForFinalizersOfItsObjects) {
  const kube::Kind kind = MakeKind();
  const std::string path = kube::PathOf(kind, Namespace(), "a");
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a", "{}", R"("finalizers":["a.b/c"])")),
                201);
  EXPECT_STATUS(SendToCrds("DELETE", CrdPath(kind.resource())), 200);
  EXPECT_TRUE(Eventually("the object of the deleted definition is being deleted",
                         [&] { return !Get(path).At("/metadata/deletionTimestamp").empty(); }));
  EXPECT_STATUS(SendToCrds("GET", CrdPath(kind.resource())), 200);
  EXPECT_STATUS(Merge(path, R"({"metadata":{"finalizers":null}})"), 200) << "its objects can still be let go";
  EXPECT_TRUE(Eventually("the definition goes after its last object",
                         [&] { return SendToCrds("GET", CrdPath(kind.resource())).status == 404; }));
}

// How a client without permission to read definitions notices that one is being deleted.
TEST_P(Conformance, DiscoveryListsNoWriteVerbsForAKindWhoseDefinitionIsBeingDeleted) {
  const kube::Kind kind = MakeKind();
  const std::string path = kube::PathOf(kind, Namespace(), "a");
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a", "{}", R"("finalizers":["a.b/c"])")),
                201);
  ASSERT_STATUS(SendToCrds("DELETE", CrdPath(kind.resource())), 200);
  const auto can = [&](const char* verb) {
    const auto found = kube::FindKind(client(), kind.api_version(), kind.kind, context());
    return found && found->Can(verb);
  };
  EXPECT_TRUE(Eventually("discovery no longer offers to create", [&] { return !can("create"); }));
  EXPECT_FALSE(can("patch"));
  EXPECT_FALSE(can("update"));
  for (const char* verb : {"delete", "deletecollection", "get", "list", "watch"}) {
    EXPECT_TRUE(can(verb)) << verb;
  }
  EXPECT_STATUS(Merge(path, R"({"metadata":{"finalizers":null}})"), 200);
}

TEST_P(Conformance, ADefinitionMadeAgainStartsEmpty) {
  kube::Kind kind;
  const std::string definition = Definition({}, kind);
  for (int i = 0; i < 2; ++i) {
    ASSERT_STATUS(SendToCrds("POST", CrdPath(), definition, Json()), 201);
    WaitUntilServed(kind);
    EXPECT_EQ(Get(kube::PathOf(kind, Namespace())).At("/items"), "[]");
    ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a")), 201);
    DeleteKind(kind);
    ASSERT_TRUE(Eventually("the deleted definition is gone",
                           [&] { return SendToCrds("GET", CrdPath(kind.resource())).status == 404; }));
  }
}

TEST_P(Conformance, AChangedSchemaTakesEffect) {
  const kube::Kind kind = MakeKind();
  const std::string path = kube::PathOf(kind, Namespace(), "a");
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a")), 201);
  const Answer changed = SendToCrds(
      "PATCH", CrdPath(kind.resource()),
      R"([{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/extra","value":{"type":"string"}}])",
      {{"Content-Type", "application/json-patch+json"}});
  ASSERT_STATUS(changed, 200);
  EXPECT_EQ(changed.At("/metadata/generation"), "2");
  EXPECT_TRUE(Eventually("the new field is kept",
                         [&] { return Merge(path, R"({"spec":{"extra":"x"}})").At("/spec/extra") == "x"; }));
}

TEST_P(Conformance, AnObjectStoredBeforeADefaultShowsTheDefault) {
  const kube::Kind kind = MakeKind();
  const std::string path = kube::PathOf(kind, Namespace(), "a");
  const std::string rv = Post(kube::PathOf(kind, Namespace()), Object(kind, "a")).rv();
  ASSERT_STATUS(
      SendToCrds(
          "PATCH", CrdPath(kind.resource()),
          R"([{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/extra","value":{"type":"string","default":"d"}}])",
          {{"Content-Type", "application/json-patch+json"}}),
      200);
  EXPECT_TRUE(Eventually("the new default shows", [&] { return Get(path).At("/spec/extra") == "d"; }));
  EXPECT_EQ(Get(path).rv(), rv) << "reading is no write";
}

TEST_P(Conformance, TwoKindsCannotShareNames) {
  const kube::Kind first = MakeKind();
  kube::Kind second;
  const std::string plain = Definition({}, second);
  const std::string definition =
      Replaced(plain, "\"kind\":\"" + second.kind + "\"", "\"kind\":\"" + first.kind + "\"");
  ASSERT_STATUS(SendToCrds("POST", CrdPath(), definition, Json()), 201);
  EXPECT_TRUE(Eventually("the second definition says that its kind is taken", [&] {
    const Answer read = SendToCrds("GET", CrdPath(second.resource()));
    return read.body.find("NamesAccepted") != std::string::npos &&
           read.body.find("KindConflict") != std::string::npos;
  }));
  DeleteKind(second);
}

TEST_P(Conformance, TheStatusOfADefinitionIsOwnedByItsServer) {
  const kube::Kind kind = MakeKind();
  const Answer read = SendToCrds("GET", CrdPath(kind.resource()));
  std::string server_fields, client_fields;
  for (std::size_t i = 0; i < read.Each("/metadata/managedFields", "/manager").size(); ++i) {
    const std::string entry = "/metadata/managedFields/" + std::to_string(i);
    const bool status = read.At(entry + "/fieldsV1").find("f:acceptedNames") != std::string::npos;
    (status ? server_fields : client_fields) = read.At(entry + "/fieldsV1");
    if (status) {
      EXPECT_THAT(read.At(entry + "/manager"), AnyOf("apiextensions-apiserver", "kube-apiserver"));
    }
  }
  EXPECT_THAT(server_fields, HasSubstr(R"("f:acceptedNames":{"f:)"));
  if (server_fields.find(R"("f:conditions":{})") != std::string::npos)
    return Lacks("keys of conditions in the managedFields of definitions");
  EXPECT_THAT(server_fields, HasSubstr(R"("f:conditions":{"k:{\"type\":\"Established\"}":{".":{},)"));
  EXPECT_THAT(client_fields, HasSubstr(R"("f:names":{"f:)"));
  EXPECT_THAT(client_fields, HasSubstr(R"("f:conversion":{".":{},"f:strategy":{}})"));
  EXPECT_THAT(client_fields, Not(HasSubstr(R"("f:spec":{".")")));
}

struct OddSchema {
  const char* property;  // of spec
  int status;
  const char* part;  // of the error message if refused; else of the stored object
};

TEST_P(Conformance, SchemasAreReadAsTheStructureThatTheyAre) {
  const std::vector<OddSchema> rows = {
      {R"({"type":["string"]})", 400, "openAPIV3Schema.properties.properties.type of type string"},
      {R"({"type":"integer","exclusiveMinimum":5})", 400, "exclusiveMinimum of type bool"},
      {R"({"type":"string","maxLength":1.5})", 400, "maxLength of type int64"},
      {R"({"type":"object","properties":[]})", 400, "properties of type map"},
      {R"({"type":"string","xyz":1})", 201, R"({"type":"string"})"},
      {R"({"type":"string","pattern":"","enum":[],"title":""})", 201, R"({"type":"string"})"},
      {R"({"type":"object","required":[],"properties":{}})", 201, R"({"type":"object"})"},
      {R"({"type":"string","default":null,"nullable":false})", 201, R"({"type":"string"})"},
      {R"({"type":"object","definitions":{}})", 201, R"({"type":"object"})"},
      {R"({"type":"string","x-kubernetes-validations":[]})", 201, R"({"type":"string"})"},
      {R"({"type":"object","properties":{"a":null}})", 422, "properties[a].type"},
      {R"({"$ref":"#/x"})", 422, "odd].$ref: Forbidden: $ref is not supported"},
      {R"({"type":"string","$schema":"http://json-schema.org/schema#"})", 422,
       "OpenAPIV3Schema 'schema' is not supported"},
      {R"({"anyOf":[{"type":"integer"},{"type":"string"}]})", 422, "odd].type: Required value"},
      {R"({"type":"integer","default":1.0})", 201, R"({"type":"integer","default":1})"},
  };
  for (const OddSchema& row : rows) {
    KindOptions options;
    options.spec_schema = StrCat("\"odd\":", row.property);
    kube::Kind kind;
    const Answer made = SendToCrds("POST", CrdPath() + "?dryRun=All", Definition(options, kind), Json());
    EXPECT_STATUS(made, row.status) << row.property;
    const std::string shown =
        made.status == 201 ? made.At("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/odd")
                           : made.message();
    // Older servers report a wrong type with other messages.
    if (row.status == 400 && shown.find("json: cannot unmarshal") == std::string::npos) continue;
    EXPECT_THAT(shown, HasSubstr(row.part)) << row.property;
  }
}

TEST_P(Conformance, ADefinitionOfADryRunIsNotEstablished) {
  kube::Kind kind;
  const Answer made = SendToCrds("POST", CrdPath() + "?dryRun=All", Definition({}, kind), Json());
  ASSERT_STATUS(made, 201);
  EXPECT_EQ(made.At("/status/conditions"), "null");
  EXPECT_EQ(made.At("/status/acceptedNames/plural"), "");
  EXPECT_EQ(made.At("/status/storedVersions"), R"(["v1"])");
}

}  // namespace
}  // namespace capstan::conformance
