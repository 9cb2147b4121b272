// Checks before anything is created.
#include <capstan/sdk/conformance/suite.hpp>

#include <capstan/sdk/cpp/json.hpp>

namespace capstan::conformance {

void Suite::Manifest() {
  auto provider = Kept(subject_.make(tap_, log_));
  Expect(provider.has_value(), provider ? "" : StrCat("the provider cannot be opened: ", provider.error()));
  provider_ = *std::move(provider);
  const external::Manifest& manifest = provider_->manifest();
  Expect(IsDnsLabel(manifest.name) && !manifest.version.empty(), "name or version is missing");
  const auto kind = std::find_if(manifest.kinds.begin(), manifest.kinds.end(),
                                 [&](const auto& one) { return one.kind == subject_.kind; });
  Expect(kind != manifest.kinds.end(), StrCat("it has no kind ", subject_.kind));
  kind_ = *kind;
  for (const std::string& crd : manifest.crds) Expect(sdk::Json::Parse(crd).has_value(), "a CRD is not JSON");
  auto external = Kept(provider_->Connect(subject_.kind, subject_.credentials, Soon()));
  Expect(external.has_value(), external ? "" : StrCat("it does not connect: ", external.error()));
  Expect(tap_.Take().empty(), "connecting sends requests; they belong into WhoAmI");
  external_ = *std::move(external);
}

void Suite::UnknownKind() {
  const auto external = Kept(provider_->Connect("NoSuchKindAnywhere", subject_.credentials, Soon()));
  Expect(!external, "it connects for a kind that it does not serve");
  Expect(external.error().code == Code::kInvalidArgument, StrCat("the error is ", external.error()));
}

void Suite::MissingCredentials() {
  if (kind_.credential_keys.empty()) throw NotApplicable{"the kind needs no credentials"};
  const auto external = Kept(provider_->Connect(subject_.kind, {}, Soon()));
  Expect(!external, "it connects without credentials");
  Expect(external.error().code == Code::kInvalidArgument, StrCat("the error is ", external.error()));
}

void Suite::WrongCredentials() {
  if (!subject_.refused_credentials) throw NotApplicable{"no such credentials were given"};
  auto stranger = Kept(provider_->Connect(subject_.kind, *subject_.refused_credentials, Soon()));
  Expect(stranger.has_value(), "credentials are first tried by WhoAmI");
  // If accounts are not distinguished, WhoAmI sends no request.
  const auto own = Kept(external_->WhoAmI(Soon()));
  if (!own || !own->id.empty()) {
    const auto account = Kept((*stranger)->WhoAmI(Soon()));
    Expect(!account && account.error().code == Code::kUnauthenticated,
           StrCat("WhoAmI: ", account ? "an account" : StrCat(account.error())));
  }
  const auto seen = Kept((*stranger)->Get(subject_.absent_id, Soon()));
  Expect(!seen, "Get says not found though the credentials were refused");
  const auto found = Kept((*stranger)->Find(Who("main"), Desired("main"), Soon()));
  Expect(!found, "Find says there is nothing though the credentials were refused");
}

void Suite::Account() {
  const auto first = Kept(external_->WhoAmI(Soon()));
  Expect(first.has_value(), first ? "" : StrCat("WhoAmI failed: ", first.error()));
  const auto second = Kept(external_->WhoAmI(Soon()));
  Expect(second && second->id == first->id, "two calls name two accounts");
}

void Suite::GetAbsent() {
  const auto seen = Kept(external_->Get(subject_.absent_id, Soon()));
  Expect(seen.has_value(),
         seen ? ""
              : StrCat("Get failed: ", seen.error(), "; if ids of this cloud look otherwise than ",
                       subject_.absent_id, ", name one that nothing has (--absent-id)"));
  Expect(!seen->has_value(), StrCat("Get shows something; name an id that nothing has instead of ",
                                    subject_.absent_id, " (--absent-id)"));
  Expect(existed_.count(subject_.absent_id) == 0,
         StrCat("Get does not show ", subject_.absent_id, ", which Find or List showed"));
  nobody_has_absent_id_ = true;
}

void Suite::DeleteAbsent() {
  NeedsAbsentId();
  const Outcome outcome = Kept(external_->Delete(subject_.absent_id, {}, Soon()));
  Expect(outcome.verdict == external::Verdict::kNotFound || outcome.verdict == external::Verdict::kDone,
         TextOf(outcome));
}

void Suite::PlanOfCreation() {
  tap_.Take();
  const auto plan = Kept(external_->MakePlan(Desired("main"), Observed{}));
  Expect(plan.has_value(), plan ? "" : StrCat("the plan failed: ", plan.error()));
  if (!subject_.changed && plan->steps.empty())
    throw NotApplicable{"no change was given, and it plans nothing"};
  Expect(!plan->steps.empty(), "it plans nothing");
  Expect(plan->steps[0].verb == "create" && plan->steps[0].makes,
         StrCat("its first step is \"", plan->steps[0].verb, "\", which makes ",
                plan->steps[0].makes ? "something" : "nothing"));
  for (const external::Step& step : plan->steps)
    Expect(!step.destroys, StrCat("the step \"", step.verb, "\" destroys what is not there"));
  Expect(plan->unsupported.empty(),
         plan->unsupported.empty() ? "" : StrCat("it says unsupported: ", plan->unsupported[0].field));
  Expect(tap_.Take().empty(), "planning sends requests");
}

void Suite::OddIds() {
  for (const char* id : {"../account", "a/b", "x?y=z", "%2e%2e", "\xC3\xA9t\xC3\xA9", "a b"}) {
    const auto seen = Kept(external_->Get(id, Soon()));
    Expect(!seen || !seen->has_value(), StrCat("Get shows something under the id ", id));
  }
  const auto huge = Kept(external_->Get(std::string(100'000, 'x'), Soon()));
  Expect(!huge || !huge->has_value(), "Get shows something under an id of 100000 letters");
}

void Suite::Cancelled() {
  std::stop_source stop;
  stop.request_stop();
  const Outcome outcome = TryCreate("cancelled", Context{stop.get_token(), kForever});
  Expect(outcome.verdict != external::Verdict::kDone, "a cancelled create says done");
  for (const Passed& one : Changes(tap_.Take()))
    Expect(!one.reached_cloud || !subject_.uses_http, "it sent " + one.request.method);
}

void Suite::PastDeadline() {
  const Outcome outcome = TryCreate("late", Context{{}, subject_.scheduler.Now() - std::chrono::seconds(1)});
  Expect(outcome.verdict != external::Verdict::kDone, "a create past its deadline says done");
}

}  // namespace capstan::conformance
