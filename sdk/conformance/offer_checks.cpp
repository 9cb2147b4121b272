// Checks of optional features of a provider: adoption, associated objects, notices, catalogs.
#include <capstan/sdk/conformance/suite.hpp>

#include <set>

#include <capstan/core/external/tags.hpp>
#include <capstan/sdk/cpp/json.hpp>

namespace capstan::conformance {
namespace {

bool NotOffered(const Outcome& outcome) {
  return outcome.verdict == external::Verdict::kRejected && outcome.error &&
         outcome.error->code == Code::kUnimplemented;
}
template <class T>
bool NotOffered(const Result<T>& result) {
  return !result && result.error().code == Code::kUnimplemented;
}
const char* const kNoAdoption = "the provider cannot adopt";

bool IsObject(const std::string& text) {
  const auto json = sdk::Json::Parse(text);
  return json && json->is_object();
}

// The number of occurrences of each of `tags` that is not an identity or owner.
std::multiset<std::string> Others(const std::vector<std::string>& tags) {
  std::multiset<std::string> others;
  for (const std::string& tag : tags) {
    if (!external::IsIdentityTag(tag)) others.insert(tag);
  }
  return others;
}

}  // namespace

void Suite::AdoptAbsent() {
  NeedsAbsentId();
  const Outcome outcome = Kept(external_->Adopt(subject_.absent_id, Who("adopter"), Soon()));
  if (NotOffered(outcome)) throw NotApplicable{kNoAdoption};
  Expect(outcome.verdict == external::Verdict::kNotFound, TextOf(outcome));
}

void Suite::Adopt() {
  if (subject_.add_tag) subject_.add_tag(id_, "of-others");
  if (subject_.tags) tags_before_ = subject_.tags(id_);
  tap_.Take();
  AdoptAs("adopter");
  if (subject_.uses_http) {
    const auto sent = Changes(tap_.Take());
    Expect(sent.size() == 1, StrCat("it sent ", sent.size(), " requests that change something"));
  }
  AdoptAs("adopter");  // an operator that crashed after the adoption repeats it
  AdoptAs("main");
  const auto plan = Kept(external_->MakePlan(Desired("main"), MustGet(id_)));
  Expect(plan && plan->steps.empty(),
         plan ? "the plan is no longer empty" : StrCat("the plan failed: ", plan.error()));
  adopted_ = true;
}

void Suite::AdoptKeeps() {
  if (!adopted_) throw NotApplicable{"nothing was adopted"};
  if (!subject_.tags)
    throw NotApplicable{"the suite cannot see tags here (a test of your own can: Subject::tags)"};
  const auto after = subject_.tags(id_);
  Expect(Others(after) == Others(tags_before_),
         StrCat("of the other tags ", Join(tags_before_, ","), " it left ", Join(after, ",")));
  Expect(after.size() == Others(after).size() + 2,
         StrCat("an identity or owner is left over: ", Join(after, ",")));
}

void Suite::AdoptAs(std::string_view part) {
  const Outcome outcome = Kept(external_->Adopt(id_, Who(part), Soon()));
  if (NotOffered(outcome)) throw NotApplicable{kNoAdoption};
  Expect(outcome.verdict == external::Verdict::kDone, TextOf(outcome));
  const Observed seen = MustGet(id_);
  Expect(seen.identity == Who(part).tag && seen.owner == Who(part).owner,
         StrCat("Get shows the tags \"", seen.identity, "\" and \"", seen.owner, "\" afterwards"));
  Expect(Within(subject_.visible_within,
                [&] {
                  const auto found = MustFind(part, "another");
                  return found.size() == 1 && found[0].id == id_;
                }),
         "Find does not find it by the identity it was adopted with");
}

void Suite::AdoptBroken() {
  NeedsHttp();
  if (!adopted_) throw NotApplicable{"nothing was adopted"};
  struct Row {
    int status;
    external::Verdict verdict;
  };
  for (const Row& row : {Row{403, external::Verdict::kRejected}, Row{500, external::Verdict::kUnknown},
                         Row{503, external::Verdict::kUnknown}}) {
    tap_.Break(Fault::kAnswer, true, {row.status, {{"Content-Type", "application/json"}}, "{}"});
    tap_.Take();
    const Outcome outcome = Kept(external_->Adopt(id_, Who("adopter"), Soon()));
    Expect(outcome.verdict == row.verdict, StrCat("after ", row.status, ": ", TextOf(outcome)));
    Expect(Changes(tap_.Take()).size() == 1, "the request was repeated");
  }
  tap_.Break(Fault::kRefuseConnection);
  const Outcome outcome = Kept(external_->Adopt(id_, Who("adopter"), Soon()));
  Expect(outcome.verdict == external::Verdict::kWait || outcome.verdict == external::Verdict::kRejected,
         TextOf(outcome));
  tap_.Heal();
  Expect(MustGet(id_).identity == Who("main").tag, "its tags changed nevertheless");
}

// Reads by GET whose failure must not appear as an empty result.
template <class Ask>
void Suite::NeverEmptyByMistake(Ask ask) {
  if (!subject_.uses_http) return;
  for (const int status : {401, 403, 404, 429, 500, 503}) {
    tap_.Break(Fault::kAnswer, false, {status, {}, "{}"});
    Expect(!ask(), StrCat("it says there is nothing after ", status));
  }
  for (const char* body : {"", "{", "[]", "{}", "<html></html>"}) {
    tap_.Break(Fault::kAnswer, false, {200, {{"Content-Type", "application/json"}}, body});
    Expect(!ask(), StrCat("it believes the body ", body));
  }
  tap_.Break(Fault::kRefuseConnection);
  Expect(!ask(), "it says there is nothing without a connection");
  tap_.Heal();
}

void Suite::Associated() {
  const auto ask = [&] { return Kept(external_->ListAssociated(id_, Soon())); };
  const auto associated = ask();
  if (NotOffered(associated))
    throw NotApplicable{"the provider cannot list what was created through its objects"};
  Expect(associated.has_value(), associated ? "" : StrCat("it failed: ", associated.error()));
  std::set<std::pair<std::string, std::string>> seen;
  for (const external::Associated& one : *associated) {
    Expect(!one.kind.empty() && !one.id.empty(), "one has no kind or no id");
    Expect(seen.insert({one.kind, one.id}).second, StrCat(one.kind, " ", one.id, " stands there twice"));
  }
  NeverEmptyByMistake(ask);
}

void Suite::Notices() {
  const auto ask = [&](const std::string& since) { return Kept(external_->Notices(id_, since, Soon())); };
  const auto all = ask("");
  if (NotOffered(all)) throw NotApplicable{"the provider has no notices"};
  Expect(all.has_value(), all ? "" : StrCat("it failed: ", all.error()));
  std::optional<WallTime> latest;
  for (const external::Notice& one : *all) {
    const auto at = ParseRfc3339(one.at);
    Expect(at.has_value(), StrCat("\"", one.at, "\" is no RFC 3339 time"));
    Expect(!one.text.empty(), "one has no text");
    Expect(!latest || *latest <= *at, StrCat("one of ", one.at, " stands behind a later one"));
    latest = at;
  }
  for (const external::Notice& known : *all) {
    const auto later = ask(known.at);
    Expect(later.has_value(), later ? "" : StrCat("it failed after ", known.at, ": ", later.error()));
    for (const external::Notice& one : *later) {
      const auto at = ParseRfc3339(one.at);
      Expect(at && *at > *ParseRfc3339(known.at),
             StrCat("asked for what is after ", known.at, " it tells of ", one.at));
    }
    const auto expected = std::count_if(all->begin(), all->end(), [&](const auto& one) {
      return *ParseRfc3339(one.at) > *ParseRfc3339(known.at);
    });
    Expect(static_cast<std::ptrdiff_t>(later->size()) >= expected,
           StrCat("something later than ", known.at, " is lost"));
  }
  NeverEmptyByMistake([&] { return ask(""); });
}

void Suite::Offers() {
  const auto other = Kept(external_->Offers("conformance-no-such-catalog", Soon()));
  Expect(NotOffered(other), other ? "a catalog that does not exist is empty instead of unimplemented"
                                  : StrCat("a catalog that does not exist is \"",
                                           CodeName(other.error().code), "\" instead of \"unimplemented\""));
  if (kind_.catalogs.empty()) throw NotApplicable{"the kind has no catalogs"};
  for (const std::string& catalog : kind_.catalogs) {
    const auto ask = [&] { return Kept(external_->Offers(catalog, Soon())); };
    const auto offers = ask();
    Expect(offers.has_value(), offers ? "" : StrCat(catalog, " failed: ", offers.error()));
    std::set<std::string> seen;
    for (const external::Offer& one : *offers) {
      Expect(!one.value.empty(), StrCat("one of ", catalog, " has no value"));
      Expect(seen.insert(one.value).second, StrCat(one.value, " stands twice among ", catalog));
      Expect(one.details.empty() || IsObject(one.details),
             StrCat("the details of ", one.value, " are no JSON object"));
    }
    NeverEmptyByMistake(ask);
  }
}

}  // namespace capstan::conformance
