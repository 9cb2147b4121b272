// Which objects belong to the suite. One rule: the suite changes, adopts and deletes an object only
// if it can prove that it created it, that is, if it did not exist before and carries the name and
// the identity of this run. The report names objects that it created and cannot find or prove.
#include <capstan/sdk/conformance/suite.hpp>

#include <cstdint>
#include <cstdio>

#include <capstan/core/external/host_corrections.hpp>
#include <capstan/sdk/cpp/json.hpp>

namespace capstan::conformance {
namespace {

// FNV-1a: only needs to differ between parts.
std::uint64_t Scatter(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

void Append(std::string& list, std::string_view item) {
  if (!item.empty()) list += StrCat(list.empty() ? "" : "; ", item);
}

}  // namespace

std::string Suite::Name(std::string_view part) const {
  return StrCat("conformance-", part, "-", Scatter(run_) % 1'000'000'000);
}

std::string Suite::Uid(std::string_view part) const {
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(Scatter(run_)),
                static_cast<unsigned long long>(Scatter(StrCat(run_, "/", part))));
  const std::string_view all(digits, 32);
  return StrCat(all.substr(0, 8), "-", all.substr(8, 4), "-", all.substr(12, 4), "-", all.substr(16, 4), "-",
                all.substr(20));
}

std::string Suite::Asked(const std::function<std::string(const std::string&)>& document,
                         std::string_view part) const {
  const std::string text = document(Name(part));
  auto desired = sdk::Json::Parse(text);
  // The subject decides what to use instead of a JSON object.
  if (!desired || !desired->is_object()) return text;
  return desired->Set("uid", Uid(part)).ToText();
}

Outcome Suite::TryCreate(std::string_view part, const Context& context) {
  const int before = tap_.MayHaveChanged();
  const Outcome outcome = Kept(external_->Create(Who(part), Desired(part), context));
  Attempt& attempt = attempts_[std::string(part)];
  const bool certainly_not =
      outcome.verdict != external::Verdict::kDone && outcome.verdict != external::Verdict::kUnknown;
  const int changes = tap_.MayHaveChanged() - before;
  if (subject_.uses_http ? changes > 0 : !certainly_not) attempt.maybe = true;
  attempt.maybe_twice = attempt.maybe_twice || changes > 1;
  if (outcome.verdict == external::Verdict::kDone && !outcome.id.empty()) attempt.ids.insert(outcome.id);
  return outcome;
}

// The first request. If there is no response, all later checks would report the same.
void Suite::Reach() {
  NeedsHttp();
  auto account = Kept(external_->WhoAmI(Soon()));
  std::optional<Error> failure = account ? std::nullopt : std::optional<Error>(account.error());
  if (account && account->id.empty()) {
    const auto found = Kept(external_->Find(Who("main"), Desired("main"), Soon()));
    if (!found) failure = found.error();
  }
  if (const std::string origin = tap_.Unreachable(); failure && !origin.empty())
    throw BailOut{StrCat("cannot reach ", origin, ": ", *failure)};
}

// Records everything that the provider shows before anything is created: by list, by identity and
// by name.
void Suite::ListExisting() {
  for (const char* part : {"main", "lost", "adopter", "another", "stranger", "unsent", "refused", "broken",
                           "malformed", "cancelled", "late"}) {
    for (const Observed& one : MustFind(part)) existed_.insert(one.id);
  }
  std::string cursor;
  for (int pages = 0; pages < 10'000; ++pages) {
    const auto page = Kept(external_->List(cursor, Soon()));
    // If the provider cannot list, identity and name suffice; if the list fails, the check of List
    // reports it.
    if (!page) break;
    for (const Observed& one : page->items) existed_.insert(one.id);
    if (page->next.empty() || page->next == cursor) break;
    cursor = page->next;
  }
  looked_ = true;
  Expect(MustFind("main").empty(), "Find shows something although nothing was created");
}

std::string Suite::WhyNotOurs(std::string_view part, const Observed& seen) const {
  if (existed_.count(seen.id) > 0) return StrCat(seen.id, " was there before");
  if (seen.name != Name(part) && seen.name.find(Uid(part)) == std::string::npos)
    return StrCat(seen.id, " is called ", seen.name, ", not ", Name(part));
  if (kind_.identity != external::IdentityKept::kTag) return "";
  if (seen.identity == Who(part).tag || (part == "main" && seen.identity == Who("adopter").tag)) return "";
  return StrCat(seen.id, " (", seen.name, ") carries ",
                seen.identity.empty() ? "no identity tag" : StrCat("the identity ", seen.identity), ", not ",
                Who(part).tag);
}

Observed Suite::MustBeOurs(std::string_view part, const std::string& id) {
  std::optional<Observed> seen;
  std::string why;
  const bool shown = Within(subject_.visible_within, [&] {
    auto got = Kept(external_->Get(id, Soon()));
    why = got ? "Get does not find it" : StrCat("Get failed: ", got.error());
    if (got) seen = *std::move(got);
    return seen.has_value();
  });
  Expect(shown, StrCat("it answers with the id ", id, ", and its owner is unknown: ", why));
  why = WhyNotOurs(part, *seen);
  attempts_[std::string(part)].proven = why.empty();
  Expect(why.empty(), StrCat("it answers with the id ", id, ", which is not the object to create: ", why));
  return *std::move(seen);
}

std::map<std::string, Observed> Suite::Remaining(std::string_view part, const Attempt& attempt,
                                                 std::string& failures) {
  const Context soon = Context{}.Within(subject_.scheduler, std::chrono::minutes(2));
  std::map<std::string, Observed> remaining;
  for (const std::string& id : attempt.ids) {
    auto seen = Kept(external_->Get(id, soon));
    if (!seen) Append(failures, StrCat("Get of ", id, " failed: ", seen.error()));
    if (seen && *seen) remaining[id] = **std::move(seen);
  }
  // One create, one object: if it is observed under its id, there is nothing more to search for.
  if (attempt.ids.size() == 1 && remaining.size() == 1 &&
      WhyNotOurs(part, remaining.begin()->second).empty() && !attempt.maybe_twice)
    return remaining;
  auto found = Kept(external_->Find(Who(part), Desired(part), soon));
  if (!found) Append(failures, StrCat("Find failed: ", found.error()));
  for (Observed& one : found ? *found : std::vector<Observed>()) {
    // Other results of Find do not belong to this part, and are not even named.
    if (WhyNotOurs(part, one).empty()) remaining.emplace(one.id, std::move(one));
  }
  return remaining;
}

std::string Suite::Remove(const std::string& id) {
  const Instant until = After(subject_.scheduler.Now(), subject_.gone_within);
  std::string why;
  do {
    const Context soon = Context{}.Within(subject_.scheduler, std::chrono::minutes(2));
    const Outcome outcome = Kept(external_->Delete(id, {}, soon));
    const bool accepted =
        outcome.verdict == external::Verdict::kDone || outcome.verdict == external::Verdict::kNotFound;
    if (!accepted && outcome.verdict != external::Verdict::kWait) return TextOf(outcome);
    // Verifies the removal by observation.
    const auto seen = Kept(external_->Get(id, soon));
    if (seen && (!*seen || (accepted && (*seen)->phase == external::Phase::kDeleting))) return "";
    why = !seen      ? StrCat("Get failed: ", seen.error())
          : accepted ? StrCat("it is still ", external::PhaseName((*seen)->phase))
                     : TextOf(outcome);
  } while (subject_.scheduler.Now() < until &&
           subject_.scheduler.Sleep(subject_.poll, Context{}) == Woke::kTime);
  return why;
}

std::string Suite::Clear(std::string_view part, const Attempt& attempt) {
  std::string failures;
  auto remaining = Remaining(part, attempt, failures);
  const auto ours = [&] {
    return std::any_of(remaining.begin(), remaining.end(),
                       [&](const auto& one) { return WhyNotOurs(part, one.second).empty(); });
  };
  // In some clouds a created object becomes visible late.
  const Instant until = After(subject_.scheduler.Now(), subject_.visible_within);
  while (attempt.maybe && !attempt.proven && !ours() && subject_.scheduler.Now() < until &&
         subject_.scheduler.Sleep(subject_.poll, Context{}) == Woke::kTime) {
    failures.clear();
    remaining = Remaining(part, attempt, failures);
  }
  std::string left;
  const bool seen_ours = ours();
  for (const auto& [id, seen] : remaining) {
    if (const std::string why = WhyNotOurs(part, seen); !why.empty()) {
      Append(left, StrCat("Create answered with ", why, "; the run left it alone"));
    } else if (const std::string stays = Remove(id); !stays.empty()) {
      Append(left, StrCat(id, " (", seen.name, "): ", stays));
    }
  }
  // A failed observation does not prove that nothing exists.
  if (attempt.maybe && !seen_ours && !(attempt.proven && failures.empty()))
    Append(left, StrCat(Name(part), ", which may exist: ",
                        failures.empty() ? "Find shows nothing that is certainly it" : failures));
  return left;
}

bool Suite::HasHungCall() {
  const auto lines = log_.Lines();
  const auto now =
      static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find(external::kLeftBehind) != std::string::npos;
      }));
  return now > std::exchange(left_behind_, now);
}

void Suite::Conclude(Finding finding) {
  const auto lines = log_.Lines();
  for (; told_lines_ < lines.size(); ++told_lines_) {
    const std::string& line = lines[told_lines_];
    const bool mended = line.find(external::kOverruled) != std::string::npos ||
                        line.find(external::kRedacted) != std::string::npos ||
                        line.find(external::kLeftBehind) != std::string::npos;
    if (mended && finding.notes.size() < 5)
      finding.notes.push_back("the host " + line.substr(line.find(' ') + 1));
  }
  if (HasHungCall()) {
    // Each further call would wait as long and reveal nothing new.
    stopped_ = true;
    finding.notes.push_back("the checks that follow are left out: the provider does not return");
  }
  if (subject_.on_finding) subject_.on_finding(finding);
  findings_.push_back(std::move(finding));
}

// With its own context: created objects are deleted even if the caller has stopped.
void Suite::CleanUp() {
  std::string left;
  bool stuck = false;
  for (const auto& [part, attempt] : attempts_) {
    if (stuck && attempt.maybe)
      Append(left, StrCat(Name(part), ", which may exist: the provider does not return"));
    if (stuck) continue;
    Append(left, Clear(part, attempt));
    stuck = HasHungCall();
  }
  Expect(left.empty(), "look for it and delete it by hand: " + left);
}

}  // namespace capstan::conformance
