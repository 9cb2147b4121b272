#include <capstan/core/kube/wire/watch_frames.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/wire/api_status.hpp>

namespace capstan::kube {
namespace {

Failure Malformed(std::string_view what, std::string_view reason) {
  return Fail(Code::kDataLoss, StrCat(what, ": a malformed event: ", reason), Sent::kYes);
}

std::optional<WatchEventType> TypeOf(std::string_view word) {
  if (word == "\"ADDED\"") return WatchEventType::kAdded;
  if (word == "\"MODIFIED\"") return WatchEventType::kModified;
  if (word == "\"DELETED\"") return WatchEventType::kDeleted;
  if (word == "\"BOOKMARK\"") return WatchEventType::kBookmark;
  return std::nullopt;
}

}  // namespace

WatchFrames::WatchFrames(std::string what, std::size_t line_limit)
    : what_(std::move(what)), line_limit_(line_limit) {}

void WatchFrames::Feed(std::string_view bytes) {
  // Returned lines are erased here, so that a burst of small events moves the buffer once.
  bytes_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  bytes_ += bytes;
}

Result<std::optional<WatchEvent>> WatchFrames::Next() {
  for (;;) {
    const std::size_t end = bytes_.find('\n', scanned_);
    const std::size_t length = (end == std::string::npos ? bytes_.size() : end) - begin_;
    if (length > line_limit_) {
      return Fail(Code::kTooLarge, StrCat(what_, ": an event is larger than ", line_limit_, " bytes"));
    }
    if (end == std::string::npos) {
      scanned_ = bytes_.size();
      return std::optional<WatchEvent>();
    }
    const std::string_view line = Trim(std::string_view(bytes_).substr(begin_, length));
    begin_ = scanned_ = end + 1;
    if (line.empty()) continue;
    CAPSTAN_TRY(WatchEvent event, Parse(line));
    return std::optional<WatchEvent>(std::move(event));
  }
}

Result<WatchEvent> WatchFrames::Parse(std::string_view line) const {
  const auto members = json::Members(line);
  if (!members) return Malformed(what_, members.error().message);
  std::string_view type, object;
  for (const auto& [key, value] : *members) {
    if (key == "type") type = value;
    if (key == "object") object = value;
  }
  if (object.empty() || object.front() != '{') return Malformed(what_, "it has no object");
  if (type == "\"ERROR\"") return Fail(ErrorFromStatusObject(object, what_));
  const auto known = TypeOf(type);
  if (!known) return Malformed(what_, StrCat("its type is ", type.empty() ? "missing" : Shorten(type, 40)));
  return WatchEvent{*known, std::string(object)};
}

Status WatchFrames::Finish() const {
  if (Trim(std::string_view(bytes_).substr(begin_)).empty()) return {};
  return Malformed(what_, "the stream ends in the middle of it");
}

}  // namespace capstan::kube
