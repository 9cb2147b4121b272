#include <capstan/core/runtime/store/store.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include <capstan/core/base/text.hpp>

namespace capstan::runtime {
namespace {

std::string Json(const std::string& name, int version, const std::string& spec = R"({"size":1})",
                 const std::string& more_metadata = "") {
  return StrCat(R"({"apiVersion":"made.up/v1","kind":"Gadget","metadata":{"name":")", name,
                R"(","namespace":"default","uid":"uid-)", name, R"(","resourceVersion":")", version,
                R"(","generation":3,"managedFields":[{"manager":"somebody","fieldsV1":{"f:spec":{}}}])",
                more_metadata, R"(},"spec":)", spec, "}");
}

class StoreTest : public testing::Test {
 protected:
  // Lists exactly these items and returns what was announced, such as "added name", sorted.
  std::vector<std::string> Replace(const std::vector<std::string>& items, std::uint64_t version,
                                   bool compare = false) {
    store_.BeginReplace(compare);
    for (const std::string& item : items) EXPECT_TRUE(store_.Stage(item));
    return End(version);
  }
  std::vector<std::string> End(std::uint64_t version) {
    std::vector<std::string> told;
    store_.EndReplace(version, [&](const Change& change) {
      EXPECT_TRUE(change.listed);
      const char* const names[] = {"added ", "modified ", "deleted "};
      told.push_back(names[static_cast<int>(change.type)] + std::string(change.object.name()));
    });
    std::sort(told.begin(), told.end());
    return told;
  }
  std::string SpecOf(const std::string& name) {
    const auto object = store_.Get({"default", name});
    if (!object || !*object) return "";
    return (*object)->ValueAt("/spec").value_or("");
  }
  Store store_{{{"size", [](const kube::Object& object) {
                   const auto size = object.IntegerAt("/spec/size");
                   return size ? std::vector<std::string>{std::to_string(*size)} : std::vector<std::string>{};
                 }}}};
};

using Names = std::vector<std::string>;

TEST_F(StoreTest, ReturnsObjectsWithoutManagedFields) {
  ASSERT_TRUE(store_.Put(Json("a", 7, R"({"text":"grün \"quoted\"","big":12345678901234567})")));
  const auto object = store_.Get({"default", "a"});
  ASSERT_TRUE(object && *object);
  EXPECT_EQ((*object)->ValueAt("/spec"), R"({"text":"grün \"quoted\"","big":12345678901234567})");
  EXPECT_EQ((*object)->json().find("managedFields"), std::string::npos);
  EXPECT_EQ((*object)->resource_version(), "7");
}

TEST_F(StoreTest, ReadsIdentityVersionAndLabelsWithoutTheObject) {
  ASSERT_TRUE(store_.Put(Json(
      "a", 7, "{}", R"(,"labels":{"team":"web","env":"prod"},"deletionTimestamp":"2026-01-01T00:00:00Z")")));
  const auto stored = store_.Find({"default", "a"});
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->key().ToString(), "default/a");
  EXPECT_EQ(stored->uid(), "uid-a");
  EXPECT_EQ(stored->version(), 7u);
  EXPECT_EQ(stored->generation(), 3);
  EXPECT_EQ(stored->Label("env"), "prod");
  EXPECT_EQ(stored->Label("nothing"), std::nullopt);
  EXPECT_TRUE(stored->deleting());
}

TEST_F(StoreTest, ReportsWhatAnEventChanged) {
  auto change = store_.Put(Json("a", 7));
  ASSERT_TRUE(change && change->change);
  EXPECT_EQ(change->change->type, ChangeType::kAdded);
  change = store_.Put(Json("a", 8, R"({"size":2})"));
  ASSERT_TRUE(change && change->change);
  EXPECT_EQ(change->change->type, ChangeType::kModified);
  EXPECT_EQ(change->change->before->Load()->ValueAt("/spec"), R"({"size":1})");
  EXPECT_EQ(change->change->object.Load()->ValueAt("/spec"), R"({"size":2})");
  change = store_.Remove(Json("a", 9));
  ASSERT_TRUE(change && change->change);
  EXPECT_EQ(change->change->type, ChangeType::kDeleted);
  EXPECT_EQ(store_.size(), 0u);
  change = store_.Remove(Json("a", 9));
  EXPECT_TRUE(change && !change->change) << "it was gone already";
  EXPECT_EQ(store_.version(), 9u);
}

TEST_F(StoreTest, AHandleKeepsTheObjectAsItWasRead) {
  ASSERT_TRUE(store_.Put(Json("a", 7)));
  const auto before = store_.Find({"default", "a"});
  ASSERT_TRUE(store_.Put(Json("a", 8, R"({"size":2})")));
  ASSERT_TRUE(store_.Remove(Json("a", 9)));
  EXPECT_EQ(before->Load()->ValueAt("/spec"), R"({"size":1})");
}

TEST_F(StoreTest, AListReplacesEverythingAndAnnouncesOnlyWhatChanged) {
  EXPECT_EQ(Replace({Json("a", 1), Json("b", 2), Json("c", 3)}, 10),
            (Names{"added a", "added b", "added c"}));
  EXPECT_EQ(Replace({Json("a", 1), Json("b", 12, R"({"size":5})"), Json("d", 13)}, 20),
            (Names{"added d", "deleted c", "modified b"}));
  EXPECT_EQ(store_.size(), 3u);
  EXPECT_EQ(store_.version(), 20u);
  EXPECT_EQ(SpecOf("b"), R"({"size":5})");
}

TEST_F(StoreTest, AListThatWasCutAnnouncesNothingAndRemovesNothing) {
  Replace({Json("a", 1), Json("b", 2)}, 10);
  store_.BeginReplace(false);
  ASSERT_TRUE(store_.Stage(Json("a", 11, R"({"size":5})")));
  ASSERT_TRUE(store_.Stage(Json("x", 12)));
  // Cut. The next list no longer contains x, which was deleted in between.
  EXPECT_EQ(Replace({Json("a", 11, R"({"size":5})"), Json("b", 2)}, 20), (Names{"modified a"}));
  EXPECT_EQ(store_.Find({"default", "x"}), std::nullopt);
}

TEST_F(StoreTest, AnObjectThatWasReplacedByANamesakeIsModified) {
  Replace({Json("a", 1)}, 10);
  std::string other = Json("a", 1);
  other.replace(other.find("uid-a"), 5, "uid-z");
  EXPECT_EQ(Replace({other}, 20), (Names{"modified a"}));
}

TEST_F(StoreTest, EqualVersionsOfAnotherHistoryAreComparedByTheirBytes) {
  Replace({Json("a", 1), Json("b", 2)}, 10);
  EXPECT_EQ(Replace({Json("a", 1, R"({"size":9})"), Json("b", 2)}, 5, true), (Names{"modified a"}));
  EXPECT_EQ(SpecOf("a"), R"({"size":9})");
  EXPECT_EQ(store_.version(), 5u) << "the version goes back with the server's";
}

TEST_F(StoreTest, AnIndexFollowsEveryChange) {
  const auto names = [&](const std::string& value) {
    Names found;
    const auto objects = store_.FindByIndex("size", value);
    for (const StoredObject& object : *objects) found.emplace_back(object.name());
    std::sort(found.begin(), found.end());
    return found;
  };
  Replace({Json("a", 1), Json("b", 2)}, 10);
  EXPECT_EQ(names("1"), (Names{"a", "b"}));
  ASSERT_TRUE(store_.Put(Json("a", 11, R"({"size":2})")));
  EXPECT_EQ(names("1"), (Names{"b"}));
  EXPECT_EQ(names("2"), (Names{"a"}));
  ASSERT_TRUE(store_.Remove(Json("b", 12)));
  EXPECT_EQ(names("1"), Names{});
  Replace({}, 20);
  EXPECT_EQ(names("2"), Names{});
}

TEST_F(StoreTest, AnIntentDigestChangesWithMetadataAndGenerationAndNotWithStatus) {
  const auto digest = [&](const std::string& json) {
    EXPECT_TRUE(store_.Put(json));
    return store_.Find({"default", "a"})->intent_digest();
  };
  const auto first = digest(Json("a", 1));
  EXPECT_EQ(digest(Json("a", 2, R"({"size":1},"status":{"ready":true})")), first);
  EXPECT_NE(digest(Json("a", 3, "{}", R"(,"annotations":{"k":"v"})")), first);
  EXPECT_NE(digest(Json("a", 4, "{}", R"(,"finalizers":["f"])")), first);
  std::string next_generation = Json("a", 5);
  next_generation.replace(next_generation.find("\"generation\":3"), 14, "\"generation\":4");
  EXPECT_NE(digest(next_generation), first);
}

TEST_F(StoreTest, BadTextIsRefusedAndChangesNothing) {
  for (const char* bad :
       {"", "[]", "{\"metadata\":7}", "{\"metadata\":{}}", "{\"metadata\":{\"name\":\"a\""}) {
    EXPECT_FALSE(store_.Put(bad)) << bad;
    EXPECT_FALSE(store_.Stage(bad)) << bad;
    EXPECT_FALSE(store_.Remove(bad)) << bad;
  }
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(StoreTest, ManyAlikeObjectsShrinkToAFractionAndStayTheSame) {
  const auto spec = [](int i) {
    return StrCat(
        R"({"size":)", i % 7, R"(,"pools":[{"name":"pool-a","size":"s-2vcpu-2gb","count":)", i,
        R"(},{"name":"pool-b","size":"s-4vcpu-8gb","autoScale":true,"minNodes":1,"maxNodes":10}],)",
        R"("conditions":[{"type":"Ready","status":"True","reason":"Running","message":"cluster is running"}]})");
  };
  Names items;
  for (int i = 0; i < 1000; ++i) items.push_back(Json(StrCat("object-", i), i + 1, spec(i)));
  EXPECT_EQ(Replace(items, 5000).size(), 1000u)
      << "each is announced once, although its block was re-encoded";
  const StoreStats stats = store_.stats();
  EXPECT_EQ(stats.objects, 1000u);
  EXPECT_LT(stats.object_bytes * 2, stats.text_bytes);
  for (int i = 0; i < 1000; i += 37) EXPECT_EQ(SpecOf(StrCat("object-", i)), spec(i));
  EXPECT_EQ(store_.FindByIndex("size", "3")->size(), 143u);
}

TEST_F(StoreTest, SnapshotsCanBeOfOneNamespace) {
  ASSERT_TRUE(store_.Put(Json("a", 1)));
  std::string elsewhere = Json("b", 2);
  elsewhere.replace(elsewhere.find("default"), 7, "another");
  ASSERT_TRUE(store_.Put(elsewhere));
  EXPECT_EQ(store_.Snapshot().size(), 2u);
  ASSERT_EQ(store_.Snapshot("another").size(), 1u);
  EXPECT_EQ(store_.Snapshot("another")[0].name(), "b");
}

TEST(Store, KeepsTenThousandLabelsAndFindsEach) {
  std::string labels;
  for (int i = 0; i < 10'000; ++i) labels += StrCat(i ? "," : "", "\"label-", i, "\":\"value-", i, "\"");
  Store store;
  const auto put = store.Put(
      StrCat(R"({"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"1","labels":{)", labels,
             "}}}"));
  ASSERT_TRUE(put) << put.error();
  const auto found = store.Find({"n", "a"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->Label("label-0"), "value-0");
  EXPECT_EQ(found->Label("label-9999"), "value-9999");
  EXPECT_FALSE(found->Label("label-10000"));
  EXPECT_EQ(found->Load()->metadata().labels.size(), 10'000u);
}

// Text that compresses well only with a dictionary: nothing in it repeats.
std::string Long(int i) {
  std::string spec = R"({"size":1,"text":"a quick brown fox jumps over the lazy dog near 38 old barns, )";
  spec += R"(with five dozen liquor jugs in its box; pack my vow, judge quartz sphinx","n":)";
  return StrCat(spec, i, "}");
}

TEST(StoresOfOneCodec, ShareItsDictionaryAndItsMemory) {
  const auto codec = std::make_shared<ObjectCodec>();
  Store first({}, codec), second({}, codec), alone;
  for (Store* store : {&second, &alone}) ASSERT_TRUE(store->Put(Json("early", 1, Long(1))));
  const std::size_t without_dictionary = second.stats().object_bytes;
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(first.Put(Json(StrCat("a-", i), 1, Long(i))));
  ASSERT_TRUE(codec->trained());
  for (Store* store : {&second, &alone}) ASSERT_TRUE(store->Put(Json("late", 2, Long(2))));
  EXPECT_GT(alone.stats().object_bytes, 2 * without_dictionary - 64) << "too few objects to train one";
  EXPECT_LT(second.stats().object_bytes, without_dictionary) << "also what was stored before is smaller";
  for (const char* name : {"early", "late"}) {
    const auto object = second.Get({"default", name});
    ASSERT_TRUE(object && *object) << name;
    EXPECT_EQ((*object)->ValueAt("/spec"), Long(name[0] == 'e' ? 1 : 2));
  }
  EXPECT_EQ(first.stats().codec_bytes, codec->memory() / 2);
  EXPECT_EQ(second.stats().codec_bytes, codec->memory() / 2);
}

// A status that a new object does not have.
std::string LongWithStatus(int i) {
  std::string spec = Long(i);
  spec.pop_back();
  return StrCat(spec, R"(,"condition":"the five boxing wizards jump quickly; bright vixens dozed, )",
                R"(while mad Zelda quoted fjord hymns behind crwth and cwm glyphs, vexed by NYC TV","at":)",
                i, "}");
}

TEST(Store, LearnsWhatItsObjectsBecomeWhenTheyHaveAStatus) {
  const auto codec = std::make_shared<ObjectCodec>();
  Store store({}, codec);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(store.Put(Json(StrCat("a-", i), 1, Long(i))));
  ASSERT_EQ(codec->dictionaries(), 1u);
  const std::size_t new_ones = store.stats().object_bytes;
  const auto early = store.Find({"default", "a-999"});
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(store.Put(Json(StrCat("a-", i), 2, LongWithStatus(i))));
  EXPECT_EQ(codec->dictionaries(), 2u) << "not one for each change";
  EXPECT_LT(store.stats().object_bytes, new_ones + 1000 * 32) << "also the first ones with a status";
  const auto loaded = early->Load();
  ASSERT_TRUE(loaded) << "it needs the first dictionary";
  EXPECT_EQ(loaded->ValueAt("/spec"), Long(999));
  for (int i = 0; i < 1000; ++i) {
    const auto object = store.Get({"default", StrCat("a-", i)});
    ASSERT_TRUE(object && *object);
    ASSERT_EQ((*object)->ValueAt("/spec"), LongWithStatus(i));
  }
}

TEST(StoresOfOneCodec, AllEncodeAgainWithADictionaryThatOneOfThemTrained) {
  const auto codec = std::make_shared<ObjectCodec>();
  Store one({}, codec), other({}, codec);
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(one.Put(Json(StrCat("a-", i), 1, Long(i))));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(other.Put(Json(StrCat("b-", i), 1, LongWithStatus(i))));
  const std::size_t before = other.stats().object_bytes;
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(one.Put(Json(StrCat("a-", i), 2, LongWithStatus(i))));
  ASSERT_EQ(codec->dictionaries(), 2u);
  ASSERT_TRUE(other.Put(Json("b-0", 3, LongWithStatus(0))));
  EXPECT_LT(other.stats().object_bytes, before - 100 * 64);
  EXPECT_EQ((*other.Get({"default", "b-99"}))->ValueAt("/spec"), LongWithStatus(99));
}

TEST(StoresOfOneCodec, CanBeWrittenAndReadByThreadsOfTheirOwn) {
  const auto codec = std::make_shared<ObjectCodec>();
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 4; ++i)
    stores.push_back(std::make_unique<Store>(std::map<std::string, IndexFunction>{}, codec));
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (const auto& store : stores) {
    threads.emplace_back([&wrong, &store] {
      for (int i = 0; i < 300; ++i) {
        if (!store->Put(Json(StrCat("a-", i % 100), i + 1, Long(i)))) ++wrong;
        const auto object = store->Get({"default", StrCat("a-", i % 100)});
        if (!object || !*object || (*object)->ValueAt("/spec") != Long(i)) ++wrong;
        if (i == 150)
          store->BeginReplace(false), store->EndReplace(static_cast<std::uint64_t>(i), [](const Change&) {});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(codec->trained());
}

}  // namespace
}  // namespace capstan::runtime
