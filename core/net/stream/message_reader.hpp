// Private to core/net: heads of HTTP/1.1 messages, and their bodies by each of the rules that
// define their end (RFC 9112 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <capstan/core/http/message.hpp>
#include <capstan/core/net/stream/chunk_reader.hpp>

namespace capstan::net {

inline constexpr std::size_t kHeadLimit = std::size_t{64} << 10;  // bytes of a line and of a whole head
inline constexpr int kFieldLimit = 200;                           // header fields

struct StatusLine {
  int status = 0;
  int minor = 1;  // HTTP/1.minor
};
// "HTTP/1.1 200 OK". Errors: kDataLoss.
Result<StatusLine> ParseStatusLine(std::string_view line);

struct RequestLine {
  std::string method, target;
  int minor = 1;
};
// "GET /path HTTP/1.1". Errors: kInvalidArgument.
Result<RequestLine> ParseRequestLine(std::string_view line);

// Header fields up to the empty line. Errors: kDataLoss (malformed), kTooLarge (too many), and
// those of the reader.
Result<http::Headers> ReadFields(BufferedReader& reader, Instant until);

// How the end of a body is determined.
enum class Framing { kNone, kLength, kChunked, kUntilClose };
struct BodyFrame {
  Framing framing = Framing::kNone;
  std::uint64_t length = 0;
};
// By RFC 9112 6.3, with the strict choice wherever it leaves one: exactly one Content-Length, or
// exactly the Transfer-Encoding "chunked" of HTTP/1.1, never both. Errors: kDataLoss (contradictory
// or unknown framing, which must not be guessed).
Result<BodyFrame> FrameOf(const http::Headers& headers, int minor);
// Whether the sender keeps the connection open after this message.
bool KeepsAlive(const http::Headers& headers, int minor);

class BodyReader {
 public:
  BodyReader(BufferedReader& reader, BodyFrame frame)
      : reader_(reader), frame_(frame), left_(frame.length), chunks_(reader) {}
  // The next bytes, valid until the next call; empty at the proper end. Can be called again after
  // kDeadlineExceeded.
  Result<std::string_view> Next(Instant until);
  bool complete() const { return complete_; }

 private:
  BufferedReader& reader_;
  BodyFrame frame_;
  std::uint64_t left_;
  ChunkReader chunks_;
  bool complete_ = false;
};

}  // namespace capstan::net
