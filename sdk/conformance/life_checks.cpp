// Checks along the life of one object, from create to gone.
#include <capstan/sdk/conformance/suite.hpp>

#include <capstan/core/external/host_corrections.hpp>
#include <capstan/sdk/cpp/json.hpp>

namespace capstan::conformance {

void Suite::Create() {
  NeedsExistingListed();
  const Outcome outcome = TryCreate("main", Soon());
  const auto sent = Changes(tap_.Take());
  Expect(outcome.verdict == external::Verdict::kDone, TextOf(outcome));
  Expect(!outcome.id.empty(), "done without an id");
  // From here on it is changed, adopted and deleted, so its owner must be certain first.
  MustBeOurs("main", outcome.id);
  id_ = outcome.id;
  if (!subject_.uses_http) return;
  Expect(sent.size() == 1, StrCat("it sent ", sent.size(), " requests that change something"));
  if (kind_.identity != external::IdentityKept::kTag) return;
  // The part after the colon suffices: clouds with labels store it as a label's value.
  Expect(sent[0].request.body.find(Uid("main")) != std::string::npos,
         "the identity tag is not in the request");
  Expect(sent[0].request.body.find(Uid("owner")) != std::string::npos, "the owner tag is not in the request");
}

void Suite::FindOwn() {
  std::vector<Observed> found;
  Expect(Within(subject_.visible_within, [&] { return !(found = MustFind("main")).empty(); }),
         "Find does not find it");
  Expect(found.size() == 1 && found[0].id == id_,
         StrCat("Find finds ", found.size(), ", the first ", found[0].id));
  if (kind_.identity == external::IdentityKept::kTag) {
    Expect(found[0].identity == Who("main").tag && found[0].owner == Who("main").owner,
           "its tags are not those of the create");
  }
}

void Suite::FindNamesake() {
  const auto found = MustFind("stranger", "main");
  Expect(std::any_of(found.begin(), found.end(), [&](const Observed& one) { return one.id == id_; }),
         "Find hides the namesake of another identity");
}

void Suite::FindNothing() {
  Expect(MustFind("stranger").empty(), "Find shows what has neither the identity nor the name");
}

void Suite::Ready() {
  Observed seen;
  Expect(Within(subject_.ready_within,
                [&] {
                  seen = MustGet(id_);
                  Expect(seen.phase != external::Phase::kFailed, StrCat("it failed: ", seen.message));
                  return seen.phase == external::Phase::kReady;
                }),
         StrCat("it is still ", external::PhaseName(seen.phase)));
}

void Suite::GetOwn() {
  const Observed seen = MustGet(id_);
  const auto found = MustFind("main");
  Expect(seen.id == id_, "Get shows another id");
  Expect(!found.empty() && found[0].name == seen.name && found[0].identity == seen.identity,
         "Get and Find differ");
  for (const std::string& document : {seen.status, seen.state}) {
    const auto json = sdk::Json::Parse(document.empty() ? "{}" : document);
    Expect(json && json->is_object(), StrCat("this is no JSON object: ", Shorten(document, 80)));
  }
  if (const std::string why =
          subject_.status_not_kept ? subject_.status_not_kept(seen.status) : std::string();
      !why.empty())
    Stop(why);
  Expect(seen.created_at.empty() || ParseRfc3339(seen.created_at), "created_at is no RFC 3339 time");
}

void Suite::AtOnce() {
  constexpr int kCallers = 8;
  int agree = 0;
  Mutex mutex;
  std::vector<Task> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.push_back(subject_.scheduler.Spawn("conformance", [&](const Context&) {
      const auto seen = external_->Get(id_, Soon());
      MutexLock lock(mutex);
      if (seen && *seen && (*seen)->id == id_) ++agree;
    }));
  }
  for (Task& caller : callers) caller.Join();
  Expect(agree == kCallers, StrCat(kCallers - agree, " of ", kCallers, " calls at once did not find it"));
}

void Suite::List() {
  std::string cursor;
  int seen = 0;
  for (int pages = 0; pages < 10'000; ++pages) {
    const auto page = Kept(external_->List(cursor, Soon()));
    if (!page && page.error().code == Code::kUnimplemented) throw NotApplicable{"the provider cannot list"};
    Expect(page.has_value(), page ? "" : StrCat("List failed: ", page.error()));
    for (const Observed& one : page->items) seen += one.id == id_ ? 1 : 0;
    if (page->next.empty()) break;
    Expect(page->next != cursor, "the cursor stands still");
    cursor = page->next;
  }
  Expect(seen == 1, StrCat("List shows it ", seen, " times"));
}

// Creates more than a page of objects: a list that is cut off then misses the first of them or the
// last, whatever its order.
void Suite::Pages() {
  const auto requests = [&] {
    tap_.Take();
    (void)MustFind("main");
    return tap_.Take().size();
  };
  const std::size_t once = requests();
  std::vector<std::string> parts = {"main"};
  for (int i = 1; i <= subject_.fill; ++i) {
    const std::string part = StrCat("fill-", i);
    const Outcome outcome = TryCreate(part, Soon());
    if (outcome.error && outcome.error->code == Code::kResourceExhausted) break;
    Expect(outcome.verdict == external::Verdict::kDone,
           StrCat("object ", i, " more was not created: ", TextOf(outcome)));
    parts.push_back(part);
    // Find needed one more request, so it has reached a second page.
    if ((i & (i - 1)) == 0 && subject_.uses_http && requests() > once) break;
  }
  for (const std::string& part : {parts.front(), parts.back(), parts[parts.size() / 2]}) {
    Expect(
        Within(subject_.visible_within,
               [&] {
                 const auto found = MustFind(part);
                 return std::any_of(found.begin(), found.end(),
                                    [&](const Observed& one) { return WhyNotOurs(part, one).empty(); });
               }),
        StrCat("of ", parts.size(), " objects Find does not find ", Name(part), "; does it read all pages?"));
    attempts_[part].proven = true;
  }
}

void Suite::PlanOfNothing() {
  const Observed seen = MustGet(id_);
  tap_.Take();
  const auto plan = Kept(external_->MakePlan(Desired("main"), seen));
  Expect(plan.has_value(), plan ? "" : StrCat("the plan failed: ", plan.error()));
  Expect(plan->steps.empty(), plan->steps.empty() ? "" : StrCat("it plans: ", plan->steps[0].why));
  Expect(plan->unsupported.empty(),
         plan->unsupported.empty() ? "" : StrCat("it says unsupported: ", plan->unsupported[0].field));
  Expect(plan->differences.empty(),
         plan->differences.empty() ? "" : StrCat("it says that this differs: ", plan->differences[0].field));
  Expect(plan->waiting.empty(), StrCat("it waits for ", plan->waiting));
  Expect(tap_.Take().empty(), "planning sends requests");
}

void Suite::Differences() {
  if (!subject_.changed) throw NotApplicable{"no change was given"};
  const auto plan = Kept(external_->MakePlan(Changed("main"), MustGet(id_)));
  Expect(plan.has_value(), plan ? "" : StrCat("the plan failed: ", plan.error()));
  Expect(!plan->differences.empty(), "it names none");
  for (const external::Difference& one : plan->differences) {
    Expect(!one.field.empty(), "one names no field");
    Expect(one.wanted != one.seen, StrCat(one.field, " is wanted as ", one.wanted, " and seen as just that"));
  }
}

void Suite::Change() {
  if (!subject_.changed) throw NotApplicable{"no change was given"};
  const std::string wanted = Changed("main");
  int steps = 0;
  Expect(Within(subject_.ready_within, [&] { return ChangeOnce(wanted, steps); }),
         "the plan does not become empty");
  Expect(steps > 0, "the change is not planned");
}

bool Suite::ChangeOnce(const std::string& wanted, int& steps) {
  const Observed seen = MustGet(id_);
  const auto plan = Kept(external_->MakePlan(wanted, seen));
  Expect(plan.has_value(), plan ? "" : StrCat("the plan failed: ", plan.error()));
  Expect(plan->unsupported.empty(),
         plan->unsupported.empty() ? "" : StrCat("unsupported: ", plan->unsupported[0].field));
  if (plan->steps.empty()) return seen.phase == external::Phase::kReady;
  const external::Step& step = plan->steps[0];
  Expect(!step.verb.empty() && !step.why.empty(), "a step without verb or reason");
  if (step.waits && seen.phase != external::Phase::kReady) return false;
  Identity who = Who("main");
  if (step.makes) who.parent = id_, who.target = step.target;
  const Outcome outcome = external_->Apply(id_, step, who, Soon());
  if (outcome.error) Keep(*outcome.error);
  Expect(outcome.verdict == external::Verdict::kDone || outcome.verdict == external::Verdict::kWait,
         TextOf(outcome));
  steps += outcome.verdict == external::Verdict::kDone ? 1 : 0;
  return false;
}

void Suite::Connection() {
  const auto connection = external_->ReadConnection(id_, Desired("main"), Soon());
  if (!connection) Keep(connection.error());
  if (!connection && connection.error().code == Code::kUnimplemented)
    throw NotApplicable{"the provider has no connection details"};
  Expect(connection.has_value(), connection ? "" : StrCat("it failed: ", connection.error()));
  Expect(!connection->data.empty(), "there are none");
  for (const auto& [key, value] : connection->data) {
    Expect(!value.empty(), StrCat("the key ", key, " is empty"));
    secrets_.push_back(value);
  }
  Expect(!connection->expires || *connection->expires > subject_.scheduler.WallNow(),
         "they have expired before they were handed out");
}

void Suite::Delete() {
  const Outcome outcome = Kept(external_->Delete(id_, {}, Soon()));
  Expect(outcome.verdict == external::Verdict::kDone, TextOf(outcome));
  const Outcome again = Kept(external_->Delete(id_, {}, Soon()));
  Expect(again.verdict == external::Verdict::kDone || again.verdict == external::Verdict::kNotFound ||
             again.verdict == external::Verdict::kWait,
         StrCat("the second time: ", TextOf(again)));
}

void Suite::Gone() {
  Expect(Within(subject_.gone_within,
                [&] {
                  const auto seen = Kept(external_->Get(id_, Soon()));
                  Expect(seen.has_value(), seen ? "" : StrCat("Get failed: ", seen.error()));
                  return !seen->has_value();
                }),
         "Get still shows it");
  Expect(Within(subject_.visible_within, [&] { return MustFind("main").empty(); }), "Find still shows it");
  const Outcome again = Kept(external_->Delete(id_, {}, Soon()));
  Expect(again.verdict == external::Verdict::kNotFound || again.verdict == external::Verdict::kDone,
         TextOf(again));
}

void Suite::Secrets() {
  for (const auto& [name, value] : subject_.credentials.data) secrets_.push_back(value);
  for (const Secret& secret : secrets_) {
    if (secret.Reveal().size() < 4) continue;
    Expect(!log_.Contains(secret.Reveal()), "a log line holds a secret");
    Expect(!log_.Contains(external::kRedacted),
           "the host had to remove a secret from what the provider says");
    for (const std::string& text : said_)
      Expect(text.find(secret.Reveal()) == std::string::npos, "an error holds a secret");
  }
}

}  // namespace capstan::conformance
