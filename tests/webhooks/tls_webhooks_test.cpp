// Conversion and admission webhooks as in production: behind sockets and TLS, verified by their
// caBundle, and sometimes dead or hanging.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/local/apiserver/testing/disks.hpp>

namespace capstan {
namespace {

using apiserver::Disks;
using std::chrono::seconds;

// Converts spec.size of v1 to spec.count of v2 and back, and allows every write. While it hangs,
// requests get no response.
class Webhook final : public http::Handler {
 public:
  explicit Webhook(Scheduler& scheduler) : scheduler_(scheduler) {}

  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override {
    ++calls;
    if (hangs) {
      (void)scheduler_.Sleep(std::chrono::hours(1), context);
      return;
    }
    const auto review = json::ParseObject(request.body);
    ASSERT_TRUE(review) << review.error();
    http::Response response;
    response.status = 200;
    response.headers.Set("Content-Type", "application/json");
    response.body = json::ToText(Answered(json::ObjectIn(*review, "request"), **review));
    (void)writer.Respond(response);
  }

  std::atomic<bool> hangs{false};
  std::atomic<int> calls{0};

 private:
  static json::ObjectPtr Answered(const json::ObjectPtr& asked, const Poco::JSON::Object& review) {
    json::ObjectPtr answer = json::MakeObject();
    answer->set("apiVersion", review.get("apiVersion"));
    answer->set("kind", review.get("kind"));
    json::ObjectPtr response;
    if (asked->has("objects")) {
      response = apiserver::ConvertedDisks(asked);
    } else {
      response = json::MakeObject();
      response->set("uid", asked->get("uid"));
      response->set("allowed", true);
    }
    answer->set("response", response);
    return answer;
  }
  Scheduler& scheduler_;
};

class Answer final : public http::ResponseWriter {
 public:
  Status Respond(const http::Response& response) override {
    status = response.status;
    body = response.body;
    return {};
  }
  Status Begin(int, const http::Headers&) override { return Fail(Code::kInternal, "no streams here"); }
  Status Write(std::string_view) override { return Fail(Code::kInternal, "no streams here"); }
  void Abort() override {}
  bool ClientGone() override { return false; }
  std::string At(const std::string& pointer) const {
    if (auto text = json::StringAt(body, pointer); text && *text) return **text;
    auto value = json::ValueAt(body, pointer);
    return value && *value ? **value : std::string();
  }
  int status = 0;
  std::string body;
};

class TlsWebhooks : public testing::Test {
 protected:
  TlsWebhooks() {
    net::InitializeNetwork();
    auto certificate = net::MakeServerCertificate({"127.0.0.1"}, scheduler.WallNow());
    auto other = net::MakeServerCertificate({"127.0.0.1"}, scheduler.WallNow());
    EXPECT_TRUE(certificate && other);
    ca = certificate->ca_pem;
    other_ca = other->ca_pem;
    net::HttpServerOptions listen;
    listen.certificate_pem = certificate->certificate_pem;
    listen.key_pem = certificate->key_pem;
    auto started = net::StartHttpServer(webhook, listen);
    EXPECT_TRUE(started) << started.error();
    listener = std::move(*started);
    url = listener->url();

    apiserver::ApiServerOptions options;
    options.conversion_timeout = seconds(1);
    options.webhook_transports = [](const std::string& ca_pem) {
      net::TlsTransportOptions connect;
      connect.tls.ca_pem = ca_pem;
      return net::MakeTlsTransport(std::move(connect));
    };
    auto api_started = apiserver::ApiServer::Start(scheduler, *random, log, *storage, std::move(options));
    EXPECT_TRUE(api_started) << api_started.error();
    api = std::move(*api_started);
  }

  Answer Ask(const std::string& method, const std::string& path, std::string body = "") {
    http::Request request;
    request.method = method;
    request.url = "http://api" + path;
    request.body = std::move(body);
    request.headers.Set("Content-Type", "application/json");
    Answer answer;
    api->Handle(request, answer, Context());
    return answer;
  }
  void DefineDisks(const std::string& authority) {
    const Answer made = Ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                            apiserver::DiskDefinition(url, authority));
    ASSERT_EQ(made.status, 201) << made.body;
  }
  Answer MakeDisk() {
    return Ask("POST", Disks("v1"),
               R"({"apiVersion":"x.io/v1","kind":"Disk","metadata":{"name":"a"},"spec":{"size":3}})");
  }

  ThreadScheduler scheduler;
  std::unique_ptr<Random> random = MakeSystemRandom();
  SilentLog log;
  Webhook webhook{scheduler};
  std::string ca, other_ca, url;
  std::unique_ptr<net::HttpServer> listener;
  std::unique_ptr<apiserver::Storage> storage = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> api;
};

TEST_F(TlsWebhooks, ConvertObjectsRequestedInAnotherVersion) {
  DefineDisks(ca);
  ASSERT_EQ(MakeDisk().status, 201);
  EXPECT_EQ(webhook.calls, 0) << "the stored version needs no conversion";
  const Answer seen = Ask("GET", Disks("v2", "/a"));
  EXPECT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.At("/spec/count"), "3");
  EXPECT_EQ(webhook.calls, 1);
  EXPECT_EQ(Ask("GET", Disks("v2")).At("/items/0/spec/count"), "3");
}

TEST_F(TlsWebhooks, OfAnotherAuthorityAreRejected) {
  DefineDisks(other_ca);
  ASSERT_EQ(MakeDisk().status, 201);
  const Answer refused = Ask("GET", Disks("v2", "/a"));
  EXPECT_EQ(refused.status, 500);
  EXPECT_NE(
      refused.At("/message").find(StrCat("conversion webhook for x.io/v1, Kind=Disk failed: Post \"", url)),
      std::string::npos)
      << refused.body;
  EXPECT_NE(refused.At("/message").find("certificate"), std::string::npos) << refused.body;
  EXPECT_EQ(webhook.calls, 0) << "nothing was said to it";
}

TEST_F(TlsWebhooks, ThatAreDeadFailTheirConversionsAndNothingElse) {
  DefineDisks(ca);
  ASSERT_EQ(MakeDisk().status, 201);
  listener.reset();
  EXPECT_EQ(Ask("GET", Disks("v2", "/a")).status, 500);
  const Answer list = Ask("GET", Disks("v2"));
  EXPECT_EQ(list.status, 429) << list.body;
  EXPECT_EQ(Ask("GET", Disks("v1", "/a")).At("/spec/size"), "3");
  EXPECT_EQ(Ask("POST", "/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"a"}})").status, 201);
}

TEST_F(TlsWebhooks, ThatHangCostTheirConversionsItsTimeAndNothingElse) {
  DefineDisks(ca);
  ASSERT_EQ(MakeDisk().status, 201);
  webhook.hangs = true;
  const Instant began = scheduler.Now();
  Answer slow;
  std::thread waiting([&] { slow = Ask("GET", Disks("v2", "/a")); });
  while (webhook.calls == 0) std::this_thread::yield();
  EXPECT_EQ(Ask("GET", Disks("v1", "/a")).At("/spec/size"), "3") << "while the other waits";
  waiting.join();
  EXPECT_EQ(slow.status, 500);
  EXPECT_NE(slow.At("/message").find("?timeout=1s\": "), std::string::npos) << slow.body;
  EXPECT_LT(scheduler.Now() - began, seconds(20)) << "a second, and what a busy machine adds";
  webhook.hangs = false;
  EXPECT_EQ(Ask("GET", Disks("v2", "/a")).status, 200) << "and it is asked again";
}

TEST_F(TlsWebhooks, ForAdmissionThatHangFollowTheirFailurePolicy) {
  for (const char* policy : {"Fail", "Ignore"}) {
    ASSERT_EQ(Ask("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
                  StrCat(R"({"metadata":{"name":"w"},"webhooks":[{"name":"w.x.y","sideEffects":"None",)",
                         R"("admissionReviewVersions":["v1"],"timeoutSeconds":1,"failurePolicy":")", policy,
                         R"(","clientConfig":{"url":")", url, R"(/check","caBundle":")", Base64Encode(ca),
                         R"("},"rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],)",
                         R"("resources":["configmaps"]}]}]})"))
                  .status,
              201);
    webhook.hangs = true;
    const Answer written =
        Ask("POST", "/api/v1/namespaces/default/configmaps", StrCat(R"({"metadata":{"generateName":"a-"}})"));
    EXPECT_EQ(written.status, std::string_view(policy) == "Ignore" ? 201 : 500) << written.body;
    webhook.hangs = false;
    EXPECT_EQ(
        Ask("POST", "/api/v1/namespaces/default/configmaps", R"({"metadata":{"generateName":"a-"}})").status,
        201);
    ASSERT_EQ(Ask("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/w").status,
              200);
  }
}

}  // namespace
}  // namespace capstan
