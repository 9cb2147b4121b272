#include <capstan/local/apiserver/admission/webhook_caller.hpp>

#include <algorithm>
#include <stop_token>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;

constexpr int kReviewDepth = 110;  // of a review, which adds levels to an object of the depth limit
constexpr std::size_t kTransports = 64;
constexpr Duration kLookInterval = std::chrono::milliseconds(500);

std::string UrlOf(const ObjectPtr& config) {
  std::string url = json::StringIn(config, "url").value_or("");
  if (const ObjectPtr service = json::ObjectIn(config, "service"); url.empty() && service) {
    url = StrCat("https://", json::StringIn(service, "name").value_or(""), ".",
                 json::StringIn(service, "namespace").value_or(""),
                 ".svc:", json::IntegerIn(service, "port").value_or(443),
                 json::StringIn(service, "path").value_or(""));
  }
  return url;
}

// As Go joins paths: no empty element, none of dots, no slash at the end. A webhook's server may
// answer the other spelling with a redirect, which nobody follows.
std::string WithCleanPath(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (start == std::string::npos) return url + "/";
  const std::size_t end = std::min(url.find('?', start), url.size());
  std::vector<std::string> elements;
  for (const std::string& element : Split(url.substr(start, end - start), '/')) {
    if (element == "..") {
      if (!elements.empty()) elements.pop_back();
    } else if (!element.empty() && element != ".") {
      elements.push_back(element);
    }
  }
  return StrCat(url.substr(0, start), "/", Join(elements, "/"), url.substr(end));
}

}  // namespace

Result<http::Transport*> WebhookCaller::TransportFor(const std::string& ca_pem) {
  MutexLock lock(mutex_);
  if (const auto found = connected_.find(ca_pem); found != connected_.end()) return found->second.get();
  if (!transports_) return Fail(Code::kUnavailable, "this server was started without a way to call webhooks");
  if (connected_.size() >= kTransports)
    return Fail(Code::kUnavailable, StrCat("webhooks of more than ", kTransports, " authorities"));
  CAPSTAN_TRY(std::unique_ptr<http::Transport> made, transports_(ca_pem));
  http::Transport* transport = made.get();
  connected_[ca_pem] = std::move(made);
  return transport;
}

// The client can disconnect while the webhook runs: a task polls for that and cancels the call.
Result<http::Response> WebhookCaller::Send(http::Transport& transport, const http::Request& call,
                                           std::chrono::seconds timeout, const Cancellation* cancellation) {
  if (!cancellation) return transport.Send(call, Context().Within(scheduler_, timeout));
  std::stop_source gone;
  const Task watch = scheduler_.Spawn("webhook-asker", [&](const Context& context) {
    while (scheduler_.Sleep(kLookInterval, context) != Woke::kStopped) {
      if (!cancellation->Requested()) continue;
      gone.request_stop();
      return;
    }
  });
  Context context;
  context.stop = gone.get_token();
  return transport.Send(call, context.Within(scheduler_, timeout));
}

Result<ObjectPtr> WebhookCaller::Post(const ObjectPtr& config, const ObjectPtr& review,
                                      std::chrono::seconds timeout, std::size_t limit,
                                      const Cancellation* cancellation) {
  std::string ca;
  (void)Base64Decode(json::StringIn(config, "caBundle").value_or(""), ca);
  CAPSTAN_TRY(http::Transport * transport, TransportFor(ca));
  http::Request call;
  call.method = "POST";
  const std::string url = WithCleanPath(UrlOf(config));
  call.url = StrCat(url, url.find('?') == std::string::npos ? "?" : "&", "timeout=", timeout.count(), "s");
  call.headers.Set("Content-Type", "application/json");
  call.headers.Set("Accept", "application/json, */*");
  call.body = json::ToText(review);
  auto answer = Send(*transport, call, timeout, cancellation);
  if (!answer) return Fail(answer.error().code, StrCat("Post \"", call.url, "\": ", answer.error().message));
  if (answer->status != 200) return Fail(Code::kUnavailable, StrCat("the server answered ", answer->status));
  if (answer->body.size() > limit)
    return Fail(Code::kTooLarge, StrCat("the answer is longer than ", limit, " bytes"));
  return json::ParseObject(answer->body, kReviewDepth);
}

}  // namespace capstan::apiserver
