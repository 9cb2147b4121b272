// PlanView presents a plan: its hash, as JSON for .status, as lines for a terminal. Pure functions,
// thread-safe. Costs are per month in the account's currency; 0 means unknown.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::managed {

// The document from which an External plans and creates: {"name", "namespace", "uid", "spec"} of a
// Kubernetes object, and in "annotations" those of kRequestAnnotations that it has.
std::string DesiredDocument(const kube::Object& object);
// The document for finding a cloud object called `name` on behalf of `object`: its spec has only
// the name.
std::string SearchDocument(const kube::Object& object, const std::string& name);

// Whether the plan has a step that needs approval: one that destroys nodes or data, or that creates
// a replacement for them.
bool NeedsConsent(const external::Plan& plan);

// Identifies what a plan destroys; an approval covers exactly that. Covers the steps that destroy
// without creating anything: a replacement is approved through the removal that follows it, before
// its new part is created. Twelve or fewer hexadecimal digits; empty when no step needs approval.
std::string PlanHash(const external::Plan& plan);
// The hash of each such step on its own, in order: tells whether what is left was approved as part
// of a larger plan.
std::vector<std::string> DestructionHashes(const external::Plan& plan);

// Sum over all steps, to the cent.
double MonthlyCostChange(const external::Plan& plan);

// Whether the plan is empty: no step, no difference, nothing unsupported, nothing awaited.
bool IsNothing(const external::Plan& plan);

// {"hash", "current", "waiting", "monthlyCostChange", "steps": [{"verb", "target", "why", "makes",
// "destroys", "waits", "monthlyCostChange"}], "differences": [{"field", "wanted", "seen"}],
// "unsupported": [{"field", "why"}]}. `current` is the target of the step in progress; empty: none.
// Fields that are empty, false or 0 are omitted. Long texts are cut.
std::string PlanToJson(const external::Plan& plan, const std::string& current);

// "scale nodePools/main: spec.nodePools[0].count is 3, the pool has 2".
std::string DescribeStep(const external::Step& step);

// For a terminal, without line endings: the numbered steps, then costs, differences, what cannot be
// done, and how to approve destructive steps. A single line when nothing differs.
std::vector<std::string> PlanToLines(const external::Plan& plan);

}  // namespace capstan::managed
