#include <gtest/gtest.h>

#include <capstan/core/managed/record.hpp>

namespace capstan::managed {
namespace {

kube::Object Parse(const std::string& text) {
  auto object = kube::Object::Parse(text);
  EXPECT_TRUE(object.has_value());
  return *object;
}

TEST(Record, OfANewObjectSaysThatNothingWasTried) {
  const Record record =
      ReadRecord(Parse(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u"}})"));
  EXPECT_TRUE(record.never_tried());
  EXPECT_FALSE(record.doubt);
}

TEST(Record, ReadsEveryFieldOfStatus) {
  const Record record = ReadRecord(Parse(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u"},
      "status":{"external":{"id":"box-1","account":"acc","recordedAt":"2026-01-01T00:00:00Z","attempts":3,"doubt":true,
      "surplus":["box-2"],"credentialsSecret":"default/s","gone":false,"removing":true,
      "pending":{"step":"create","attempt":4,"identity":"capstan:u","account":"acc","holder":"h","startedAt":"t","unknownSince":"s"}}}})"));
  EXPECT_EQ(record.id, "box-1");
  EXPECT_EQ(record.account, "acc");
  EXPECT_TRUE(record.doubt);
  EXPECT_TRUE(record.removing);
  EXPECT_EQ(record.surplus, std::vector<std::string>{"box-2"});
  EXPECT_EQ(record.credentials, "default/s");
  ASSERT_TRUE(record.pending);
  EXPECT_EQ(record.pending->attempt, 4);
  EXPECT_EQ(record.pending->holder, "h");
  EXPECT_EQ(record.pending->unknown_since, "s");
  EXPECT_EQ(record.attempts, 4) << "a recorded attempt was made, whatever the counter says";
}

TEST(Record, KnowsAPendingAdoptionByItsId) {
  const Record record = ReadRecord(Parse(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u"},
      "status":{"external":{"adopted":true,"noticedAt":"n","approval":"h","approved":["x","y"],
      "pending":{"step":"adopt","id":"box-7","attempt":1}}}})"));
  EXPECT_TRUE(record.adopted);
  EXPECT_EQ(record.known_id(), "box-7");
  EXPECT_FALSE(record.nothing_made());
  EXPECT_EQ(record.noticed_at, "n");
  EXPECT_EQ(record.approval, "h");
  EXPECT_EQ(record.approved, (std::vector<std::string>{"x", "y"}));
}

TEST(Record, OfCertainlyRefusedAttemptsHasNothingToLose) {
  EXPECT_TRUE(ReadRecord(Parse(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u"},
      "status":{"external":{"attempts":3}}})"))
                  .nothing_made());
  EXPECT_FALSE(ReadRecord(Parse(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u"},
      "status":{"external":{"attempts":3,"doubt":true}}})"))
                   .nothing_made());
}

TEST(Record, OfAWipedStatusRemembersThatItWasAdopted) {
  const std::string mirror = WriteMirror(Mirror{"box-1", "acc", "u", true});
  auto quoted = mirror;
  for (std::size_t at = 0; (at = quoted.find('"', at)) != std::string::npos; at += 2) quoted.insert(at, "\\");
  const Record record = ReadRecord(Parse(
      R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u","annotations":{"capstan.dev/external":")" +
      quoted + "\"}}}"));
  EXPECT_TRUE(record.adopted);
  EXPECT_EQ(record.id, "box-1");
}

TEST(Record, OfAWipedStatusComesFromTheAnnotationOfTheSameUid) {
  const Record record = ReadRecord(Parse(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u",
      "annotations":{"capstan.dev/external":"{\"id\":\"box-1\",\"account\":\"acc\",\"uid\":\"u\"}"}}})"));
  EXPECT_EQ(record.id, "box-1");
  EXPECT_EQ(record.account, "acc");
  EXPECT_TRUE(record.doubt);
  EXPECT_TRUE(record.from_mirror);
}

TEST(Record, OfARestoredObjectDoesNotTakeTheAnnotationOfAnotherUid) {
  const kube::Object object = Parse(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"new",
      "annotations":{"capstan.dev/external":"{\"id\":\"box-1\",\"account\":\"acc\",\"uid\":\"old\"}"}}})");
  EXPECT_TRUE(ReadRecord(object).never_tried());
  EXPECT_EQ(ReadMirror(object)->id, "box-1");
}

TEST(Record, ReadsGarbageAsAbsent) {
  const Record record = ReadRecord(Parse(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u"},
      "status":{"external":{"id":7,"attempts":"many","doubt":"yes","pending":[],"surplus":[1,"box-2"]}}})"));
  EXPECT_EQ(record.id, "");
  EXPECT_EQ(record.attempts, 0);
  EXPECT_FALSE(record.pending);
  EXPECT_EQ(record.surplus, std::vector<std::string>{"box-2"});
}

TEST(Mirror, SurvivesWritingAndReading) {
  const std::string text = WriteMirror(Mirror{"id \"quoted\"", "acc", "u"});
  EXPECT_NE(text.find("quoted"), std::string::npos);
}

}  // namespace
}  // namespace capstan::managed
