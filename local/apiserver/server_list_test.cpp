// Lists: pages, revisions, selectors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

using testing::HasSubstr;

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

class ListTest : public ServerTest {
 protected:
  void Make(const std::string& name, const std::string& labels = "{}") {
    http::Response made =
        Post(kMaps, StrCat(R"({"metadata":{"name":")", name, R"(","labels":)", labels, "}}"));
    ASSERT_EQ(made.status, 201) << made.body;
  }
  std::string Names(const std::string& query) {
    http::Response list = Get(StrCat(kMaps, query));
    if (list.status != 200) return StrCat(list.status, " ", At(list, "/message"));
    std::string names;
    for (int i = 0;; ++i) {
      std::string name = At(list, StrCat("/items/", i, "/metadata/name"));
      if (name.empty()) return names;
      names += name + " ";
    }
  }
};

TEST_F(ListTest, HasPagesOfTheSameRevision) {
  for (const char* name : {"a", "b", "c", "d", "e"}) Make(name);
  http::Response first = Get(StrCat(kMaps, "?limit=2"));
  EXPECT_EQ(At(first, "/metadata/remainingItemCount"), "3");
  std::string token = At(first, "/metadata/continue");
  ASSERT_FALSE(token.empty());
  // Changes between two pages are not visible.
  Delete(StrCat(kMaps, "/d"));
  Make("cc");
  Merge(StrCat(kMaps, "/e"), R"({"data":{"new":"x"}})");
  http::Response second = Get(StrCat(kMaps, "?limit=2&continue=", token));
  EXPECT_EQ(At(second, "/items/0/metadata/name"), "c");
  EXPECT_EQ(At(second, "/items/1/metadata/name"), "d");
  EXPECT_EQ(At(second, "/metadata/resourceVersion"), At(first, "/metadata/resourceVersion"));
  http::Response third = Get(StrCat(kMaps, "?limit=2&continue=", At(second, "/metadata/continue")));
  EXPECT_EQ(At(third, "/items/0/metadata/name"), "e");
  EXPECT_EQ(At(third, "/items/0/data"), "");
  EXPECT_EQ(At(third, "/metadata/continue"), "");
}

TEST_F(ListTest, SaysThatAContinueTokenIsTooOldAndHowToContinue) {
  for (const char* name : {"a", "b", "c"}) Make(name);
  std::string token = At(Get(StrCat(kMaps, "?limit=1")), "/metadata/continue");
  Make("later");
  server->Compact();
  http::Response expired = Get(StrCat(kMaps, "?limit=1&continue=", token));
  EXPECT_EQ(expired.status, 410);
  EXPECT_EQ(At(expired, "/reason"), "Expired");
  http::Response rest = Get(StrCat(kMaps, "?continue=", At(expired, "/metadata/continue")));
  EXPECT_EQ(At(rest, "/items/0/metadata/name"), "b");
  EXPECT_EQ(At(rest, "/items/2/metadata/name"), "later");
  EXPECT_EQ(Get(StrCat(kMaps, "?continue=garbage!")).status, 400);
  EXPECT_EQ(Get(StrCat(kMaps, "?continue=", token, "&resourceVersion=3")).status, 400);
}

TEST_F(ListTest, ReturnsPastRevisionsWithinTheHistory) {
  Make("a");
  std::string then = At(Get(kMaps), "/metadata/resourceVersion");
  Make("b");
  Delete(StrCat(kMaps, "/a"));
  EXPECT_EQ(Names(""), "b ");
  EXPECT_EQ(Names(StrCat("?resourceVersion=", then, "&resourceVersionMatch=Exact")), "a ");
  EXPECT_EQ(Names(StrCat("?resourceVersion=", then, "&resourceVersionMatch=NotOlderThan")), "b ");
  EXPECT_EQ(Names("?resourceVersion=0"), "b ");
  server->Compact();
  EXPECT_EQ(Get(StrCat(kMaps, "?resourceVersion=", then, "&resourceVersionMatch=Exact")).status, 410);
}

TEST_F(ListTest, RefusesContradictingOptions) {
  EXPECT_EQ(Get(StrCat(kMaps, "?resourceVersionMatch=Exact")).status, 422);
  EXPECT_EQ(Get(StrCat(kMaps, "?resourceVersion=0&resourceVersionMatch=Exact")).status, 422);
  EXPECT_EQ(Get(StrCat(kMaps, "?resourceVersion=1&resourceVersionMatch=Sometimes")).status, 422);
  http::Response future = Get(StrCat(kMaps, "?resourceVersion=999999"));
  EXPECT_EQ(future.status, 504);
  EXPECT_EQ(At(future, "/details/causes/0/reason"), "ResourceVersionTooLarge");
}

TEST_F(ListTest, SelectsByLabels) {
  Make("a", R"({"app":"web","tier":"1"})");
  Make("b", R"({"app":"db"})");
  Make("c");
  EXPECT_EQ(Names("?labelSelector=app%3Dweb"), "a ");
  EXPECT_EQ(Names("?labelSelector=app%3D%3Dweb,tier%3D1"), "a ");
  EXPECT_EQ(Names("?labelSelector=app!%3Dweb"), "b c ");
  EXPECT_EQ(Names("?labelSelector=app+in+(web,db)"), "a b ");
  EXPECT_EQ(Names("?labelSelector=app+notin+(web)"), "b c ");
  EXPECT_EQ(Names("?labelSelector=app"), "a b ");
  EXPECT_EQ(Names("?labelSelector=!app"), "c ");
  EXPECT_EQ(Names("?labelSelector=tier%3E0"), "a ");
  EXPECT_EQ(Names("?labelSelector=app&limit=1"), "a ");
  EXPECT_EQ(Names("?labelSelector=%3D%3Da"), "400 found '==', expected: !, identifier, or 'end of string'");
}

TEST_F(ListTest, SelectsByFields) {
  Make("a");
  Make("b");
  EXPECT_EQ(Names("?fieldSelector=metadata.name%3Da"), "a ");
  EXPECT_EQ(Names("?fieldSelector=metadata.name!%3Da"), "b ");
  EXPECT_EQ(Names("?fieldSelector=metadata.namespace%3Ddefault,metadata.name%3Db"), "b ");
  EXPECT_THAT(Names("?fieldSelector=foo%3Dbar"), HasSubstr("400 \"foo\" is not a known field selector"));
}

TEST_F(ListTest, SpansNamespaces) {
  Make("a");
  Post("/api/v1/namespaces", R"({"metadata":{"name":"other"}})");
  Post("/api/v1/namespaces/other/configmaps", R"({"metadata":{"name":"z"}})");
  http::Response all = Get("/api/v1/configmaps");
  EXPECT_EQ(At(all, "/items/0/metadata/namespace"), "default");
  EXPECT_EQ(At(all, "/items/1/metadata/namespace"), "other");
  http::Response page = Get("/api/v1/configmaps?limit=1");
  EXPECT_EQ(At(Get(StrCat("/api/v1/configmaps?limit=1&continue=", At(page, "/metadata/continue"))),
               "/items/0/metadata/name"),
            "z");
}

}  // namespace
}  // namespace capstan::apiserver
