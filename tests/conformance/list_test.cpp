// Lists: pages, selectors, tables, metadata only.
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

constexpr const char* kTable = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";
constexpr const char* kPartial =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

TEST_P(Conformance, AListNamesItsKindAndVersion) {
  MakeGear("b", R"({"size":2})");
  MakeGear("a", R"({"size":1})");
  const Answer list = Get(Gears());
  EXPECT_STATUS(list, 200);
  EXPECT_EQ(list.At("/kind"), Gear().kind + "List");
  EXPECT_EQ(list.At("/apiVersion"), Gear().api_version());
  EXPECT_FALSE(list.rv().empty());
  EXPECT_EQ(list.Each("/items", "/metadata/name"), (std::vector<std::string>{"a", "b"})) << "by name";
  EXPECT_EQ(list.Each("/items", "/kind"), (std::vector<std::string>{Gear().kind, Gear().kind}));
}

TEST_P(Conformance, PagesTogetherHoldEverythingOnce) {
  for (const char* name : {"a", "b", "c", "d", "e"}) MakeGear(name);
  const Answer first = Get(Gears() + "?limit=2");
  EXPECT_EQ(first.Each("/items", "/metadata/name"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(first.At("/metadata/remainingItemCount"), "3");
  const Answer second = Get(
      Gears() + "?limit=2&continue=" + http::BuildQuery({{"", first.At("/metadata/continue")}}).substr(1));
  EXPECT_EQ(second.Each("/items", "/metadata/name"), (std::vector<std::string>{"c", "d"}));
  const Answer third = Get(
      Gears() + "?limit=2&continue=" + http::BuildQuery({{"", second.At("/metadata/continue")}}).substr(1));
  EXPECT_EQ(third.Each("/items", "/metadata/name"), std::vector<std::string>{"e"});
  EXPECT_EQ(third.At("/metadata/continue"), "");
  EXPECT_EQ(third.At("/metadata/remainingItemCount"), "");
}

TEST_P(Conformance, PagesShowOneMomentHoweverLongTheyTake) {
  for (const char* name : {"a", "c"}) MakeGear(name);
  const Answer first = Get(Gears() + "?limit=1");
  MakeGear("b");
  ASSERT_STATUS(Merge(GearPath("c"), R"({"spec":{"size":7}})"), 200);
  const Answer second = Get(
      Gears() + "?limit=5&continue=" + http::BuildQuery({{"", first.At("/metadata/continue")}}).substr(1));
  EXPECT_EQ(second.Each("/items", "/metadata/name"), std::vector<std::string>{"c"});
  EXPECT_EQ(second.At("/items/0/spec/size"), "") << "as it was at the first page";
  EXPECT_EQ(second.rv(), first.rv());
}

TEST_P(Conformance, AContinueTokenExpiresWithItsPast) {
  for (const char* name : {"a", "b"}) MakeGear(name);
  const Answer first = Get(Gears() + "?limit=1");
  MakeGear("c");
  if (!server().Compact()) return Lacks("way to compact it from here");
  const Answer second = Get(
      Gears() + "?limit=1&continue=" + http::BuildQuery({{"", first.At("/metadata/continue")}}).substr(1));
  if (second.status == 200) {
    // A server may pin the version of the first page itself; then it must be that version.
    EXPECT_EQ(second.rv(), first.rv());
    EXPECT_EQ(second.Each("/items", "/metadata/name"), std::vector<std::string>{"b"});
    EXPECT_FALSE(server().embedded()) << "the embedded server must forget when it is told to";
    return;
  }
  EXPECT_STATUS(second, 410);
  EXPECT_EQ(second.reason(), "Expired");
  EXPECT_NE(second.At("/metadata/continue"), "") << "a token to go on with, inconsistently";
}

TEST_P(Conformance, AMalformedContinueTokenIsABadRequest) {
  MakeGear("a");
  EXPECT_STATUS(Get(Gears() + "?limit=1&continue=nonsense"), 400);
  MakeGear("b");
  const std::string token =
      http::BuildQuery({{"", Get(Gears() + "?limit=1").At("/metadata/continue")}}).substr(1);
  EXPECT_STATUS(Get(Gears() + "?limit=1&resourceVersion=5&continue=" + token), 400)
      << "a token carries its own version";
}

TEST_P(Conformance, LabelSelectorsChoose) {
  MakeGear("a", "{}", R"("labels":{"tier":"one","zone":"x"})");
  MakeGear("b", "{}", R"("labels":{"tier":"two"})");
  MakeGear("c");
  const auto names = [&](const std::string& selector) {
    return Get(Gears() + "?" + http::BuildQuery({{"labelSelector", selector}}))
        .Each("/items", "/metadata/name");
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("tier=one"), Names{"a"});
  EXPECT_EQ(names("tier==two"), Names{"b"});
  EXPECT_EQ(names("tier!=one"), (Names{"b", "c"}));
  EXPECT_EQ(names("tier in (one,two)"), (Names{"a", "b"}));
  EXPECT_EQ(names("tier notin (one)"), (Names{"b", "c"}));
  EXPECT_EQ(names("zone"), Names{"a"});
  EXPECT_EQ(names("!tier"), Names{"c"});
  EXPECT_EQ(names("tier,!zone"), Names{"b"});
  EXPECT_STATUS(Get(Gears() + "?labelSelector=a%3D%3D%3Db"), 400);
  EXPECT_STATUS(Get(Gears() + "?labelSelector=tier+in+one"), 400);
}

TEST_P(Conformance, FieldSelectorsChooseByNameAndNamespace) {
  MakeGear("a");
  MakeGear("b");
  const auto names = [&](const std::string& selector) {
    return Get(kube::PathOf(Gear(), "") + "?" + http::BuildQuery({{"fieldSelector", selector}}))
        .Each("/items", "/metadata/name");
  };
  EXPECT_EQ(names("metadata.name=b,metadata.namespace=" + Namespace()), std::vector<std::string>{"b"});
  EXPECT_EQ(names("metadata.name!=b,metadata.namespace=" + Namespace()), std::vector<std::string>{"a"});
  EXPECT_STATUS(Get(Gears() + "?fieldSelector=spec.size%3D1"), 400);
}

TEST_P(Conformance, SelectableFieldsCanBeSelected) {
  KindOptions options;
  options.version_extra = R"("selectableFields":[{"jsonPath":".spec.note"}])";
  const kube::Kind kind = MakeKind(options);
  const std::string path = kube::PathOf(kind, Namespace());
  ASSERT_STATUS(Post(path, Object(kind, "a", R"({"note":"x"})")), 201);
  ASSERT_STATUS(Post(path, Object(kind, "b", R"({"note":"y"})")), 201);
  const Answer list = Get(path + "?fieldSelector=spec.note%3Dy");
  if (SendToCrds("GET", CrdPath(kind.resource())).At("/spec/versions/0/selectableFields").empty()) {
    EXPECT_STATUS(list, 400);
    return Lacks("selectable fields");
  }
  EXPECT_STATUS(list, 200);
  EXPECT_EQ(list.Each("/items", "/metadata/name"), std::vector<std::string>{"b"});
}

TEST_P(Conformance, AListOfAllNamespacesHoldsThisOne) {
  MakeGear("a");
  MakeGear("b", "{}", R"("labels":{"who":")" + Namespace() + "\"}");
  const Answer all = Get(kube::PathOf(Gear(), "") + "?labelSelector=who%3D" + Namespace());
  EXPECT_EQ(all.Each("/items", "/metadata/namespace"), std::vector<std::string>{Namespace()});
}

TEST_P(Conformance, AListOfAMissingNamespaceIsEmpty) {
  const Answer list = Get(kube::PathOf(Gear(), NewName("nowhere-")));
  EXPECT_STATUS(list, 200);
  EXPECT_EQ(list.At("/items"), "[]");
}

TEST_P(Conformance, AListFromVersionZeroIsAllowed) {
  MakeGear("a");
  EXPECT_TRUE(Eventually("the list from version 0 has the object", [&] {
    return Get(Gears() + "?resourceVersion=0").Each("/items", "/metadata/name") ==
           std::vector<std::string>{"a"};
  }));
}

TEST_P(Conformance, AListNoOlderThanALaterVersionTimesOut) {
  const unsigned long long future = std::stoull(MakeGear("a").rv()) + 1000000;
  const Answer list = Get(Gears() + "?resourceVersion=" + std::to_string(future));
  EXPECT_STATUS(list, 504);
  EXPECT_EQ(list.reason(), "Timeout");
  EXPECT_THAT(list.Each("/details/causes", "/reason"), Contains("ResourceVersionTooLarge"));
}

TEST_P(Conformance, AnExactListOfAPastVersionIsThatPast) {
  const std::string then = MakeGear("a").rv();
  MakeGear("b");
  const Answer list = Get(Gears() + "?limit=10&resourceVersionMatch=Exact&resourceVersion=" + then);
  EXPECT_STATUS(list, 200);
  EXPECT_EQ(list.Each("/items", "/metadata/name"), std::vector<std::string>{"a"});
  EXPECT_EQ(list.rv(), then);
}

TEST_P(Conformance, BadListOptionsAreRefused) {
  EXPECT_THAT(Get(Gears() + "?resourceVersion=abc").status, AnyOf(400, 500));
  EXPECT_STATUS(Get(Gears() + "?limit=abc"), 400);
  EXPECT_THAT(Get(Gears() + "?resourceVersionMatch=Exact").status, AnyOf(400, 422));
}

TEST_P(Conformance, ATableHasTheColumnsOfTheDefinition) {
  MakeGear("a", R"({"size":5,"note":"n"})");
  const Answer table = Get(Gears(), {{"Accept", kTable}});
  EXPECT_STATUS(table, 200);
  EXPECT_EQ(table.At("/kind"), "Table");
  EXPECT_EQ(table.Each("/columnDefinitions", "/name"),
            (std::vector<std::string>{"Name", "Size", "Phase", "Note", "Age"}));
  EXPECT_EQ(table.Each("/columnDefinitions", "/priority"),
            (std::vector<std::string>{"0", "0", "0", "1", "0"}));
  EXPECT_EQ(table.At("/columnDefinitions/0/format"), "name");
  EXPECT_EQ(table.At("/columnDefinitions/1/type"), "integer");
  EXPECT_EQ(table.At("/columnDefinitions/2/description"), "how far it is");
  EXPECT_EQ(table.At("/rows/0/cells/0"), "a");
  EXPECT_EQ(table.At("/rows/0/cells/1"), "5");
  EXPECT_EQ(table.At("/rows/0/cells/2"), "null") << "nothing at the path yet";
  EXPECT_EQ(table.At("/rows/0/cells/3"), "n");
  EXPECT_NE(table.At("/rows/0/cells/4"), "") << "an age";
  EXPECT_EQ(table.At("/rows/0/object/kind"), "PartialObjectMetadata");
  EXPECT_EQ(table.At("/rows/0/object/metadata/name"), "a");
}

TEST_P(Conformance, ATableOfOneObjectHasOneRow) {
  MakeGear("a");
  const Answer table = Get(GearPath("a") + "?includeObject=Object", {{"Accept", kTable}});
  EXPECT_EQ(table.At("/kind"), "Table");
  EXPECT_EQ(table.Each("/rows", "/object/kind"), std::vector<std::string>{Gear().kind});
  const Answer bare = Get(Gears() + "?includeObject=None", {{"Accept", kTable}});
  EXPECT_THAT(bare.At("/rows/0/object"), AnyOf("", "null"));
}

TEST_P(Conformance, AListOfMetadataOnlyHasNoSpec) {
  MakeGear("a", R"({"size":5})", R"("labels":{"x":"y"})");
  const Answer list = Get(Gears(), {{"Accept", kPartial}});
  EXPECT_STATUS(list, 200);
  EXPECT_EQ(list.At("/kind"), "PartialObjectMetadataList");
  EXPECT_FALSE(list.rv().empty());
  EXPECT_EQ(list.At("/items/0/kind"), "PartialObjectMetadata");
  EXPECT_EQ(list.At("/items/0/metadata/labels/x"), "y");
  EXPECT_EQ(list.At("/items/0/spec"), "");
  const Answer one =
      Get(GearPath("a"), {{"Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}});
  EXPECT_EQ(one.At("/kind"), "PartialObjectMetadata");
  EXPECT_EQ(one.At("/spec"), "");
}

TEST_P(Conformance, TheClientListsEverythingInPages) {
  for (const char* name : {"a", "b", "c"}) MakeGear(name);
  kube::ListOptions options;
  options.limit = 1;
  const auto all = client().ListAll(Gear(), Namespace(), options, context());
  ASSERT_TRUE(all) << all.error();
  EXPECT_EQ(all->size(), 3U);
}

}  // namespace
}  // namespace capstan::conformance
