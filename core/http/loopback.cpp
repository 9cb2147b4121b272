#include <capstan/core/http/loopback.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/collecting_writer.hpp>

namespace capstan::http {
namespace {

Failure Refused(const std::string& url) {
  return Fail(Code::kUnavailable, StrCat("cannot reach ", Shorten(url, 200), ": connection refused"));
}

Failure Ended(Woke woke, Sent sent, const std::string& url) {
  return Fail(
      woke == Woke::kStopped ? Code::kCancelled : Code::kDeadlineExceeded,
      StrCat(woke == Woke::kStopped ? "stopped while asking " : "no answer in time from ", Shorten(url, 200)),
      sent);
}

// Shared by a handler's task and the reader of its stream.
struct Channel {
  // Guarded by mutex.
  Mutex mutex;
  Event changed;
  bool head CAPSTAN_GUARDED_BY(mutex) = false;
  bool ended CAPSTAN_GUARDED_BY(mutex) = false;    // the handler returned
  bool aborted CAPSTAN_GUARDED_BY(mutex) = false;  // likewise, after an abort of the body
  bool closed CAPSTAN_GUARDED_BY(mutex) = false;   // the reader is gone
  int status CAPSTAN_GUARDED_BY(mutex) = 0;
  Headers headers CAPSTAN_GUARDED_BY(mutex);
  std::string bytes CAPSTAN_GUARDED_BY(mutex);
};

class ChannelWriter final : public ResponseWriter {
 public:
  ChannelWriter(Channel& channel, Scheduler& scheduler, std::size_t limit, const Context& context)
      : channel_(channel), scheduler_(scheduler), limit_(limit), context_(context) {}

  Status Respond(const Response& response) override {
    CAPSTAN_RETURN_IF_ERROR(Begin(response.status, response.headers));
    return response.body.empty() ? Status() : Write(response.body);
  }
  Status Begin(int status, const Headers& headers) override {
    MutexLock lock(channel_.mutex);
    channel_.status = status;
    channel_.headers = headers;
    channel_.head = true;
    scheduler_.Notify(channel_.changed);
    return {};
  }
  Status Write(std::string_view bytes) override {
    MutexLock lock(channel_.mutex);
    while (!channel_.closed && !channel_.bytes.empty() && channel_.bytes.size() + bytes.size() > limit_) {
      if (scheduler_.Wait(channel_.changed, lock, kForever, context_) == Woke::kStopped) break;
    }
    if (channel_.closed || context_.stopped()) return Fail(Code::kCancelled, "the client closed its stream");
    channel_.bytes += bytes;
    scheduler_.Notify(channel_.changed);
    return {};
  }
  void Abort() override {
    MutexLock lock(channel_.mutex);
    channel_.aborted = true;
    scheduler_.Notify(channel_.changed);
  }
  bool ClientGone() override {
    MutexLock lock(channel_.mutex);
    return channel_.closed;
  }

 private:
  Channel& channel_;
  Scheduler& scheduler_;
  const std::size_t limit_;
  const Context context_;
};

class ChannelStream final : public ByteStream {
 public:
  ChannelStream(Scheduler& scheduler, std::shared_ptr<Channel> channel, Task task, std::stop_token opener,
                std::string url)
      : scheduler_(scheduler),
        channel_(std::move(channel)),
        task_(std::move(task)),
        opener_(std::move(opener)),
        url_(std::move(url)) {}
  ~ChannelStream() override {
    {
      MutexLock lock(channel_->mutex);
      channel_->closed = true;
      scheduler_.Notify(channel_->changed);
    }
    // The destructor of task_ stops and joins it after this, without a lock held.
  }

  Result<std::string_view> Read(const Context& context) override {
    AssertNoLocksHeld("ByteStream::Read");
    // A stop of the context that opened the stream ends it too, regardless of this read's context.
    std::stop_callback wake(opener_, [this] {
      MutexLock lock(channel_->mutex);
      scheduler_.Notify(channel_->changed);
    });
    MutexLock lock(channel_->mutex);
    for (;;) {
      if (opener_.stop_requested()) return Ended(Woke::kStopped, Sent::kYes, url_);
      if (!channel_->bytes.empty()) {
        current_ = std::exchange(channel_->bytes, {});
        scheduler_.Notify(channel_->changed);
        return std::string_view(current_);
      }
      if (channel_->aborted) return Cut();
      if (channel_->ended) return std::string_view();
      const Woke woke = scheduler_.Wait(channel_->changed, lock, kForever, context);
      if (woke != Woke::kNotified) return Ended(woke, Sent::kYes, url_);
    }
  }

 private:
  Failure Cut() const {
    return Fail(Code::kDataLoss, StrCat("the answer of ", Shorten(url_, 200), " was cut before its end"),
                Sent::kYes);
  }

  Scheduler& scheduler_;
  std::shared_ptr<Channel> channel_;
  Task task_;
  const std::stop_token opener_;
  const std::string url_;
  std::string current_;
};

// One direction between client and server: ends at the deadline or with a stop.
Status Travel(Scheduler& scheduler, Duration latency, const Context& context, Sent sent,
              const std::string& url) {
  const Woke woke = scheduler.Sleep(latency, context);
  if (woke != Woke::kStopped && scheduler.Now() < context.deadline) return {};
  return Ended(woke, sent, url);
}

}  // namespace

LoopbackTransport::LoopbackTransport(Scheduler& scheduler, LoopbackOptions options)
    : scheduler_(scheduler), options_(options) {}

LoopbackTransport::~LoopbackTransport() = default;

void LoopbackTransport::Route(const std::string& authority, Handler* handler) {
  MutexLock lock(mutex_);
  if (handler == nullptr) {
    routes_.erase(authority);
  } else {
    routes_[authority] = handler;
  }
}

Handler* LoopbackTransport::Find(const std::string& url) {
  const auto parsed = ParseUrl(url);
  if (!parsed) return nullptr;
  MutexLock lock(mutex_);
  const auto found = routes_.find(parsed->authority());
  return found == routes_.end() ? nullptr : found->second;
}

Result<Response> LoopbackTransport::Send(const Request& request, const Context& context) {
  AssertNoLocksHeld("Transport::Send");
  CAPSTAN_RETURN_IF_ERROR(ParseUrl(request.url));
  CAPSTAN_RETURN_IF_ERROR(Travel(scheduler_, options_.latency, context, Sent::kNo, request.url));
  Handler* handler = Find(request.url);
  if (handler == nullptr) return Refused(request.url);
  CollectingWriter writer;
  handler->Handle(request, writer, context);
  CAPSTAN_RETURN_IF_ERROR(Travel(scheduler_, options_.latency, context, Sent::kMaybe, request.url));
  if (writer.aborted()) {
    return Fail(Code::kDataLoss,
                StrCat("the answer of ", Shorten(request.url, 200), " was cut before its end"), Sent::kMaybe);
  }
  if (!writer.begun()) return Response{500, {}, "the handler gave no answer"};
  Response response = writer.Take();
  if (response.body.size() > request.response_limit) {
    return Fail(Code::kTooLarge,
                StrCat("the answer of ", Shorten(request.url, 200), " is larger than ",
                       request.response_limit, " bytes"),
                Sent::kYes);
  }
  return response;
}

Result<StreamResponse> LoopbackTransport::Open(const Request& request, const Context& context) {
  AssertNoLocksHeld("Transport::Open");
  CAPSTAN_RETURN_IF_ERROR(ParseUrl(request.url));
  CAPSTAN_RETURN_IF_ERROR(Travel(scheduler_, options_.latency, context, Sent::kNo, request.url));
  Handler* handler = Find(request.url);
  if (handler == nullptr) return Refused(request.url);
  auto channel = std::make_shared<Channel>();
  Task task =
      scheduler_.Spawn("http " + request.method, [this, handler, request, channel](const Context& stream) {
        ChannelWriter writer(*channel, scheduler_, options_.stream_buffer, stream);
        handler->Handle(request, writer, stream);
        MutexLock lock(channel->mutex);
        if (!channel->head) {
          channel->status = 500;
          channel->head = true;
        }
        channel->ended = true;
        scheduler_.Notify(channel->changed);
      });
  StreamResponse response;
  Woke woke = Woke::kNotified;
  {
    MutexLock lock(channel->mutex);
    while (woke == Woke::kNotified && !channel->head && !channel->aborted)
      woke = scheduler_.Wait(channel->changed, lock, kForever, context);
    if (woke != Woke::kNotified) {
      channel->closed = true;
      scheduler_.Notify(channel->changed);
    }
    response.status = channel->status;
    response.headers = channel->headers;
  }
  if (woke != Woke::kNotified) {
    task = Task();  // waits for the handler without the lock
    return Ended(woke, Sent::kMaybe, request.url);
  }
  response.body = std::make_unique<ChannelStream>(scheduler_, std::move(channel), std::move(task),
                                                  context.stop, request.url);
  return response;
}

}  // namespace capstan::http
