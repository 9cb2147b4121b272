#include <capstan/core/shards/label_strays.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/runtime/testing/embedded_api.hpp>
#include <capstan/core/shards/placement.hpp>

namespace capstan::shards {
namespace {

// Records how many objects were patched after each list, and refuses patches of one object.
class Refusing final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    if (request.method != "PATCH") return ForwardingTransport::Send(request, context);
    ++patched.back();
    if (!refused.empty() && request.url.find(refused) != std::string::npos) {
      http::Response response;
      response.status = status;
      response.body = StrCat(R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":)", status, "}");
      return response;
    }
    return ForwardingTransport::Send(request, context);
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    patched.push_back(0);
    return ForwardingTransport::Open(request, context);
  }
  std::string refused;
  int status = 0;
  std::vector<std::size_t> patched;
};

class LabelStraysTest : public runtime::OnEmbeddedApi {
 protected:
  void Create(const std::string& name, const std::string& labels = "{}") {
    Do([&](const Context& context) {
      const auto made = client.Create(kube::ConfigMapKind(), "default",
                                      StrCat(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")",
                                             name, R"(","labels":)", labels, "}}"),
                                      context);
      ASSERT_TRUE(made) << made.error();
    });
  }
  Status Label(const std::vector<std::string>& namespaces = {"default"}) {
    Status labelled;
    Do([&](const Context& context) {
      labelled = LabelStrays(recorded, kube::ConfigMapKind(), namespaces, 4, context);
    });
    return labelled;
  }
  // Those with the label of their shard, and all others.
  std::pair<int, int> Count() {
    std::pair<int, int> count;
    Do([&](const Context& context) {
      const auto objects = client.ListAll(kube::ConfigMapKind(), "default", {}, context);
      ASSERT_TRUE(objects) << objects.error();
      for (const auto& object : *objects)
        ++(object.Label(kShardLabel) == ShardLabel(4, ShardOf(object.uid(), 4)) ? count.first : count.second);
    });
    return count;
  }

  Refusing transport{wire};
  kube::Client recorded{transport, scheduler, {"http://api", "test", std::chrono::seconds(30)}};
};

TEST_F(LabelStraysTest, EachPageIsLabelledBeforeTheNextIsRead) {
  for (int i = 0; i < 1'100; ++i) Create(StrCat("object-", i));
  const Status labelled = Label();
  EXPECT_TRUE(labelled) << labelled.error();
  EXPECT_EQ(Count(), std::pair(1'100, 0));
  EXPECT_EQ(transport.patched, (std::vector<std::size_t>{500, 500, 100}));
}

TEST_F(LabelStraysTest, ObjectsThatHaveAShardAlreadyAreNotWritten) {
  Create("settled", R"({"capstan.dev/shard":"4-1"})");
  Create("of-another-division", R"({"capstan.dev/shard":"12-1"})");
  const Status labelled = Label({});
  EXPECT_TRUE(labelled) << labelled.error();
  EXPECT_EQ(transport.patched, (std::vector<std::size_t>{1}));
}

TEST_F(LabelStraysTest, AnObjectThatTheServerRefusesToChangeIsLeftOut) {
  for (int i = 0; i < 20; ++i) Create(StrCat("object-", i));
  transport.refused = "object-7?";
  for (const int status : {403, 404, 409, 422}) {
    transport.status = status;
    EXPECT_TRUE(Label()) << status;
    EXPECT_EQ(Count(), std::pair(19, 1));
  }
}

TEST_F(LabelStraysTest, AServerThatFailsEndsItWithItsError) {
  for (int i = 0; i < 40; ++i) Create(StrCat("object-", i));
  transport.refused = "object-";
  transport.status = 503;
  const Status labelled = Label();
  ASSERT_FALSE(labelled);
  EXPECT_EQ(labelled.error().code, Code::kUnavailable);
  EXPECT_EQ(transport.patched, (std::vector<std::size_t>{16})) << "the next group is not sent";
}

}  // namespace
}  // namespace capstan::shards
