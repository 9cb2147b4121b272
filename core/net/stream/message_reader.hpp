// Private to core/net: heads of HTTP/1.1 messages, and their bodies by whatever rule says where
// they end (RFC 9112 6).
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

// How a body's end is known.
enum class Framing { kNone, kLength, kChunked, kUntilClose };
struct BodyFrame {
  Framing framing = Framing::kNone;
  std::uint64_t length = 0;
};
// By RFC 9112 6.3, where it leaves a choice the strict one: one Content-Length, or the one
// Transfer-Encoding "chunked" of HTTP/1.1, never both. Errors: kDataLoss (contradicting or unknown
// framing; it must not be guessed at).
Result<BodyFrame> FrameOf(const http::Headers& headers, int minor);
// Whether the sender keeps the connection open behind this message.
bool KeepsAlive(const http::Headers& headers, int minor);

class BodyReader {
 public:
  BodyReader(BufferedReader& reader, BodyFrame frame)
      : reader_(reader), frame_(frame), left_(frame.length), chunks_(reader) {}
  // The next bytes, valid until the next call; empty at the proper end. After kDeadlineExceeded it
  // may be called again.
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
