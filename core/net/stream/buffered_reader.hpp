// Private to core/net: reads from a ByteSource with lookahead. For one thread; the source must
// outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <capstan/core/net/stream/channel.hpp>

namespace capstan::net {

class BufferedReader {
 public:
  explicit BufferedReader(ByteSource& source, std::size_t size = std::size_t{64} << 10)
      : source_(source), limit_(size) {}

  // The buffered bytes. Valid until the next Fill.
  std::string_view held() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void Take(std::size_t count) { begin_ += count; }
  // Releases the buffer unless it contains bytes: a connection may be idle for long.
  void Trim();
  // Bytes received from the source so far.
  std::uint64_t received() const { return received_; }
  // Reads more bytes behind the buffered ones. False at the end of the source. Errors: those of the
  // source; kTooLarge when the buffer is full of unconsumed bytes.
  Result<bool> Fill(Instant until);
  // The next line without its terminator, which must be CRLF. Errors: those of Fill; kDataLoss when
  // the source ends within the line or the line ends in a bare LF; kTooLarge when it is longer than
  // `limit`. The text is valid until the next call.
  Result<std::string_view> Line(std::size_t limit, Instant until);

 private:
  // Makes room for at least one more byte. Errors: kTooLarge.
  Status MakeRoom();
  // Moves the buffered bytes to the front of a new buffer.
  void Resize(std::size_t size);

  ByteSource& source_;  // must outlive this
  const std::size_t limit_;
  std::unique_ptr<char[]> buffer_;  // grows whenever it is full, up to limit_
  std::size_t size_ = 0;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace capstan::net
