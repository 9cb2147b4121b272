#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

constexpr char kCrd[] = "/customresourcedefinitions/boxes.example.test";
constexpr char kDiscovery[] = "/apis/example.test/v1";

// An API server that refuses paths with this ending: for lack of permission (403), or because
// another server has the CRDs (404).
class Refusing final : public http::ForwardingTransport {
 public:
  Refusing(http::Transport& next, int status, std::vector<std::string> ends)
      : ForwardingTransport(next), status_(status), ends_(std::move(ends)) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    for (const auto& end : ends_) {
      if (request.url.ends_with(end)) return http::Response{status_, {}, ""};
    }
    return next().Send(request, context);
  }

 private:
  const int status_;
  const std::vector<std::string> ends_;
};

class CrdDeletion : public ManagedTest {
 protected:
  explicit CrdDeletion(int status = 0, const std::vector<std::string>& ends = {})
      : ManagedTest(Options(status, ends)) {}
  // The CRD is deleted: nothing is removed in the cloud.
  void ExpectNothingRemoved() {
    MakeReady();
    ASSERT_TRUE(
        world.admin().Delete(kube::CustomResourceDefinitionKind(), {"", "boxes.example.test"}, {}, {}));
    world.life()->ReconcileAll();
    ASSERT_TRUE(Becomes("a", "Synced", "False/CRDDeleted"));
    world.RunFor(std::chrono::minutes(5));
    EXPECT_EQ(Changes("DELETE /boxes"), 0);
    EXPECT_EQ(LiveBoxes().size(), 1u);
  }
  // Only the object is deleted.
  void ExpectRemoved() {
    MakeReady();
    ASSERT_TRUE(world.Delete("a"));
    ASSERT_TRUE(Goes("a"));
    EXPECT_TRUE(LiveBoxes().empty());
  }

 private:
  static simulation::WorldOptions Options(int status, const std::vector<std::string>& ends) {
    simulation::WorldOptions options;
    options.carelessness = [=](http::Transport& next, Scheduler&) {
      return std::make_unique<Refusing>(next, status, ends);
    };
    return options;
  }
};

TEST_F(CrdDeletion, RemovesNothingInTheCloud) { ExpectNothingRemoved(); }

class CrdOutOfSight : public CrdDeletion {
 protected:
  CrdOutOfSight() : CrdDeletion(403, {kCrd}) {}
};
TEST_F(CrdOutOfSight, RemovesNothingInTheCloudWhenItIsDeleted) { ExpectNothingRemoved(); }
TEST_F(CrdOutOfSight, RemovesTheCloudObjectOfAnObjectThatIsDeletedAlone) { ExpectRemoved(); }

class CrdElsewhere : public CrdDeletion {
 protected:
  CrdElsewhere() : CrdDeletion(404, {kCrd}) {}
};
TEST_F(CrdElsewhere, RemovesNothingInTheCloudWhenItIsDeleted) { ExpectNothingRemoved(); }
TEST_F(CrdElsewhere, RemovesTheCloudObjectOfAnObjectThatIsDeletedAlone) { ExpectRemoved(); }

// Discovery lags: its answer does not count right after the deletion.
TEST_F(CrdOutOfSight, IsNotDecidedByADiscoveryThatIsOlderThanTheDeletion) {
  MakeReady();
  ASSERT_TRUE(world.Delete("a"));
  world.RunFor(std::chrono::milliseconds(1500));
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
}

class NothingInSight : public CrdDeletion {
 protected:
  NothingInSight() : CrdDeletion(403, {kCrd, kDiscovery}) {}
};
TEST_F(NothingInSight, KeepsTheCloudObjectAndSaysWhatToGrant) {
  MakeReady();
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CRDDeleted"));
  EXPECT_NE(Message("a", "Synced").find("grant the right to read one of them"), std::string::npos)
      << Message("a", "Synced");
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
}

}  // namespace
}  // namespace capstan::managed
