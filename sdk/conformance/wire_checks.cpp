// Checks of the outcomes that a provider reports when requests to the cloud fail.
#include <capstan/sdk/conformance/suite.hpp>

#include <capstan/sdk/cpp/json.hpp>

namespace capstan::conformance {

void Suite::NoConnection() {
  NeedsHttp();
  tap_.Break(Fault::kRefuseConnection);
  const Outcome outcome = TryCreate("unsent", Soon());
  Expect(outcome.verdict == external::Verdict::kWait || outcome.verdict == external::Verdict::kRejected,
         TextOf(outcome));
  Expect(outcome.error && outcome.error->sent == Sent::kNo, TextOf(outcome.error));
}

void Suite::Refused() {
  NeedsHttp();
  for (const auto& [status, code] : {std::pair{401, Code::kUnauthenticated},
                                     {403, Code::kPermissionDenied},
                                     {422, Code::kInvalidArgument}}) {
    tap_.Break(Fault::kAnswer, true, {status, {{"Content-Type", "application/json"}}, "{}"});
    const Outcome outcome = TryCreate("refused", Soon());
    Expect(outcome.verdict == external::Verdict::kRejected, StrCat("after ", status, ": ", TextOf(outcome)));
    Expect(outcome.error && outcome.error->code == code,
           StrCat("after ", status, ": ", TextOf(outcome.error)));
    Expect(outcome.error->http_status == status,
           StrCat("the status ", status, " is lost: ", TextOf(outcome.error)));
  }
}

void Suite::ServerError() {
  NeedsHttp();
  for (const int status : {500, 502, 503, 504}) {
    tap_.Break(Fault::kAnswer, true, {status, {}, "upstream failed"});
    tap_.Take();
    const Outcome outcome = TryCreate("broken", Soon());
    Expect(outcome.verdict == external::Verdict::kUnknown, StrCat("after ", status, ": ", TextOf(outcome)));
    Expect(Changes(tap_.Take()).size() == 1, "the create was repeated");
  }
}

void Suite::ErrorsAreNotAbsence() {
  NeedsHttp();
  for (const int status : {401, 403, 408, 429, 500, 503}) {
    tap_.Break(Fault::kAnswer, false, {status, {}, "{}"});
    const auto seen = Kept(external_->Get(subject_.absent_id, Soon()));
    Expect(!seen, StrCat("Get says not found after ", status));
    const auto found = Kept(external_->Find(Who("main"), Desired("main"), Soon()));
    Expect(!found, StrCat("Find says there is nothing after ", status));
    if (!nobody_has_absent_id_) continue;
    const Outcome gone = Kept(external_->Delete(subject_.absent_id, {}, Soon()));
    Expect(gone.verdict != external::Verdict::kDone && gone.verdict != external::Verdict::kNotFound,
           StrCat("Delete says it is gone after ", status));
  }
  tap_.Break(Fault::kRefuseConnection);
  Expect(!Kept(external_->Get(subject_.absent_id, Soon())), "Get says not found without a connection");
}

void Suite::Malformed() {
  NeedsHttp();
  for (const char* body : {"", "{", "null", "[]", "{}", "<html></html>", "{\"page\":1}", "\xFF\xFE"}) {
    tap_.Break(Fault::kAnswer, false, {200, {{"Content-Type", "application/json"}}, body});
    const auto seen = Kept(external_->Get(subject_.absent_id, Soon()));
    Expect(!seen, StrCat("Get believes the body ", sdk::Json(std::string_view(body)).ToText()));
    const auto found = Kept(external_->Find(Who("main"), Desired("main"), Soon()));
    Expect(!found, StrCat("Find believes the body ", sdk::Json(std::string_view(body)).ToText()));
    tap_.Break(Fault::kAnswer, true, {201, {{"Content-Type", "application/json"}}, body});
    const Outcome outcome = TryCreate("malformed", Soon());
    Expect(
        outcome.verdict == external::Verdict::kUnknown,
        StrCat("Create after the body ", sdk::Json(std::string_view(body)).ToText(), ": ", TextOf(outcome)));
  }
}

void Suite::RetryAfter() {
  NeedsHttp();
  tap_.Break(Fault::kAnswer, false, {429, {{"Retry-After", "17"}}, "{}"});
  const auto seen = Kept(external_->Get(subject_.absent_id, Soon()));
  Expect(!seen && seen.error().code == Code::kResourceExhausted, seen ? "no error" : StrCat(seen.error()));
  Expect(seen.error().retry_after == std::chrono::seconds(17), "Retry-After: 17 is lost");
}

void Suite::LostAnswer() {
  NeedsHttp();
  NeedsExistingListed();
  tap_.Break(Fault::kLoseAnswer, true);
  const Outcome outcome = TryCreate("lost", Soon());
  const auto sent = Changes(tap_.Take());
  tap_.Heal();
  Expect(outcome.verdict == external::Verdict::kUnknown, TextOf(outcome));
  Expect(sent.size() == 1, StrCat("it sent ", sent.size(), " requests that change something"));
  std::size_t ours = 0;
  Expect(Within(subject_.visible_within,
                [&] {
                  ours = 0;
                  for (const Observed& one : MustFind("lost"))
                    ours += WhyNotOurs("lost", one).empty() ? 1 : 0;
                  return ours > 0;
                }),
         "Find does not find it");
  attempts_["lost"].proven = true;
  Expect(ours == 1, StrCat("Find finds ", ours));
}

}  // namespace capstan::conformance
