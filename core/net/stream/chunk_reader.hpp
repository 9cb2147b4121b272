// Private to core/net: a reader of the chunked coding of RFC 9112 7.1 that never mistakes a
// truncated body for a complete one. (Poco's chunked stream reports a truncated chunk, a bad size
// and a missing last chunk as a plain end.)
#pragma once

#include <cstdint>
#include <string_view>

#include <capstan/core/net/stream/buffered_reader.hpp>

namespace capstan::net {

class ChunkReader {
 public:
  explicit ChunkReader(BufferedReader& reader) : reader_(reader) {}
  // The next bytes as they arrive, valid until the next call; empty: the last chunk and the
  // trailers have been read. Can be called again after kDeadlineExceeded. Errors: kDataLoss, and
  // those of the source.
  Result<std::string_view> Next(Instant until);
  bool complete() const { return state_ == State::kComplete; }

 private:
  // The position in the coding.
  enum class State {
    kSize,      // before the line with a chunk's size
    kData,      // within a chunk
    kDataEnd,   // before the CRLF that follows a chunk
    kTrailers,  // after the last chunk, until an empty line
    kComplete,
  };
  Result<std::string_view> ReadLine(Instant until);
  Status ReadSize(Instant until);
  Status ReadDataEnd(Instant until);

  BufferedReader& reader_;
  State state_ = State::kSize;
  std::uint64_t left_ = 0;  // of this chunk
  int trailer_lines_ = 0;
};

}  // namespace capstan::net
