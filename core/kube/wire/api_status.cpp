#include <capstan/core/kube/wire/api_status.hpp>

#include <algorithm>
#include <chrono>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::kube {
namespace {

constexpr std::size_t kStatusMessageLimit =
    2000;  // validation messages list every field; a log line must stay readable
constexpr int kDepth = 64;

// Newlines would break one-line messages, and a full stop would separate the text that follows.
std::string OneLine(std::string_view text) {
  std::string line = Shorten(WithoutFullStop(text), kStatusMessageLimit);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return line;
}

json::ObjectPtr StatusIn(std::string_view text) {
  const auto object = json::ParseObject(text, kDepth);
  if (!object || json::StringIn(*object, "kind") != "Status") return {};
  return *object;
}

// A terminating namespace refuses creates with 403 Forbidden; only the cause gives the reason.
std::optional<std::string> TellingCause(const json::ObjectPtr& details) {
  const json::ArrayPtr causes = json::ArrayIn(details, "causes");
  if (!causes) return std::nullopt;
  for (const auto& cause : *causes) {
    auto reason = json::StringIn(json::AsObject(cause), "reason");
    if (reason == "NamespaceTerminating") return reason;
  }
  return std::nullopt;
}

void Refine(const json::ObjectPtr& status, std::string_view what, Error& error) {
  const json::ObjectPtr details = json::ObjectIn(status, "details");
  error.reason = json::StringIn(status, "reason").value_or("");
  if (error.reason == "AlreadyExists") error.code = Code::kAlreadyExists;
  if (error.reason == "Expired" || error.reason == "Gone") error.code = Code::kGone;
  if (error.reason == "Timeout") error.code = Code::kDeadlineExceeded;
  if (const auto cause = TellingCause(details)) error.reason = *cause;
  const std::string message = OneLine(json::StringIn(status, "message").value_or(""));
  if (!message.empty()) error.message = StrCat(what, ": ", message);
  const auto seconds = json::IntegerIn(details, "retryAfterSeconds");
  if (seconds && *seconds > 0 && !error.retry_after) {
    error.retry_after = std::chrono::seconds(std::min<std::int64_t>(*seconds, 86400));
  }
}

}  // namespace

Error ErrorFromAnswer(const http::Response& response, std::string_view what) {
  Error error = http::ErrorFromStatus(response, what);
  if (const json::ObjectPtr status = StatusIn(response.body)) {
    Refine(status, what, error);
  } else if (const std::string text = OneLine(Shorten(response.body, 300)); !text.empty()) {
    error.message += ": " + text;
  }
  return error;
}

Error ErrorFromStatusObject(std::string_view text, std::string_view what) {
  const json::ObjectPtr status = StatusIn(text);
  if (!status) {
    return MakeError(Code::kDataLoss, StrCat(what, ": the server sent an error that is no Status"),
                     Sent::kYes);
  }
  http::Response answer;
  answer.status =
      static_cast<int>(std::clamp<std::int64_t>(json::IntegerIn(status, "code").value_or(500), 400, 599));
  Error error = http::ErrorFromStatus(answer, what);
  Refine(status, what, error);
  return error;
}

std::optional<Error> FailureIn(std::string_view text, std::string_view what) {
  const json::ObjectPtr status = StatusIn(text);
  if (!status || json::StringIn(status, "status") != "Failure") return std::nullopt;
  return ErrorFromStatusObject(text, what);
}

}  // namespace capstan::kube
