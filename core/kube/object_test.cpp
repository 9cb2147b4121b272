#include <capstan/core/kube/object.hpp>

#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace capstan::kube {
namespace {

const std::string kText =
    R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","namespace":"b","uid":"u","resourceVersion":"7",)"
    R"("generation":3,"finalizers":["x/y"],"labels":{"k":"v"}},)"
    R"("spec":{"size":2,"on":true,"name":"n","quoted":"a\"b","list":[{"a/b":"c"}]}})";

TEST(Object, OfATextThatWasParsedBeforeReadsAsOneThatIsParsedNow) {
  const Object parsed = Object::Parsed(kText);
  const auto now = Object::Parse(kText);
  ASSERT_TRUE(now) << now.error();
  for (const Object& object : {parsed, *now}) {
    EXPECT_EQ(object.key(), (ObjectKey{"b", "a"}));
    EXPECT_EQ(object.uid(), "u");
    EXPECT_EQ(object.resource_version(), "7");
    EXPECT_EQ(object.generation(), 3);
    EXPECT_FALSE(object.deleting());
    EXPECT_TRUE(object.HasFinalizer("x/y"));
    EXPECT_EQ(object.Label("k"), "v");
    EXPECT_EQ(object.StringAt("/spec/name"), "n");
    EXPECT_EQ(object.StringAt("/spec/quoted"), "a\"b");
    EXPECT_EQ(object.StringAt("/spec/size"), std::nullopt);
    EXPECT_EQ(object.StringAt("/spec/list/0/a~1b"), "c");
    EXPECT_EQ(object.IntegerAt("/spec/size"), 2);
    EXPECT_EQ(object.BooleanAt("/spec/on"), true);
    EXPECT_EQ(object.ValueAt("/spec/list"), R"([{"a/b":"c"}])");
    EXPECT_EQ(object.ValueAt("/spec/none"), std::nullopt);
    EXPECT_EQ(object.ValueAt("spec"), std::nullopt);
  }
}

TEST(Object, CanBeReadByManyThreadsForTheFirstTime) {
  for (int round = 0; round < 200; ++round) {
    const Object object = Object::Parsed(kText);
    std::latch begin(3);
    std::vector<const json::Metadata*> seen(3);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      threads.emplace_back([&, i] {
        begin.arrive_and_wait();
        seen[i] = &object.metadata();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(seen[0], seen[1]);
    EXPECT_EQ(seen[0], seen[2]);
    EXPECT_EQ(object.uid(), "u");
  }
}

TEST(Object, RefusesATextThatIsNoObjectWithMetadata) {
  for (const std::string text :
       {"", "[]", "{}", R"({"metadata":1})", R"({"metadata":{}} x)", R"({"metadata":{},"spec":tru})"}) {
    const auto object = Object::Parse(text);
    ASSERT_FALSE(object) << text;
    EXPECT_EQ(object.error().code, Code::kDataLoss) << text;
  }
}

}  // namespace
}  // namespace capstan::kube
