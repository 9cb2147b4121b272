// Private to this folder: converts the lines of a watch to events. No I/O. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <capstan/core/kube/client.hpp>

namespace capstan::kube {

class WatchFrames {
 public:
  // `what` names the watch in errors. A line above `line_limit` bytes is kTooLarge.
  explicit WatchFrames(std::string what, std::size_t line_limit = std::size_t{64} << 20);

  // Adds bytes as they arrived, split anywhere.
  void Feed(std::string_view bytes);
  // The next complete event, or nothing: feed more. Errors: the Status of an ERROR event,
  // kDataLoss, kTooLarge.
  Result<std::optional<WatchEvent>> Next();
  // At the end of the body: kDataLoss when an unfinished line is left.
  Status Finish() const;

 private:
  Result<WatchEvent> Parse(std::string_view line) const;
  const std::string what_;
  const std::size_t line_limit_;
  std::string bytes_;
  std::size_t begin_ = 0;    // of the first line not yet returned
  std::size_t scanned_ = 0;  // no line ends before this
};

}  // namespace capstan::kube
