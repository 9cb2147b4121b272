#include <capstan/apps/capstan/plan/read_only_transport.hpp>

#include <gtest/gtest.h>

#include <capstan/core/http/testing/counting_transport.hpp>

namespace capstan::app {
namespace {

http::Request To(const std::string& method) { return {method, "https://cloud.test/v2/clusters", {}, ""}; }

TEST(ReadOnlyTransport, LetsTheNamedMethodsThrough) {
  http::CountingTransport next;
  ReadOnlyTransport reading(next, {"GET", "HEAD"});
  EXPECT_TRUE(reading.Send(To("GET"), {}));
  EXPECT_TRUE(reading.Send(To("HEAD"), {}));
  EXPECT_TRUE(reading.Open(To("GET"), {}));
  EXPECT_EQ(next.sent, 3);
}

TEST(ReadOnlyTransport, RefusesEverythingElseBeforeAByteLeaves) {
  http::CountingTransport next;
  ReadOnlyTransport reading(next, {"GET", "HEAD"});
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", ""}) {
    for (const bool stream : {false, true}) {
      Error error;
      if (stream) {
        auto opened = reading.Open(To(method), {});
        ASSERT_FALSE(opened) << method;
        error = opened.error();
      } else {
        auto sent = reading.Send(To(method), {});
        ASSERT_FALSE(sent) << method;
        error = sent.error();
      }
      EXPECT_EQ(error.code, Code::kPermissionDenied);
      EXPECT_EQ(error.sent, Sent::kNo);
      EXPECT_NE(error.message.find("cloud.test"), std::string::npos) << error.message;
    }
  }
  EXPECT_EQ(next.sent, 0);
}

TEST(ReadOnlyTransport, AllowsOnlyWhatIsNamed) {
  http::CountingTransport next;
  ReadOnlyTransport reading(next, {"GET"});
  EXPECT_FALSE(reading.Send(To("HEAD"), {}));
  EXPECT_EQ(next.sent, 0);
}

}  // namespace
}  // namespace capstan::app
