// Private to the conformance suite: one run of it, and what its checks share.
//
//   first_checks.cpp   before anything is created
//   wire_checks.cpp    what breaks on the way: no answer, cut answers, 5xx, 429
//   life_checks.cpp    one object from create to gone
//   offer_checks.cpp   what a provider may offer on top: lists, plans, notices, associated objects
//   belongings.cpp     what is the suite's own, and what is not
//
// One thread at a time. A check is a sentence and a body; it passes, fails with a reason, or is
// left out with a reason. The first failure of a check ends that check and no other. A run deletes
// at its end, also after failures, what it can prove that it created.
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

// Thrown by a check that found something, caught by Run: a check reads as the sentence it proves.
// `why` is the finding's reason: what was expected and what came instead.
struct Broken {
  std::string why;
};
// Thrown by a check that this provider cannot be held to. `why` is what it lacks.
struct LeaveOut {
  std::string why;
};
struct BailOut {
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
    if (stopped_) return;
    if (subject_.begins) subject_.begins(sentence);
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
  // With what the host logged meanwhile.
  void Conclude(Finding finding);
  // Whether a call has not returned since this was asked last.
  bool CallWasLeftBehind();

  Context Soon() const { return context_.Within(subject_.scheduler, std::chrono::minutes(2)); }
  // Names and uids of one run are no other run's.
  std::string Name(std::string_view part) const;
  // Of its own, so that neither shows in a request only because the name does.
  std::string Uid(std::string_view part) const;
  Identity Who(std::string_view part) const {
    return {StrCat(external::kIdentityPrefix, Uid(part)), StrCat(external::kOwnerPrefix, Uid("owner")), "",
            ""};
  }
  // The desired document of a part: that of its name, with its uid.
  std::string Desired(std::string_view part) const { return Asked(subject_.desired, part); }
  std::string Changed(std::string_view part) const { return Asked(subject_.changed, part); }
  std::string Asked(const std::function<std::string(const std::string&)>& document,
                    std::string_view part) const;
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
    return outcome;
  }
  // Every create goes through here: it keeps account of what there may be afterwards.
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
  // What Find shows of the identity of one part and the name of another.
  std::vector<Observed> MustFind(std::string_view identity, std::string_view name) {
    auto found = Kept(external_->Find(Who(identity), Desired(name), Soon()));
    Expect(found.has_value(), found ? "" : StrCat("Find failed: ", found.error()));
    return *std::move(found);
  }
  std::vector<Observed> MustFind(std::string_view part) { return MustFind(part, part); }
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

  // What the suite made, or may have made, in one part of its run.
  struct Attempt {
    std::set<std::string> ids;  // that Create answered with
    bool maybe = false;         // a request that may have made it reached the cloud
    bool maybe_twice = false;   // more than one did
    bool proven = false;        // it was seen, and is ours
  };
  void Reach();
  void LookAround();
  void NeedsLookAround() const {
    if (!looked_) throw LeaveOut{"what exists already is unknown, so the run creates nothing"};
  }
  // What is done to an id under which nothing is would be done to whatever is there.
  void NeedsAbsentId() const {
    if (!nobody_has_absent_id_)
      throw LeaveOut{StrCat("it is not certain that nothing has the id ", subject_.absent_id)};
  }
  // Nothing, or why this object is not provably what the suite made for `part`.
  std::string WhyNotOurs(std::string_view part, const Observed& seen) const;
  Observed MustBeOurs(std::string_view part, const std::string& id);
  // What is there of a part, by Get of the ids known and by Find; all that failed meanwhile goes to
  // `failures`.
  std::map<std::string, Observed> Remaining(std::string_view part, const Attempt& attempt,
                                            std::string& failures);
  // Nothing, or what stays behind and why.
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
  bool stopped_ = false;        // nothing more is checked
  std::size_t told_lines_ = 0;  // of log_, that are in findings
  std::size_t left_behind_ = 0;
  std::vector<std::string> tags_before_;  // its adoption
  std::set<std::string> existed_;         // ids that were there before anything was made
  bool looked_ = false;                   // existed_ is complete
  bool nobody_has_absent_id_ = false;
  std::map<std::string, Attempt, std::less<>> attempts_;  // by part
  std::vector<std::string> said_;
  std::vector<Secret> secrets_;
};

}  // namespace capstan::conformance
