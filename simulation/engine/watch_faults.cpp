#include <capstan/simulation/engine/watch_faults.hpp>

#include <deque>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>

namespace capstan::simulation {
namespace {

std::string NameIn(const std::string& line) {
  return json::StringAt(line, "/object/metadata/name").value_or(std::nullopt).value_or("");
}
bool IsBookmark(const std::string& line) { return line.find("\"BOOKMARK\"") != std::string::npos; }

class FaultyWatch final : public http::ByteStream {
 public:
  FaultyWatch(std::unique_ptr<http::ByteStream> next, std::shared_ptr<WatchFaults> faults,
              Scheduler& scheduler)
      : next_(std::move(next)), faults_(std::move(faults)), scheduler_(scheduler) {}

  Result<std::string_view> Read(const Context& context) override {
    for (;;) {
      if (!ready_.empty()) {
        current_ = std::move(ready_.front());
        ready_.pop_front();
        return std::string_view(current_);
      }
      CAPSTAN_TRY(const auto line, NextLine(context));
      if (!line) return std::string_view();
      CAPSTAN_RETURN_IF_ERROR(Show(*line, context));
    }
  }

 private:
  // The next complete event; nullopt at the end. A last line without a line end is returned as it
  // is.
  Result<std::optional<std::string>> NextLine(const Context& context) {
    for (;;) {
      const auto end = pending_.find('\n');
      if (end != std::string::npos) {
        std::string line = pending_.substr(0, end + 1);
        pending_.erase(0, end + 1);
        return std::optional<std::string>(std::move(line));
      }
      CAPSTAN_TRY(const std::string_view bytes, next_->Read(context));
      if (faults_->dead) return Fail(Code::kCancelled, "this life of the operator is over");
      if (bytes.empty()) {
        if (pending_.empty()) return std::optional<std::string>();
        return std::optional<std::string>(std::exchange(pending_, {}));
      }
      pending_ += bytes;
    }
  }

  Status Show(const std::string& line, const Context& context) {
    if (scheduler_.Now() < faults_->delay_until) {
      if (scheduler_.Sleep(faults_->delay, context) == Woke::kStopped)
        return Fail(Code::kCancelled, "stopped");
    }
    if (!IsBookmark(line)) {
      if (faults_->lost > 0) {
        --faults_->lost;
        return Fail(Code::kUnavailable, "the watch was cut");
      }
      if (faults_->swapped > 0) {
        --faults_->swapped;
        return ShowSwapped(line, context);
      }
      if (faults_->twice > 0) {
        --faults_->twice;
        ready_.push_back(line);
      }
    }
    ready_.push_back(line);
    return {};
  }

  // Events of one object are never reordered: no server does that.
  Status ShowSwapped(const std::string& line, const Context& context) {
    auto other = NextLine(context.Within(scheduler_, std::chrono::seconds(2)));
    if (!other) {
      ready_.push_back(line);
      return other.error().code == Code::kDeadlineExceeded ? Status() : Status(Fail(other.error()));
    }
    const bool swap = *other && !IsBookmark(**other) && NameIn(**other) != NameIn(line);
    if (swap) ready_.push_back(**other);
    ready_.push_back(line);
    if (!swap && *other) ready_.push_back(**other);
    return {};
  }

  const std::unique_ptr<http::ByteStream> next_;
  const std::shared_ptr<WatchFaults> faults_;
  Scheduler& scheduler_;
  std::string pending_, current_;
  std::deque<std::string> ready_;
};

// Passes a list on and records it when it is complete.
class KeptList final : public http::ByteStream {
 public:
  KeptList(std::unique_ptr<http::ByteStream> next, std::string url, http::Response head,
           std::shared_ptr<WatchFaults> faults)
      : next_(std::move(next)), url_(std::move(url)), whole_(std::move(head)), faults_(std::move(faults)) {}
  Result<std::string_view> Read(const Context& context) override {
    CAPSTAN_TRY(const std::string_view bytes, next_->Read(context));
    if (faults_->dead) return Fail(Code::kCancelled, "this life of the operator is over");
    whole_.body += bytes;
    if (bytes.empty()) faults_->KeepList(url_, whole_);
    return bytes;
  }

 private:
  const std::unique_ptr<http::ByteStream> next_;
  const std::string url_;
  http::Response whole_;
  const std::shared_ptr<WatchFaults> faults_;
};

class WholeBody final : public http::ByteStream {
 public:
  WholeBody(std::string text, bool cut) : text_(std::move(text)), cut_(cut) {}
  Result<std::string_view> Read(const Context&) override {
    if (!read_) {
      read_ = true;
      return std::string_view(text_);
    }
    if (!cut_) return std::string_view();
    return Fail(Code::kDataLoss, "the answer was cut before its end", Sent::kYes);
  }

 private:
  const std::string text_;
  const bool cut_;
  bool read_ = false;
};

}  // namespace

std::optional<http::Response> WatchFaults::OlderList(const std::string& url) {
  const auto found = lists_.find(url);
  if (!older_list || found == lists_.end()) return std::nullopt;
  older_list = false;
  return found->second;
}

http::StreamResponse WithFaults(http::StreamResponse next, const std::string& url,
                                std::shared_ptr<WatchFaults> faults, Scheduler& scheduler) {
  if (next.status != 200) return next;
  if (url.find("watch=") != std::string::npos) {
    next.body = std::make_unique<FaultyWatch>(std::move(next.body), std::move(faults), scheduler);
  } else {
    http::Response head{next.status, next.headers, ""};
    next.body = std::make_unique<KeptList>(std::move(next.body), url, std::move(head), std::move(faults));
  }
  return next;
}

http::StreamResponse CutInHalf(http::StreamResponse next, const Context& context) {
  std::string text;
  for (auto bytes = next.body->Read(context); bytes && !bytes->empty(); bytes = next.body->Read(context))
    text += *bytes;
  text.resize(text.size() / 2);
  next.body = std::make_unique<WholeBody>(std::move(text), true);
  return next;
}

http::StreamResponse WholeStream(http::Response response) {
  http::StreamResponse stream;
  stream.status = response.status;
  stream.headers = response.headers;
  stream.body = std::make_unique<WholeBody>(std::move(response.body), false);
  return stream;
}

}  // namespace capstan::simulation
