// What happens to objects when the Kubernetes API refuses our writes: a webhook, a policy, a CRD.
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>
#include <capstan/simulation/box_provider.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

class WriteRefused : public ManagedTest {
 protected:
  explicit WriteRefused(simulation::WorldOptions options = {}) : ManagedTest(std::move(options)) {}
  // A webhook for all writes of boxes whose path ends with `end`.
  void RefuseWrites(const std::string& end) {
    world.effects.script = [end](const Effect& effect) {
      const std::string boxes = "PATCH /apis/example.test/v1/namespaces/shop/boxes/";
      return effect.what.rfind(boxes, 0) == 0 && effect.what.ends_with(end) ? Mishap::kInvalid
                                                                            : Mishap::kNone;
    };
  }
  void AllowWrites() { world.effects.script = nullptr; }
};

TEST_F(WriteRefused, OfANewObjectPassesAndTheObjectBecomesReadyByItself) {
  world.StartLife();
  RefuseWrites("");
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  world.RunFor(std::chrono::minutes(3));
  EXPECT_TRUE(LiveBoxes().empty());
  EXPECT_GE(EventsOf("WriteRefused"), 1) << "nothing else can be written, so an Event reports it";
  AllowWrites();
  EXPECT_TRUE(Becomes("a", "Ready", "True/Available", std::chrono::minutes(8)));
}

TEST_F(WriteRefused, OfAReadyObjectPassesAndItIsObservedAgain) {
  MakeReady();
  RefuseWrites("");
  boxes().VanishBox(Field("a", "/status/boxID"));
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(world.ConditionOf("a", "Ready"), "True/Available") << "it cannot be written";
  EXPECT_GE(EventsOf("WriteRefused"), 1);
  AllowWrites();
  EXPECT_TRUE(Becomes("a", "Ready", "False/Lost", std::chrono::minutes(8)));
}

TEST_F(WriteRefused, OfADeletedObjectPassesAndItIsDeleted) {
  MakeReady();
  RefuseWrites("");
  ASSERT_TRUE(world.Delete("a"));
  world.RunFor(std::chrono::minutes(10));
  ASSERT_TRUE(world.Get("a"));
  AllowWrites();
  EXPECT_TRUE(Goes("a", std::chrono::minutes(8)));
}

TEST_F(WriteRefused, OfAFinalizerShowsInTheCondition) {
  world.StartLife();
  RefuseWrites("boxes/a");
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/WriteRefused"));
  EXPECT_NE(Message("a", "Synced").find("simulated BadRequest"), std::string::npos) << Message("a", "Synced");
  world.RunFor(std::chrono::seconds(1));
  EXPECT_EQ(EventsOf("WriteRefused"), 1);
  AllowWrites();
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync", std::chrono::minutes(8)));
}

// A webhook may refuse with any code.
class AnyCode : public ManagedTest {
 protected:
  struct Webhook {
    int status = 0;   // 0: it allows everything
    std::string end;  // the ending of the paths that it covers
  };
  class Refusing final : public http::ForwardingTransport {
   public:
    Refusing(http::Transport& next, const Webhook& webhook) : ForwardingTransport(next), webhook_(webhook) {}
    Result<http::Response> Send(const http::Request& request, const Context& context) override {
      const std::string path = request.url.substr(0, request.url.find('?'));
      if (webhook_.status == 0 || request.method != "PATCH" || !path.ends_with(webhook_.end))
        return next().Send(request, context);
      return http::Response{
          webhook_.status,
          {{"Content-Type", "application/json"}},
          StrCat(R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":)", webhook_.status,
                 R"(,"message":"admission webhook \"no.example.test\" denied the request: not today"})")};
    }

   private:
    const Webhook& webhook_;
  };
  AnyCode() : ManagedTest(Options(&webhook)) {}
  static simulation::WorldOptions Options(const Webhook* webhook) {
    simulation::WorldOptions options;
    options.carelessness = [webhook](http::Transport& next, Scheduler&) {
      return std::make_unique<Refusing>(next, *webhook);
    };
    return options;
  }
  Webhook webhook;
};

TEST_F(AnyCode, OfAWebhookThatRefusesShowsInTheCondition) {
  int number = 0;
  for (const char* end : {"", "/status"}) {
    for (const int status :
         {400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 418, 422, 451, 500, 501, 503}) {
      const std::string name = StrCat("a", ++number);
      SCOPED_TRACE(StrCat(status, " of a PATCH of ", name, end));
      webhook = {status, StrCat("/boxes/", name, end)};
      if (world.life() == nullptr) world.StartLife();
      const int before = EventsOf("WriteRefused") + EventsOf("CRDOutdated");
      ASSERT_TRUE(world.Apply(name, kSecretSpec));
      world.RunFor(std::chrono::minutes(10));
      EXPECT_GE(EventsOf("WriteRefused") + EventsOf("CRDOutdated"), before + 1)
          << "no subscriber is notified";
      webhook = {};
      ASSERT_TRUE(Becomes(name, "Ready", "True/Available", std::chrono::minutes(8)));
      ASSERT_TRUE(Becomes(name, "Synced", "True/InSync", std::chrono::minutes(8)));
      webhook = {status, StrCat("/boxes/", name, end)};
      ASSERT_TRUE(world.Delete(name));
      world.RunFor(std::chrono::minutes(6));
      webhook = {};
      ASSERT_TRUE(Goes(name, std::chrono::minutes(12)));
    }
  }
  EXPECT_TRUE(boxes().Boxes().empty());
}

// The box CRD without anything below /status to write to.
simulation::WorldOptions WithoutStatus() {
  simulation::WorldOptions options;
  options.crd = simulation::BoxCrd();
  const std::string subresources = R"("subresources":{"status":{}},)";
  options.crd.erase(options.crd.find(subresources), subresources.size());
  return options;
}
class CrdWithoutStatus : public WriteRefused {
 protected:
  CrdWithoutStatus() : WriteRefused(WithoutStatus()) {}
};

TEST_F(CrdWithoutStatus, IsReportedInAnEventAndNothingIsCreated) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_GE(EventsOf("CRDOutdated"), 1);
  EXPECT_TRUE(LiveBoxes().empty());
}

class Backoff : public ManagedTest {};

TEST_F(Backoff, OfAFirstFailureIsShortHoweverOldTheConditionIs) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("color":"blue")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/UpdateUnsupported"));
  world.RunFor(std::chrono::minutes(30));
  int refused = 0;
  world.effects.script = [&](const Effect& effect) {
    return effect.what.rfind("DELETE boxes.test", 0) == 0 && refused++ == 0 ? Mishap::kErrorBefore
                                                                            : Mishap::kNone;
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(world.RunUntil([&] { return refused == 1; }, std::chrono::minutes(1)));
  EXPECT_TRUE(world.RunUntil([&] { return Changes("DELETE /boxes") == 1; }, std::chrono::seconds(15)));
}

TEST_F(Backoff, GrowsWithTheFailuresOfOneOperationAndStaysWithinMinutes) {
  MakeReady();
  std::vector<Instant> tries;
  world.effects.script = [&](const Effect& effect) {
    if (effect.what.rfind("DELETE boxes.test", 0) != 0) return Mishap::kNone;
    tries.push_back(world.scheduler.Now());
    return Mishap::kErrorBefore;
  };
  ASSERT_TRUE(world.Delete("a"));
  world.RunFor(std::chrono::minutes(30));
  ASSERT_GE(tries.size(), 8u);
  EXPECT_LE(tries[1] - tries[0], std::chrono::seconds(12));
  EXPECT_GE(tries[4] - tries[3], std::chrono::seconds(60));
  EXPECT_LE(tries.back() - tries[tries.size() - 2], std::chrono::minutes(6));
}

}  // namespace
}  // namespace capstan::managed
