// The contract of core/external as checks that any provider can be put through: a plugin by way of
// the loader, or an External that is linked in. Needs no test framework: Verify returns what it
// found, one line per sentence of the contract.
//
// It makes real objects in the account it is given, and removes them again. Against a simulated
// cloud with a SimulatedScheduler it takes milliseconds. One thread at a time.
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

// What is to be verified, and what the suite cannot know about it. References must outlive the
// call.
struct Subject {
  Scheduler& scheduler;
  // The way to the cloud. The suite records and breaks what goes through it.
  http::Transport& cloud;
  // A configured provider that sends through `transport` and logs to `log`. Called several times.
  std::function<Result<std::unique_ptr<external::Provider>>(http::Transport& transport, Log& log)> make;
  std::string kind;
  external::Credentials credentials;
  // Credentials that the cloud refuses; nothing: that check is left out.
  std::optional<external::Credentials> refused_credentials;
  // The desired document for a name, {"name", "namespace", "uid", "spec"}, the same spec each time.
  std::function<std::string(const std::string& name)> desired;
  // The same with a change that the provider can carry out; nothing: it can change nothing.
  std::function<std::string(const std::string& name)> changed;
  // The tags of an object, and one more of them, not by way of the provider but as another
  // program would do it. Nothing: that Adopt keeps the tags of others is not seen.
  std::function<std::vector<std::string>(const std::string& id)> tags;
  std::function<void(const std::string& id, const std::string& tag)> add_tag;
  // An id of the cloud's own form under which nothing is.
  std::string absent_id = "00000000-0000-4000-8000-000000000000";
  // False for providers that reach their cloud otherwise: what breaks HTTP is left out.
  bool uses_http = true;
  // False: only what can be seen without asking the cloud anything, and nothing is made.
  bool asks_the_cloud = true;
  // Called with each finding as it comes; nothing: they come all at the end.
  std::function<void(const struct Finding&)> told;
  Duration visible_within = std::chrono::seconds(60);  // until Find shows what was created
  Duration ready_within = std::chrono::minutes(30);
  Duration gone_within = std::chrono::minutes(30);
  Duration poll = std::chrono::seconds(5);
  // How many more objects to make at most, so that lists have a second page: for simulators, where
  // they cost nothing. One short of a page too few, and what stands there is not seen. 0: none.
  int fill = 0;
  // Nothing, or why the kind's CRD does not keep a status that the provider shows (a JSON object).
  std::function<std::string(const std::string& status)> status_not_kept;
  // Called before each check: what is under way when a provider ends the process.
  std::function<void(const std::string& check)> begins;
};

enum class Verdict { kPassed, kFailed, kLeftOut };

struct Finding {
  std::string check;  // the sentence: "Create carries both identity tags in its one request"
  Verdict verdict = Verdict::kPassed;
  std::string why;  // of a failure, or of leaving it out
  // What the host mended meanwhile: a verdict that contradicts what was sent, a secret in a text.
  // Users do not notice; authors should.
  std::vector<std::string> notes;
  bool bails_out = false;  // nothing more can be verified
};

// Runs every check; a failed one does not stop the rest, unless the cloud cannot be reached at all
// or a call does not return. Changes, adopts and removes only what it can prove it made: what was
// not there before and bears name and identity of this run. That it removes again as far as the
// provider lets it, also when `context` has stopped: the last finding but one names what may be
// left.
std::vector<Finding> Verify(const Subject& subject, const Context& context);

bool AllPassed(const std::vector<Finding>& findings);
// "passed  <sentence>" and "FAILED  <sentence>: <why>", one line each, and a line that counts them.
std::string Report(const std::vector<Finding>& findings);
// One finding as the Test Anything Protocol has it, "ok 7 - <sentence>", with its notes behind it;
// "Bail out! <why>" where nothing more can be verified. `number` counts from 1.
// The plan, "1..<how many>", may stand at the end.
std::string ReportAsTap(const Finding& finding, std::size_t number);

}  // namespace capstan::conformance
