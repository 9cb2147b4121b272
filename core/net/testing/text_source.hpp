// For the tests of this folder: a ByteSource that reads from a string.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>

#include <capstan/core/net/stream/channel.hpp>

namespace capstan::net {

// Returns a text in pieces of a given size, then ends.
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

}  // namespace capstan::net
