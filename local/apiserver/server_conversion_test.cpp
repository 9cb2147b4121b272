// CRDs whose versions are converted by a webhook: it is called when needed, and its failure fails
// only the requests that need it.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/testing/disks.hpp>
#include <capstan/local/apiserver/testing/hook_transport.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

// v1 has spec.size, v2 has spec.count; the webhook converts one into the other.
class ServerConversion : public ServerTest {
 protected:
  ServerConversion() {
    ApiServerOptions options;
    options.webhook_transports = [this](const std::string& ca) -> Result<std::unique_ptr<http::Transport>> {
      authorities.push_back(ca);
      return std::make_unique<HookTransport>([this](const http::Request& request, const Context& context) {
        last_url = request.url;
        ++calls;
        return hook(request, context);
      });
    };
    Restart(std::move(options));
    const auto made =
        Post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DiskDefinition("https://hook", "CA"));
    EXPECT_EQ(made.status, 201) << made.body;
  }

  static Result<http::Response> Converted(const http::Request& request, const Context&) {
    const auto review = json::ParseObject(request.body);
    json::ObjectPtr answer = json::MakeObject();
    answer->set("response", ConvertedDisks(json::ObjectIn(*review, "request")));
    http::Response sent;
    sent.status = 200;
    sent.body = json::ToText(answer);
    return sent;
  }

  HookTransport::Function hook = Converted;
  std::vector<std::string> authorities;
  std::string last_url;
  int calls = 0;
};

TEST_F(ServerConversion, WhatIsWrittenInOneVersionIsStoredInAnotherAndReadInBoth) {
  const auto made = Post(Disks("v2"), R"({"apiVersion":"x.io/v2","kind":"Disk","metadata":{"name":"a"},)"
                                      R"("spec":{"count":3}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/apiVersion"), "x.io/v2");
  EXPECT_EQ(At(made, "/spec/count"), "3");
  EXPECT_EQ(At(made, "/spec/kind"), "ssd") << "the storage version's default";
  EXPECT_EQ(last_url, "https://hook/convert?timeout=30s");
  EXPECT_EQ(authorities, std::vector<std::string>{"CA"});
  const auto stored = Get(Disks("v1", "/a"));
  EXPECT_EQ(At(stored, "/spec/size"), "3");
  EXPECT_EQ(At(stored, "/spec/count"), "");
  EXPECT_EQ(At(Get(Disks("v2", "/a")), "/spec/count"), "3");
  EXPECT_EQ(At(Get(Disks("v2")), "/items/0/spec/count"), "3");
}

TEST_F(ServerConversion, APatchInAnotherVersionIsAppliedInThatVersion) {
  Post(Disks("v1"), R"({"apiVersion":"x.io/v1","kind":"Disk","metadata":{"name":"a"},"spec":{"size":1}})");
  const auto patched = Merge(Disks("v2", "/a"), R"({"spec":{"count":5}})");
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(At(patched, "/spec/count"), "5");
  EXPECT_EQ(At(patched, "/metadata/generation"), "2");
  EXPECT_EQ(At(Get(Disks("v1", "/a")), "/spec/size"), "5");
  const auto applied =
      Send("PATCH", Disks("v2", "/a?fieldManager=m&force=true"),
           R"({"apiVersion":"x.io/v2","kind":"Disk","metadata":{"name":"a"},"spec":{"count":6}})",
           {{"Content-Type", "application/apply-patch+yaml"}});
  ASSERT_EQ(applied.status, 200) << applied.body;
  EXPECT_EQ(At(Get(Disks("v1", "/a")), "/spec/size"), "6");
}

TEST_F(ServerConversion, AWatchReturnsTheRequestedVersion) {
  auto stream = OpenWatch(Disks("v2", "?watch=1"));
  Post(Disks("v1"), R"({"apiVersion":"x.io/v1","kind":"Disk","metadata":{"name":"a"},"spec":{"size":1}})");
  Delete(Disks("v1", "/a"));
  const auto lines = ReadLines(*stream, std::chrono::seconds(1));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(At(lines[0], "/object/spec/count"), "1");
  EXPECT_EQ(At(lines[1], "/type"), "DELETED");
  EXPECT_EQ(At(lines[1], "/object/apiVersion"), "x.io/v2");
}

TEST_F(ServerConversion, ADeadWebhookFailsOnlyRequestsThatNeedIt) {
  Post(Disks("v1"), R"({"apiVersion":"x.io/v1","kind":"Disk","metadata":{"name":"a"},"spec":{"size":1}})");
  hook = [](const http::Request&, const Context&) -> Result<http::Response> {
    return Fail(Code::kUnavailable, "connection refused");
  };
  EXPECT_EQ(Get(Disks("v1", "/a")).status, 200);
  EXPECT_EQ(Get(Disks("v1")).status, 200);
  const auto refused = Get(Disks("v2", "/a"));
  EXPECT_EQ(refused.status, 500);
  EXPECT_EQ(At(refused, "/message"),
            "conversion webhook for x.io/v1, Kind=Disk failed: Post \"https://hook/convert?timeout=30s\": "
            "connection refused");
  const auto list = Get(Disks("v2"));
  EXPECT_EQ(list.status, 429);
  EXPECT_EQ(At(list, "/reason"), "TooManyRequests");
  EXPECT_EQ(Merge(Disks("v2", "/a"), R"({"spec":{"count":5}})").status, 500);
  EXPECT_EQ(At(Get(Disks("v1", "/a")), "/spec/size"), "1");
  EXPECT_EQ(Delete(Disks("v1", "/a")).status, 200);
}

TEST_F(ServerConversion, AWebhookCanChangeLabelsButNotNameOrGeneration) {
  Post(Disks("v1"), R"({"apiVersion":"x.io/v1","kind":"Disk","metadata":{"name":"a"},"spec":{"size":1}})");
  hook = [](const http::Request& request, const Context& context) -> Result<http::Response> {
    auto answer = Converted(request, context);
    const std::string meta = R"("metadata":{)";
    answer->body.replace(answer->body.find(meta), meta.size(),
                         R"("metadata":{"labels":{"by":"hook"},"generation":99,)");
    return answer;
  };
  const auto shown = Get(Disks("v2", "/a"));
  EXPECT_EQ(At(shown, "/metadata/labels/by"), "hook");
  EXPECT_EQ(At(shown, "/metadata/generation"), "1");
  hook = [](const http::Request& request, const Context& context) -> Result<http::Response> {
    auto answer = Converted(request, context);
    const std::string name = R"("name":"a")";
    answer->body.replace(answer->body.find(name), name.size(), R"("name":"b")");
    return answer;
  };
  EXPECT_EQ(
      At(Get(Disks("v2", "/a")), "/message"),
      "conversion webhook for x.io/v1, Kind=Disk returned invalid object: must have the same name: a != b");
}

}  // namespace
}  // namespace capstan::apiserver
