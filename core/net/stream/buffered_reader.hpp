// Private to core/net: bytes of a ByteSource, looked at before they are taken. For one thread; the
// source must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <capstan/core/net/stream/channel.hpp>

namespace capstan::net {

class BufferedReader {
 public:
  explicit BufferedReader(ByteSource& source, std::size_t size = std::size_t{64} << 10)
      : source_(source), limit_(size) {}

  // What is here now. Valid until the next Fill.
  std::string_view held() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void Take(std::size_t count) { begin_ += count; }
  // Gives the memory back, unless bytes are held: a connection may be idle for long.
  void Trim();
  // Bytes that came from the source so far.
  std::uint64_t received() const { return received_; }
  // Reads more behind what is held. False at the end of the source. Errors: those of the source;
  // kTooLarge when the buffer is full of bytes nobody took.
  Result<bool> Fill(Instant until);
  // The next line without its end, which is CRLF and nothing else. Errors: those of Fill; kDataLoss
  // when the source ends within it or it ends in a bare LF; kTooLarge when it is longer than
  // `limit`. The text is valid until the next call.
  Result<std::string_view> Line(std::size_t limit, Instant until);

 private:
  // Room for at least one more byte. Errors: kTooLarge.
  Status MakeRoom();

  ByteSource& source_;  // must outlive this
  const std::size_t limit_;
  std::vector<char> buffer_;  // grows when it was filled, up to limit_
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace capstan::net
