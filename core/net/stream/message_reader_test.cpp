#include <capstan/core/net/stream/message_reader.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace capstan::net {
namespace {

// Hands out a text in pieces of a given size, then ends (or fails).
class TextSource final : public ByteSource {
 public:
  TextSource(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Result<std::size_t> Read(char* to, std::size_t size, Instant) override {
    auto count = std::min({size, piece_, text_.size() - at_});
    std::memcpy(to, text_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t piece_, at_ = 0;
};

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
  const std::string wire = "5\r\nhello\r\n1;name=value\r\n \r\nA \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
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
        "FFFFFFFFFFFFFFFFF\r\n", "0x5\r\nhello\r\n0\r\n\r\n"}) {
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
                           "SSH-2.0-OpenSSH", "HTTP/1.1  200 OK"})
    EXPECT_FALSE(ParseStatusLine(line)) << line;
}

TEST(RequestLine, IsReadStrictly) {
  EXPECT_EQ(ParseRequestLine("GET /a?b=c HTTP/1.1")->target, "/a?b=c");
  for (const char* line : {"", "GET", "GET /", "GET / HTTP/2.0", "G T / HTTP/1.1", "GET /a b HTTP/1.1",
                           "GET /\x01 HTTP/1.1", "(GET) / HTTP/1.1"})
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
  std::string flood;
  for (int i = 0; i < 300; ++i) flood += "X: y\r\n";
  EXPECT_FALSE(read(flood + "\r\n"));
  EXPECT_FALSE(read("X: " + std::string(70000, 'y') + "\r\n\r\n"));
}

TEST(FrameOf, RefusesContradictions) {
  using http::Headers;
  EXPECT_EQ(FrameOf(Headers{{"Content-Length", "5"}, {"content-length", "5"}})->length, 5u);
  EXPECT_EQ(FrameOf(Headers{{"Content-Length", "5"}, {"Transfer-Encoding", "Chunked"}})->framing,
            Framing::kChunked);
  EXPECT_EQ(FrameOf(Headers{})->framing, Framing::kUntilClose);
  EXPECT_FALSE(FrameOf(Headers{{"Content-Length", "5"}, {"Content-Length", "6"}}));
  EXPECT_FALSE(FrameOf(Headers{{"Content-Length", "5x"}}));
  EXPECT_FALSE(FrameOf(Headers{{"Content-Length", "-1"}}));
  EXPECT_FALSE(FrameOf(Headers{{"Transfer-Encoding", "gzip"}}));
}

TEST(KeepsAlive, FollowsVersionAndConnectionHeader) {
  using http::Headers;
  EXPECT_TRUE(KeepsAlive(Headers{}, 1));
  EXPECT_FALSE(KeepsAlive(Headers{{"Connection", "foo, Close"}}, 1));
  EXPECT_FALSE(KeepsAlive(Headers{}, 0));
  EXPECT_TRUE(KeepsAlive(Headers{{"Connection", "keep-alive"}}, 0));
}

}  // namespace
}  // namespace capstan::net
