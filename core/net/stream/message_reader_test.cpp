#include <capstan/core/net/stream/message_reader.hpp>

#include <gtest/gtest.h>

#include <capstan/core/net/testing/text_source.hpp>

namespace capstan::net {
namespace {

Result<std::string> ReadAll(const std::string& wire, BodyFrame frame, std::size_t piece) {
  TextSource source(wire, piece);
  BufferedReader reader(source);
  BodyReader body(reader, frame);
  std::string all;
  for (;;) {
    CAPSTAN_TRY(std::string_view got, body.Next(kForever));
    if (got.empty()) return all;
    all.append(got);
  }
}

constexpr BodyFrame kChunks{Framing::kChunked, 0};

TEST(BodyReader, PutsChunksTogetherHoweverTheyArrive) {
  const std::string wire =
      "5\r\nhello\r\n1;name=value\r\n \r\nA \t;x\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
  for (std::size_t piece : {1u, 2u, 3u, 7u, 1000u}) {
    auto body = ReadAll(wire, kChunks, piece);
    ASSERT_TRUE(body) << body.error();
    EXPECT_EQ(*body, "hello 0123456789");
  }
}

TEST(BodyReader, ReportsEveryWayAChunkedBodyCanBeCut) {
  const std::string whole = "5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    auto body = ReadAll(whole.substr(0, length), kChunks, 4);
    ASSERT_FALSE(body) << "cut at " << length;
    EXPECT_EQ(body.error().code, Code::kDataLoss);
  }
}

TEST(BodyReader, RefusesMalformedChunks) {
  for (const char* wire :
       {"x\r\nhello\r\n0\r\n\r\n", "\r\nhello", "-5\r\nhello\r\n", "5hello\r\n", "5\r\nhello!\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5 x\r\nhello\r\n0\r\n\r\n",
        "5 \r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r\n0\n\r\n", "5;a\rb\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nno trailer\r\n\r\n", "5\r\nhello\r\n0\r\nA: b\rc\r\n\r\n",
        "5\r\nhello\r\n0\r\n A: b\r\n\r\n"}) {
    auto body = ReadAll(wire, kChunks, 64);
    ASSERT_FALSE(body) << wire;
    EXPECT_EQ(body.error().code, Code::kDataLoss) << wire;
  }
}

TEST(BodyReader, RefusesAnEndlessChunkSizeLine) {
  auto body = ReadAll("5;" + std::string(100000, 'x') + "\r\nhello\r\n0\r\n\r\n", kChunks, 1000);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, Code::kDataLoss);
}

TEST(BodyReader, CountsContentLength) {
  EXPECT_EQ(ReadAll("hello", BodyFrame{Framing::kLength, 5}, 2).value(), "hello");
  auto cut = ReadAll("hell", BodyFrame{Framing::kLength, 5}, 2);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::kDataLoss);
  EXPECT_NE(cut.error().message.find("4 of 5"), std::string::npos) << cut.error().message;
}

TEST(StatusLine, IsReadStrictly) {
  EXPECT_EQ(ParseStatusLine("HTTP/1.1 404 Not Found")->status, 404);
  EXPECT_EQ(ParseStatusLine("HTTP/1.0 200")->minor, 0);
  for (const char* line : {"", "HTTP/2 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 X",
                           "SSH-2.0-OpenSSH", "HTTP/1.1  200 OK", "HTTP/1.1 200 O\rK"})
    EXPECT_FALSE(ParseStatusLine(line)) << line;
}

TEST(RequestLine, IsReadStrictly) {
  EXPECT_EQ(ParseRequestLine("GET /a?b=c HTTP/1.1")->target, "/a?b=c");
  for (const char* line : {"", "GET", "GET /", "GET / HTTP/2.0", "G T / HTTP/1.1", "GET /a b HTTP/1.1",
                           "GET /\x01 HTTP/1.1", "(GET) / HTTP/1.1", "GET  / HTTP/1.1", "GET / HTTP/1.1 ",
                           " GET / HTTP/1.1", "GET / http/1.1", "GET /\xC3\xA9 HTTP/1.1", "GET /#x HTTP/1.1"})
    EXPECT_FALSE(ParseRequestLine(line)) << line;
}

TEST(Fields, RefuseFoldsBlanksAndFloods) {
  auto read = [](const std::string& text) {
    TextSource source(text, 100);
    BufferedReader reader(source);
    return ReadFields(reader, kForever);
  };
  EXPECT_EQ(read("A: b\r\nc:d\r\n\r\n")->Get("C"), "d");
  EXPECT_FALSE(read("A: b\r\n folded\r\n\r\n"));
  EXPECT_FALSE(read("A : b\r\n\r\n"));
  EXPECT_FALSE(read("no colon\r\n\r\n"));
  EXPECT_FALSE(read(": b\r\n\r\n"));
  EXPECT_FALSE(read(" A: b\r\n\r\n"));
  EXPECT_FALSE(read("A: b\n\r\n")) << "a bare LF ends no line";
  EXPECT_FALSE(read("A: b\rX: y\r\n\r\n"));
  EXPECT_FALSE(read(std::string("A: b\0c\r\n\r\n", 11)));
  EXPECT_FALSE(read("A: \x7F\r\n\r\n"));
  EXPECT_FALSE(read("A: b\x0B\r\n\r\n"));
  EXPECT_EQ(read("A: \t b\tc \xC3\xA9 \t\r\n\r\n")->Get("A"), "b\tc \xC3\xA9");
  std::string flood;
  for (int i = 0; i < 300; ++i) flood += "X: y\r\n";
  EXPECT_FALSE(read(flood + "\r\n"));
  EXPECT_FALSE(read("X: " + std::string(70000, 'y') + "\r\n\r\n"));
}

TEST(FrameOf, RefusesContradictions) {
  using http::Headers;
  EXPECT_EQ(FrameOf(Headers{{"Content-Length", "5"}}, 1)->length, 5u);
  EXPECT_EQ(FrameOf(Headers{{"Transfer-Encoding", "Chunked"}}, 1)->framing, Framing::kChunked);
  EXPECT_EQ(FrameOf(Headers{}, 1)->framing, Framing::kUntilClose);
  const struct {
    const char* what;
    Headers headers;
    int minor = 1;
  } refused[] = {
      {"two lengths", {{"Content-Length", "5"}, {"Content-Length", "6"}}},
      {"one length twice", {{"Content-Length", "5"}, {"content-length", "5"}}},
      {"a list of lengths", {{"Content-Length", "5, 5"}}},
      {"more than digits", {{"Content-Length", "5x"}}},
      {"a sign", {{"Content-Length", "-1"}}},
      {"another sign", {{"Content-Length", "+5"}}},
      {"hexadecimal", {{"Content-Length", "0x5"}}},
      {"no length", {{"Content-Length", ""}}},
      {"more than fits", {{"Content-Length", "18446744073709551621"}}},
      {"a length and a coding", {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}},
      {"another coding", {{"Transfer-Encoding", "gzip"}}},
      {"identity", {{"Transfer-Encoding", "identity"}}},
      {"two codings in two fields", {{"Transfer-Encoding", "gzip"}, {"Transfer-Encoding", "chunked"}}},
      {"two codings in one field", {{"Transfer-Encoding", "gzip, chunked"}}},
      {"chunked not last", {{"Transfer-Encoding", "chunked, gzip"}}},
      {"chunked twice", {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}},
      {"a coding with parameters", {{"Transfer-Encoding", "chunked;q=1"}}},
      {"no coding", {{"Transfer-Encoding", ""}}},
      {"a coding in HTTP/1.0", {{"Transfer-Encoding", "chunked"}}, 0},
  };
  for (const auto& row : refused) {
    const auto frame = FrameOf(row.headers, row.minor);
    ASSERT_FALSE(frame) << row.what;
    EXPECT_EQ(frame.error().code, Code::kDataLoss) << row.what;
  }
}

TEST(KeepsAlive, FollowsVersionAndConnectionHeader) {
  using http::Headers;
  EXPECT_TRUE(KeepsAlive(Headers{}, 1));
  EXPECT_FALSE(KeepsAlive(Headers{{"Connection", "foo, Close"}}, 1));
  EXPECT_FALSE(KeepsAlive(Headers{}, 0));
  EXPECT_TRUE(KeepsAlive(Headers{{"Connection", "keep-alive"}}, 0));
  EXPECT_FALSE(KeepsAlive(Headers{{"Connection", "keep-alive"}, {"Connection", "close"}}, 1));
}

}  // namespace
}  // namespace capstan::net
