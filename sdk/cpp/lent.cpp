#include <capstan/sdk/cpp/lent.hpp>

#include <limits>
#include <memory>
#include <string>

#include <capstan/sdk/cpp/marshal.hpp>

namespace capstan::sdk {
namespace {

// The call that this thread serves. Hidden in each plugin, so that plugins do not share it.
thread_local CallScope* current_call = nullptr;

class HeldBody final : public http::ByteStream {
 public:
  explicit HeldBody(std::string body) : body_(std::move(body)) {}
  Result<std::string_view> Read(const Context& context) override {
    if (context.stopped()) return Fail(Code::kCancelled, "reading the answer was cancelled");
    if (read_) return std::string_view();
    read_ = true;
    return std::string_view(body_);
  }

 private:
  std::string body_;
  bool read_ = false;
};

}  // namespace

CallScope::CallScope(const capstan_host_t* host, capstan_call_t* call)
    : host_(host), call_(call), outer_(current_call) {
  current_call = this;
  Poll();
}

CallScope::~CallScope() { current_call = outer_; }

CallScope* CallScope::Current() { return current_call; }

Context CallScope::context() const {
  const std::int64_t deadline = host_->deadline_ns(call_);
  const bool limited = deadline != std::numeric_limits<std::int64_t>::max();
  return Context{stop_.get_token(), limited ? Instant(Duration(deadline)) : kForever};
}

void CallScope::Poll() {
  if (host_->cancelled(call_) != 0) stop_.request_stop();
}

Result<http::Response> LentTransport::Send(const http::Request& request, const Context& context) {
  CallScope* scope = CallScope::Current();
  if (scope == nullptr) {
    return Fail(Code::kInternal,
                "HTTP is lent only during a call of the host and on its thread; send it from there");
  }
  scope->Poll();
  if (context.stopped()) return Fail(Code::kCancelled, "the request was cancelled before it was sent");
  capstan_http_request_t* asked = CallMemory(host_, scope->call()).Put(request);
  if (context.deadline != kForever) asked->deadline_ns = context.deadline.time_since_epoch().count();
  capstan_http_response_t* response = nullptr;
  capstan_error_t* error = nullptr;
  const std::int32_t sent = host_->http(scope->call(), asked, &response, &error);
  scope->Poll();
  if (sent == CAPSTAN_ANSWERED && response != nullptr) return Take(response);
  return Fail(Take(error));
}

Result<http::StreamResponse> LentTransport::Open(const http::Request& request, const Context& context) {
  CAPSTAN_TRY(http::Response response, Send(request, context));
  return http::StreamResponse{response.status, std::move(response.headers),
                              std::make_unique<HeldBody>(std::move(response.body))};
}

Instant LentClock::Now() const {
  if (CallScope* scope = CallScope::Current()) scope->Poll();
  return Instant(Duration(host_->monotonic_ns(host_)));
}

WallTime LentClock::WallNow() const { return WallTime(Duration(host_->wall_ns(host_))); }

void LentLog::Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
  std::vector<capstan_entry_t> entries;
  entries.reserve(fields.size());
  for (const LogField& field : fields) {
    entries.push_back({{field.key.data(), field.key.size()}, {field.value.data(), field.value.size()}});
  }
  host_->log(host_, static_cast<std::int32_t>(level), {message.data(), message.size()}, entries.data(),
             entries.size());
}

}  // namespace capstan::sdk
