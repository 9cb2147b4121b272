#include <capstan/core/net/stream/buffered_reader.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace capstan::net {
namespace {

// Most responses are shorter. A long one fills the buffer, which then grows.
constexpr std::size_t kFirstSize = std::size_t{4} << 10;

}  // namespace

void BufferedReader::Resize(std::size_t size) {
  auto buffer = std::make_unique_for_overwrite<char[]>(size);
  if (begin_ != end_) std::memcpy(buffer.get(), buffer_.get() + begin_, end_ - begin_);
  buffer_ = std::move(buffer);
  size_ = size;
  end_ -= begin_;
  begin_ = 0;
}

Status BufferedReader::MakeRoom() {
  if (!buffer_) Resize(std::min(kFirstSize, limit_));
  if (end_ < size_ && begin_ != end_) return {};
  const bool was_filled = end_ == size_;
  if (was_filled && size_ < limit_) Resize(std::min(4 * size_, limit_));
  if (begin_ != 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == size_) return Fail(Code::kTooLarge, "the answer has a line longer than we read");
  return {};
}

void BufferedReader::Trim() {
  if (begin_ != end_) return;
  begin_ = end_ = size_ = 0;
  buffer_.reset();
}

Result<bool> BufferedReader::Fill(Instant until) {
  CAPSTAN_RETURN_IF_ERROR(MakeRoom());
  CAPSTAN_TRY(std::size_t got, source_.Read(buffer_.get() + end_, size_ - end_, until));
  end_ += got;
  received_ += got;
  return got > 0;
}

Result<std::string_view> BufferedReader::Line(std::size_t limit, Instant until) {
  std::size_t looked = 0;
  for (;;) {
    auto bytes = held();
    auto newline = bytes.find('\n', looked);
    if (newline != std::string_view::npos && newline <= limit) {
      Take(newline + 1);
      if (newline == 0 || bytes[newline - 1] != '\r')
        return Fail(Code::kDataLoss, "a line of the HTTP message does not end in CRLF");
      return bytes.substr(0, newline - 1);
    }
    if (bytes.size() > limit) return Fail(Code::kTooLarge, "a line of the HTTP message is too long");
    looked = bytes.size();
    CAPSTAN_TRY(bool more, Fill(until));
    if (!more) return Fail(Code::kDataLoss, "the HTTP message ends in the middle of a line");
  }
}

}  // namespace capstan::net
