#include <capstan/testing/wire/wire.hpp>

#include <memory>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>

namespace capstan::testing {
namespace {

using What = Trouble::Verdict::What;

Failure Broken(Code code, Sent sent, std::string message) { return Fail(code, std::move(message), sent); }

Failure Dead() { return Broken(Code::kCancelled, Sent::kNo, "this life of the operator is over"); }

const char* ReasonFor(int status) {
  switch (status) {
    case 400:
      return "BadRequest";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 409:
      return "Conflict";
    case 410:
      return "Expired";
    case 422:
      return "Invalid";
    case 429:
      return "TooManyRequests";
    case 503:
      return "ServiceUnavailable";
    case 504:
      return "Timeout";
    default:
      return "InternalError";
  }
}

// A refusal in the format of Kubernetes' API server.
http::Response Refusal(int status, const std::string& message) {
  http::Response response;
  response.status = status;
  response.headers.Set("Content-Type", "application/json");
  response.body =
      StrCat(R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":)",
             json::Quote(message), R"(,"reason":")", ReasonFor(status), R"(","code":)", status, "}");
  return response;
}

std::string Forbidden(const RequestVerb& request) {
  const std::size_t dot = request.resource.find('.');
  return StrCat(request.resource, request.name.empty() ? "" : " \"" + request.name + "\"",
                " is forbidden: User \"operator\" cannot ", request.verb, " resource \"",
                request.resource.substr(0, dot), "\" in API group \"",
                dot == std::string::npos ? "" : request.resource.substr(dot + 1), "\"");
}

// A body that is complete from the start.
class WholeBody final : public http::ByteStream {
 public:
  explicit WholeBody(std::string body) : body_(std::move(body)) {}
  Result<std::string_view> Read(const Context&) override {
    return std::exchange(read_, true) ? std::string_view() : std::string_view(body_);
  }

 private:
  std::string body_;
  bool read_ = false;
};

}  // namespace

// Breaks when its instance crashes or the wire is cut.
class Wire::Stream final : public http::ByteStream {
 public:
  Stream(Wire& wire, std::unique_ptr<http::ByteStream> next)
      : wire_(wire), next_(std::move(next)), breaks_(wire.trouble_.breaks()) {}

  Result<std::string_view> Read(const Context& context) override {
    for (;;) {
      if (wire_.dead_) return Dead();
      if (wire_.trouble_.breaks() != breaks_)
        return Broken(Code::kUnavailable, Sent::kYes, "the connection was cut");
      if (wire_.patience_ == Duration::zero()) return next_->Read(context);
      const Context slice = context.Within(wire_.scheduler_, wire_.patience_);
      auto piece = next_->Read(slice);
      const bool patient = !piece && piece.error().code == Code::kDeadlineExceeded &&
                           wire_.scheduler_.Now() < context.deadline;
      if (!patient) return piece;
    }
  }

 private:
  Wire& wire_;
  const std::unique_ptr<http::ByteStream> next_;
  const std::uint64_t breaks_;
};

void Wire::Note(const RequestVerb& verb, const std::string& result) {
  trouble_.Note(life_, verb, scheduler_.Now(), result);
}

Result<http::Response> Wire::Meet(const Trouble::Verdict& verdict, const RequestVerb& verb,
                                  const http::Request& request, const Context& context) {
  switch (verdict.what) {
    case What::kPass:
      return next_.Send(request, context);
    case What::kCut:
      return Broken(Code::kUnavailable, Sent::kNo, "the connection was cut");
    case What::kForbid:
      return Refusal(403, Forbidden(verb));
    case What::kExpire:
      return Refusal(410, "too old resource version");
    case What::kDie: {
      (void)next_.Send(request, context);
      dead_ = true;
      return Dead();
    }
    case What::kFail:
      break;
  }
  if (verdict.failure.committed) {
    auto done = next_.Send(request, context);
    if (!done) return done;
  }
  if (verdict.failure.status != 0)
    return Refusal(verdict.failure.status, "a failure that the test asked for");
  return Broken(Code::kUnavailable, verdict.failure.committed ? Sent::kMaybe : Sent::kNo,
                "the connection broke");
}

Result<http::Response> Wire::Send(const http::Request& request, const Context& context) {
  if (dead_ || context.stopped()) return Dead();
  const RequestVerb verb = VerbOf(request);
  auto answer = Meet(trouble_.Judge(life_, verb), verb, request, context);
  Note(verb, answer ? StrCat(answer->status) : answer.error().message);
  if (dead_) return Dead();
  return answer;
}

Result<http::StreamResponse> Wire::Open(const http::Request& request, const Context& context) {
  if (dead_ || context.stopped()) return Dead();
  const RequestVerb verb = VerbOf(request);
  const Trouble::Verdict verdict = trouble_.Judge(life_, verb);
  if (verdict.what == What::kPass) {
    auto opened = next_.Open(request, context);
    Note(verb, opened ? StrCat(opened->status) : opened.error().message);
    if (opened) opened->body = std::make_unique<Stream>(*this, std::move(opened->body));
    return opened;
  }
  CAPSTAN_TRY(http::Response whole, Meet(verdict, verb, request, context));
  Note(verb, StrCat(whole.status));
  return http::StreamResponse{whole.status, whole.headers,
                              std::make_unique<WholeBody>(std::move(whole.body))};
}

}  // namespace capstan::testing
