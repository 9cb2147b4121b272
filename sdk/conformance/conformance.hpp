// A conformance suite for the contract of core/external. It verifies any provider: a plugin through
// the loader, or an External that is linked in. Needs no test framework: Verify returns its
// findings, one for each sentence of the contract.
//
// It creates real objects in the given account and deletes them again. Against a simulated cloud
// with a SimulatedScheduler it takes milliseconds. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::conformance {

// The provider under test, and what the suite cannot know about it. References must outlive the
// call.
struct Subject {
  Scheduler& scheduler;
  // The transport to the cloud. The suite records its traffic and injects faults into it.
  http::Transport& cloud;
  // Creates a configured provider that sends through `transport` and logs to `log`. Called several
  // times.
  std::function<Result<std::unique_ptr<external::Provider>>(http::Transport& transport, Log& log)> make;
  std::string kind;
  external::Credentials credentials;
  // Credentials that the cloud refuses; nothing: that check is skipped.
  std::optional<external::Credentials> refused_credentials;
  // The desired document for a name, {"name", "namespace", "uid", "spec"}, with the same spec each
  // time.
  std::function<std::string(const std::string& name)> desired;
  // The same with a change that the provider can carry out; empty: the provider supports no
  // changes.
  std::function<std::string(const std::string& name)> changed;
  // Read the tags of an object, and add one, bypassing the provider as another program would.
  // Empty: the suite cannot check that Adopt keeps foreign tags.
  std::function<std::vector<std::string>(const std::string& id)> tags;
  std::function<void(const std::string& id, const std::string& tag)> add_tag;
  // An id in the cloud's format that no object has.
  std::string absent_id = "00000000-0000-4000-8000-000000000000";
  // False for providers that do not use HTTP: checks with HTTP faults are skipped.
  bool uses_http = true;
  // False: only checks that need no request to the cloud; nothing is created.
  bool asks_the_cloud = true;
  // Called with each finding immediately; empty: findings are only returned at the end.
  std::function<void(const struct Finding&)> on_finding;
  Duration visible_within = std::chrono::seconds(60);  // until Find returns a created object
  Duration ready_within = std::chrono::minutes(30);
  Duration gone_within = std::chrono::minutes(30);
  Duration poll = std::chrono::seconds(5);
  // Maximum number of additional objects to create so that lists have a second page; for
  // simulators, where objects cost nothing. If it is one less than a page, the second page stays
  // empty and is not checked. 0: none.
  int fill = 0;
  // Returns nothing, or why the kind's CRD drops a part of a status that the provider returned (a
  // JSON object).
  std::function<std::string(const std::string& status)> status_not_kept;
  // Called before each check, so that the check in progress is known if a provider ends the
  // process.
  std::function<void(const std::string& check)> begins;
};

enum class Verdict { kPassed, kFailed, kLeftOut };

struct Finding {
  std::string check;  // the sentence: "Create carries both identity tags in its one request"
  Verdict verdict = Verdict::kPassed;
  std::string why;  // of a failure or a skip
  // Errors that the host corrected on the way: a verdict that contradicts what was sent, a secret
  // in a text. Users do not notice them; authors should.
  std::vector<std::string> notes;
  bool bails_out = false;  // nothing more can be verified
};

// Runs every check. A failed check does not stop the others, unless the cloud is unreachable or a
// call does not return. Changes, adopts and deletes only objects that it can prove it created: they
// did not exist before and carry the name and identity of this run. It deletes them as far as the
// provider permits, also after `context` has stopped: the second-to-last finding names what may be
// left.
std::vector<Finding> Verify(const Subject& subject, const Context& context);

bool AllPassed(const std::vector<Finding>& findings);
// "passed <sentence>" or "FAILED <sentence>: <why>" for each finding, one line each, and a final
// line with the counts.
std::string Report(const std::vector<Finding>& findings);
// One finding in the Test Anything Protocol, "ok 7 - <sentence>", followed by its notes; "Bail out!
// <why>" if nothing more can be verified. `number` counts from 1. The caller prints the plan,
// "1..<count>", which is allowed at the end.
std::string ReportAsTap(const Finding& finding, std::size_t number);

}  // namespace capstan::conformance
