// PlanView is a plan as people and status see it: its hash, as JSON for .status, as lines for a
// terminal. Pure functions, thread-safe. Figures of cost are in the account's currency, a month; 0
// is not known.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::managed {

// The document that an External plans and creates from: {"name", "namespace", "uid", "spec"} of a
// Kubernetes object, and in "annotations" those of kRequestAnnotations that it has.
std::string DesiredDocument(const kube::Object& object);
// The document to look for a thing called `name` by, on behalf of `object`: with a spec that has
// the name alone.
std::string SearchDocument(const kube::Object& object, const std::string& name);

// Whether the plan has a step that needs consent: one that destroys nodes or data, or that makes
// what replaces them.
bool NeedsConsent(const external::Plan& plan);

// Names what a plan destroys: an approval holds for that and nothing else. Of steps that destroy
// without making anything; a replacement is approved before its new part is made, for the removal
// that follows. Twelve or fewer hexadecimal digits; empty when no step needs consent.
std::string PlanHash(const external::Plan& plan);
// The same for one step each, in order: tells whether what is left was approved with more.
std::vector<std::string> DestructionHashes(const external::Plan& plan);

// The sum over all steps, to the cent.
double MonthlyCostChange(const external::Plan& plan);

// Whether there is nothing to say: no step, no difference, nothing unsupported, nothing waited for.
bool IsNothing(const external::Plan& plan);

// {"hash", "current", "waiting", "monthlyCostChange", "steps": [{"verb", "target", "why", "makes",
// "destroys", "waits", "monthlyCostChange"}], "differences": [{"field", "wanted", "seen"}],
// "unsupported": [{"field", "why"}]}. `current` is the target of the step that is done or waited
// for; empty: none. What is empty, false or 0 is left out. Long texts are cut.
std::string PlanToJson(const external::Plan& plan, const std::string& current);

// "scale nodePools/main: spec.nodePools[0].count is 3, the pool has 2".
std::string DescribeStep(const external::Step& step);

// For a terminal, without line ends: the steps numbered, then costs, differences, what cannot be
// done, and how to approve what destroys. One line when nothing differs.
std::vector<std::string> PlanToLines(const external::Plan& plan);

}  // namespace capstan::managed
