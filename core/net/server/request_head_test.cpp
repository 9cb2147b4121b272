#include <capstan/core/net/server/request_head.hpp>

#include <gtest/gtest.h>

#include <capstan/core/net/testing/text_source.hpp>

namespace capstan::net {
namespace {

Result<RequestHead> Read(const std::string& wire) {
  TextSource source(wire, 7);
  BufferedReader reader(source);
  return ReadRequestHead(reader, "http://127.0.0.1:8081", kForever);
}

TEST(RequestHead, IsRefusedWhereverItIsInDoubt) {
  const struct {
    const char* what;
    std::string wire;
    int status;
  } refused[] = {
      {"no request", "nonsense\r\n\r\n", 400},
      {"another protocol", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400},
      {"no Host in 1.1", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"one Host twice", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400},
      {"two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a path in the Host", "GET /healthz HTTP/1.1\r\nHost: x/metrics\r\n\r\n", 400},
      {"a query in the Host", "GET /healthz HTTP/1.1\r\nHost: x/metrics?\r\n\r\n", 400},
      {"a question mark in the Host", "GET /healthz HTTP/1.1\r\nHost: x?\r\n\r\n", 400},
      {"a fragment in the Host", "GET /healthz HTTP/1.1\r\nHost: x#\r\n\r\n", 400},
      {"a user in the Host", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"a backslash in the Host", "GET / HTTP/1.1\r\nHost: a\\b\r\n\r\n", 400},
      {"blanks in the Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"a port that is none", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
      {"a port that is too large", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
      {"two ports", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400},
      {"an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"a path in brackets", "GET / HTTP/1.1\r\nHost: [::1/x]\r\n\r\n", 400},
      {"words after the bracket", "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400},
      {"a target without a path", "GET metrics HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a user in the target", "GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a fragment in the target", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a length and a coding",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"two codings",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"a coding in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"a folded header", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", 400},
      {"a header before the first", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
      {"a bare CR", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n", 400},
      {"a bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"a NUL", std::string("GET / HTTP/1.1\r\nHost: a\r\nX: b\0\r\n\r\n", 35), 400},
      {"an endless target", "GET /" + std::string(70000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"an endless header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(70000, 'y') + "\r\n\r\n", 431},
  };
  for (const auto& row : refused) {
    const auto head = Read(row.wire);
    ASSERT_FALSE(head) << row.what;
    EXPECT_EQ(head.error().http_status, row.status) << row.what << ": " << head.error();
  }
  std::string flood = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 300; ++i) flood += "X: y\r\n";
  EXPECT_EQ(Read(flood + "\r\n").error().http_status, 431);
}

TEST(RequestHead, ContainsTheRequestAndTheFramingOfItsBody) {
  const struct {
    std::string wire;
    const char* url;
    Framing framing;
  } taken[] = {
      {"GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n", "http://h/a?b=c", Framing::kNone},
      {"\r\nGET / HTTP/1.1\r\nHost: h:80\r\n\r\n", "http://h:80/", Framing::kNone},
      {"GET / HTTP/1.1\r\nHost: [::1]:8081\r\n\r\n", "http://[::1]:8081/", Framing::kNone},
      {"GET / HTTP/1.1\r\nHost: a-b.c_d\r\n\r\n", "http://a-b.c_d/", Framing::kNone},
      {"GET / HTTP/1.0\r\n\r\n", "http://127.0.0.1:8081/", Framing::kNone},
      {"GET http://there:1/x HTTP/1.1\r\nHost: here\r\n\r\n", "http://there:1/x", Framing::kNone},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "http://h/", Framing::kLength},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "http://h/", Framing::kChunked},
  };
  for (const auto& row : taken) {
    const auto head = Read(row.wire);
    ASSERT_TRUE(head) << row.wire << head.error();
    EXPECT_EQ(head->request.url, row.url) << row.wire;
    EXPECT_EQ(head->frame.framing, row.framing) << row.wire;
  }
}

}  // namespace
}  // namespace capstan::net
