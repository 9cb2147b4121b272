// Private to the conformance suite: one run of it, and the state that its checks share.
//
//   first_checks.cpp   before anything is created
//   wire_checks.cpp    faults on the network: no answer, cut answers, 5xx, 429
//   life_checks.cpp    one object from create to gone
//   offer_checks.cpp   optional features of a provider: lists, plans, notices, associated objects
//   belongings.cpp     which objects belong to the suite
//
// One thread at a time. A check is a sentence and a body; it passes, fails with a reason, or is
// skipped with a reason. The first failure ends that check and no other. At its end, also after
// failures, a run deletes everything that it can prove it created.
#pragma once

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/external/tags.hpp>
#include <capstan/sdk/conformance/conformance.hpp>
#include <capstan/sdk/conformance/tap.hpp>

namespace capstan::conformance {

using external::External;
using external::Identity;
using external::Observed;
using external::Outcome;

// Thrown by a check that failed, caught by Run, so that the code of a check reads like the sentence
// it proves. `why` is the reason in the finding: what was expected and what came instead.
struct CheckFailed {
  std::string why;
};
// Thrown by a check that does not apply to this provider. `why` says what the provider lacks.
struct NotApplicable {
  std::string why;
};
struct BailOut {
  std::string why;
};

[[noreturn]] inline void Stop(std::string why) { throw CheckFailed{std::move(why)}; }
inline void Expect(bool holds, std::string why) {
  if (!holds) Stop(std::move(why));
}
inline std::string TextOf(const std::optional<Error>& error) {
  return error ? StrCat(*error) : std::string("no error");
}
inline std::string TextOf(const Outcome& outcome) {
  return StrCat("\"", external::VerdictName(outcome.verdict), "\", ", TextOf(outcome.error));
}

// One run of the suite: the provider, its session, and the recorded traffic.
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
    if (stopped_) return;
    if (subject_.begins) subject_.begins(sentence);
    Finding finding;
    finding.check = std::move(sentence);
    tap_.Heal();
    tap_.Take();
    try {
      body();
    } catch (const CheckFailed& broken) {
      finding.verdict = Verdict::kFailed;
      finding.why = broken.why;
    } catch (const NotApplicable& left) {
      finding.verdict = Verdict::kLeftOut;
      finding.why = left.why;
    } catch (const BailOut& end) {
      finding.verdict = Verdict::kFailed;
      finding.why = end.why;
      finding.bails_out = stopped_ = true;
    } catch (const std::exception& exception) {
      finding.verdict = Verdict::kFailed;
      finding.why = StrCat("an exception came out of it: ", exception.what());
    }
    tap_.Heal();
    Conclude(std::move(finding));
  }
  // Adds a finding, with the log lines of the host since the previous one.
  void Conclude(Finding finding);
  // Whether a call has failed to return since the previous call of this function.
  bool HasHungCall();

  Context Soon() const { return context_.Within(subject_.scheduler, std::chrono::minutes(2)); }
  // Names and uids are unique to a run.
  std::string Name(std::string_view part) const;
  // Independent of the name, so that a check cannot find the uid in a request only because the name
  // is there.
  std::string Uid(std::string_view part) const;
  Identity Who(std::string_view part) const {
    return {StrCat(external::kIdentityPrefix, Uid(part)), StrCat(external::kOwnerPrefix, Uid("owner")), "",
            ""};
  }
  // The desired document of a part: the document for its name, with its uid.
  std::string Desired(std::string_view part) const { return Asked(subject_.desired, part); }
  std::string Changed(std::string_view part) const { return Asked(subject_.changed, part); }
  std::string Asked(const std::function<std::string(const std::string&)>& document,
                    std::string_view part) const;
  void NeedsHttp() const {
    if (!subject_.uses_http) throw NotApplicable{"the provider does not use HTTP"};
  }
  // Records every error: the last check searches them for secrets.
  void Keep(const Error& error) { said_.push_back(StrCat(error)); }
  template <class T>
  Result<T> Kept(Result<T> result) {
    if (!result) Keep(result.error());
    return result;
  }
  Outcome Kept(Outcome outcome) {
    if (outcome.error) Keep(*outcome.error);
    return outcome;
  }
  // Every create goes through here, to record which objects may exist afterwards.
  Outcome TryCreate(std::string_view part, const Context& context);
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
  // The result of Find for the identity of one part and the name of another.
  std::vector<Observed> MustFind(std::string_view identity, std::string_view name) {
    auto found = Kept(external_->Find(Who(identity), Desired(name), Soon()));
    Expect(found.has_value(), found ? "" : StrCat("Find failed: ", found.error()));
    return *std::move(found);
  }
  std::vector<Observed> MustFind(std::string_view part) { return MustFind(part, part); }
  // Calls `done` every `poll` until it returns true or the time is over.
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

  // Objects that the suite created, or may have created, in one part of its run.
  struct Attempt {
    std::set<std::string> ids;  // that Create returned
    bool maybe = false;         // a request that may have created it reached the cloud
    bool maybe_twice = false;   // more than one did
    bool proven = false;        // it was observed and belongs to the suite
  };
  void Reach();
  void ListExisting();
  void NeedsExistingListed() const {
    if (!looked_) throw NotApplicable{"what exists already is unknown, so the run creates nothing"};
  }
  // An operation on an absent id would affect whatever has that id.
  void NeedsAbsentId() const {
    if (!nobody_has_absent_id_)
      throw NotApplicable{StrCat("it is not certain that nothing has the id ", subject_.absent_id)};
  }
  // Nothing, or why this object is not provably what the suite created for `part`.
  std::string WhyNotOurs(std::string_view part, const Observed& seen) const;
  Observed MustBeOurs(std::string_view part, const std::string& id);
  // The remaining objects of a part, by Get for the known ids and by Find; errors go to `failures`.
  std::map<std::string, Observed> Remaining(std::string_view part, const Attempt& attempt,
                                            std::string& failures);
  // Nothing, or what is left behind and why.
  std::string Clear(std::string_view part, const Attempt& attempt);
  std::string Remove(const std::string& id);

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
  void Pages();
  void Adopt();
  void AdoptKeeps();
  void AdoptAs(std::string_view part);
  void AdoptBroken();
  void Associated();
  void Notices();
  void Offers();
  template <class Ask>
  void NeverEmptyByMistake(Ask ask);
  void PlanOfNothing();
  void Differences();
  void Change();
  // Returns true when nothing is left to do.
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
  bool stopped_ = false;        // no further checks run
  std::size_t told_lines_ = 0;  // lines of log_ that are part of findings
  std::size_t left_behind_ = 0;
  std::vector<std::string> tags_before_;  // before its adoption
  std::set<std::string> existed_;         // ids that existed before the suite created anything
  bool looked_ = false;                   // existed_ is complete
  bool nobody_has_absent_id_ = false;
  std::map<std::string, Attempt, std::less<>> attempts_;  // by part
  std::vector<std::string> said_;
  std::vector<Secret> secrets_;
};

}  // namespace capstan::conformance
