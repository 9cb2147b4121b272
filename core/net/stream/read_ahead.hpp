// Private to core/net: bytes read from a socket that nothing has asked for yet.
//
// TLS reads a record in two pieces, its header and its body, and each event of a watch is a
// separate record. Therefore everything available is read from the socket in one call and handed on
// from here. OpenSSL's own read-ahead moves all bytes it holds to the front of its buffer for each
// record.
//
// Holds no memory while it is empty. No I/O. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

namespace capstan::net {

class ReadAhead {
 public:
  // Size of the first read, and the limit it grows to when reads fill it.
  static constexpr std::size_t kFirst = std::size_t{16} << 10;
  static constexpr std::size_t kMost = std::size_t{64} << 10;

  bool empty() const { return begin_ == end_; }
  // Where the next read puts its bytes; Received tells how many there were. REQUIRES: empty.
  std::span<char> Room() {
    if (!bytes_) bytes_ = std::make_unique_for_overwrite<char[]>(size_);
    return {bytes_.get(), size_};
  }
  void Received(std::size_t count) {
    begin_ = 0;
    end_ = count;
  }
  // Copies the next bytes, `size` at most, and returns their number.
  std::size_t Take(char* to, std::size_t size) {
    const std::size_t count = std::min(size, end_ - begin_);
    std::memcpy(to, bytes_.get() + begin_, count);
    begin_ += count;
    if (empty()) Release();
    return count;
  }
  // Frees the memory. REQUIRES: empty.
  void Release() {
    if (end_ == size_) size_ = std::min(4 * size_, kMost);
    begin_ = end_ = 0;
    bytes_.reset();
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = kFirst;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace capstan::net
