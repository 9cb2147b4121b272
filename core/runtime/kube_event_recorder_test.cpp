#include <capstan/core/runtime/kube_event_recorder.hpp>

#include <capstan/core/runtime/testing/runtime_fixture.hpp>

namespace capstan::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class EventRecorderTest : public RuntimeFixture {
 protected:
  void Record(const kube::Object& about, const std::string& message, const kube::Kind& kind = GadgetKind()) {
    Do([&](const Context& context) {
      recorder_.Record(kind, about, EventType::kWarning, "Broken", message, context);
    });
  }
  static kube::Object ObjectOf(const std::string& json) { return *kube::Object::Parse(json); }
  // The only Event there is.
  std::string TheEvent(const std::string& namespace_) {
    std::string found;
    Do([&](const Context& context) {
      const auto all = client_.ListAll(kube::EventKind(), namespace_, {}, context);
      ASSERT_TRUE(all);
      ASSERT_EQ(all->size(), 1u);
      found = all->front().json();
    });
    return found;
  }
  KubeEventRecorder recorder_{client_, scheduler_, *random_, log_};
  kube::Object gadget_ = ObjectOf(
      R"({"apiVersion":"made.up/v1","kind":"Gadget","metadata":{"name":"g","namespace":"team","uid":"u-1","resourceVersion":"7"}})");
};

TEST_F(EventRecorderTest, AnEventNamesTheObjectAndWhatHappenedAsDescribeShowsIt) {
  Record(gadget_, "it \"broke\"");
  const std::string event = TheEvent("team");
  const auto at = [&](std::string_view pointer) { return json::ValueAt(event, pointer)->value_or(""); };
  EXPECT_EQ(at("/involvedObject/kind"), "\"Gadget\"");
  EXPECT_EQ(at("/involvedObject/uid"), "\"u-1\"");
  EXPECT_EQ(at("/involvedObject/apiVersion"), "\"made.up/v1\"");
  EXPECT_EQ(at("/involvedObject/namespace"), "\"team\"");
  EXPECT_EQ(at("/message"), R"("it \"broke\"")");
  EXPECT_EQ(at("/reason"), "\"Broken\"");
  EXPECT_EQ(at("/type"), "\"Warning\"");
  EXPECT_EQ(at("/count"), "1");
  EXPECT_EQ(at("/source/component"), "\"capstan\"");
  EXPECT_EQ(at("/metadata/name").substr(0, 3), "\"g.");
}

TEST_F(EventRecorderTest, RepeatsAreCountedOnOneEventAndWrittenOnceAMinute) {
  for (int i = 0; i < 30; ++i) {
    Record(gadget_, "again");
    scheduler_.RunFor(seconds(10));
  }
  EXPECT_EQ(api_.CountRequests("create"), 1);
  EXPECT_EQ(api_.CountRequests("patch"), 4);
  const std::string event = TheEvent("team");
  EXPECT_EQ(json::IntegerAt(event, "/count")->value_or(0), 25);
  EXPECT_NE(json::StringAt(event, "/firstTimestamp")->value_or(""),
            json::StringAt(event, "/lastTimestamp")->value_or(""));
}

TEST_F(EventRecorderTest, DifferentMessagesAreDifferentEvents) {
  Record(gadget_, "one");
  Record(gadget_, "two");
  EXPECT_EQ(api_.CountRequests("create"), 2);
}

TEST_F(EventRecorderTest, EventsOfClusterScopedObjectsAreInDefault) {
  Record(ObjectOf(R"({"metadata":{"name":"w","uid":"u-2"}})"), "broke", WidgetKind());
  EXPECT_NE(TheEvent("default"), "");
}

TEST_F(EventRecorderTest, AnExpiredEventIsCreatedAgain) {
  Record(gadget_, "again");
  const std::string name = json::StringAt(TheEvent("team"), "/metadata/name")->value_or("");
  api_.Delete(kube::EventKind(), "team", name);
  scheduler_.RunFor(minutes(2));
  Record(gadget_, "again");
  EXPECT_EQ(json::IntegerAt(TheEvent("team"), "/count")->value_or(0), 2);
}

class EndingNamespace : public EventRecorderTest {
 protected:
  // The server accepts nothing new in namespace team, and nothing in default either if `closed`.
  void End(bool closed = false) {
    api_.SetIntercept([closed](const std::string& verb, const http::Request& request,
                               http::ResponseWriter& writer) {
      const bool team = request.url.find("/namespaces/team/") != std::string::npos;
      if (verb != "create" || (!team && !closed)) return false;
      (void)writer.Respond(
          {403,
           {{"Content-Type", "application/json"}},
           R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"unable to create new content in namespace team because it is being terminated","details":{"causes":[{"reason":"NamespaceTerminating","field":"metadata.namespace"}]}})"});
      return true;
    });
  }
};

TEST_F(EndingNamespace, HasItsWarningsInDefaultAboutTheNamespaceItself) {
  End();
  for (int i = 0; i < 30; ++i) {
    Record(gadget_, "broke");
    scheduler_.RunFor(seconds(10));
  }
  const std::string event = TheEvent("default");
  const auto at = [&](std::string_view pointer) { return json::ValueAt(event, pointer)->value_or(""); };
  EXPECT_EQ(at("/involvedObject/kind"), "\"Namespace\"");
  EXPECT_EQ(at("/involvedObject/apiVersion"), "\"v1\"");
  EXPECT_EQ(at("/involvedObject/name"), "\"team\"");
  EXPECT_EQ(at("/involvedObject/namespace"), "");
  EXPECT_EQ(at("/message"), "\"Gadget team/g: broke\"");
  EXPECT_EQ(at("/reason"), "\"Broken\"");
  EXPECT_EQ(at("/count"), "25") << "one Event, counted";
  EXPECT_EQ(api_.CountRequests("create"), 2);
  EXPECT_FALSE(log_.Contains("event not written"));
}

TEST_F(EndingNamespace, LogsAnEventThatIsNoWarningOrIsRefusedInDefaultToo) {
  End();
  Do([&](const Context& context) {
    recorder_.Record(GadgetKind(), gadget_, EventType::kNormal, "Going", "on its way", context);
  });
  EXPECT_TRUE(log_.Contains("on its way"));
  EXPECT_EQ(api_.CountRequests("create"), 1);
  End(true);
  for (int i = 0; i < 5; ++i) Record(gadget_, "broke");
  EXPECT_EQ(api_.CountRequests("create"), 3) << "in team, in default, and no more within a minute";
  EXPECT_TRUE(log_.Contains("event not written"));
  EXPECT_TRUE(log_.Contains("broke"));
}

TEST_F(EventRecorderTest, RemembersTheEventsThatWereRecordedLast) {
  KubeEventRecorder few(client_, scheduler_, *random_, log_,
                        {.component = "few", .instance = "", .remember_at_most = 2});
  const auto creates_after = [&](const std::string& message) {
    Do([&](const Context& context) {
      few.Record(GadgetKind(), gadget_, EventType::kWarning, "Broken", message, context);
    });
    return api_.CountRequests("create");
  };
  EXPECT_EQ(creates_after("one"), 1);
  EXPECT_EQ(creates_after("two"), 2);
  EXPECT_EQ(creates_after("one"), 2);
  EXPECT_EQ(creates_after("three"), 3) << "the second one is forgotten";
  EXPECT_EQ(creates_after("one"), 3);
  EXPECT_EQ(creates_after("two"), 4);
  scheduler_.RunFor(minutes(51));
  EXPECT_EQ(creates_after("two"), 5) << "it did not repeat for as long as it is remembered";
}

TEST_F(EventRecorderTest, SplittingTheSameTextElsewhereIsADifferentEvent) {
  for (const auto& [reason, message] : {std::pair("Bro", "ken"), std::pair("Brok", "en")}) {
    Do([&, reason = std::string(reason), message = std::string(message)](const Context& context) {
      recorder_.Record(GadgetKind(), gadget_, EventType::kWarning, reason, message, context);
    });
  }
  EXPECT_EQ(api_.CountRequests("create"), 2);
}

TEST_F(EventRecorderTest, OverlongNamesAndMessagesAreShortened) {
  const kube::Object object = ObjectOf(
      StrCat(R"({"metadata":{"namespace":"team","uid":"u","name":")", std::string(253, 'x'), "\"}}"));
  Record(object, std::string(5000, 'm'));
  const std::string event = TheEvent("team");
  EXPECT_LE(json::StringAt(event, "/metadata/name")->value_or("").size(), 253u);
  EXPECT_LE(json::StringAt(event, "/message")->value_or("").size(), 1024u);
}

}  // namespace
}  // namespace capstan::runtime
