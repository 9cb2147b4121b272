// Private to the conformance suite: one run of it, and what its checks share. The checks stand in
// first_checks.cpp (before anything is made), wire_checks.cpp (what breaks on the way),
// life_checks.cpp (one object from create to gone) and offer_checks.cpp (what a provider may offer
// besides).
#pragma once

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/sdk/conformance/conformance.hpp>
#include <capstan/sdk/conformance/tap.hpp>

namespace capstan::conformance {

using external::External;
using external::Identity;
using external::Observed;
using external::Outcome;

// Thrown by a check that found something, caught by Run: a check reads as the sentence it proves.
struct Broken {
  std::string why;
};
struct LeaveOut {
  std::string why;
};

[[noreturn]] inline void Stop(std::string why) { throw Broken{std::move(why)}; }
inline void Expect(bool holds, std::string why) {
  if (!holds) Stop(std::move(why));
}
inline std::string Told(const std::optional<Error>& error) {
  return error ? StrCat(*error) : std::string("no error");
}
inline std::string Told(const Outcome& outcome) {
  return StrCat("\"", external::VerdictName(outcome.verdict), "\", ", Told(outcome.error));
}

// One run of the suite: the provider, its session, and what went by.
class Suite {
 public:
  Suite(const Subject& subject, const Context& context)
      : subject_(subject),
        context_(context),
        tap_(subject.cloud),
        run_(StrCat(subject.scheduler.WallNow().time_since_epoch().count())) {}

  std::vector<Finding> Run();

 private:
  template <class Body>
  void Check(std::string sentence, Body body) {
    Finding finding;
    finding.check = std::move(sentence);
    tap_.Heal();
    tap_.Take();
    try {
      body();
    } catch (const Broken& broken) {
      finding.verdict = Verdict::kFailed;
      finding.why = broken.why;
    } catch (const LeaveOut& left) {
      finding.verdict = Verdict::kLeftOut;
      finding.why = left.why;
    } catch (const std::exception& exception) {
      finding.verdict = Verdict::kFailed;
      finding.why = StrCat("an exception came out of it: ", exception.what());
    }
    tap_.Heal();
    if (subject_.told) subject_.told(finding);
    findings_.push_back(std::move(finding));
  }

  Context Soon() const { return context_.Within(subject_.scheduler, std::chrono::minutes(2)); }
  std::string Name(std::string_view part) const {
    return StrCat("conformance-", part, "-", run_.substr(run_.size() > 9 ? run_.size() - 9 : 0));
  }
  Identity Who(std::string_view part) const {
    return {StrCat("capstan:", Name(part)), "capstan-owner:conformance", "", ""};
  }
  void NeedsHttp() const {
    if (!subject_.uses_http) throw LeaveOut{"the provider does not use HTTP"};
  }
  // Every error is kept: the last check looks for secrets in them.
  void Keep(const Error& error) { said_.push_back(StrCat(error)); }
  template <class T>
  Result<T> Kept(Result<T> result) {
    if (!result) Keep(result.error());
    return result;
  }
  Outcome Kept(Outcome outcome) {
    if (outcome.error) Keep(*outcome.error);
    if (outcome.verdict == external::Verdict::kDone && !outcome.id.empty()) made_.push_back(outcome.id);
    return outcome;
  }
  Outcome TryCreate(std::string_view part, const Context& context) {
    return Kept(external_->Create(Who(part), subject_.desired(Name(part)), context));
  }
  static std::vector<Passed> Changes(std::vector<Passed> passed) {
    std::erase_if(passed, [](const Passed& one) { return !one.changes(); });
    return passed;
  }
  Observed MustGet(const std::string& id) {
    auto seen = Kept(external_->Get(id, Soon()));
    Expect(seen.has_value(), seen ? "" : StrCat("Get failed: ", seen.error()));
    Expect(seen->has_value(), StrCat("Get does not find ", id));
    return **seen;
  }
  std::vector<Observed> MustFind(const Identity& identity, const std::string& name) {
    auto found = Kept(external_->Find(identity, subject_.desired(name), Soon()));
    Expect(found.has_value(), found ? "" : StrCat("Find failed: ", found.error()));
    return *std::move(found);
  }
  // Asks every `poll` until `done` or the time is over.
  template <class Done>
  bool Within(Duration limit, Done done) {
    const Instant until = After(subject_.scheduler.Now(), limit);
    while (!done()) {
      if (subject_.scheduler.Now() >= until ||
          subject_.scheduler.Sleep(subject_.poll, context_) == Woke::kStopped)
        return false;
    }
    return true;
  }

  void Manifest();
  void UnknownKind();
  void MissingCredentials();
  void WrongCredentials();
  void Account();
  void GetAbsent();
  void DeleteAbsent();
  void OddIds();
  void Cancelled();
  void PastDeadline();
  void AdoptAbsent();
  void PlanOfCreation();

  void NoConnection();
  void Refused();
  void ServerError();
  void ErrorsAreNotAbsence();
  void Malformed();
  void RetryAfter();
  void LostAnswer();

  void Create();
  void FindOwn();
  void FindNamesake();
  void FindNothing();
  void Ready();
  void GetOwn();
  void AtOnce();
  void List();
  void Adopt();
  void AdoptAs(std::string_view part);
  void AdoptBroken();
  void Associated();
  void Notices();
  template <class Ask>
  void NeverEmptyByMistake(Ask ask);
  void PlanOfNothing();
  void Differences();
  void Change();
  // True when nothing is left to do.
  bool ChangeOnce(const std::string& wanted, int& steps);
  void Connection();
  void Delete();
  void Gone();
  void Secrets();
  void CleanUp();

  const Subject& subject_;
  const Context context_;
  RecordingLog log_;
  Tap tap_;
  const std::string run_;
  std::vector<Finding> findings_;
  std::unique_ptr<external::Provider> provider_;
  std::unique_ptr<External> external_;
  external::KindInfo kind_;
  std::string id_;
  bool adopted_ = false;
  std::vector<std::string> made_;
  std::vector<std::string> said_;
  std::vector<Secret> secrets_;
};

}  // namespace capstan::conformance
